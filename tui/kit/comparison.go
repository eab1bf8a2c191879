package kit

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

// Comparison is two messages beside each other, or the first of them while the
// second is looked for.
type Comparison struct {
	Left, right *store.Message // right is nil until there is one
	names       [2]string      // of the sides
	lines       []diffLine
	shown       []diffLine
	differences int
	all         bool // what is the same is not folded
	beside      bool // how shown was made
	Grid        *grid.Grid
	theme       page.Theme
}

// On reports whether the comparison is what is on the screen.
func (c *Comparison) On() bool { return c.right != nil }

// Mark takes a message: the first one, the first one back, or the second.
func (c *Comparison) Mark(t *page.Turn, m *store.Message) {
	switch {
	case m == nil:
		t.Toast(page.LevelWarn, "v compares messages: move the cursor to one")
	case c.Left == nil:
		c.Left = m
		t.Toast(page.LevelInfo, "marked %s %s; v on another message shows the difference", m.Stream, CrumbOf(m))
	case c.Left.ID == m.ID:
		c.Left = nil
		t.Toast(page.LevelInfo, "unmarked")
	default:
		d := diffMessages(c.Left, m)
		*c = Comparison{Left: c.Left, right: m, lines: d.lines, differences: d.places}
		c.names = [2]string{c.Left.Stream + " " + CrumbOf(c.Left), m.Stream + " " + CrumbOf(m)}
		c.begin()
	}
}

// begin makes the rows of what is compared.
func (c *Comparison) begin() {
	c.Grid = grid.New(grid.Options{Row: c.cells})
	c.layout(false)
}

// CompareJSON compares two documents, named for the heads.
func CompareJSON(leftName, rightName string, left, right []byte) *Comparison {
	d := &differ{}
	d.document("", left, right)
	c := &Comparison{names: [2]string{leftName, rightName}, lines: d.lines[1:], differences: d.places} // without the head of a document's name
	c.begin()
	return c
}

// Close goes back to looking for messages.
func (c *Comparison) Close() { *c = Comparison{} }

// Chip names the first message while the second is looked for.
func (c *Comparison) Chip() string {
	if c.Left == nil || c.On() {
		return ""
	}
	return "compare " + c.Left.Stream + " " + CrumbOf(c.Left) + " with"
}

// layout makes the rows for a width.
func (c *Comparison) layout(beside bool) {
	c.beside = beside
	c.shown = c.shown[:0]
	for _, l := range c.folded() {
		if beside || l.state != diffChanged {
			c.shown = append(c.shown, l)
			continue
		}
		c.shown = append(c.shown, diffLine{depth: l.depth, left: l.left, state: diffRemoved, place: l.place},
			diffLine{depth: l.depth, right: l.right, state: diffAdded, place: l.place})
	}
	c.Grid.SetColumns(c.columns(beside))
	c.Grid.SetLen(len(c.shown), false)
	c.Grid.Changed()
}

func (c *Comparison) columns(beside bool) []grid.Column {
	if !beside {
		return []grid.Column{{Min: 1}, {Title: c.names[0] + " - + " + c.names[1], Min: 20, Flex: 1, Wide: DataBytes}}
	}
	return []grid.Column{
		{Min: 1}, {Title: c.names[0], Min: 20, Flex: 1, Wide: DataBytes}, {Title: c.names[1], Min: 20, Flex: 1, Wide: DataBytes},
	}
}

// folded returns the lines with those that are the same, and far from any
// difference, folded.
func (c *Comparison) folded() []diffLine {
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
func (c *Comparison) starts(i int) bool {
	return c.shown[i].place > 0 && (i == 0 || c.shown[i-1].place != c.shown[i].place)
}

func (c *Comparison) cells(i int, cells []grid.Cell) {
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
		words := indent + t.Sym.Dots + " " + text.Count(int64(l.same)) + " identical lines"
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

// Act does what can be done in a difference, and reports whether it did.
func (c *Comparison) Act(a page.Action) bool {
	switch a {
	case page.ActOut, page.ActCompare:
		c.Close()
	case page.ActFold, page.ActFoldAll, page.ActOpen:
		c.all = !c.all
		c.layout(c.beside)
	case page.ActNextMatch:
		c.Grid.Seek(1, c.starts)
	case page.ActPrevMatch:
		c.Grid.Seek(-1, c.starts)
	default:
		return MoveGrid(c.Grid, a)
	}
	return true
}

// Bindings lists what can be done in a difference.
func (c *Comparison) Bindings() []page.Binding {
	return append([]page.Binding{
		page.Bind(page.ActOut, "back to the messages", "out"), page.Bind(page.ActNextMatch, "next difference", "next"),
		page.Bind(page.ActPrevMatch, "previous difference", "previous"), page.Bind(page.ActFold, "fold or unfold identical lines", "fold"),
		page.Bind(page.ActFoldAll, "", ""), page.Bind(page.ActOpen, "fold or unfold identical lines", ""), page.Bind(page.ActCompare, "back to the messages", ""),
		page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""),
	}, page.Movement()...)
}

// View draws the difference in exactly h lines of w cells.
func (c *Comparison) View(env page.Env, w, h int) []string {
	if c.theme.Serial != env.Theme.Serial {
		c.theme = env.Theme
		RestyleGrid(c.Grid, env.Theme)
	}
	if beside := w >= diffBeside; beside != c.beside || len(c.shown) == 0 {
		c.layout(beside)
	}
	c.Grid.SetSize(w, h)
	return c.Grid.Lines()
}

// Count says how many differences there are.
func (c *Comparison) Count() string {
	if c.differences == 1 {
		return "1 difference"
	}
	return text.Count(int64(c.differences)) + " differences"
}
