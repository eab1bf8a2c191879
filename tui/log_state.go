package tui

import "encoding/json"

// logState is what is kept of the page.
type logState struct {
	Filter string `json:"filter"`
}

// Save implements [Stateful].
func (p *logPage) Save() json.RawMessage {
	if p.filter == "" {
		return nil
	}
	raw, _ := json.Marshal(logState{p.filter}) // strings alone
	return raw
}

func (p *logPage) restore(t *Turn, msg RestoreMsg) {
	var s logState
	if msg.Into(t, &s) {
		p.setFilter(s.Filter)
	}
}
