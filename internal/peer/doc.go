// Package peer makes a server that offers sections 1 to 8 of the protocol and
// nothing else, as other EventoDB servers do, for the tests of programs that
// are to work against one.
//
// # Nouns
//
// The inner handler is evtui's own server. [Handler] stands before it and takes
// away what evtui adds: methods, options, headers, paths, and fields of answers.
//
// # Caveats
//
// It is for tests: each call is parsed and built from scratch.
package peer
