// Package cli is evtui's commands: flags, wiring and signals, one file a
// command. It is the only place that sees every other package.
//
// # Nouns
//
// A command is a function that returns a *cobra.Command; newRoot lists them.
// What all of them share stands below: how they begin and end (command), what
// they print (output), what is set beside the command line (settings), and
// where the data is (target). The switchboard takes the terminal UI from one
// context to another.
//
// # Promises
//
// Data goes to standard output, words go to standard error. Exit codes: 0 ok,
// 1 failed, 2 usage, 3 try again (nobody answers, the directory is in use),
// 130 interrupted. A first signal ends a command cleanly, a second at once.
// Whatever a command started has ended when Main returns.
//
// # Caveats
//
// Every flag can also be given as EVTUI_FLAG in the environment, and some in
// the configuration file; a flag on the command line wins, then the environment.
package cli
