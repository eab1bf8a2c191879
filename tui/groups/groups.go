package groups

import (
	"encoding/json"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// maxGroupSize is the largest group that + leads to.
const maxGroupSize = 256

// groups is the page: who consumes the namespace and how far they are, what they have
// parked, and how a category's streams fall on the members of a group of any size.
type groups struct {
	all    []store.CategoryCount // of the namespace, by name
	listed bool                  // all was read
	find   string                // the filter: text in a name
	search kit.Finder            // of all lists
	key    string                // the category under the cursor, kept over refreshes
	size   int
	before int // the size before the last changes; 0: none

	resized time.Time // when the size was changed last

	open   bool // the distribution has the keys, not the list of categories
	tab    groupsTab
	chosen bool // the user, or another page, said which tab

	consumers *consumers
	parked    *parked
	rates     memberRates
	dist      *wire.Distribution // of some category and size; nil: none yet
	distOf    scanID
	distAt    time.Time // when its scan began
	scan      scan
	plain     bool // the server does not offer distributions: they are made here

	questions questions
	asks      groupAsks
	rested    bool // the cursor stood still for a frame
	fault     string

	list    *kit.List[*store.CategoryCount]
	members *kit.List[*wire.Member]
	moved   *kit.List[*wire.Move]

	theme page.Theme
}

// groupsTab is one view of the namespace, or of the chosen category.
type groupsTab int

// The tabs, in the order in which [ and ] walk through them.
const (
	tabConsumers groupsTab = iota
	tabParked
	tabMembers
	tabMoves
	groupsTabs
)

// ofCategory reports whether the tab is of the category chosen beside it.
func (t groupsTab) ofCategory() bool { return t == tabMembers || t == tabMoves }

// groupAsks are the questions under way: their generations, 0 for none, and
// when they were asked.
type groupAsks struct {
	counts  uint64
	counted time.Time
	took    time.Duration // by the last list of categories
}

func newGroups() *groups {
	p := &groups{size: 4}
	p.consumers, p.parked = newConsumers(&p.search), newParked(&p.search)
	p.list = kit.NewList(kit.ListOptions[*store.CategoryCount]{
		Columns: countColumns(), Finder: &p.search,
		Same: func(a, b *store.CategoryCount) bool { return a.Category == b.Category },
	})
	p.members = kit.NewList(kit.ListOptions[*wire.Member]{
		Columns: p.drawing().memberColumns(), Finder: &p.search, Same: func(a, b *wire.Member) bool { return a.Member == b.Member },
	})
	p.moved = kit.NewList(kit.ListOptions[*wire.Move]{Columns: movedColumns(), Finder: &p.search, Fixed: true})
	return p
}

// Update implements [page.Pane].
func (p *groups) Update(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.NamespaceMsg:
		p.all, p.listed, p.key, p.find, p.open = nil, false, "", "", false
		p.restart(false)
		if !p.chosen {
			p.tab = tabConsumers
		}
		p.sift(&t.Env)
	case page.ReconnectMsg:
		p.restart(true)
	case page.AtMsg:
		p.consumers.show(&t.Env, p.find)
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
			g.Update(t, msg)
			p.follow()
		}
	}
}

// restart asks for everything again. What was known until then is shown on, where it is to
// be kept; the size stays.
func (p *groups) restart(keep bool) {
	p.consumers.restart(keep)
	p.parked.restart(keep)
	p.asks = groupAsks{}
	p.scan, p.rates, p.fault, p.plain = scan{}, memberRates{}, "", false
	if !keep {
		p.dist = nil
	}
	p.rested = false
}

// locate chooses a category, as soon as the list has it.
func (p *groups) locate(t *page.Turn, l page.Location) {
	if l.Category == "" {
		return
	}
	if p.find != "" {
		p.find = ""
		p.sift(&t.Env)
	}
	p.key, p.open, p.rested = l.Category, true, true
	p.dist, p.before = nil, 0
	if p.chosen = true; !p.tab.ofCategory() {
		p.tab = tabMembers
	}
	p.show()
}

// follow makes the category under the cursor the one that is shown.
func (p *groups) follow() {
	if !p.tab.ofCategory() {
		return
	}
	c, ok := p.list.Chosen()
	if !ok || c.Category == p.key {
		return
	}
	p.key, p.rested = c.Category, false
	p.dist, p.scan, p.before, p.fault = nil, scan{}, 0, ""
	p.show()
}

// show tells the lists of the chosen category what there is to see now.
func (p *groups) show() {
	p.list.Choose(func(c *store.CategoryCount) bool { return c.Category == p.key })
	var members []*wire.Member
	if d := p.current(); d != nil {
		members = kit.Pointers(d.Members)
	}
	p.members.SetRows(members)
	var moves []*wire.Move
	if m := p.moving(); m != nil {
		moves = kit.Pointers(m.Top)
	}
	p.moved.SetRows(moves)
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
	p.show()
}

// focused is the list that has the keys.
func (p *groups) focused() *kit.Table {
	if p.tab.ofCategory() && !p.open {
		return &p.list.Table
	}
	return p.tabList()
}

// tabList is the list of the open tab.
func (p *groups) tabList() *kit.Table {
	return [...]*kit.Table{&p.consumers.list.Table, &p.parked.list.Table, &p.members.Table, &p.moved.Table}[p.tab]
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{Name: page.Groups, Action: "groups", New: func(page.Setup) page.Pane { return newGroups() }}
}

// groupsState is what is worth keeping of the page.
type groupsState struct {
	Category string `json:"category,omitempty"`
	Size     int    `json:"size"`
	View     string `json:"view,omitempty"` // the tab, where it was chosen
}

// String is the tab's name.
func (t groupsTab) String() string { return [...]string{"consumers", "parked", "members", "moves"}[t] }

// Save implements [page.Stateful].
func (p *groups) Save() json.RawMessage {
	kept := groupsState{Category: p.key, Size: p.size}
	if p.chosen {
		kept.View = p.tab.String()
	}
	state, err := json.Marshal(kept)
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
	for tab := range groupsTabs {
		if tab.String() == state.View {
			p.tab, p.chosen = tab, true
		}
	}
}
