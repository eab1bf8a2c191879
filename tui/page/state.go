package page

import "encoding/json"

// Stateful is a pane that can be left and found again as it was: its filter,
// its columns, what it looks at. Where the cursor stands and what was read are
// not worth keeping.
//
// What Save returns comes back in a [RestoreMsg] when the UI next opens on the
// same server, and when ":ctx" comes back to it.
type Stateful interface {
	// Save returns what brings the page back, as JSON; nil when there is
	// nothing that a fresh page does not have. It changes nothing.
	Save() json.RawMessage
}

// RestoreMsg gives a [Stateful] pane what its Save returned, perhaps in an
// older evtui. It comes at most once, in the namespace that the state is of,
// before the pane's first [ShowMsg].
type RestoreMsg struct{ State json.RawMessage }

// Into decodes the state into v and reports whether it could. State that does
// not fit is ignored, with a line on the Log page; v is then not to be used.
func (m RestoreMsg) Into(t *Turn, v any) bool {
	if err := json.Unmarshal(m.State, v); err != nil {
		t.Toast(LevelWarn, "this page's saved state cannot be read and is ignored: %v", err)
		return false
	}
	return true
}
