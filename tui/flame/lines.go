package flame

import (
	"slices"
	"strings"

	"github.com/evtui/evtui/internal/text"
)

// Lines draws the graph: exactly the height's number of lines of exactly the
// width's number of cells. A line without the cursor is drawn once.
func (g *Graph) Lines() []string {
	rows := g.rows()
	for len(g.lines) < len(g.levels) {
		g.lines = append(g.lines, "")
	}
	lines := make([]string, g.h)
	cursor := g.level(g.cursor)
	for y := range lines {
		level := g.offset + y
		switch {
		case y >= len(rows):
			lines[y] = text.Spaces(g.w)
		case level == cursor:
			lines[y] = g.draw(g.underCursor(rows[y]))
		default:
			if g.lines[level] == "" {
				g.lines[level] = g.draw(rows[y])
			}
			lines[y] = g.lines[level]
		}
	}
	return lines
}

// underCursor returns the row with the cursor's bar in the cursor's colour.
func (g *Graph) underCursor(row []bar) []bar {
	row = slices.Clone(row)
	for i := range row {
		if int(row[i].node) == g.cursor {
			row[i].fill = g.paint.cursor
		}
	}
	return row
}

func (g *Graph) draw(row []bar) string {
	if g.paint.plain() {
		return g.plainLine(row)
	}
	return g.line(row)
}

func (g *Graph) line(row []bar) string {
	steps := g.paint.steps
	dst := g.ink[:0]
	next := 0 // in row: the first bar that does not end left of x
	for x := 0; x < g.w; {
		from, to := int32(x*steps), int32((x+1)*steps)
		for next < len(row) && row[next].x1 <= from {
			next++
		}
		if next == len(row) {
			dst = append(dst, text.Spaces(g.w-x)...)
			break
		}
		b := row[next]
		switch {
		case b.x0 >= to: // nothing up to the bar's first cell
			to := min(int(b.x0)/steps, g.w)
			dst = append(dst, text.Spaces(to-x)...)
			x = to
		case b.x0 <= from && b.x1 >= to:
			to := min(int(b.x1)/steps, g.w)
			dst = g.paint.inks[b.fill].Append(dst, g.label(b, to-x))
			x = to
		default:
			dst = g.edge(dst, row[next:], x)
			x++
		}
	}
	g.ink = dst
	return string(dst)
}

