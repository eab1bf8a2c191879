package page

import "github.com/evtui/evtui/store"

// Messaged is a pane on which the cursor can be on a message.
type Messaged interface {
	// Message is the message under the cursor, or the open one; nil for none. It
	// is shared, and not to be changed.
	Message() *store.Message
}

// Linear is a page whose picture says little in words, and which has words of
// its own for it.
type Linear interface {
	// Linear tells what the page shows, a thing a line.
	Linear(env Env) []string
}
