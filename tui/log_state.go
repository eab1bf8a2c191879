package tui

import (
	"encoding/json"

	"github.com/evtui/evtui/internal/filter"
)

// logState is what is kept of the page.
type logState struct {
	Filter string `json:"filter"`
}

// Save implements [Stateful].
func (p *logPage) Save() json.RawMessage {
	if p.filter.IsZero() {
		return nil
	}
	raw, _ := json.Marshal(logState{p.filter.String()}) // strings alone
	return raw
}

func (p *logPage) restore(t *Turn, msg RestoreMsg) {
	var s logState
	if !msg.Into(t, &s) {
		return
	}
	f, err := filter.ParseLines(s.Filter, t.Now)
	if err != nil {
		t.Toast(LevelWarn, "the filter that was kept is left out: %v", err)
	}
	p.setFilter(f)
}
