package profile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
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

// profileAsks are the questions under way: their generations, 0 for none, and what
// takes the answers.
type profileAsks struct {
	gen                                                       uint64
	capture, look, calls, source, kept, saved, opened, offers uint64
	took                                                      map[uint64]func(*page.Turn, page.Reply)
}

// await returns the generation of a new question, which one of its kind that is
// still under way gives way to.
func (a *profileAsks) await(kind *uint64, took func(*page.Turn, page.Reply)) uint64 {
	a.gen++
	gen := a.gen
	*kind = gen
	if a.took == nil {
		a.took = map[uint64]func(*page.Turn, page.Reply){}
	}
	a.took[gen] = func(t *page.Turn, msg page.Reply) {
		if *kind == gen {
			*kind = 0
			took(t, msg)
		}
	}
	return gen
}

// drop gives one up: its answer is nobody's.
func (a *profileAsks) drop(kind *uint64) {
	delete(a.took, *kind)
	*kind = 0
}

func (a *profileAsks) replied(t *page.Turn, msg page.Reply) {
	if took := a.took[msg.Gen]; took != nil {
		delete(a.took, msg.Gen)
		took(t, msg)
	}
}

func replyNote(err error, otherwise string) string {
	if err != nil {
		return err.Error()
	}
	return otherwise
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
		// Profiles stay: they are of the process, not of a namespace, and so does what is
		// worked out of them, or done with files.
		p.captures.drop(t, &p.asks)
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
	switch {
	case p.captures.job != nil:
		t.Redraw()
	case p.captures.auto && t.Now.Sub(p.captures.ended) >= autoRest:
		p.capture(t)
		t.Redraw()
	}
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
		page.Bind(page.ActPrevTab, "previous tab", ""),
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
	if (p.views.tab == profileCallers || p.views.tab == profileSource) && p.views.function.name != "" {
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

// look works out what to show, off the event loop. What was shown stays until it is there.
func (p *profilePage) look(t *page.Turn) {
	call := p.subject.look(profiler.TopOptions{ByCum: p.views.top.byCum})
	if call == nil {
		p.asks.look = 0
		p.views.show(nil)
		return
	}
	t.AskElsewhere(p.asks.await(&p.asks.look, p.looked), call)
}

func (p *profilePage) looked(t *page.Turn, msg page.Reply) {
	shown, _ := msg.Value.(*shownProfile)
	if msg.Err != nil || shown == nil {
		p.fault = msg.Err.Error()
		p.views.show(nil)
		return
	}
	p.fault = ""
	for _, warning := range shown.view.Warnings() {
		t.Toast(page.LevelInfo, "%s", warning)
	}
	p.views.show(shown)
	p.views.function.ask(t, p.views.tab, &p.asks)
}

func (p *profilePage) asked(t *page.Turn, msg captureMsg) {
	if msg.kind == "" {
		return
	}
	if p.captures.job == nil {
		p.subject.choose(msg.kind)
		p.captures.seconds = cmp.Or(msg.seconds, p.captures.seconds)
		p.look(t)
	}
	p.capture(t)
}

func (p *profilePage) capture(t *page.Turn) {
	p.begin(t, p.captures.start(t, p.subject.typ.kind))
}

// begin has a capture taken, if there is one to take.
func (p *profilePage) begin(t *page.Turn, ask page.Ask) {
	if ask.Call == nil {
		return
	}
	p.fault = ""
	gen := p.asks.await(&p.asks.capture, p.captured)
	if ask.Elsewhere {
		t.AskElsewhere(gen, ask.Call)
	} else {
		t.Ask(gen, ask.Call)
	}
}

func (p *profilePage) captured(t *page.Turn, msg page.Reply) {
	job := p.captures.job
	p.captures.job, p.captures.ended = nil, t.Now
	if job == nil {
		return
	}
	taken, _ := msg.Value.(*loadedProfile)
	if msg.Err != nil || taken == nil {
		p.fault = cmp.Or(p.captures.failed(t, job, msg.Err), p.fault)
		return
	}
	taken.about.Load, taken.about.Figures = job.figure.Load, job.figure.Figures
	kind := taken.about.Kind
	p.subject.loaded[kind] = taken
	switch {
	case job.fetched != "":
		p.views.tab = profileTop
		p.subject.choose(kind)
		t.Toast(page.LevelInfo, "fetched %s; x saves it", job.fetched)
	case p.subject.typ.kind == kind:
		p.subject.choose(kind)
	}
	if p.views.tab == profileKept && !job.byAuto {
		p.views.tab = profileTop // what was asked for
	}
	if job.fetched == "" && !job.byAuto {
		t.Toast(page.LevelInfo, "captured a %s profile; x saves it", kind)
	}
	p.look(t)
}

func (p *profilePage) opened(t *page.Turn, msg page.Reply) {
	if msg.Err != nil {
		t.Toast(page.LevelError, "%v", msg.Err)
		return
	}
	opened := msg.Value.(openedProfile)
	kind := opened.held.about.Kind
	if opened.asBase {
		p.subject.bases[kind] = opened.held
		t.Toast(page.LevelInfo, "%s is the baseline for %s profiles; d shows the difference", opened.held.about.ID, kindName(kind))
	} else {
		p.subject.loaded[kind] = opened.held
		p.views.tab = profileTop
		p.subject.bringBase(t, kind, opened.base)
	}
	p.subject.choose(kind)
	p.look(t)
}

// View implements [page.Pane].
func (p *profilePage) View(env page.Env, w, h int) string {
	p.views.restyle(&env)
	head := []string{text.Fit(p.views.tab.line().Line(&env.Theme), w), p.status(env, w)}[:headHeight(h)]
	return strings.Join(append(head, p.body(env, w, h-len(head))...), "\n")
}

func headHeight(h int) int { return min(2, h/4) }

// status is one line: how far a capture is, what went wrong, or what is shown.
func (p *profilePage) status(env page.Env, w int) string {
	t := env.Theme
	switch {
	case p.captures.job != nil:
		return p.captures.job.line(env, w)
	case p.fault != "":
		return t.Bad.Paint(text.Fit(" "+text.Sanitize(p.fault), w))
	case p.views.shown == nil:
		return t.Muted.Paint(text.Fit(" nothing captured yet: c captures, t changes the type", w))
	}
	return t.Muted.Paint(text.Fit(" "+p.views.shown.summary(env, p.captures.program != nil), w))
}

func (p *profilePage) body(env page.Env, w, h int) []string {
	ofProfile, shown := p.views.tab == profileTop || p.views.tab == profileFlame, p.views.shown
	switch {
	case h <= 0:
		return nil
	case ofProfile && shown == nil:
		return kit.WordLines(&env.Theme, p.empty(env, w), w, h)
	case ofProfile && shown.flame.Total() == 0:
		return kit.WordLines(&env.Theme, append([]string{""}, text.Wrap(p.subject.typ.nothing(), min(w-4, 76))...), w, h)
	}
	return p.views.lines(w, h)
}

// empty explains what a capture would show.
func (p *profilePage) empty(env page.Env, w int) []string {
	words := append([]string{"", p.subject.typ.title, ""}, text.Wrap(p.subject.typ.kind.Explain(), min(w-4, 76))...)
	words = append(words, "", "c  capture", "t  another type", "+ _  longer, shorter: "+fmt.Sprintf("%d s", p.captures.seconds))
	if p.captures.program == nil && !env.Remote {
		words = append(words, ":profile URL  another Go program, which serves net/http/pprof")
	}
	return words
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{Name: page.Profile, Action: "profile", New: func(s page.Setup) page.Pane { return newProfilePage(s.ProfileDir) }, Commands: profileCommands()}
}

// profileState is what is kept of the page: how it looks at profiles, not the profiles.
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
