package groups

import (
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// drawing draws the page from its state and says what it is on; it changes none of it.
type drawing struct{ *groups }

func (p *groups) drawing() drawing { return drawing{p} }

// under returns the grid at a cell of the page, nil for none.
func (p drawing) under(env page.Env, x, y int) *grid.Grid {
	a := p.areas(env.Width, env.Height)
	switch {
	case a.list.W > 0 && x < a.list.W && y < a.list.H:
		return p.list
	case a.detail.W == 0 || x < a.detail.X || y < a.detail.Y:
		return nil
	}
	return p.tabGrid()
}

// click puts the keys and the cursor where the mouse is, turns to a tab, or
// orders a grid by the column whose head it is on.
func (p *groups) click(t *page.Turn, x, y int) {
	env := t.Env
	g := p.drawing().under(env, x, y)
	if g == nil {
		return
	}
	a := p.drawing().areas(env.Width, env.Height)
	if p.open = g != p.list; p.open {
		x -= a.detail.X
		y -= a.detail.Y
		if y == p.drawing().tabsLine(&env, a.detail) {
			if tab, ok := p.drawing().tabAt(x); ok {
				p.tab = tab
			}
			return
		}
		y -= len(p.drawing().heads(&env, a.detail.W, a.detail.H))
	}
	if row := g.HitRow(x, y); row >= 0 {
		g.SetCursor(row)
		p.follow(t)
		return
	}
	if column := g.HitHeader(x, y); column >= 0 {
		p.sortBy(t, g, column)
	}
}

// tabsLine is the line of its area on which the tabs stand, -1 for none.
func (p drawing) tabsLine(env *page.Env, a kit.Rect) int {
	if a.H < 5 {
		return -1
	}
	return min(len(p.summary(env, a.W)), a.H/3)
}

func (p *groups) sortBy(t *page.Turn, g *grid.Grid, column int) {
	switch g {
	case p.list:
		if p.byCount.Click(g, column); !p.byCount.On {
			p.drawing().byName()
		}
	case p.members:
		p.byMember.Click(g, column)
	case p.consumers:
		p.byConsumer.Click(g, column)
		p.showObserved()
	}
	p.show(t)
}

// groupAreas says where list and distribution stand; a width of 0 is not seen.
type groupAreas struct {
	list, detail kit.Rect
	stacked      bool // a rule between them
}

// areas lays the page out: side by side, the list on top, or one of them.
func (p drawing) areas(w, h int) groupAreas {
	switch {
	case w >= 96:
		list := min(max(w/3, 32), 44)
		return groupAreas{
			list:   kit.Rect{W: list, H: h},
			detail: kit.Rect{X: list + 1, W: w - list - 1, H: h},
		}
	case p.open:
		return groupAreas{detail: kit.Rect{W: w, H: h}}
	case w >= 60 && h >= 15:
		top := min(max(len(p.counts), 1)+1, h/3)
		return groupAreas{
			list:    kit.Rect{W: w, H: top},
			detail:  kit.Rect{Y: top + 1, W: w, H: h - top - 1},
			stacked: true,
		}
	}
	return groupAreas{list: kit.Rect{W: w, H: h}}
}

// View implements [page.Pane].
func (p *groups) View(env page.Env, w, h int) string {
	p.restyle(env.Theme)
	a := p.drawing().areas(w, h)
	var left, right []string
	if a.list.W > 0 {
		switch {
		case !p.listed:
			p.list.SetUnread(env.Pending("reading"))
		case len(p.all) > 0:
			p.list.SetEmpty("nothing matches; esc shows all")
		default:
			p.list.SetEmpty("no categories yet")
		}
		p.list.SetFocus(!p.open)
		p.list.SetSize(a.list.W, a.list.H)
		left = p.list.Lines()
	}
	if a.detail.W > 0 {
		right = p.drawing().detail(&env, a.detail.W, a.detail.H)
	}
	t := env.Theme
	switch {
	case a.stacked:
		rule := t.Border.Paint(strings.Repeat(t.Sym.Horizontal, w))
		return strings.Join(append(append(append([]string{}, left...), rule), right...), "\n")
	case a.list.W == 0:
		return strings.Join(right, "\n")
	case a.detail.W == 0:
		return strings.Join(left, "\n")
	}
	rule := t.Border.Paint(t.Sym.Vertical)
	lines := make([]string, h)
	for i := range lines {
		lines[i] = left[i] + rule + right[i]
	}
	return strings.Join(lines, "\n")
}

func (p *groups) restyle(t page.Theme) {
	if p.serial == t.Serial {
		return
	}
	p.serial, p.theme = t.Serial, t
	for _, g := range []*grid.Grid{p.list, p.members, p.moved, p.consumers} {
		kit.RestyleGrid(g, t)
	}
}

// detail is the distribution of the chosen category: what it sums up to, the
// tabs, and the grid of the open one; the members' with what there is to say of
// the one under the cursor.
func (p drawing) detail(env *page.Env, w, h int) []string {
	lines, foot := p.heads(env, w, h), p.hottest(env, w, h)
	g := p.tabGrid()
	g.SetFocus(p.open)
	g.SetSize(w, p.gridHeight(h-len(lines), len(foot)))
	if note, known := p.emptyNote(env); known {
		g.SetEmpty(note)
	} else {
		g.SetUnread(note)
	}
	lines = append(append(lines, g.Lines()...), foot...)
	return append(lines, kit.BlankLines(w, h-len(lines))...)
}

// heads are the lines above the grid.
func (p drawing) heads(env *page.Env, w, h int) []string {
	lines := p.summary(env, w)
	lines = lines[:min(len(lines), h/3)]
	if h >= 5 {
		lines = append(lines, p.tabs(w))
	}
	if note := p.observedNote(env); p.tab == tabObserved && note != "" && h >= 8 {
		lines = append(lines, p.theme.Warn.Paint(text.Fit(" "+note, w)))
	}
	return lines
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
	case !p.listed:
		return env.Pending("reading"), false
	case p.key == "" && len(p.all) == 0:
		return "this namespace is empty: " + env.Fill(), true
	case p.tab == tabObserved:
		return p.seen.noObserved(env)
	case p.fault != "":
		return p.fault, false
	case p.tab == tabMembers:
		return env.Pending("counting"), false
	case p.before == 0 || p.before == p.size:
		return "change the size with + and - to see which streams move", true
	case p.place.category != p.key || !p.place.done && p.scan.reading():
		return env.Pending("reading streams"), false
	case p.moving.to == 0:
		return env.Pending("comparing"), false
	}
	return "no stream moves", true
}

