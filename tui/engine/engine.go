package engine

import (
	"encoding/json"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// enginePage shows the storage engine: the open namespaces, worst first, and
// of the chosen one its tree, what it did, who follows it and where its bytes
// lie.
type enginePage struct {
	sight  sight
	tabs   tabs
	open   bool       // the tab has the keys, not the list
	search kit.Finder // of all lists
	gen    uint64

	names         *names
	events        *events
	subscriptions *subscriptions
	closed        *closed
	storage       storage
	tables        *tables // where the engine has no tree
	jobs          jobs
}

func newEnginePage() *enginePage {
	p := &enginePage{}
	p.names, p.events = newNames(&p.sight, &p.search), newEvents(&p.sight, &p.search)
	p.subscriptions, p.closed = newSubscriptions(&p.sight, &p.search), newClosed(&p.sight, &p.search)
	p.tables = newTables(&p.sight, &p.tabs, &p.search)
	return p
}

// Update implements [page.Pane].
func (p *enginePage) Update(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.ShowMsg:
		p.sight.feed.Refused = ""
		p.frame(t)
	case page.NamespaceMsg:
		p.choose(t.Namespace)
		p.forget()
	case page.ReconnectMsg:
		// The server may be another process, whose events count from 1 again.
		p.sight.feed, p.jobs.job = kit.EngineFeed{}, nil
		p.subscriptions.restart()
		p.closed.restart()
		p.names.list.SetRows(nil)
		p.forget()
	case page.AtMsg:
		p.sight.at = t.At
		p.events.sift(0)
	case page.FrameMsg:
		p.frame(t)
	case page.Reply:
		p.replied(t, msg)
	case page.RestoreMsg:
		p.restore(t, msg)
	case page.PromptMsg:
		p.prompted(t, msg)
	case page.ActionMsg:
		p.act(t, msg.Action)
	case engineActMsg:
		p.jobs.confirm(t, msg)
	case tea.MouseClickMsg:
		p.click(t.Env, msg.X, msg.Y)
	case tea.MouseWheelMsg:
		if g := p.under(t.Env, msg.Y); g != nil {
			g.Update(t, msg)
			p.follow()
		}
	}
}

// forget lets go of the questions under way: their answers are void.
func (p *enginePage) forget() {
	feed := &p.sight.feed
	feed.FiguresGen, feed.EventGen, feed.TablesGen, p.subscriptions.gen, p.closed.gen = 0, 0, 0, 0, 0
	feed.Again()
	if p.storage.gen != 0 {
		p.storage = storage{}
	}
	p.show()
}

// frame asks for what is old.
func (p *enginePage) frame(t *page.Turn) {
	s := &p.sight
	if s.key == "" {
		s.key = t.Namespace
	}
	s.now, s.unit, s.notices = t.Now, t.Live.WriteUnit(), nil
	if e := t.Live.Sample.Engine; e != nil {
		s.notices = e.Notices
	}
	p.tabs.settle(&t.Live)
	s.feed.AskFigures(t, &p.gen, kit.EngineEvery)
	s.feed.AskEvents(t, &p.gen, kit.EngineEvery)
	if n := s.chosen(); p.tabs.logs || s.feed.Refused != "" || n != nil && treeless(n) {
		s.feed.AskTables(t, &p.gen, kit.EngineEvery)
	}
	switch p.tabs.on {
	case tabClosed:
		p.closed.ask(t, &p.gen)
	case tabSubscriptions:
		p.subscriptions.ask(t, &p.gen)
	}
	if p.jobs.job != nil || p.storage.gen != 0 {
		t.Redraw() // its clock goes on
	}
}

func (p *enginePage) replied(t *page.Turn, msg page.Reply) {
	if msg.Gen == 0 {
		return
	}
	if news := p.sight.feed.Replied(msg); news.Mine {
		if !news.Changed {
			t.Same()
			return
		}
		p.take(news)
		return
	}
	switch msg.Gen {
	case p.subscriptions.gen:
		p.subscriptions.replied(msg)
	case p.storage.gen:
		p.storage.replied(t, msg)
	case p.closed.gen:
		p.closed.replied(msg)
		p.closed.sift(p.names.keeps)
	default:
		if p.jobs.replied(t, msg) {
			p.sight.feed.FiguresAt, p.sight.feed.EventsAt = time.Time{}, time.Time{}
		}
	}
}

// take shows what a look at the engine brought.
func (p *enginePage) take(news kit.FeedNews) {
	p.names.take()
	if news.Events > 0 {
		p.events.sift(news.Events)
		p.closed.sift(p.names.keeps) // they say why
	}
	p.show()
}

// show tells the lists what there is to see now.
func (p *enginePage) show() {
	p.names.show()
	p.tables.lay()
}

// follow makes the namespace under the list's cursor the one that is shown.
func (p *enginePage) follow() {
	if n, ok := p.names.list.Chosen(); ok {
		p.sight.key = n.ID
	}
	p.tables.lay()
}

// choose has a namespace shown; a filter that would hide it is taken off.
func (p *enginePage) choose(id string) {
	p.sight.key = id
	if !p.names.keeps(id) {
		p.keepNames("")
	}
}

// keepNames keeps the namespaces with a text in their names; the cursor stays on
// the one that is shown, if it is among them.
func (p *enginePage) keepNames(find string) {
	p.names.find = strings.TrimSpace(find)
	p.take(kit.FeedNews{})
	p.closed.sift(p.names.keeps)
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{Name: page.Engine, Action: "engine", New: func(page.Setup) page.Pane { return newEnginePage() }, Commands: engineCommands()}
}

// engineState is what is kept of the page.
type engineState struct {
	Tab    string `json:"tab"`
	Filter string `json:"filter,omitempty"` // of the events
	Names  string `json:"names,omitempty"`  // of the namespaces
}

// Save implements [page.Stateful].
func (p *enginePage) Save() json.RawMessage {
	if p.tabs.on == p.tabs.first() && p.events.filter == "" && p.names.find == "" {
		return nil
	}
	raw, _ := json.Marshal(engineState{p.tabs.on.String(), p.events.filter, p.names.find}) // strings alone
	return raw
}

func (p *enginePage) restore(t *page.Turn, msg page.RestoreMsg) {
	var s engineState
	if !msg.Into(t, &s) {
		return
	}
	for tab := tabLevels; tab < engineTabs; tab++ {
		if tab.String() == s.Tab {
			p.tabs.pick(tab)
		}
	}
	p.events.filter, p.names.find = s.Filter, s.Names
}
