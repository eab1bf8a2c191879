// Package cli is evtui's commands: flags, wiring and signals, one file a
// command. It is the only place that sees every other package.
//
// # Nouns
//
// A target is where a command finds its data: a server's URL, or a data
// directory. A session is a client on a target, and the host (package
// internal/host) that it brings up when nobody serves the directory yet.
//
// Settings are what holds for a command beside its command line: the
// environment and the configuration file (package internal/config), of which
// prepare makes flags before a command runs. A context is a server that the
// file names; the switchboard takes the terminal UI from one to another.
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
