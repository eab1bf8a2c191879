package tui

import (
	"encoding/json"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// tailState is what is kept of the page.
type tailState struct {
	What    string `json:"what,omitempty"` // as the palette's :tail takes it
	Filter  string `json:"filter,omitempty"`
	Columns string `json:"columns,omitempty"`
}

// Save implements [page.Stateful].
func (p *tail) Save() json.RawMessage {
	s := tailState{What: p.what.String(), Filter: p.filter.String(), Columns: kit.ColumnNames(p.paths)}
	if s == (tailState{}) {
		return nil
	}
	raw, _ := json.Marshal(s) // texts alone
	return raw
}

// restore tails again what was tailed; the first frame begins with the newest
// messages.
func (p *tail) restore(t *page.Turn, msg page.RestoreMsg) {
	var s tailState
	if !msg.Into(t, &s) {
		return
	}
	what, err := kit.ParseTailed(s.What)
	if err != nil {
		t.Toast(page.LevelWarn, "what was tailed is left out: %v", err)
	}
	p.reset()
	p.what, p.filter = what, kit.RestoredFilter(t, s.Filter)
	p.show(kit.RestoredColumns(t, s.Columns))
}
