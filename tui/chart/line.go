package chart

import (
	"time"

	"github.com/evtui/evtui/internal/text"
)

// Series is one line of a chart.
type Series struct {
	Name   string
	Values []float64 // one a slot, oldest first; the last stands at the right edge; NaN is a gap
	Pen    text.Pen
	Fill   bool // fill the area down to zero
}

// LineChart says what [LineChart.Lines] draws. The zero value draws an empty
// frame.
type LineChart struct {
	Series []Series // drawn in this order; where two share a cell, its colour is the later one's
	Slots  int      // how many slots the width stands for; 0: as many as the longest series has
	// Unit writes a y label; nil is text.Short.
	Unit func(v float64) string
	// Top is the least value that the upper end stands for; data above it
	// raises it to a round number. The lower end is 0, or a round number below
	// the least value when that is negative.
	Top float64
	// End is the time of the last slot and Step the time from slot to slot.
	// Zero: no x axis.
	End  time.Time
	Step time.Duration
	// HideX leaves out the row of time labels, for charts stacked on one axis.
	HideX bool
	// YWidth is the width of the y labels with their axis: give all stacked
	// charts the same. 0: as wide as needed; below 3: no labels.
	YWidth int
	// Cursor marks the slot that many before the last; negative: none. Note
	// that 0 marks the last slot: set -1 for none.
	Cursor int
	ASCII  bool
	Blocks bool // draw with half blocks, two dots a cell, for fonts without braille

	AxisPen, CursorPen text.Pen
}

// least is the plot below which the labels give way.
const minWidth = 8

// Lines draws the chart: exactly h lines of exactly w cells.
func (c LineChart) Lines(w, h int) []string {
	lines := make([]string, max(h, 0))
	if w <= 0 || h <= 0 {
		return lines
	}
	p := c.plot(w, h)
	for i := range c.Series {
		p.trace(&c.Series[i], i)
	}
	for y := range p.h {
		lines[y] = p.line(y)
	}
	if p.h < h {
		lines[p.h] = p.times()
	}
	return lines
}

// YAxisWidth returns how wide the y labels with their axis are at h lines, to
// give all stacked charts the widest (see YWidth).
func (c LineChart) YAxisWidth(h int) int {
	p := plot{chart: &c, h: h}
	if c.Step > 0 && !c.HideX && h >= 3 {
		p.h--
	}
	p.scale()
	return p.labelWidth() + 2
}

// plot is a drawing of that size, with nothing drawn yet.
func (c *LineChart) plot(w, h int) *plot {
	p := c.frame(w, h)
	p.scale()
	p.dots = make([]uint8, p.w*p.h)
	p.owner = make([]int8, p.w*p.h)
	p.low = make([]int32, p.w*p.across)
	p.high = make([]int32, p.w*p.across)
	return p
}

// frame divides the size between labels and drawing and lays the slots out.
func (c *LineChart) frame(w, h int) *plot {
	p := &plot{chart: c, w: w, h: h, across: 2, down: 4}
	switch {
	case c.ASCII:
		p.across, p.down = 1, 1
	case c.Blocks:
		p.across, p.down = 1, 2
	}
	if c.Step > 0 && !c.HideX && h >= 3 {
		p.h--
	}
	if p.axis = c.YWidth; p.axis == 0 {
		p.scale()
		p.axis = p.labelWidth() + 2
	}
	if w-p.axis < minWidth || p.axis < 3 {
		p.axis = 0
	}
	p.w = w - p.axis
	p.slots = c.Slots
	for i := range c.Series {
		if c.Slots <= 0 {
			p.slots = max(p.slots, len(c.Series[i].Values))
		}
	}
	p.slots = max(p.slots, 1)
	p.last = int64(p.slots - 1)
	if c.Step > 0 {
		p.last = c.End.UnixNano() / int64(c.Step)
	}
	p.edge = p.w*p.across - 1 - int(p.column(p.last))
	return p
}
