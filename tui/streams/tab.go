package streams

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/streams/causes"
	"github.com/evtui/evtui/tui/streams/flow"
	"github.com/evtui/evtui/tui/streams/kinds"
	"github.com/evtui/evtui/tui/streams/state"
)

// A tab is another look at where the user is: at the types of a category's
// events, say, in the place of its streams. It is a pane of its own, in a folder
// below this one, and gets what a page gets while it is open.
type tab struct {
	offer tabOffer
	pane  page.Pane
	base  uint64 // its questions carry generations from here on
	came  *spot  // the tab that led here, which ActOut goes back to; nil: none did
}

// tabOffer is a tab that can be opened.
type tabOffer struct {
	title string
	// on says which lists it stands beside.
	on func(of source) bool
	// open makes it of what at names. Its questions carry generations from gen on,
	// fewer than 1<<32.
	open func(at page.Location, gen uint64) page.Pane
}

// equipped is a tab that needs what the page was made with, before it is shown.
type equipped interface{ Equip(page.Setup) }

// within is a tab that has something open inside, which ActOut closes first.
type within interface{ Within() bool }

// tabOffers lists the tabs, in the order in which [ and ] walk through them.
func tabOffers() []tabOffer {
	return []tabOffer{
		{title: "types", on: func(of source) bool { return of.kind == listCategories || of.kind == listStreams }, open: kinds.New},
		{title: "flow", on: func(of source) bool { return of.kind == listStreams && of.category != "" }, open: flow.New},
		{title: "state", on: func(of source) bool { return of.kind == listMessages && of.stream != "" }, open: state.New},
		{title: causes.Title, on: func(of source) bool { return of.kind == listMessages && of.stream != "" }, open: causes.New},
	}
}

// inList reports whether a list has the keys.
func (p drawing) inList() bool {
	return p.picker == nil && !p.compare.On() && p.open == nil && p.lanes == nil
}

// offers are the tabs of the innermost list, beside itself.
func (w *way) offers() []tabOffer {
	if len(w.stack) == 0 {
		return nil
	}
	of := w.top().of
	return slices.DeleteFunc(tabOffers(), func(o tabOffer) bool { return !o.on(of) })
}

// offered are the titles of the innermost list and of its tabs; nil when it has none.
func (w *way) offered() []string {
	var out []string
	for _, o := range w.offers() {
		out = append(out, o.title)
	}
	if out == nil {
		return nil
	}
	own := "streams"
	switch w.top().of.kind {
	case listCategories:
		own = "categories"
	case listMessages:
		own = "messages"
	}
	return append([]string{own}, out...)
}

// turnTab opens the next tab, or the one before; the list is the first.
func (p *streams) turnTab(t *page.Turn, a page.Action) {
	titles := p.way.offered()
	if len(titles) < 2 {
		return
	}
	n := 1
	if a == page.ActPrevTab {
		n = len(titles) - 1
	}
	at := max(slices.Index(titles, p.tab.title()), 0)
	p.openTab(t, titles[(at+n)%len(titles)])
}

// openTab opens a tab of the innermost list by its title. What has no such title
// leaves the list.
func (p *streams) openTab(t *page.Turn, title string) { p.openTabOf(t, title, p.way.place()) }

// openTabAt opens the tab that a location names.
func (p *streams) openTabAt(t *page.Turn, l page.Location) {
	at := p.way.place()
	if l.HasPosition {
		at.Position, at.HasPosition, at.GlobalPosition = l.Position, true, l.GlobalPosition
	}
	at.Message, at.At, at.Type = l.Message, l.At, l.Type
	p.openTabOf(t, l.Tab, at)
}

func (p *streams) openTabOf(t *page.Turn, title string, at page.Location) {
	if p.tab != nil {
		p.tab.pane.Update(t, page.HideMsg{})
		p.tab = nil
	}
	for _, o := range p.way.offers() {
		if o.title != title {
			continue
		}
		p.tabs++
		base := p.tabs << 32
		at.Tab = title
		p.tab = &tab{offer: o, pane: o.open(at, base), base: base}
		if pane, ok := p.tab.pane.(equipped); ok {
			pane.Equip(p.setup)
		}
		p.tab.pane.Update(t, page.ShowMsg{})
	}
}

// toTab hands a message to the open tab, if there is one.
func (p *streams) toTab(t *page.Turn, msg any) {
	if p.tab != nil {
		p.tab.pane.Update(t, msg)
	}
}

