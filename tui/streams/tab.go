package streams

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

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
	base  uint64    // its questions carry generations from here on
	past  time.Time // the time cursor, as it knows it
	came  *spot     // the tab that led here, which ActOut goes back to; nil: none did
}

// tabs is the tab that is open in the place of the innermost list, and those that
// were left and can be come back to.
type tabs struct {
	way    *way // shared with the page: the list that they stand beside
	setup  page.Setup
	open   *tab   // nil: the list is
	opened uint64 // how many were
	away   []*tab // the newest last
}

// awayMost is how many tabs that were left are told what they had asked for.
const awayMost = 8

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

// tabs are the tabs that stand beside the list.
func (s source) tabs() []tabOffer {
	return slices.DeleteFunc(tabOffers(), func(o tabOffer) bool { return !o.on(s) })
}

// tabTitles are the titles of the list and of its tabs; nil when it has none.
func (s source) tabTitles() []string {
	own := "streams"
	switch s.kind {
	case listCategories:
		own = "categories"
	case listMessages:
		own = "messages"
	}
	var out []string
	for _, o := range s.tabs() {
		if out == nil {
			out = append(out, own)
		}
		out = append(out, o.title)
	}
	return out
}

// turn opens the next tab, or the one before; the list is the first.
func (s *tabs) turn(t *page.Turn, a page.Action) {
	titles := s.way.top().of.tabTitles()
	if len(titles) < 2 {
		return
	}
	n := 1
	if a == page.ActPrevTab {
		n = len(titles) - 1
	}
	at := max(slices.Index(titles, s.open.title()), 0)
	s.turnTo(t, titles[(at+n)%len(titles)], s.way.place())
}

// turnToNamed opens the tab that a location names.
func (s *tabs) turnToNamed(t *page.Turn, l page.Location) {
	at := s.way.place()
	if l.HasPosition {
		at.Position, at.HasPosition, at.GlobalPosition = l.Position, true, l.GlobalPosition
	}
	at.Message, at.At, at.Type = l.Message, l.At, l.Type
	s.turnTo(t, l.Tab, at)
}

// act does what was asked for while a tab is open, and reports whether one is.
func (s *tabs) act(t *page.Turn, msg any) bool {
	a, ok := msg.(page.ActionMsg)
	if !ok || s.open == nil {
		return false
	}
	in, _ := s.open.pane.(within)
	switch {
	case a.Action == page.ActNextTab, a.Action == page.ActPrevTab:
		s.turn(t, a.Action)
	case a.Action != page.ActOut, in != nil && in.Within():
		s.pass(t, msg)
	case s.open.came != nil:
		t.Return(s.open.came)
	default:
		s.turnTo(t, "", s.way.place())
		s.way.top().pull(t)
	}
	return true
}

// leave keeps where an open tab leads away from, for ActOut to come back to.
func (p *streams) leave(t *page.Turn) {
	l := t.Wishes().GoTo
	here := l != nil && l.Context == "" && (l.Page == "" || l.Page == page.Streams) && (l.Namespace == "" || l.Namespace == t.Namespace)
	if here && p.tabs.open != nil {
		p.left = p.spot()
	}
}

// turnTo opens a tab of the innermost list by its title, of what at names. What has no
// such title leaves the list.
func (s *tabs) turnTo(t *page.Turn, title string, at page.Location) {
	s.pass(t, page.HideMsg{})
	s.open = nil
	for _, o := range s.way.top().of.tabs() {
		if o.title != title {
			continue
		}
		s.opened++
		base := s.opened << 32
		at.Tab = title
		s.open = &tab{offer: o, pane: o.open(at, base), base: base, past: t.At}
		if pane, ok := s.open.pane.(equipped); ok {
			pane.Equip(s.setup)
		}
		s.pass(t, page.ShowMsg{})
	}
}

// pass hands a message to the open tab, if there is one.
func (s *tabs) pass(t *page.Turn, msg any) {
	if s.open != nil {
		s.open.update(t, msg)
	}
}

