package groups

import (
	"slices"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// drawing draws the page from its state and says what it is on; it changes none of it.
type drawing struct{ *groups }

func (p *groups) drawing() drawing { return drawing{p} }

// tabsHeight is how many lines the tabs take at the top of a page of h lines.
func tabsHeight(h int) int {
	if h < 5 {
		return 0
	}
	return 1
}

// under returns the list at a cell of the page, nil for none.
func (p drawing) under(env page.Env, x, y int) *kit.Table {
	a := p.areas(env.Width, env.Height)
	switch {
	case a.list.W > 0 && x < a.list.W && y >= a.list.Y && y < a.list.Y+a.list.H:
		return &p.list.Table
	case a.detail.W == 0 || x < a.detail.X || y < a.detail.Y:
		return nil
	}
	return p.tabList()
}

// click puts the keys and the cursor where the mouse is, turns to a tab, or
// orders a list by the column whose head it is on.
func (p *groups) click(t *page.Turn, x, y int) {
	env := t.Env
	if y < tabsHeight(env.Height) {
		if tab := p.drawing().tabs().At(x); tab >= 0 {
			p.turn(tab - int(p.tab))
		}
		return
	}
	g := p.drawing().under(env, x, y)
	if g == nil {
		return
	}
	a := p.drawing().areas(env.Width, env.Height)
	p.open = g != &p.list.Table && p.tab.ofCategory()
	if g == &p.list.Table {
		y -= a.list.Y
	} else {
		x -= a.detail.X
		y -= a.detail.Y + len(p.drawing().heads(&env, a.detail.W, a.detail.H))
	}
	g.Click(x, y)
	p.follow()
}

// groupAreas says where list and distribution stand; a width of 0 is not seen.
type groupAreas struct {
	list, detail kit.Rect
	stacked      bool // a rule between them
}

// areas lays the page out below the tabs: consumers and what they parked alone; of a
// category the distribution beside the list, below it, or one of them.
func (p drawing) areas(w, h int) groupAreas {
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
		rows := min(max(len(p.list.Rows()), 1)+1, h/3)
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
	p.theme = env.Theme
	var lines []string
	if tabsHeight(h) > 0 {
		lines = append(lines, text.Fit(p.drawing().tabs().Line(&env.Theme), w))
	}
	a := p.drawing().areas(w, h)
	var left, right []string
	if a.list.W > 0 {
		p.list.SetUnread(env.Pending("reading"))
		if p.listed {
			p.list.SetEmpty("no categories yet")
		}
		if len(p.all) > 0 {
			p.list.SetEmpty("nothing matches; esc shows all")
		}
		p.list.SetFocus(!p.open)
		left = p.list.View(&env.Theme, a.list.W, a.list.H)
	}
	if a.detail.W > 0 {
		right = p.drawing().detail(&env, a.detail.W, a.detail.H)
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
func (p drawing) detail(env *page.Env, w, h int) []string {
	if p.tab == tabParked && p.parked.plan != nil {
		return kit.Filled(p.parked.plan.preview(&env.Theme, w, h), w, h)
	}
	lines, foot := p.heads(env, w, h), p.hottest(w, h)
	g := p.tabList()
	g.SetFocus(p.open || !p.tab.ofCategory())
	if note, known := p.emptyNote(env); known {
		g.SetEmpty(note)
	} else {
		g.SetUnread(note)
	}
	lines = append(append(lines, g.View(&env.Theme, w, p.gridHeight(h-len(lines), len(foot)))...), foot...)
	return kit.Filled(lines, w, h)
}

// heads are the lines above the grid.
func (p drawing) heads(env *page.Env, w, h int) []string {
	switch p.tab {
	case tabConsumers:
		return p.ofHeight(h, w, p.consumers.summary(&env.Theme), p.consumers.note(env))
	case tabParked:
		return p.ofHeight(h, w, p.parked.summary(&env.Theme))
	}
	lines := p.summary(w)
	return lines[:min(len(lines), h/3)]
}

// ofHeight fits the lines that there are above a grid that has h lines with them.
func (p drawing) ofHeight(h, w int, lines ...string) (fit []string) {
	for _, line := range lines {
		if line != "" && len(fit) < h/4 {
			fit = append(fit, text.Fit(line, w))
		}
	}
	return fit
}

// gridHeight is how many of h lines the grid has over a foot of so many: all
// that are left, or its rows and an empty line if a list stands below them.
func (p drawing) gridHeight(h, foot int) int {
	if foot > 1 {
		rows, _ := p.members.Len()
		return min(rows+2, h-foot)
	}
	return h - foot
}

// emptyNote says why the open tab has no rows; known is false where it may have
// some.
func (p drawing) emptyNote(env *page.Env) (note string, known bool) {
	switch {
	case p.tab == tabConsumers:
		return p.consumers.missing(env)
	case p.tab == tabParked:
		return p.parked.missing(env)
	case !p.listed:
		return env.Pending("reading"), false
	case p.key == "" && len(p.all) == 0:
		return "this namespace is empty: " + env.Fill(), true
	case p.fault != "":
		return p.fault, false
	case p.tab == tabMembers:
		return env.Pending("counting"), false
	case p.before == 0 || p.before == p.size:
		return "change the size with + and - to see which streams move", true
	case p.moving() == nil:
		return env.Pending("counting"), false
	}
	return "no stream moves", true
}

// number is a count with its noun.
func number(t *page.Theme, n int64, noun string) string {
	return t.Title.Paint(text.Count(n)) + " " + t.Muted.Paint(text.Plural(n, noun))
}

// keeps reports whether one of the names holds the filter's text.
func keeps(find string, names ...string) bool {
	needle := strings.ToLower(find)
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(strings.ToLower(name), needle) })
}

// tabs are named with what is in them.
func (p drawing) tabs() kit.Tabs {
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
	if m := p.moving(); m != nil {
		labels[tabMoves] += p.atLeast(p.dist.Complete) + text.Count(m.Streams) + " "
	}
	return kit.Tabs{Left: 2, Labels: labels, On: int(p.tab)}
}

// atLeast says so where a number comes from a scan that saw not all.
func (p drawing) atLeast(complete bool) string {
	if complete {
		return ""
	}
	return "at least "
}

// Chrome implements [page.Pane].
func (p *groups) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{"Groups"}, Count: p.focused().Status(), AsOf: p.tab == tabConsumers}
	switch {
	case !p.tab.ofCategory():
		c.Crumbs = append(c.Crumbs, p.tab.String())
	case p.key != "":
		c.Crumbs = append(c.Crumbs, p.key, members(p.size))
	}
	if p.find != "" {
		c.Chips = append(c.Chips, "filter "+p.find)
	}
	c.Chips = append(c.Chips, p.drawing().scanChips(env.Now)...)
	if m := p.moving(); p.tab == tabMoves && m != nil && int64(len(m.Top)) < m.Streams {
		c.Chips = append(c.Chips, "the "+text.Count(int64(len(m.Top)))+" with most messages of "+text.Count(m.Streams))
	}
	if p.plain && p.tab.ofCategory() {
		c.Chips = append(c.Chips, "counted here: not offered by this server")
	}
	if p.fault != "" && p.tab.ofCategory() {
		c.Chips = append(c.Chips, p.fault)
	}
	top := tabsHeight(env.Height)
	switch a := p.drawing().areas(env.Width, env.Height); {
	case a.stacked:
		c.Bars = []int{top + a.list.H}
	case top == 0 && a.list.W > 0 && a.detail.X > 0:
		c.Rules = []int{a.list.W}
	}
	return c
}

func members(n int) string { return strconv.Itoa(n) + " " + text.Plural(int64(n), "member") }

// current is the distribution for the size that was chosen; an older one, for
// another size or category, is not shown as if it were.
func (p *groups) current() *wire.Distribution {
	if p.dist == nil || p.dist.Size != p.size || p.dist.Category != p.key {
		return nil
	}
	return p.dist
}
