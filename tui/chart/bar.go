package chart

import (
	"math"
	"strings"

	"github.com/evtui/evtui/internal/text"
)

// Bar says what [Bar.Line] draws: one horizontal bar, in eighths of a cell.
type Bar struct {
	Value, Max float64
	Pen        text.Pen
	TrackPen   text.Pen // of the rest of the width
	Track      bool     // draw the rest as a faint track instead of spaces
	ASCII      bool
	Blocks     bool // in halves of a cell, for fonts without the other eighths
}

const eighths = " ▏▎▍▌▋▊▉"

// Line draws the bar in exactly w cells. Any value above zero shows at least
// an eighth of a cell.
func (b Bar) Line(w int) string {
	if w <= 0 {
		return ""
	}
	units, parts := 8, eighths
	full, track := "█", "·"
	switch {
	case b.ASCII:
		units, full, track = 1, "#", "."
	case b.Blocks:
		units, parts = 2, " ▌"
	}
	if !b.Track {
		track = " "
	}
	n := fraction(b.Value, b.Max, w*units)
	bar := strings.Repeat(full, n/units)
	rest := w - n/units
	if part := n % units; part > 0 {
		bar += string([]rune(parts)[part])
		rest--
	}
	return b.Pen.Paint(bar) + b.TrackPen.Paint(strings.Repeat(track, rest))
}

// fraction returns value/most of n, rounded, but at least 1 of what is there.
func fraction(value, most float64, n int) int {
	if !(value > 0) || !(most > 0) {
		return 0
	}
	return min(max(int(math.Round(math.Min(value/most, 1)*float64(n))), 1), n)
}

// Spark says what [Spark.Line] draws: a sparkline, one cell a value.
type Spark struct {
	Values []float64 // oldest first; the last stands at the right edge; NaN is a gap
	Max    float64   // the value of a full cell; 0: the greatest value
	Pen    text.Pen
	ASCII  bool
	Blocks bool // in halves of a cell, for fonts without the eighths
}

const (
	sparks      = "▁▂▃▄▅▆▇█"
	blockSparks = "_▄█"
	asciiSparks = "_.:-=+*#"
)

// Line draws the sparkline in exactly w cells. Zero is the lowest mark, a gap
// is blank.
func (s Spark) Line(w int) string {
	if w <= 0 {
		return ""
	}
	values := s.Values[max(len(s.Values)-w, 0):]
	most := s.Max
	if most == 0 {
		for _, v := range s.Values {
			if v > most && !math.IsInf(v, 0) {
				most = v
			}
		}
	}
	levels := []rune(sparks)
	switch {
	case s.ASCII:
		levels = []rune(asciiSparks)
	case s.Blocks:
		levels = []rune(blockSparks)
	}
	out := make([]rune, 0, w)
	for range w - len(values) {
		out = append(out, ' ')
	}
	for _, v := range values {
		if math.IsNaN(v) {
			out = append(out, ' ')
			continue
		}
		out = append(out, levels[fraction(v, most, len(levels)-1)])
	}
	return s.Pen.Paint(string(out))
}
