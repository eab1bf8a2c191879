// Package mcp is evtui mcp: the headless twins of the screens as tools for a
// program that speaks the Model Context Protocol over standard input and
// output, such as an assistant.
//
// # Nouns
//
// A [tool] is one command of evtui under a name of its own, with the flags that
// a stranger may choose. Its schema is made from those flags, so that help,
// command line and tool say the same.
//
// # Promises
//
// Nothing is written: no tool is of a command that writes. A tool reaches the server, namespaces and rights that evtui mcp was
// started with, and no file. Rows are data in JSON, under a word that says so;
// an answer has at most the bytes, and takes at most the time, that evtui mcp
// allows, and says what it left out.
package mcp
