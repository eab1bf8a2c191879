package streams

import (
	"testing"

	"github.com/evtui/evtui/tui/page"
)

// TestStateTab opens the state of a stream beside its messages, changes what makes
// it, and comes back.
func TestStateTab(t *testing.T) {
	s := newPage(t, users(3))
	s.Press(":", "reducer -", "enter")
	s.See(":reducer is about the state of a stream")
	s.Press("enter")
	s.Frames(2)
	s.Press("enter")
	s.Frames(2)
	s.Press("]")
	s.Frames(2)
	s.See("state", "data merged", "state after #0", `"n": 0`)
	s.Press(":", "reducer count.jq", "enter")
	s.See("programs in jq are not run here") // the page was made without any
	s.Press("enter")
	s.Frames(2)
	s.Miss("state after #0") // the message, in the list
	s.Press("]", "esc")
	s.Frames(2)
	s.Miss("state after #0")
	s.Send(page.LocationMsg{Location: page.Location{Page: page.Streams, Namespace: "default", Category: "user", Stream: "user-00002", Tab: "state"}})
	s.Frames(4)
	s.See("state after #0", `"n": 2`)
	s.Press(":", "reducer -", "enter")
	s.See("data merged", `"n": 2`)
}
