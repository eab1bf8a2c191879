// Package tui is the terminal UI: one Bubble Tea program that looks into an
// event store through its HTTP client while programs use it.
//
// # Nouns
//
// A [Page] is a tab, opened by its digit. A [page.Pane] is what a page is made of:
// state, keys as data, and a pure view. The shell is the root model: it alone
// knows all panes, owns the header, the tabs, the box around the pane, the
// footer, the prompt, the palette and the toasts, and routes each message to
// exactly one pane. A [page.Turn] is what a pane gets with one message: values to
// read ([page.Env]) and ways to ask the shell for something. A [page.Theme] is styles as
// roles and the symbols that go with them.
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
