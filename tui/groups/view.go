package groups

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// tabsHeight is how many lines the tabs take at the top of a page of h lines.
func tabsHeight(h int) int {
	if h < 5 {
		return 0
	}
	return 1
}

// under returns the list at a cell of the page and where that stands, nil for none.
func (p *groups) under(env page.Env, x, y int) (g *kit.Table, at kit.Rect) {
	a := p.areas(env.Width, env.Height)
	switch {
	case a.list.W > 0 && x < a.list.W && y >= a.list.Y && y < a.list.Y+a.list.H:
		return &p.categories.list.Table, a.list
	case a.detail.W == 0 || x < a.detail.X || y < a.detail.Y:
		return nil, at
	}
	return p.tabList(), a.detail
}

// click puts the keys and the cursor where the mouse is, turns to a tab, or
// orders a list by the column whose head it is on.
func (p *groups) click(t *page.Turn, x, y int) {
	env := t.Env
	if y < tabsHeight(env.Height) {
		if tab := p.tabs().At(x); tab >= 0 {
			p.turn(tab - int(p.tab))
		}
		return
	}
	g, at := p.under(env, x, y)
	if g == nil {
		return
	}
	beside := g != &p.categories.list.Table
	if p.open = beside && p.tab.ofCategory(); beside {
		y -= len(p.heads(&env, at.W, at.H))
	}
	g.Click(x-at.X, y-at.Y)
	p.follow()
}

// groupAreas says where list and distribution stand; a width of 0 is not seen.
type groupAreas struct {
	list, detail kit.Rect
	stacked      bool // a rule between them
}

// areas lays the page out below the tabs: consumers and what they parked alone; of a
// category the distribution beside the list, below it, or one of them.
func (p *groups) areas(w, h int) groupAreas {
	top := tabsHeight(h)
	h -= top
	switch {
	case !p.tab.ofCategory():
		return groupAreas{detail: kit.Rect{Y: top, W: w, H: h}}
	case w >= 96:
		list := min(max(w/3, 32), 44)
		return groupAreas{
			list:   kit.Rect{Y: top, W: list, H: h},
			detail: kit.Rect{X: list + 1, Y: top, W: w - list - 1, H: h},
		}
	case p.open:
		return groupAreas{detail: kit.Rect{Y: top, W: w, H: h}}
	case w >= 60 && h >= 15:
		rows := min(max(len(p.categories.list.Rows()), 1)+1, h/3)
		return groupAreas{
			list:    kit.Rect{Y: top, W: w, H: rows},
			detail:  kit.Rect{Y: top + rows + 1, W: w, H: h - rows - 1},
			stacked: true,
		}
	}
	return groupAreas{list: kit.Rect{Y: top, W: w, H: h}}
}

// View implements [page.Pane].
func (p *groups) View(env page.Env, w, h int) string {
	p.parked.restyle(&env)
	var lines []string
	if tabsHeight(h) > 0 {
		lines = append(lines, text.Fit(p.tabs().Line(&env.Theme), w))
	}
	a := p.areas(w, h)
	var left, right []string
	if a.list.W > 0 {
		left = p.categories.view(&env, !p.open, a.list.W, a.list.H)
	}
	if a.detail.W > 0 {
		right = p.detail(&env, a.detail.W, a.detail.H)
	}
	t := env.Theme
	switch {
	case a.stacked:
		lines = append(append(append(lines, left...), t.Border.Paint(strings.Repeat(t.Sym.Horizontal, w))), right...)
	case a.list.W == 0:
		lines = append(lines, right...)
	case a.detail.W == 0:
		lines = append(lines, left...)
	default:
		rule := t.Border.Paint(t.Sym.Vertical)
		for i := range left {
			lines = append(lines, left[i]+rule+right[i])
		}
	}
	return strings.Join(lines, "\n")
}

