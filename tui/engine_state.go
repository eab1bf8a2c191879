package tui

import (
	"encoding/json"

	"github.com/evtui/evtui/tui/page"
)

// engineState is what is kept of the page.
type engineState struct {
	Tab    string `json:"tab"`
	Filter string `json:"filter,omitempty"` // of the events
	Names  string `json:"names,omitempty"`  // of the namespaces
}

// Save implements [page.Stateful].
func (p *enginePage) Save() json.RawMessage {
	if p.tab == tabLevels && p.filter == "" && p.names == "" {
		return nil
	}
	raw, _ := json.Marshal(engineState{p.tab.String(), p.filter, p.names}) // strings alone
	return raw
}

func (p *enginePage) restore(t *page.Turn, msg page.RestoreMsg) {
	var s engineState
	if !msg.Into(t, &s) {
		return
	}
	for tab := tabLevels; tab < engineTabs; tab++ {
		if tab.String() == s.Tab {
			p.tab = tab
		}
	}
	p.filter, p.names = s.Filter, s.Names
}