// blocks fill a cell from the left, by eighths.
var blocks = [...]string{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// edge draws a cell in which bars begin or end: the best that two colours and
// one border between them can do.
func (g *Graph) edge(dst []byte, row []bar, x int) []byte {
	steps := g.paint.steps
	cell := [8]int32{none, none, none, none, none, none, none, none}
	fills := cell[:steps]
	from, to := int32(x*steps), int32((x+1)*steps)
	for _, b := range row {
		if b.x0 >= to {
			break
		}
		for at := max(b.x0, from); at < min(b.x1, to); at++ {
			fills[at-from] = b.fill
		}
	}
	border, left, right := split(fills)
	if border == 0 {
		if right == none {
			return append(dst, ' ')
		}
		return g.paint.inks[right].Append(dst, " ")
	}
	return g.paint.pen(left, right).Append(dst, blocks[border*8/steps])
}

// split finds the border and the two fills beside it that get the most steps
// of a cell right. A border of 0 leaves the whole cell to the right fill.
func split(fills []int32) (border int, left, right int32) {
	left, right = none, fills[len(fills)-1]
	changes := 0
	for i := 1; i < len(fills); i++ {
		if fills[i] != fills[i-1] {
			changes++
			border, left = i, fills[i-1]
		}
	}
	if changes < 2 { // nearly all cells: no search
		return border, left, right
	}
	before, after := tallies(fills)
	best := -1
	for at := range fills {
		if at > 0 && fills[at] == fills[at-1] {
			continue // a border inside a fill is never better than at its ends
		}
		if right := before[at].count + after[at].count; right > best {
			best, border = right, at
		}
	}
	return border, before[border].fill, after[border].fill
}

// tally is the fill that occurs most often in a run, the first of equals.
type tally struct {
	fill  int32
	count int
}

// tallies counts the fills before and from each step of a cell on.
func tallies(fills []int32) (before, after [9]tally) {
	var (
		distinct [8]int32 // in the order in which they occur
		known    int
		which    [8]int // of distinct, by step
		left     [8]int // counts, by distinct
		right    [8]int
	)
	before[0].fill = none
	first := 0 // of distinct: what leads
	for i, f := range fills {
		k := 0
		for k < known && distinct[k] != f {
			k++
		}
		if k == known {
			distinct[k] = f
			known++
		}
		which[i] = k
		left[k]++
		if left[k] > left[first] || left[k] == left[first] && k < first {
			first = k
		}
		before[i+1] = tally{distinct[first], left[first]}
	}
	for i := len(fills) - 1; i >= 0; i-- {
		k := which[i]
		right[k]++
		after[i] = after[i+1]
		if right[k] >= after[i].count {
			after[i] = tally{fills[i], right[k]}
		}
	}
	return before, after
}

// plainLine draws a row without colours: a mark where each bar begins.
func (g *Graph) plainLine(row []bar) string {
	dst := make([]byte, 0, 2*g.w)
	x := 0
	for _, b := range row {
		x0, x1 := int(b.x0), int(b.x1)
		if x1 <= x || x0 >= g.w {
			continue
		}
		dst = append(dst, text.Spaces(x0-x)...)
		mark := "▏"
		if g.paint.s.ASCII {
			mark = "|"
		}
		pen := g.paint.s.TextPen
		switch {
		case b.node < 0:
			pen = g.paint.s.FaintPen
		case int(b.node) == g.cursor:
			pen = g.paint.s.CursorPen
		case g.matched(int(b.node)):
			pen = g.paint.s.MatchPen
		}
		dst = pen.Append(dst, mark+g.label(b, x1-x0-1))
		x = x1
	}
	return string(append(dst, text.Spaces(g.w-x)...))
}

// roomForMiddle is from how many cells on a name keeps both of its ends: less
// of them is no word any more.
const roomForMiddle = 14

// label is a bar's name in exactly w cells, as long a form as there is room
// for; a cut one only where enough is left to tell.
func (g *Graph) label(b bar, w int) string {
	if w <= 0 {
		return ""
	}
	if b.node < 0 {
		return g.restLabel(w)
	}
	name := g.tree.Name(int(b.node))
	sign := g.sign(int(b.node))
	shown := ""
	for _, short := range g.short(name) {
		shown = sign + text.Sanitize(short)
		if text.Width(shown) <= w {
			return text.PadRight(shown, w)
		}
	}
	if w < 3 {
		return text.Fit(sign, w)
	}
	end := text.Ellipsis
	if g.paint.s.ASCII {
		end = text.ASCIIEllipsis
	}
	name, room := strings.TrimPrefix(shown, sign), w-text.Width(sign) // the sign stays in front
	if room < roomForMiddle {
		return text.PadRight(sign+text.TruncateWith(name, room, end), w)
	}
	return text.PadRight(sign+text.ShortenWith(name, room, end), w)
}

func (g *Graph) restLabel(w int) string {
	dots := "⋯"
	if g.paint.s.ASCII {
		dots = "."
	}
	if w < 3 {
		return text.Spaces(w)
	}
	return text.Center(dots, w)
}

// sign tells in a difference without colour which way a node went.
func (g *Graph) sign(node int) string {
	if !g.diff {
		return ""
	}
	up, down := "▲", "▼"
	if g.paint.s.ASCII {
		up, down = "+", "-"
	}
	switch value := g.tree.Value(node); {
	case value > 0:
		return up
	case value < 0:
		return down
	default:
		return "="
	}
}
