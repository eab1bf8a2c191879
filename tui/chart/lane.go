package chart

import (
	"github.com/evtui/evtui/internal/text"
)

// Mark is something that happened in one slot of a chart's axis.
type Mark struct {
	Before int  // slots before the last one
	Sign   rune // one cell wide
	Pen    text.Pen
}

// Lane draws marks in one line of exactly w cells, each where [LineChart.Lines]
// of the same width draws its slot; label stands where the y labels do. Of the
// marks that share a cell the last one is seen. What lies beyond the axis is
// left out. Height is what the chart was drawn with: the labels' width may hang
// on it.
func (c LineChart) Lane(label string, marks []Mark, w, height int) string {
	if w <= 0 {
		return ""
	}
	p := c.frame(w, max(height, 1))
	cells := make([]Mark, p.w)
	for _, m := range marks {
		if x, ok := p.cell(m.Before); ok {
			cells[x] = m
		}
	}
	cursor := -1
	if x, ok := p.cell(c.Cursor); ok {
		cursor = x
	}
	label = text.FitLeft(label, max(p.axis-2, 0)) + text.Spaces(min(p.axis, 2))
	if c.ASCII {
		label = text.Plain(label)
	}
	dst := c.AxisPen.Append(nil, label)
	for x, m := range cells {
		switch {
		case m.Sign != 0 && x == cursor:
			dst = m.Pen.Over(c.CursorPen).Append(dst, string(m.Sign))
		case m.Sign != 0:
			dst = m.Pen.Append(dst, string(m.Sign))
		case x == cursor && c.ASCII:
			dst = c.CursorPen.Append(dst, "|")
		case x == cursor:
			dst = c.CursorPen.Append(dst, "│")
		default:
			dst = append(dst, ' ')
		}
	}
	return string(dst)
}

// Shares reports whether two slots stand in the same cell of a chart of w
// cells and that height: what a cursor on the one points at.
func (c LineChart) Shares(a, b, w, height int) bool {
	if w <= 0 {
		return false
	}
	p := c.frame(w, max(height, 1))
	x, ok := p.cell(a)
	y, also := p.cell(b)
	return ok && also && x == y
}

// SlotAt returns the slot that stands in a column of a chart of w cells and that
// height, as slots before the last one; of several the newest.
func (c LineChart) SlotAt(x, w, height int) (before int, ok bool) {
	if w <= 0 {
		return 0, false
	}
	p := c.frame(w, max(height, 1))
	for before = range p.slots {
		if at, drawn := p.cell(before); drawn && at <= x-p.axis {
			return before, at == x-p.axis || before == 0 || p.w > p.slots
		}
	}
	return 0, false
}

// cell returns the column of cells that a slot falls on.
func (p *plot) cell(before int) (x int, ok bool) {
	if before < 0 || before >= p.slots || p.w < 1 {
		return 0, false
	}
	x = p.dotColumn(before)
	if x < 0 {
		return 0, false
	}
	return min(x/p.across, p.w-1), true
}
