package tui

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/evtui/evtui/tui/page"
)

// profileState is what is kept of the page: how it looks at profiles, not the
// profiles.
type profileState struct {
	Type    string `json:"type"`
	Tab     string `json:"tab"`
	Filter  string `json:"filter,omitempty"`
	Seconds int    `json:"seconds"` // a capture takes
	ByCum   bool   `json:"byCum,omitempty"`
}

// state is how the page looks at profiles just now.
func (p *profilePage) state() profileState {
	return profileState{Type: p.kind().title, Tab: p.tab.String(), Filter: p.filter, Seconds: p.seconds, ByCum: p.byCum}
}

// Save implements [page.Stateful].
func (p *profilePage) Save() json.RawMessage {
	if p.state() == newProfilePage("").state() {
		return nil
	}
	raw, _ := json.Marshal(p.state()) // strings and numbers alone
	return raw
}

// restore takes what makes sense without a profile: what shows a function
// needs one that was chosen.
func (p *profilePage) restore(t *page.Turn, msg page.RestoreMsg) {
	var s profileState
	if !msg.Into(t, &s) {
		return
	}
	if i := slices.IndexFunc(profileTypes(), func(typ profileType) bool { return typ.title == s.Type && typ.kind != "" }); i >= 0 {
		p.typ = i
	}
	for _, tab := range []profileTab{profileTop, profileFlame, profileKept} {
		if tab.String() == s.Tab {
			p.tab = tab
		}
	}
	if _, err := regexp.Compile(parseProfileFilter(s.Filter).Focus); err == nil {
		p.filter = s.Filter
	}
	if slices.Contains(captureLengths(), s.Seconds) {
		p.seconds = s.Seconds
	}
	p.byCum = s.ByCum
	p.markOrder()
}
