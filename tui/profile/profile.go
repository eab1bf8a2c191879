package profile

import (
	"encoding/json"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// profilePage is the page of profiles: capture, top, flame graph, callers and
// callees, source, differences, and what is kept on disk.
type profilePage struct {
	subject  subject
	captures captures
	asks     profileAsks
	fault    string
	views    *views
}

func newProfilePage(dir string) *profilePage {
	return &profilePage{captures: captures{seconds: 5}, subject: newSubject(), views: newViews(dir)}
}

// Update implements [page.Pane].
func (p *profilePage) Update(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.ShowMsg:
		p.views.kept.read(t, &p.asks)
	case page.FrameMsg:
		p.frame(t)
	case page.NamespaceMsg, page.ReconnectMsg:
		p.restart(t)
	case page.RestoreMsg:
		p.restore(t, msg)
	case page.Reply:
		p.asks.replied(t, msg)
	case page.PromptMsg:
		p.prompted(t, msg)
	case captureMsg:
		p.asked(t, msg)
	case programMsg:
		p.captures.moveTo(t, msg.of, &p.asks)
	case fetchMsg:
		p.begin(t, p.captures.fetch(t, msg.address))
	case page.ActionMsg:
		p.act(t, msg.Action)
	case tea.MouseClickMsg:
		p.click(t, msg.X, msg.Y)
	case tea.MouseWheelMsg:
		p.views.wheel(kit.Wheel(msg.Button))
	}
}

// frame moves the progress bar on, and captures again in auto.
func (p *profilePage) frame(t *page.Turn) {
	if p.captures.job != nil {
		t.Redraw()
		return
	}
	if p.captures.due(t.Now) {
		p.capture(t)
		t.Redraw()
	}
}

// restart drops what was asked of a server that is no longer ours. Profiles
// stay: they are of the process, not of a namespace.
func (p *profilePage) restart(t *page.Turn) {
	p.captures.drop(t)
	p.asks.restart()
	p.look(t)
}

// Bindings implements [page.Pane].
func (p *profilePage) Bindings() []page.Binding {
	out, capture := page.Bind(page.ActOut, "zoom out, back, or clear the filter", ""), page.Bind(page.ActCapture, "capture a profile now", "capture")
	if p.captures.job != nil {
		out, capture.Hint = page.Bind(page.ActOut, "cancel the capture", "cancel"), ""
	}
	return append([]page.Binding{
		out, capture,
		page.Bind(page.ActKind, "type: CPU, heap, allocations, goroutines, locks, and every value of the profile", "type"),
		page.Bind(page.ActNextTab, "top, flame graph, callers, source, saved profiles", "view"),
		page.Bind(page.ActPrevTab, "previous view", ""),
		page.Bind(page.ActOpen, p.views.tab.openHelp(), "open"),
		page.Bind(page.ActBaseline, "use this profile as the baseline", "baseline"),
		page.Bind(page.ActDifference, "toggle the difference to the baseline", "difference"),
		page.Bind(page.ActFilter, "filter: LABEL=VALUE, FUNCTION, ! excludes, ui includes the UI", "filter"),
		page.Bind(page.ActSearch, "search for functions", "search"),
		page.Bind(page.ActExport, "save this profile", "keep"),
		page.Bind(page.ActFollow, "capture repeatedly, or not", ""),
		page.Bind(page.ActPause, "freeze: stop capturing automatically", ""),
		page.Bind(page.ActOrder, "sort top by flat or by cum", ""),
		page.Bind(page.ActSort, "sort top, or the saved profiles, by a column: its letter follows", ""),
		page.Bind(page.ActMore, "capture for longer", ""),
		page.Bind(page.ActLess, "capture for shorter", ""),
		page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""),
		page.Bind(page.ActCopyValue, "copy the function's name", ""),
		page.Bind(page.ActCopyView, "copy this view as a command, or a command that captures a similar profile", ""),
		page.Bind(page.ActRefresh, "refresh the saved profiles", ""),
		page.Bind(page.ActLeft, "go to the bar on the left, or scroll", ""), page.Bind(page.ActRight, "go to the bar on the right, or scroll", ""),
	}, page.Movement()...)
}

// Chrome implements [page.Pane].
func (p *profilePage) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{"Profile", p.subject.typ.title}}
	if p.captures.program != nil {
		c.Chips = append(c.Chips, "of "+p.captures.program.url)
	}
	if p.views.tab.ofFunction() && p.views.function.name != "" {
		c.Crumbs = append(c.Crumbs, p.views.function.name)
	}
	base := p.subject.baseName(env.Now)
	c.Chip(p.subject.diff, "difference to "+base)
	c.Chip(!p.subject.diff && p.subject.base() != nil, "baseline "+base)
	c.Chip(p.subject.filter != "", "filter "+p.subject.filter)
	c.Chip(p.captures.auto, "auto")
	if p.views.tab != profileFlame && (p.views.tab != profileTop || p.views.shown != nil) {
		c.Count = p.views.table().Status()
	}
	return c
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{Name: page.Profile, Action: "profile", New: func(s page.Setup) page.Pane { return newProfilePage(s.ProfileDir) }, Commands: profileCommands()}
}

// profileState is what is kept of the page: how it looks at profiles, not the
// profiles.
type profileState struct {
	Type    string `json:"type"`
	Tab     string `json:"tab"`
	Filter  string `json:"filter,omitempty"`
	Seconds int    `json:"seconds"` // a capture takes
	ByCum   bool   `json:"byCum,omitempty"`
}

func (p *profilePage) state() profileState {
	return profileState{Type: p.subject.typ.title, Tab: p.views.tab.String(), Filter: p.subject.filter, Seconds: p.captures.seconds, ByCum: p.views.top.byCum}
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
	if i := slices.IndexFunc(profileTypes(), func(typ profileType) bool { return typ.title == s.Type }); i >= 0 {
		p.subject.typ = profileTypes()[i]
	}
	for _, tab := range []profileTab{profileTop, profileFlame, profileKept} {
		if tab.String() == s.Tab {
			p.views.tab = tab
		}
	}
	_ = p.subject.cut(s.Filter) // one that is none is left out
	if slices.Contains(captureLengths(), s.Seconds) {
		p.captures.seconds = s.Seconds
	}
	p.views.top.byCum = s.ByCum
	p.views.top.mark()
}
