// Package tui is the terminal UI: one Bubble Tea program that looks into an
// event store through its HTTP client while programs use it.
//
// # Nouns
//
// A page is a tab, opened by its digit; each is a folder below this one, and
// hands over a [page.Spec]. The shell is this package: the root model alone knows
// all pages and routes each message to exactly one of them, or to one of the
// shell's parts, which are the header with the tabs, the box around the page, the
// footer, the prompt, the palette, the help, the link to the server, the triggers
// and the toasts.
//
// # Promises
//
// State changes only in Update. I/O happens only in commands that take values
// and carry a generation; replies of an older generation are dropped. Data is
// pulled, by the frames of one clock, and only for what is on the screen.
// Nothing is redrawn when nothing changed. Text out of the store is shown,
// never obeyed: it passes through text.Sanitize before it is drawn.
//
// # Caveats
//
// A pane is used by one goroutine at a time, Bubble Tea's event loop. Replies
// arrive in any order.
package tui
