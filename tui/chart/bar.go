package chart

import "github.com/evtui/evtui/tui/text"

// Bar says what [Bar.Line] draws: one horizontal bar, in eighths of a cell.
type Bar struct {
	Value, Max float64
	Pen        text.Pen
	TrackPen   text.Pen // of the rest of the width
	Track      bool     // draw the rest as a faint track instead of spaces
	ASCII      bool
}

// Part is one part of a [StackedBar].
type Part struct {
	Value float64
	Pen   text.Pen
}

// Spark says what [Spark.Line] draws: a sparkline, one cell a value.
type Spark struct {
	Values []float64 // oldest first; the last stands at the right edge; NaN is a gap
	Max    float64   // the value of a full cell; 0: the greatest value
	Pen    text.Pen
	ASCII  bool
}
