package tui

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// How much of a difference is shown of what is the same.
const (
	diffContext = 2   // lines around each difference
	diffBeside  = 100 // from this width on, the sides stand beside each other
)

// comparison is two messages beside each other, or the first of them while the
// second is looked for.
type comparison struct {
	left, right *store.Message // right is nil until there is one
	lines       []diffLine
	shown       []diffLine
	differences int
	all         bool // what is the same is not folded
	beside      bool // how shown was made
	grid        *grid.Grid
	theme       page.Theme
}

// on reports whether the comparison is what is on the screen.
func (c *comparison) on() bool { return c.right != nil }

// mark takes a message: the first one, the first one back, or the second.
func (c *comparison) mark(t *page.Turn, m *store.Message) {
	switch {
	case m == nil:
		t.Toast(page.LevelWarn, "v compares messages: put the cursor on one")
	case c.left == nil:
		c.left = m
		t.Toast(page.LevelInfo, "marked %s %s; v on another message shows the difference", m.Stream, crumbOf(m))
	case c.left.ID == m.ID:
		c.left = nil
		t.Toast(page.LevelInfo, "mark taken back")
	default:
		*c = comparison{left: c.left, right: m, lines: diffMessages(c.left, m)}
		for i := range c.lines {
			if c.starts(c.lines, i) {
				c.differences++
			}
		}
		c.grid = grid.New(grid.Options{Row: c.cells})
		c.layout(false)
	}
}

// close goes back to looking for messages.
func (c *comparison) close() { *c = comparison{} }

// chip names the first message while the second is looked for.
func (c *comparison) chip() string {
	if c.left == nil || c.on() {
		return ""
	}
	return "compare " + c.left.Stream + " " + crumbOf(c.left) + " with"
}

// layout makes the rows for a width.
func (c *comparison) layout(beside bool) {
	c.beside = beside
	c.shown = c.shown[:0]
	for _, l := range c.folded() {
		if beside || l.state != diffChanged {
			c.shown = append(c.shown, l)
			continue
		}
		c.shown = append(c.shown, diffLine{depth: l.depth, left: l.left, state: diffRemoved},
			diffLine{depth: l.depth, right: l.right, state: diffAdded})
	}
	c.grid.SetColumns(c.columns(beside))
	c.grid.SetLen(len(c.shown), false)
	c.grid.Changed()
}

func (c *comparison) columns(beside bool) []grid.Column {
	side := func(m *store.Message) string { return m.Stream + " " + crumbOf(m) }
	if !beside {
		return []grid.Column{{Min: 1}, {Title: side(c.left) + " - + " + side(c.right), Min: 20, Flex: 1, Wide: dataBytes}}
	}
	return []grid.Column{
		{Min: 1}, {Title: side(c.left), Min: 20, Flex: 1, Wide: dataBytes}, {Title: side(c.right), Min: 20, Flex: 1, Wide: dataBytes},
	}
}

// folded returns the lines with those that are the same, and far from any
// difference, folded.
func (c *comparison) folded() []diffLine {
	if c.all {
		return c.lines
	}
	near := make([]bool, len(c.lines))
	for i, l := range c.lines {
		if l.state == diffSame {
			continue
		}
		for j := max(i-diffContext, 0); j <= min(i+diffContext, len(c.lines)-1); j++ {
			near[j] = true
		}
	}
	var out []diffLine
	for i := 0; i < len(c.lines); i++ {
		end := i
		for end < len(c.lines) && !near[end] {
			end++
		}
		if end-i > 1 {
			out = append(out, diffLine{depth: c.lines[i].depth, same: end - i})
			i = end - 1
			continue
		}
		out = append(out, c.lines[i])
	}
	return out
}

// starts reports whether a difference begins at a line.
func (c *comparison) starts(lines []diffLine, i int) bool {
	differs := func(l diffLine) bool { return l.state != diffSame && l.state != diffHead }
	return differs(lines[i]) && (i == 0 || !differs(lines[i-1]))
}

func (c *comparison) cells(i int, cells []grid.Cell) {
	if i >= len(c.shown) {
		return
	}
	t, l := c.theme, c.shown[i]
	sign, left, right := " ", t.Text, t.Text
	switch l.state {
	case diffChanged:
		sign, left, right = "~", t.Bad, t.Good
	case diffRemoved:
		sign, left = "-", t.Bad
	case diffAdded:
		sign, right = "+", t.Good
	case diffHead:
		left, right = t.Title, t.Title
	}
	indent := strings.Repeat("  ", min(l.depth, 30))
	if l.same > 0 {
		words := indent + t.Sym.Dots + " " + text.Count(int64(l.same)) + " lines are the same"
		cells[1] = grid.Cell{Text: words, Pen: t.Faint}
		return
	}
	cells[0] = grid.Cell{Text: sign, Pen: t.Warn}
	if c.beside {
		cells[1] = grid.Cell{Text: indented(indent, l.left), Pen: left}
		cells[2] = grid.Cell{Text: indented(indent, l.right), Pen: right}
		return
	}
	if cells[1] = (grid.Cell{Text: indented(indent, l.left), Pen: left}); l.state == diffAdded {
		cells[1] = grid.Cell{Text: indented(indent, l.right), Pen: right}
	}
}

func indented(indent, s string) string {
	if s == "" {
		return ""
	}
	return indent + s
}

// act does what can be done in a difference, and reports whether it did.
func (c *comparison) act(a page.Action) bool {
	switch a {
	case page.ActOut, page.ActCompare:
		c.close()
	case page.ActFold, page.ActFoldAll, page.ActOpen:
		c.all = !c.all
		c.layout(c.beside)
	case page.ActNextMatch:
		c.step(1)
	case page.ActPrevMatch:
		c.step(-1)
	default:
		return moveGrid(c.grid, a)
	}
	return true
}

// step goes to the next difference, around the end.
func (c *comparison) step(n int) {
	for i := range c.shown {
		at := ((c.grid.Cursor()+(i+1)*n)%len(c.shown) + len(c.shown)) % len(c.shown)
		if c.starts(c.shown, at) {
			c.grid.SetCursor(at)
			return
		}
	}
}

// bindings lists what can be done in a difference.
func (c *comparison) bindings() []page.Binding {
	return append([]page.Binding{
		page.Bind(page.ActOut, "back to the messages", "out"), page.Bind(page.ActNextMatch, "next difference", "next"),
		page.Bind(page.ActPrevMatch, "difference before", "previous"), page.Bind(page.ActFold, "fold or unfold what is the same", "fold"),
		page.Bind(page.ActFoldAll, "", ""), page.Bind(page.ActOpen, "fold or unfold what is the same", ""), page.Bind(page.ActCompare, "back to the messages", ""),
		page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""),
	}, page.Movement()...)
}

// view draws the difference in exactly h lines of w cells.
func (c *comparison) view(env page.Env, w, h int) []string {
	if c.theme.Serial != env.Theme.Serial {
		c.theme = env.Theme
		restyleGrid(c.grid, env.Theme)
	}
	if beside := w >= diffBeside; beside != c.beside || len(c.shown) == 0 {
		c.layout(beside)
	}
	c.grid.SetSize(w, h)
	return c.grid.Lines()
}

// count says how many differences there are.
func (c *comparison) count() string {
	if c.differences == 1 {
		return "1 difference"
	}
	return text.Count(int64(c.differences)) + " differences"
}
