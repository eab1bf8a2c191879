package groups

import (
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

// maxGroupSize is the largest group that + leads to.
const maxGroupSize = 256

// groups is the page of consumer groups: how a category's streams fall on the
// members of a group of any size, and which of them move when it changes.
type groups struct {
	all    []store.CategoryCount // of the namespace
	counts []store.CategoryCount // those that the filter keeps, by name
	listed bool                  // all was read
	find   string                // the filter: text in the name
	search kit.Finder
	key    string // the category under the cursor, kept over refreshes
	size   int
	before int // the size before the last changes; 0: none

	resized time.Time // when the size was changed last

	open bool // the distribution has the keys, not the list
	tab  groupsTab

	seen   observed
	rates  memberRates
	dist   *wire.Distribution // for key, of some size; nil: none yet
	place  placement          // the streams of key, as far as they were read
	scan   placement          // the reading under way; it replaces place as it grows, or at its end
	next   nextSize
	moving moving
	worked worked // what next and moving are worked out of
	plain  bool   // the server does not offer distributions: place makes them

	asks   groupAsks
	rested bool // the cursor stood still for a frame
	fault  string

	list, members, moved, consumers *grid.Grid

	byCount, byMember, byConsumer kit.Sorting // of the grids
	order                         []int       // of the members, as they are listed
	serial                        int         // of the theme that the grids are in
	theme                         page.Theme
}

// groupsTab is one view of the chosen category.
type groupsTab int

// The tabs, in the order in which [ and ] walk through them.
const (
	tabMembers groupsTab = iota
	tabMoves
	tabObserved
	groupsTabs
)

// groupAsks are the questions under way: their generations, 0 for none, and
// when they were asked.
type groupAsks struct {
	gen                   uint64
	counts, dist, streams uint64
	sums                  uint64 // of the calculation over the streams read
	counted, distributed  time.Time
	scanned               time.Time     // when scan began
	took                  time.Duration // by the last distribution
	countTook             time.Duration // by the last list of categories
	distCategory          string
	distSize              int
}

func newGroups() *groups {
	p := &groups{size: 4}
	p.list = grid.New(grid.Options{Row: p.drawing().listRow, Columns: []grid.Column{
		{Title: "category", Min: 10, Flex: 1},
		{Title: "streams", Min: 9, Right: true, Priority: 1},
		{Title: "messages", Min: 12, Right: true, Priority: 2},
	}})
	p.members = grid.New(grid.Options{Row: p.drawing().memberRow, Columns: []grid.Column{
		{Title: "member", Min: 6, Right: true},
		{Title: "messages", Min: 8, Flex: 3, Max: 60},
		{Title: "", Min: 11, Right: true},
		{Title: "share", Min: 6, Right: true},
		{Title: "streams", Min: 8, Right: true, Priority: 1},
		{Title: "rate", Min: 9, Right: true, Priority: 2},
		{Title: "hottest stream", Min: 16, Flex: 2, Max: 44, Priority: 3},
		{Title: "", Min: 9, Right: true, Priority: 3},
	}})
	p.consumers = newObservedGrid(p.drawing().observedRow)
	p.moved = grid.New(grid.Options{Row: p.drawing().movedRow, Columns: []grid.Column{
		{Title: "stream", Min: 12, Flex: 1, Max: 60},
		{Title: "from", Min: 5, Right: true},
		{Title: "to", Min: 5, Right: true},
		{Title: "messages", Min: 11, Right: true, Priority: 1},
	}})
	return p
}

// Update implements [page.Pane].
func (p *groups) Update(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.NamespaceMsg:
		p.all, p.counts, p.listed, p.key, p.find, p.open = nil, nil, false, "", "", false
		p.restart()
		p.show(t)
	case page.ReconnectMsg:
		p.askAgain()
	case page.AtMsg:
		p.seen.show(&t.Env)
		p.showObserved()
	case page.RestoreMsg:
		p.restore(t, msg)
	case page.FrameMsg:
		p.frame(t)
		p.rested = true
	case page.Reply:
		p.replied(t, msg)
	case page.PromptMsg:
		p.prompted(t, msg)
	case page.LocationMsg:
		p.locate(t, msg.Location)
	case page.ActionMsg:
		p.act(t, msg.Action)
	case tea.MouseClickMsg:
		p.click(t, msg.X, msg.Y)
	case tea.MouseWheelMsg:
		if g := p.drawing().under(t.Env, msg.X, msg.Y); g != nil {
			g.Scroll(3 * kit.Wheel(msg.Button))
			p.follow(t)
		}
	}
}

