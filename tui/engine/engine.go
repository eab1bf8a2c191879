package engine

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// engineTab is one view of the chosen namespace.
type engineTab int

// The tabs, in the order in which [ and ] walk through them.
const (
	tabLevels engineTab = iota
	tabEvents
	tabSubscriptions
	tabClosed
	tabStorage
	tabLog // of an engine that follows a log, which has it first
	engineTabs
)

// String returns the tab's title.
func (t engineTab) String() string {
	return [...]string{"levels", "events", "subscriptions", "closed", "storage", "log"}[t]
}

// enginePage shows the storage engine: the open namespaces, worst first, and
// of the chosen one its tree, what it did, who follows it and where its bytes
// lie.
type enginePage struct {
	feed    kit.EngineFeed
	key     string // the namespace under the cursor, kept over refreshes
	tab     engineTab
	open    bool          // the tab has the keys, not the list
	picked  bool          // the user chose the tab
	logs    bool          // the engine follows a log that others write to as well
	notices []wire.Notice // of the header's second

	search kit.Finder // of all lists
	names  string     // filter of the namespaces, open and closed
	filter string     // of the events

	at           time.Time // the time cursor; zero: live
	subs         engineSubs
	closed       engineClosed
	storage      engineStorage
	job          *engineJob    // nil: nothing runs
	confirmation *engineActMsg // an action that waits until its namespace's name is typed

	gen   uint64
	now   time.Time // of the last frame
	unit  string    // of the rate of writing
	clock int       // cells that the times of the events take
	down  string    // of the last drawing: why nothing is read; "": it is
	theme page.Theme

	list    *kit.List[*store.NamespaceFigures] // the open namespaces, worst first
	events  *kit.List[*store.EngineEvent]      // newest first
	members *kit.List[*wire.Subscription]      // furthest behind first
	gone    *kit.List[*closedRow]              // the closed namespaces, by name, what is wrong first
	tables  *kit.List[*tableLine]              // the engine's sections, where it has no tree
}

// noneOpen stands where the open namespaces do.
const noneOpen = "no open namespaces: the server opens one on first use"

func newEnginePage() *enginePage {
	p := &enginePage{}
	d := p.drawing()
	p.list = kit.NewList(kit.ListOptions[*store.NamespaceFigures]{
		Columns: d.listColumns(), Finder: &p.search, Over: withoutTree,
		Same: func(a, b *store.NamespaceFigures) bool { return a.ID == b.ID },
	})
	p.events = kit.NewList(kit.ListOptions[*store.EngineEvent]{
		Columns: d.eventColumns(), Finder: &p.search,
		Same: func(a, b *store.EngineEvent) bool { return a.Seq == b.Seq },
	})
	p.members = kit.NewList(kit.ListOptions[*wire.Subscription]{
		Columns: d.subscriptionColumns(), Finder: &p.search,
		Same: func(a, b *wire.Subscription) bool { return a.ID == b.ID },
	})
	p.gone = kit.NewList(kit.ListOptions[*closedRow]{
		Columns: d.closedColumns(), Finder: &p.search,
		Same: func(a, b *closedRow) bool { return a.ID == b.ID },
	})
	p.tables = kit.NewList(kit.ListOptions[*tableLine]{
		Columns: tableColumns(), Finder: &p.search, Fixed: true, NoHeader: true, Empty: "nothing is measured yet",
	})
	p.list.SetUnread("")
	return p
}

// Update implements [page.Pane].
func (p *enginePage) Update(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.ShowMsg:
		p.feed.Refused = ""
		p.frame(t)
	case page.NamespaceMsg:
		p.choose(t.Namespace)
		p.forget()
	case page.ReconnectMsg:
		// The server may be another process, whose events count from 1 again.
		p.feed, p.subs, p.closed, p.job = kit.EngineFeed{}, engineSubs{}, engineClosed{}, nil
		p.list.SetRows(nil)
		p.forget()
	case page.AtMsg:
		p.at = t.At
		p.sift(0)
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
		p.confirm(t, msg)
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
	p.feed.FiguresGen, p.feed.EventGen, p.feed.TablesGen, p.subs.gen, p.closed.gen = 0, 0, 0, 0, 0
	p.feed.Again()
	if p.storage.gen != 0 {
		p.storage = engineStorage{}
	}
	p.show()
}

// frame asks for what is old.
func (p *enginePage) frame(t *page.Turn) {
	if p.key == "" {
		p.key = t.Namespace
	}
	p.now, p.unit = t.Now, t.Live.WriteUnit()
	p.settle(t)
	p.feed.AskFigures(t, &p.gen, kit.EngineEvery)
	p.feed.AskEvents(t, &p.gen, kit.EngineEvery)
	if n := p.chosen(); p.logs || p.feed.Refused != "" || n != nil && treeless(n) {
		p.feed.AskTables(t, &p.gen, kit.EngineEvery)
	}
	switch {
	case p.tab == tabClosed:
		p.closed.ask(t, &p.gen)
	case p.tab == tabSubscriptions && p.subs.ask(t, &p.gen, p.key):
		p.showSubscriptions()
	}
	if p.job != nil || p.storage.gen != 0 {
		t.Redraw() // its clock goes on
	}
}

