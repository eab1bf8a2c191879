// Package page is what a page of the terminal UI and its shell agree on.
//
// # Nouns
//
// A [Spec] is what a page's folder hands over: its name, how it is made, and the
// [Command]s that it brings to the palette. A [Pane] is the page itself: state,
// keys as data, and a pure view; it may also explain its figures ([Figured]), be
// found again as it was left ([Stateful]) and have words of its own where nothing
// is drawn ([Linear]). A [Turn] is what a pane gets with one message: values to
// read ([Env]) and ways to ask the shell for something. A [Location] is a place
// to go to, on this page or another. An [Action] is something that the user can do; a [Binding]
// ties it to keys, and a [Keymap] to other keys. A [Theme] is styles as roles
// and the symbols that go with them. [Past] is the engine's past hour.
//
// # Promises
//
// A page knows this package and none of the other pages, nor the shell. State
// changes only in [Pane.Update]. Text out of the store is shown, never obeyed:
// it passes through text.Sanitize before it is drawn.
//
// # Caveats
//
// A pane is used by one goroutine at a time, Bubble Tea's event loop. Replies
// arrive in any order.
package page