// restart forgets what was asked and what came of it; the size stays.
func (p *groups) restart() {
	p.asks = groupAsks{gen: p.asks.gen}
	p.dist, p.place, p.scan, p.fault, p.plain = nil, placement{}, placement{}, "", false
	p.next, p.moving, p.worked = nextSize{}, moving{}, worked{}
	p.seen, p.rates = observed{}, memberRates{}
	p.rested = false
}

// askAgain has all of it asked again, of a server that may be another process.
// What is known stays until that is answered.
func (p *groups) askAgain() {
	p.asks = groupAsks{gen: p.asks.gen}
	p.fault, p.plain, p.rates = "", false, memberRates{}
	p.seen.gen, p.seen.then.gen, p.seen.asked, p.seen.refused = 0, 0, time.Time{}, ""
}

// locate chooses a category, as soon as the list has it.
func (p *groups) locate(t *page.Turn, l page.Location) {
	if l.Category == "" {
		return
	}
	if p.find != "" {
		p.find = ""
		p.sift()
	}
	p.key, p.open, p.rested = l.Category, true, true
	p.dist, p.before = nil, 0
	p.show(t)
}

// follow makes the category under the list's cursor the one that is shown.
func (p *groups) follow(t *page.Turn) {
	row := p.list.Cursor()
	if row < 0 || row >= len(p.counts) || p.counts[row].Category == p.key {
		return
	}
	p.key, p.rested = p.counts[row].Category, false
	p.dist, p.place, p.scan, p.before, p.fault = nil, placement{}, placement{}, 0, ""
	p.asks.dist, p.asks.streams, p.asks.sums = 0, 0, 0
	p.show(t)
}

// show tells the grids what there is to see now.
func (p *groups) show(t *page.Turn) {
	kit.Sorted(p.byCount, p.counts, compareCounts)
	p.list.SetLen(len(p.counts), false)
	if row := slices.IndexFunc(p.counts, func(c store.CategoryCount) bool { return c.Category == p.key }); row >= 0 {
		p.list.SetCursor(row)
	}
	p.list.Changed()
	p.workOut(t)
	p.members.SetLen(0, false)
	if d := p.current(); d != nil {
		p.orderMembers(d)
		p.members.SetLen(len(d.Members), false)
	}
	p.moved.SetLen(len(p.moving.moves), false)
	p.members.Changed()
	p.moved.Changed()
}

// count is the chosen category's line of the list, nil when it has gone.
func (p *groups) count() *store.CategoryCount {
	for i := range p.all {
		if p.all[i].Category == p.key {
			return &p.all[i]
		}
	}
	return nil
}

// resize changes the group's size by n. Moves are counted from the size that
// stood before a run of changes in quick succession.
func (p *groups) resize(t *page.Turn, n int) {
	size := min(max(p.size+n, 1), maxGroupSize)
	if size == p.size {
		return
	}
	if t.Now.Sub(p.resized) > 2*time.Second || p.before == 0 {
		p.before = p.size
	}
	p.resized, p.size = t.Now, size
	p.rested = true
	p.show(t)
}

// focused is the grid that has the keys.
func (p *groups) focused() *grid.Grid {
	switch {
	case !p.open:
		return p.list
	}
	return p.tabGrid()
}

// tabGrid is the grid of the open tab.
func (p *groups) tabGrid() *grid.Grid {
	switch p.tab {
	case tabMoves:
		return p.moved
	case tabObserved:
		return p.consumers
	}
	return p.members
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{Name: page.Groups, Action: "groups", New: func(page.Setup) page.Pane { return newGroups() }}
}

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
	p.size = min(max(state.Size, 1), maxGroupSize)
	p.tab = groupsTab(min(max(state.Tab, 0), int(groupsTabs)-1))
}