// tabTakes hands the open tab what is meant for it, and reports whether it was.
func (p *streams) tabTakes(t *page.Turn, msg any) bool {
	if r, ok := msg.(page.Reply); ok {
		if r.Gen>>32 == 0 {
			return false
		}
		p.answerTab(t, r)
		return true
	}
	if p.tab == nil {
		return false
	}
	switch msg := msg.(type) {
	case page.ActionMsg:
		p.actInTab(t, msg)
		return true
	case page.FrameMsg, page.ShowMsg, page.HideMsg, page.PromptMsg, page.EditedMsg, tea.MouseClickMsg, tea.MouseWheelMsg:
		p.tab.pane.Update(t, msg)
		return true
	}
	return false
}

func (p *streams) actInTab(t *page.Turn, msg page.ActionMsg) {
	switch msg.Action {
	case page.ActNextTab, page.ActPrevTab:
		p.turnTab(t, msg.Action)
		return
	case page.ActOut:
		switch in, ok := p.tab.pane.(within); {
		case ok && in.Within():
		case p.tab.came != nil:
			t.Return(p.tab.came)
			return
		default:
			p.openTab(t, "")
			p.way.top().pull(t)
			return
		}
	}
	p.tab.pane.Update(t, msg)
}

// awayMost is how many tabs that were left are told what they had asked for.
const awayMost = 8

// park keeps the open tab, which something else takes the place of: it can be come
// back to, and what it asked for is answered until then.
func (p *streams) park(t *page.Turn) {
	if p.tab == nil {
		return
	}
	p.toTab(t, page.HideMsg{})
	p.away = append(p.away, p.tab)
	p.away = p.away[max(0, len(p.away)-awayMost):]
	p.tab = nil
}

// unpark lets go of a tab that is open again.
func (p *streams) unpark() {
	p.away = slices.DeleteFunc(p.away, func(v *tab) bool { return v == p.tab })
}

// answerTab hands an answer to the tab that asked. One that is away leads nowhere,
// and asks for nothing to be typed; one that was closed gets nothing.
func (p *streams) answerTab(t *page.Turn, r page.Reply) {
	if p.tab != nil && r.Gen>>32 == p.tab.base>>32 {
		p.tab.pane.Update(t, r)
		return
	}
	for _, v := range p.away {
		if r.Gen>>32 == v.base>>32 {
			v.pane.Update(t, r)
			w := t.Wishes()
			w.GoTo, w.Prompt, w.Edit, w.At, w.Left = nil, nil, nil, nil, nil
		}
	}
	t.Same()
}

// leave keeps where an open tab leads away from, for ActOut to come back to.
func (p *streams) leave(t *page.Turn) {
	l := t.Wishes().GoTo
	here := l != nil && l.Context == "" && (l.Page == "" || l.Page == page.Streams) && (l.Namespace == "" || l.Namespace == t.Namespace)
	if here && p.tab != nil {
		p.left = p.spot()
	}
}

func (p *streams) tabChrome(env page.Env) page.Chrome {
	c := p.tab.pane.Chrome(env)
	c.Crumbs = append(p.drawing().crumbs(), c.Crumbs...)
	c.Tabs = p.way.offered()
	c.Tab = slices.Index(c.Tabs, p.tab.title())
	return c
}

func tabBindings() []page.Binding {
	return []page.Binding{
		page.Bind(page.ActNextTab, "next tab: another look at the same events", "tabs"),
		page.Bind(page.ActPrevTab, "previous tab", ""),
	}
}

// title is the tab's, "" without one.
func (v *tab) title() string {
	if v == nil {
		return ""
	}
	return v.offer.title
}

// bindings are the pane's, with those that lead out of it.
func (v *tab) bindings() []page.Binding {
	own := v.pane.Bindings()
	for _, b := range append(tabBindings(), page.Bind(page.ActOut, "back to the list", "out")) {
		if !slices.ContainsFunc(own, func(have page.Binding) bool { return have.Action == b.Action }) {
			own = append(own, b)
		}
	}
	return own
}

// Linear implements [page.Linear]: an open tab's own words, else what is drawn.
func (p *streams) Linear(env page.Env) []string {
	if p.tab != nil {
		if l, ok := p.tab.pane.(page.Linear); ok {
			return l.Linear(env)
		}
	}
	return strings.Split(p.View(env, env.Width, env.Height), "\n")
}

func (v *tab) meanings() []page.Meaning {
	if f, ok := v.pane.(page.Figured); ok {
		return f.Meanings()
	}
	return nil
}

func (v *tab) message() *store.Message {
	if m, ok := v.pane.(page.Messaged); ok {
		return m.Message()
	}
	return nil
}
