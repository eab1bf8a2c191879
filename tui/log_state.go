package tui

import (
	"encoding/json"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/tui/page"
)

// logState is what is kept of the page.
type logState struct {
	Filter string `json:"filter"`
}

// Save implements [page.Stateful].
func (p *logPage) Save() json.RawMessage {
	if p.filter.IsZero() {
		return nil
	}
	raw, _ := json.Marshal(logState{p.filter.String()}) // strings alone
	return raw
}

func (p *logPage) restore(t *page.Turn, msg page.RestoreMsg) {
	var s logState
	if !msg.Into(t, &s) {
		return
	}
	f, err := filter.ParseLines(s.Filter, t.Now)
	if err != nil {
		t.Toast(page.LevelWarn, "the filter that was kept is left out: %v", err)
	}
	p.setFilter(f)
}
