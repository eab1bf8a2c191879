package engine

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
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
	order   []int  // of feed.figures.Namespaces, those that the filter keeps, worst first
	key     string // the namespace under the cursor, kept over refreshes
	tab     engineTab
	open    bool          // the tab has the keys, not the list
	picked  bool          // the user chose the tab
	logs    bool          // the engine follows a log that others write to as well
	notices []wire.Notice // of the header's second

	search kit.Finder
	names  string // filter of the namespaces, open and closed
	filter string // of the events
	found  []int  // of feed.events, those that the filter keeps, newest first

	at           time.Time // the time cursor; zero: live
	subs         engineSubs
	closed       engineClosed
	storage      engineStorage
	job          *engineJob    // nil: nothing runs
	confirmation *confirmation // an action that waits for its confirmation

	gen              uint64
	now              time.Time // of the last frame
	unit             string    // of the rate of writing
	clock            int       // cells that the times of the events take
	down             string    // of the last drawing: why nothing is read; "": it is
	theme            page.Theme
	list             *grid.Grid
	events           *grid.Grid
	members          *grid.Grid  // of the subscriptions
	tables           *grid.Grid  // of the engine's sections, where it has no tree
	lines            []tableLine // what stands in it
	closedNamespaces *grid.Grid  // of the closed namespaces
	by               kit.Sorting // of the list, instead of worst first
	eventsBy         kit.Sorting // instead of newest first
	membersBy        kit.Sorting // instead of furthest behind first
	closedBy         kit.Sorting // instead of by name, what is wrong first
}

// noneOpen stands where the open namespaces do.
const noneOpen = "no open namespaces: the server opens one on first use"

func newEnginePage() *enginePage {
	p := &enginePage{}
	p.list = grid.New(grid.Options{Row: p.drawing().listRow, Columns: []grid.Column{
		{Title: "namespace", Min: 10, Flex: 1, Max: 48},
		{Title: "state", Min: 12, Priority: 3},
		{Title: "R-amp", Min: 5, Right: true},
		{Title: "L0", Min: 8, Right: true},
		{Title: "debt", Min: 8, Right: true},
		{Title: "disk", Min: 8, Right: true, Priority: 1},
		{Title: "fsync p99", Min: 10, Right: true, Priority: 2},
		{Title: "memtables", Min: 9, Right: true, Priority: 6},
		{Title: "W-amp", Min: 6, Right: true, Priority: 5},
		{Title: "messages", Min: 12, Right: true, Priority: 4},
		{Title: "per message", Min: 11, Right: true, Priority: 7},
	}})
	p.tables = newTablesGrid(p.drawing().tableRow)
	p.events = grid.New(grid.Options{Row: p.drawing().eventRow, Columns: eventColumns(len(time.TimeOnly))})
	p.members = newSubscriptionGrid(p.drawing().subscriptionRow)
	p.closedNamespaces = newClosedGrid(p.drawing().closedRow)
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
		p.feed, p.subs, p.closed, p.job, p.order = kit.EngineFeed{}, engineSubs{}, engineClosed{}, nil, nil
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
			g.Scroll(3 * kit.Wheel(msg.Button))
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
	p.askSubscriptions(t)
	p.askClosed(t)
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
		p.tookSubscriptions(msg)
	case p.storage.gen:
		p.tookStorage(t, msg)
	case p.closed.gen:
		p.tookClosed(msg)
	default:
		if p.job != nil && msg.Gen == p.job.gen {
			p.jobDone(t, msg)
		}
	}
}

// take shows what a look at the engine brought.
func (p *enginePage) take(news kit.FeedNews) {
	if f := p.feed.Figures; f != nil {
		p.order = p.siftOpen(f.Namespaces, worstFirst(f.Namespaces, p.feed.Stalled))
		kit.Sorted(p.by, p.order, func(a, b, column int) int { return compareTrees(&f.Namespaces[a], &f.Namespaces[b], column) })
	}
	if news.Events > 0 {
		p.sift(news.Events)
	}
	p.show()
}

// show tells the grids what there is to see now.
func (p *enginePage) show() {
	p.list.SetLen(len(p.order), false)
	p.list.SetUnread(p.drawing().pending("reading"))
	if p.feed.Refused != "" {
		p.list.SetUnread("open namespaces are " + p.feed.Refused)
	}
	if f := p.feed.Figures; f != nil {
		p.list.SetEmpty(noneOpen)
		row := slices.IndexFunc(p.order, func(i int) bool { return f.Namespaces[i].ID == p.key })
		if row < 0 && len(p.order) > 0 {
			row, p.key = 0, f.Namespaces[p.order[0]].ID
		}
		p.list.SetCursor(row)
		if none := p.drawing().noneKept(len(f.Namespaces)); none != "" {
			p.list.SetEmpty(none)
		}
	}
	p.list.Changed()
	p.layTables()
}

// follow makes the namespace under the list's cursor the one that is shown.
func (p *enginePage) follow() {
	if row := p.list.Cursor(); row >= 0 && row < len(p.order) {
		p.key = p.feed.Figures.Namespaces[p.order[row]].ID
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
func worstFirst(list []store.NamespaceFigures, stalled func(string) bool) []int {
	order := make([]int, len(list))
	stands := make([]int, len(list)) // 2: damaged, 1: stalled
	for i := range list {
		order[i] = i
		switch {
		case list[i].Poisoned:
			stands[i] = 2
		case stalled(list[i].ID):
			stands[i] = 1
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := &list[i], &list[j]
		return cmp.Or(
			cmp.Compare(stands[j], stands[i]),
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
