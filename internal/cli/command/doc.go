// Package command is how every command of evtui begins and ends: usage errors,
// exit codes, signals, standard input that a signal interrupts, output that
// nobody reads any more, and the version of the program.
//
// # Promises
//
// Exit codes: 0 ok, 1 failed, 2 usage, 3 try again (nobody answers, the
// directory is in use), 130 interrupted, 141 the reader has gone. A first
// signal ends a command's context, a second the process.
//
// # Caveats
//
// It knows no command and no flag.
package command
