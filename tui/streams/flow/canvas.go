package flow

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// canvas is a drawing in cells.
type canvas struct {
	w     int
	cells [][]cell
}

// cell is one cell of it.
type cell struct {
	arms  uint8  // the lines that leave it
	text  string // instead of lines; of a longer one in its first cell
	cont  bool   // a text that began before covers it
	arc   int    // whose it is, as far as it is one's: the heavier one's
	owned bool
}

// The arms of a cell.
const (
	armUp uint8 = 1 << iota
	armDown
	armLeft
	armRight
)

func newCanvas(w int) *canvas { return &canvas{w: w} }

func (c *canvas) at(x, y int) *cell {
	for len(c.cells) <= y {
		c.cells = append(c.cells, make([]cell, c.w))
	}
	if x < 0 || x >= c.w {
		return &cell{} // beside the drawing
	}
	return &c.cells[y][x]
}

// line adds arms to a cell. Arcs come in the order of their weight, so that a
// crossing is the first one's.
func (c *canvas) line(x, y int, arms uint8, arc int) {
	k := c.at(x, y)
	if k.arms |= arms; !k.owned {
		k.arc, k.owned = arc, true
	}
}

// down draws a vertical line from y to before end.
func (c *canvas) down(x, y, end, arc int) {
	for ; y < end; y++ {
		c.line(x, y, armUp|armDown, arc)
	}
}

// write puts an inert text of so many cells there.
func (c *canvas) write(x, y int, s string, wide, arc int) {
	for i := range wide {
		k := c.at(x+i, y)
		*k = cell{cont: true, arc: arc, owned: arc >= 0}
		if i == 0 {
			k.cont, k.text = false, s
		}
	}
}

// rename gives the arcs of the cells other numbers.
func (c *canvas) rename(to func(arc int) int) {
	for y := range c.cells {
		for x := range c.cells[y] {
			if k := &c.cells[y][x]; k.owned {
				k.arc = to(k.arc)
			}
		}
	}
}

// sign is what the arms of a cell look like.
func sign(arms uint8, ascii bool) string {
	if ascii {
		switch arms {
		case 0:
			return " "
		case armUp, armDown, armUp | armDown:
			return "|"
		case armLeft, armRight, armLeft | armRight:
			return "-"
		}
		return "+"
	}
	return string([]rune(" ││││┘┐┤─└┌├─┴┬┼")[arms])
}

// render paints a row.
func (c *canvas) render(y int, t page.Theme, pen func(k *cell) text.Pen) string {
	var b strings.Builder
	var run strings.Builder
	var on text.Pen
	flush := func() {
		if run.Len() > 0 {
			b.WriteString(on.Paint(run.String()))
			run.Reset()
		}
	}
	for x := range c.cells[y] {
		k := &c.cells[y][x]
		if k.cont {
			continue
		}
		s := k.text
		if s == "" {
			s = sign(k.arms, t.Sym.ASCII)
		}
		if p := pen(k); p != on {
			flush()
			on = p
		}
		run.WriteString(s)
	}
	flush()
	return b.String()
}
