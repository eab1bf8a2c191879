package chart

import (
	"time"

	"github.com/evtui/evtui/tui/text"
)

// Series is one line of a chart.
type Series struct {
	Name   string
	Values []float64 // one a slot, oldest first; the last stands at the right edge; NaN is a gap
	Pen    text.Pen
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
	// charts the same. 0: as wide as needed.
	YWidth int
	// Cursor marks the slot that many before the last; negative: none. Note
	// that 0 marks the last slot: set -1 for none.
	Cursor int
	ASCII  bool

	AxisPen, CursorPen text.Pen
}