func (p *enginePage) replied(t *page.Turn, msg page.Reply) {
	if msg.Gen == 0 {
		return
	}
	if news := p.feed.Replied(msg); news.Mine {
		if !news.Changed {
			t.Same()
			return
		}
		p.take(news)
		return
	}
	switch msg.Gen {
	case p.subs.gen:
		p.subs.replied(msg)
		p.showSubscriptions()
	case p.storage.gen:
		p.storage.replied(t, msg)
	case p.closed.gen:
		p.closed.replied(msg)
		p.siftClosed()
	default:
		if p.job != nil && msg.Gen == p.job.gen {
			p.jobDone(t, msg)
		}
	}
}

// take shows what a look at the engine brought.
func (p *enginePage) take(news kit.FeedNews) {
	if f := p.feed.Figures; f != nil {
		p.list.SetRows(slices.DeleteFunc(worstFirst(f.Namespaces, p.feed.Stalled), func(n *store.NamespaceFigures) bool { return !p.drawing().keeps(n.ID) }))
	}
	if news.Events > 0 {
		p.sift(news.Events)
		p.siftClosed() // they say why
	}
	p.show()
}

// show tells the lists what there is to see now.
func (p *enginePage) show() {
	p.list.SetUnread(p.drawing().pending("reading"))
	if p.feed.Refused != "" {
		p.list.SetUnread("open namespaces are " + p.feed.Refused)
	}
	if f := p.feed.Figures; f != nil {
		p.list.SetEmpty(noneOpen)
		rows := p.list.Rows()
		if !p.list.Choose(func(n *store.NamespaceFigures) bool { return n.ID == p.key }) && len(rows) > 0 {
			p.key = rows[0].ID
			p.list.Home()
		}
		if none := p.drawing().noneKept(len(f.Namespaces)); none != "" {
			p.list.SetEmpty(none)
		}
	}
	p.list.Changed()
	p.layTables()
}

// follow makes the namespace under the list's cursor the one that is shown.
func (p *enginePage) follow() {
	if n, ok := p.list.Chosen(); ok {
		p.key = n.ID
	}
	p.layTables()
}

// chosen returns the figures of the namespace that is shown, nil when there
// are none.
func (p *enginePage) chosen() *store.NamespaceFigures {
	if f := p.feed.Figures; f != nil {
		for i := range f.Namespaces {
			if f.Namespaces[i].ID == p.key {
				return &f.Namespaces[i]
			}
		}
	}
	return nil
}

// worstFirst orders namespaces by what should be looked at first. Pressure
// counts in steps, so that the order is calm.
func worstFirst(list []store.NamespaceFigures, stalled func(string) bool) []*store.NamespaceFigures {
	order := kit.Pointers(list)
	stands := make(map[*store.NamespaceFigures]int, len(list)) // 2: damaged, 1: stalled
	for i := range list {
		switch {
		case list[i].Poisoned:
			stands[order[i]] = 2
		case stalled(list[i].ID):
			stands[order[i]] = 1
		}
	}
	slices.SortStableFunc(order, func(a, b *store.NamespaceFigures) int {
		return cmp.Or(
			cmp.Compare(stands[b], stands[a]),
			cmp.Compare(int(10*pressure(b)), int(10*pressure(a))),
			cmp.Compare(b.ReadAmp, a.ReadAmp),
			cmp.Compare(b.Debt, a.Debt),
			cmp.Compare(b.DiskBytes, a.DiskBytes),
			cmp.Compare(a.ID, b.ID),
		)
	})
	return order
}

// pressure is how close a namespace is to the point where its writes stop, 0
// to 1: by the sublevels of L0 or by its memtables, whichever is closer.
func pressure(n *store.NamespaceFigures) float64 {
	share := func(part, whole float64) float64 {
		if whole <= 0 {
			return 0
		}
		return min(part/whole, 1)
	}
	return max(
		share(float64(sublevels(n)), float64(n.Limits.StopAtSublevels)),
		share(float64(n.MemtableBytes), float64(n.Limits.StopAtMemtables)*float64(n.Limits.MemtableBytes)),
	)
}

// sublevels is how many sublevels L0 has.
func sublevels(n *store.NamespaceFigures) int {
	if len(n.Levels) == 0 {
		return 0
	}
	return n.Levels[0].Sublevels
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
	if p.tab == p.firstTab() && p.filter == "" && p.names == "" {
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
			p.pick(tab)
		}
	}
	p.filter, p.names = s.Filter, s.Names
}
