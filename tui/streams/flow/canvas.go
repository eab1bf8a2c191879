package flow

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
)

type canvas struct {
	w      int
	ascii  bool
	tall   bool // boxes have three lines, and not one
	cells  [][]cell
	labels map[int]int // by the arc's row of the table: the line of its label
}

type cell struct {
	arms uint8  // the lines that leave it
	text string // instead of lines; of a longer one in its first cell
	cont bool   // a text that began before covers it
	arc  *arc   // whose it is, of two the heavier one's; nil: no arc's
}

// The arms of a cell.
const (
	armUp uint8 = 1 << iota
	armDown
	armLeft
	armRight
)

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
func (c *canvas) line(x, y int, arms uint8, of *arc) {
	k := c.at(x, y)
	if k.arms |= arms; k.arc == nil {
		k.arc = of
	}
}

// down draws a vertical line from y to before end.
func (c *canvas) down(x, y, end int, of *arc) {
	for ; y < end; y++ {
		c.line(x, y, armUp|armDown, of)
	}
}

// write puts an inert text of so many cells there.
func (c *canvas) write(x, y int, s string, wide int, of *arc) {
	for i := range wide {
		*c.at(x+i, y) = cell{cont: true, arc: of}
	}
	if wide > 0 {
		*c.at(x, y) = cell{text: s, arc: of}
	}
}

// or is a sign, or what stands for it in ASCII.
func (c *canvas) or(sign, ascii string) string {
	if c.ascii {
		return ascii
	}
	return sign
}

// sign is what the arms of a cell look like.
func (c *canvas) sign(arms uint8) string {
	if c.ascii {
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

func (c *canvas) render(y int, pen func(k *cell) text.Pen) string {
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
			s = c.sign(k.arms)
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