// update hands the tab a message. A prompt that it opens is named after it, as its
// questions are numbered after it: what is typed comes home, whatever is open by then.
func (v *tab) update(t *page.Turn, msg any) {
	if _, told := msg.(page.AtMsg); told {
		v.past = t.At
	}
	before := t.Wishes().Prompt
	v.pane.Update(t, msg)
	if opened := t.Wishes().Prompt; opened != before {
		opened.ID = fmt.Sprintf("%s%d/%s", tabPrompt, v.number(), opened.ID)
	}
}

// number tells the tab from all others that were opened.
func (v *tab) number() uint64 { return v.base >> 32 }

// tabPrompt begins the names of the prompts of tabs; the page's own begin otherwise.
const tabPrompt = "tab-"

// promptOf is the number of the tab that opened a prompt, and what it calls that; ok is
// false of the page's own.
func promptOf(id string) (number uint64, own string, ok bool) {
	rest, ok := strings.CutPrefix(id, tabPrompt)
	if !ok {
		return 0, id, false
	}
	before, own, _ := strings.Cut(rest, "/")
	number, err := strconv.ParseUint(before, 10, 64)
	return number, own, err == nil
}

// takes hands the tabs what is meant for them, and reports whether it was.
func (s *tabs) takes(t *page.Turn, msg any) bool {
	switch msg := msg.(type) {
	case page.Reply:
		if msg.Gen>>32 == 0 {
			return false
		}
		s.answer(t, msg.Gen>>32, msg)
		return true
	case page.PromptMsg:
		number, own, ok := promptOf(msg.ID)
		if ok {
			msg.ID = own
			s.answer(t, number, msg)
		}
		return ok
	case page.HideMsg: // the page's as well
		s.pass(t, msg)
	case page.FrameMsg, page.ShowMsg, tea.MouseClickMsg, tea.MouseWheelMsg:
		s.pass(t, msg)
		return s.open != nil
	}
	return false
}

// useReducer opens the state of the stream, unless it is open, and hands it the
// reducer.
func (s *tabs) useReducer(t *page.Turn, msg reducerMsg) {
	of := s.way.top().of
	if of.kind != listMessages || of.stream == "" {
		t.Toast(page.LevelWarn, ":reducer is about the state of a stream: open one first")
		return
	}
	if s.open.title() != "state" {
		s.turnTo(t, "state", s.way.place())
	}
	s.pass(t, state.UseMsg{File: msg.file})
}

// answer hands an answer, of the server or of the user, to the tab that asked. One that
// is away leads nowhere, and asks for nothing to be typed; one that was closed gets
// nothing.
func (s *tabs) answer(t *page.Turn, number uint64, msg any) {
	if s.open != nil && number == s.open.number() {
		s.open.update(t, msg)
		return
	}
	for _, v := range s.away {
		if number == v.number() {
			v.update(t, msg)
			w := t.Wishes()
			w.GoTo, w.Prompt, w.Edit, w.At, w.Left = nil, nil, nil, nil, nil
		}
	}
	t.Same()
}

// park keeps the open tab, which something else takes the place of: it can be come
// back to, and what it asked for is answered until then.
func (s *tabs) park(t *page.Turn) {
	if s.open == nil {
		return
	}
	s.pass(t, page.HideMsg{})
	s.away = append(s.away, s.open)
	s.away = s.away[max(0, len(s.away)-awayMost):]
	s.open = nil
}

// unpark opens a tab again that was left, or with nil none. It is told where the time
// cursor went meanwhile.
func (s *tabs) unpark(t *page.Turn, v *tab) {
	s.open = v
	s.away = slices.DeleteFunc(s.away, func(other *tab) bool { return other == v })
	if v != nil && !v.past.Equal(t.At) {
		s.pass(t, page.AtMsg{})
	}
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
	if p.tabs.open != nil && !p.writing.draft.On() {
		if l, ok := p.tabs.open.pane.(page.Linear); ok {
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