// detail is what the open tab shows beside the list: what it sums up to, and its grid;
// the members' with what there is to say of the one under the cursor. A retry that
// waits for a yes is shown in its place.
func (p *groups) detail(env *page.Env, w, h int) []string {
	if p.tab == tabParked && p.parked.plan != nil {
		return kit.Filled(p.parked.plan.preview(&env.Theme, w, h), w, h)
	}
	lines := p.heads(env, w, h)
	var foot []string
	if p.tab == tabMembers {
		foot = p.dist.hottest(&env.Theme, w, h-len(lines), p.open && h >= 12)
	}
	rows := h - len(lines) - len(foot)
	if n, _ := p.dist.members.Len(); len(foot) > 1 {
		rows = min(n+2, rows) // and an empty line
	}
	g := p.tabList()
	g.SetFocus(p.open || !p.tab.ofCategory())
	if note, known := p.emptyNote(env); known {
		g.SetEmpty(note)
	} else {
		g.SetUnread(note)
	}
	lines = append(append(lines, g.View(&env.Theme, w, rows)...), foot...)
	return kit.Filled(lines, w, h)
}

// heads are the lines above the grid.
func (p *groups) heads(env *page.Env, w, h int) []string {
	switch p.tab {
	case tabConsumers:
		return ofHeight(h, w, p.consumers.summary(&env.Theme), p.consumers.note(env))
	case tabParked:
		return ofHeight(h, w, p.parked.summary(&env.Theme))
	}
	lines := p.dist.summary(&env.Theme, w)
	return lines[:min(len(lines), h/3)]
}

// ofHeight fits the lines that there are above a grid that has h lines with them.
func ofHeight(h, w int, lines ...string) (fit []string) {
	for _, line := range lines {
		if line != "" && len(fit) < h/4 {
			fit = append(fit, text.Fit(line, w))
		}
	}
	return fit
}

// emptyNote says why the open tab has no rows; known is false where it may have
// some.
func (p *groups) emptyNote(env *page.Env) (note string, known bool) {
	switch {
	case p.tab == tabConsumers:
		return p.consumers.missing(env)
	case p.tab == tabParked:
		return p.parked.missing(env)
	case !p.categories.listed:
		return env.Pending("reading"), false
	case p.dist.category == "" && len(p.categories.all) == 0:
		return "this namespace is empty: " + env.Fill(), true
	case p.dist.fault != "":
		return p.dist.fault, false
	case p.tab == tabMembers:
		return env.Pending("counting"), false
	case p.dist.before == 0 || p.dist.before == p.dist.size:
		return "change the size with + and _ to see which streams move", true
	case p.dist.moving() == nil:
		return env.Pending("counting"), false
	}
	return "no stream moves", true
}

// tabs are named with what is in them.
func (p *groups) tabs() kit.Tabs {
	labels := make([]string, groupsTabs)
	for tab := range labels {
		labels[tab] = " " + groupsTab(tab).String() + " "
	}
	if n := len(p.consumers.look.Consumers); n > 0 {
		labels[tabConsumers] += text.Count(int64(n)) + " "
	}
	if n := int64(len(p.parked.all)) + p.parked.more; n > 0 {
		labels[tabParked] += text.Count(n) + " "
	}
	if m := p.dist.moving(); m != nil {
		labels[tabMoves] += least(p.dist.last) + text.Count(m.Streams) + " "
	}
	return kit.Tabs{Left: 2, Labels: labels, On: int(p.tab)}
}

// Chrome implements [page.Pane].
func (p *groups) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{"Groups"}, Count: p.focused().Status(), AsOf: p.tab == tabConsumers}
	switch {
	case !p.tab.ofCategory():
		c.Crumbs = append(c.Crumbs, p.tab.String())
	case p.dist.category != "":
		c.Crumbs = append(c.Crumbs, p.dist.category, members(p.dist.size))
	}
	if p.find != "" {
		c.Chips = append(c.Chips, "filter "+p.find)
	}
	if p.tab.ofCategory() {
		c.Chips = append(c.Chips, p.dist.chips(env.Now, p.categories.count(p.dist.category), p.tab)...)
	}
	top := tabsHeight(env.Height)
	switch a := p.areas(env.Width, env.Height); {
	case a.stacked:
		c.Bars = []int{top + a.list.H}
	case top == 0 && a.list.W > 0 && a.detail.X > 0:
		c.Rules = []int{a.list.W}
	}
	return c
}
