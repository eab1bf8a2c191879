// Package complete has a shell complete what the commands' flags and arguments
// take: words, files, directories, and what is in the store that a command
// line names so far.
//
// # Nouns
//
// A source is where values come from; one table gives each flag's, by its name,
// and another each argument's, by the word that a command's Use has for it. So
// a new command is completed without saying so, as long as it calls things as
// the others do.
//
// # Promises
//
// Completing changes nothing and never takes longer than two seconds; what
// cannot be found out is not completed. Where nothing can be, no files are
// offered instead.
package complete
