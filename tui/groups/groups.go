package groups

import (
	"encoding/json"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// groups is the page: who consumes the namespace and how far they are, what they have
// parked, and how a category's streams fall on the members of a group of any size.
type groups struct {
	categories *categories
	dist       *distribution // of the category under the cursor
	consumers  *consumers
	parked     *parked
	questions  questions

	find   string     // the filter: text in a name
	search kit.Finder // of all lists
	open   bool       // the distribution has the keys, not the list of categories
	tab    groupsTab
	chosen bool // the user, or another page, said which tab
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

func newGroups() *groups {
	p := new(groups)
	p.categories, p.dist = newCategories(&p.search), newDistribution(&p.search)
	p.consumers, p.parked = newConsumers(&p.search), newParked(&p.search)
	return p
}

// Update implements [page.Pane].
func (p *groups) Update(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.NamespaceMsg:
		p.find, p.open = "", false
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
		p.dist.rested = true
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
		if g, _ := p.under(t.Env, msg.X, msg.Y); g != nil {
			g.Update(t, msg)
			p.follow()
		}
	}
}

// restart asks for everything again. What was known until then is shown on, where it is to
// be kept.
func (p *groups) restart(keep bool) {
	p.categories.restart(keep)
	p.dist.restart(keep)
	p.consumers.restart(keep)
	p.parked.restart(keep)
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
	p.dist.category, p.dist.rested, p.open = l.Category, true, true
	p.dist.last, p.dist.before = nil, 0
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
	if c, ok := p.categories.list.Chosen(); ok && c.Category != p.dist.category {
		p.dist.choose(c.Category)
		p.show()
	}
}

// show tells the lists of the chosen category what there is to see now.
func (p *groups) show() {
	p.categories.list.Choose(func(c *store.CategoryCount) bool { return c.Category == p.dist.category })
	p.dist.show()
}

// focused is the list that has the keys.
func (p *groups) focused() *kit.Table {
	if p.tab.ofCategory() && !p.open {
		return &p.categories.list.Table
	}
	return p.tabList()
}

// tabList is the list of the open tab.
func (p *groups) tabList() *kit.Table {
	return [...]*kit.Table{&p.consumers.list.Table, &p.parked.list.Table, &p.dist.members.Table, &p.dist.moved.Table}[p.tab]
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
	kept := groupsState{Category: p.dist.category, Size: p.dist.size}
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
	p.dist.category = state.Category
	p.dist.size = min(max(state.Size, 1), maxGroupSize)
	for tab := range groupsTabs {
		if tab.String() == state.View {
			p.tab, p.chosen = tab, true
		}
	}
}
