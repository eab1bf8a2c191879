package flame

import (
	"strings"

	"github.com/evtui/evtui/tui/text"
)

// Lines draws the graph: exactly the height's number of lines of exactly the
// width's number of cells.
func (g *Graph) Lines() []string {
	g.layOut()
	lines := make([]string, g.h)
	for y := range lines {
		switch {
		case y >= len(g.rows):
			lines[y] = text.Spaces(g.w)
		case g.paint.plain():
			lines[y] = g.plainLine(g.rows[y])
		default:
			lines[y] = g.line(g.rows[y])
		}
	}
	return lines
}

// line draws a row of bars in colours.
func (g *Graph) line(row []bar) string {
	steps := g.paint.steps
	dst := make([]byte, 0, 2*g.w+64*len(row))
	next := 0 // in row: the first bar that does not end left of x
	for x := 0; x < g.w; {
		for next < len(row) && row[next].x1 <= x*steps {
			next++
		}
		if next == len(row) {
			dst = append(dst, text.Spaces(g.w-x)...)
			break
		}
		b := row[next]
		switch {
		case b.x0 >= (x+1)*steps: // nothing up to the bar's first cell
			to := min(b.x0/steps, g.w)
			dst = append(dst, text.Spaces(to-x)...)
			x = to
		case b.x0 <= x*steps && b.x1 >= (x+1)*steps:
			to := min(b.x1/steps, g.w)
			dst = g.paint.ink(b.fill).Append(dst, g.label(b, to-x))
			x = to
		default:
			dst = g.edge(dst, row[next:], x)
			x++
		}
	}
	return string(dst)
}

// blocks fill a cell from the left, by eighths.
var blocks = [...]string{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// edge draws a cell in which bars begin or end: the best that two colours and
// one border between them can do.
func (g *Graph) edge(dst []byte, row []bar, x int) []byte {
	steps := g.paint.steps
	var cell [8]int
	fills := cell[:steps]
	for i := range fills {
		fills[i] = none
	}
	for _, b := range row {
		if b.x0 >= (x+1)*steps {
			break
		}
		for at := max(b.x0, x*steps); at < min(b.x1, (x+1)*steps); at++ {
			fills[at-x*steps] = b.fill
		}
	}
	border, left, right := split(fills)
	if border == 0 {
		if right == none {
			return append(dst, ' ')
		}
		return g.paint.ink(right).Append(dst, " ")
	}
	return g.paint.pen(left, right).Append(dst, blocks[border*8/steps])
}

// split finds the border and the two fills beside it that get the most steps
// of a cell right. A border of 0 leaves the whole cell to the right fill.
func split(fills []int) (border, left, right int) {
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
	best := -1
	for at := range fills {
		if at > 0 && fills[at] == fills[at-1] {
			continue // a border inside a fill is never better than at its ends
		}
		l, lefts := most(fills[:at])
		r, rights := most(fills[at:])
		if lefts+rights > best {
			best, border, left, right = lefts+rights, at, l, r
		}
	}
	return border, left, right
}

// most returns the fill that occurs most often, the first of equals.
func most(fills []int) (fill, count int) {
	fill = none
	for i, f := range fills {
		if i > 0 && f == fills[i-1] {
			continue // counted already
		}
		n := 0
		for _, other := range fills {
			if other == f {
				n++
			}
		}
		if n > count {
			fill, count = f, n
		}
	}
	return fill, count
}

// plainLine draws a row without colours: a mark where each bar begins.
func (g *Graph) plainLine(row []bar) string {
	dst := make([]byte, 0, 2*g.w)
	x := 0
	for _, b := range row {
		if b.x1 <= x || b.x0 >= g.w {
			continue
		}
		dst = append(dst, text.Spaces(b.x0-x)...)
		mark := "▏"
		if g.paint.s.ASCII {
			mark = "|"
		}
		pen := g.paint.s.TextPen
		switch {
		case b.node < 0:
			pen = g.paint.s.FaintPen
		case b.node == g.cursor:
			pen = g.paint.s.CursorPen
		case g.matched(b.node):
			pen = g.paint.s.MatchPen
		}
		dst = pen.Append(dst, mark+g.label(b, b.x1-b.x0-1))
		x = b.x1
	}
	return string(append(dst, text.Spaces(g.w-x)...))
}

// label is a bar's name in exactly w cells, as long a form as there is room
// for; a cut one only where enough is left to tell.
func (g *Graph) label(b bar, w int) string {
	if w <= 0 {
		return ""
	}
	if b.node < 0 {
		return g.restLabel(w)
	}
	name := g.tree.Name(b.node)
	sign := g.sign(b.node)
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
	shown = text.Fit(shown, w)
	if g.paint.s.ASCII {
		shown = strings.ReplaceAll(shown, "…", "~")
	}
	return shown
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
