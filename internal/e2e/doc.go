// Package e2e drives the built evtui as a person does: in a real
// pseudo-terminal whose output a terminal emulator draws, with keys typed and
// the screen waited for. It also runs the server's commands, and draws the
// screen as SVG for the documentation.
//
// # Nouns
//
// A [Terminal] is one evtui in one pseudo-terminal. A [Screen] is what stood
// on it at one moment, cell by cell, and a [Movie] many of them in one picture.
// A [Process] is one evtui without a terminal.
//
// # Promises
//
// Nothing sleeps: [Terminal.Await] looks at every change of the screen until
// the condition holds or the deadline passes, and its error carries the screen.
//
// # Caveats
//
// Pseudo-terminals are Unix's; on Windows [Start] returns an error.
package e2e
