// Package state is the tab "state" of a stream: its messages, the state at the one
// under the cursor, and what that message changed.
//
// What states are is package internal/story/state's; the tab asks it for one
// state at a time, in commands, a piece at a time where much is to be read. A
// reducer's process starts with the first state that needs it and ends when the tab
// leaves the screen.
package state
