package tui

import (
	"encoding/json"

	"github.com/evtui/evtui/tui/page"
)

// groupsState is what is worth keeping of the page.
type groupsState struct {
	Category string `json:"category,omitempty"`
	Size     int    `json:"size"`
	Tab      int    `json:"tab,omitempty"`
}

// Save implements [page.Stateful].
func (p *groups) Save() json.RawMessage {
	state, err := json.Marshal(groupsState{Category: p.key, Size: p.size, Tab: int(p.tab)})
	if err != nil {
		return nil
	}
	return state
}

func (p *groups) restore(t *page.Turn, msg page.RestoreMsg) {
	var state groupsState
	if !msg.Into(t, &state) {
		return
	}
	p.key = state.Category
	p.size = min(max(state.Size, 1), groupMost)
	p.tab = groupsTab(min(max(state.Tab, 0), int(groupsTabs)-1))
}