// groupsTabsLeft is where the first tab stands.
const groupsTabsLeft = 2

// tabLabels are the tabs as they are written, with what is in them.
func (p drawing) tabLabels() [groupsTabs]string {
	labels := [groupsTabs]string{" members ", " moves ", " observed "}
	if p.moving.to > 0 {
		labels[tabMoves] = " moves " + p.atLeast(p.complete()) + text.Count(int64(len(p.moving.moves))) + " "
	}
	if n := len(p.seen.list); n > 0 {
		labels[tabObserved] = " observed " + text.Count(int64(n)) + " "
	}
	return labels
}

func (p drawing) tabs(w int) string {
	line := text.Spaces(groupsTabsLeft)
	for tab, label := range p.tabLabels() {
		pen := p.theme.Tab
		if groupsTab(tab) == p.tab {
			pen = p.theme.TabOn
		}
		line += pen.Paint(label) + " "
	}
	return text.Fit(line, w)
}

// tabAt returns the tab at a column of the tabs' line.
func (p drawing) tabAt(x int) (groupsTab, bool) {
	left := groupsTabsLeft
	for tab, label := range p.tabLabels() {
		if x >= left && x < left+text.Width(label) {
			return groupsTab(tab), true
		}
		left += text.Width(label) + 1
	}
	return 0, false
}

// atLeast says so where a number comes from a scan that saw not all.
func (p drawing) atLeast(complete bool) string {
	if complete {
		return ""
	}
	return "at least "
}

// listRow is a line of the list of categories.
func (p drawing) listRow(row int, cells []grid.Cell) {
	c := p.counts[row]
	cells[0].Text = c.Category
	cells[1] = grid.Cell{Text: text.Count(c.StreamCount), Pen: p.theme.Muted}
	cells[2] = grid.Cell{Text: text.Count(c.MessageCount)}
}

// movedRow is a line of the streams that move.
func (p drawing) movedRow(row int, cells []grid.Cell) {
	m := p.moving.moves[row]
	cells[0].Text = m.stream
	cells[1] = grid.Cell{Text: strconv.Itoa(m.from), Pen: p.theme.Muted}
	cells[2].Text = strconv.Itoa(m.to)
	cells[3] = grid.Cell{Text: text.Count(m.messages), Pen: p.theme.Muted}
}

// Chrome implements [page.Pane].
func (p *groups) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{"Groups"}, Count: p.focused().Status(), AsOf: p.tab == tabObserved}
	if p.key != "" {
		c.Crumbs = append(c.Crumbs, p.key, members(p.size))
	}
	if p.find != "" {
		c.Chips = append(c.Chips, "filter "+p.find)
	}
	if n := len(p.scan.streams); p.scan.reading() && n > 0 {
		chip := "reading " + text.Count(int64(n))
		if count := p.count(); count != nil {
			chip += " of " + text.Count(count.StreamCount)
		}
		c.Chips = append(c.Chips, chip+" streams")
	}
	if p.tab == tabMoves && p.place.category == p.key && !p.drawing().exact() && !p.scan.reading() {
		c.Chips = append(c.Chips, "streams as of "+text.Ago(p.asks.scanned, env.Now))
	}
	if p.plain {
		c.Chips = append(c.Chips, "counted here: not offered by this server")
	}
	if p.fault != "" {
		c.Chips = append(c.Chips, p.fault)
	}
	switch a := p.drawing().areas(env.Width, env.Height); {
	case a.stacked:
		c.Bars = []int{a.list.H}
	case a.list.W > 0 && a.detail.X > 0:
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
