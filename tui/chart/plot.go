package chart

import (
	"math"

	"github.com/evtui/evtui/internal/text"
)

// plot is one drawing under way. Dots are numbered from the upper left.
type plot struct {
	chart        *LineChart
	w, h         int // cells of the drawing, without labels
	axis         int // cells of the y labels
	across, down int // dots a cell
	slots        int
	last         int64 // absolute index of the last slot
	edge         int   // what brings that slot's column to the right edge

	bottom, top, step float64 // of the y axis
	perRow            float64 // rows of dots for a unit of the y axis

	dots      []uint8 // by cell: a mask of braille, or of upper and lower half, or 1 in ASCII
	owner     []int8  // by cell: the series that was drawn last
	low, high []int32 // by dot column: what the series at hand covers
}

// scale chooses round bounds for the y axis.
func (p *plot) scale() {
	least, most := 0.0, p.chart.Top
	for i := range p.chart.Series {
		for _, v := range p.chart.Series[i].Values {
			if v < least && !math.IsInf(v, 0) {
				least = v
			}
			if v > most && !math.IsInf(v, 0) {
				most = v
			}
		}
	}
	if most <= 0 && least == 0 {
		most = 1
	}
	// Of about as many labels as there is room for, those that waste least.
	labels := min(max((p.h+1)/3, 1), 5)
	p.top = math.Inf(1)
	for n := max(labels-1, min(labels, 2)); n <= max(labels, (p.h-1)/2); n++ {
		step := roundUp((most - least) / float64(n))
		if top := step * math.Ceil(most/step-1e-9); top < p.top {
			p.step, p.top, p.bottom = step, top, step*math.Floor(least/step+1e-9)
		}
		if n > labels {
			break
		}
	}
	p.perRow = float64(p.h*p.down-1) / (p.top - p.bottom)
}

// roundUp returns the least round number, a power of ten times one of these,
// that is not below v.
func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range [...]float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

func (p *plot) unit(v float64) string {
	if math.Abs(v) < p.step*1e-9 {
		return "0"
	}
	if p.chart.Unit != nil {
		return p.chart.Unit(v)
	}
	return text.Short(v)
}

func (p *plot) labelWidth() int {
	widest := 0
	for i := 0; p.bottom+float64(i)*p.step <= p.top*(1+1e-9); i++ {
		widest = max(widest, text.Width(p.unit(p.bottom+float64(i)*p.step)))
	}
	return widest
}

// dotRow returns the row of dots that a value stands on.
func (p *plot) dotRow(v float64) int32 {
	// The half is what rounds: the conversion cuts, and is many times faster
	// than math.Round.
	y := (p.top-v)*p.perRow + 0.5
	if !(y > 0) {
		return 0
	}
	return int32(min(y, float64(p.h*p.down-1)))
}

// dotColumn returns the column of dots of the slot that many before the last.
// Slots fall on columns by their absolute index, so that a value keeps its
// neighbours while the chart moves on.
func (p *plot) dotColumn(before int) int {
	return p.edge + int(p.column(p.last-int64(before)))
}

func (p *plot) column(index int64) int64 {
	return floorDiv(index*int64(p.w*p.across), int64(p.slots))
}

// steps walks from slot to slot and knows the column of each: an hour has more
// slots than divisions are cheap.
type steps struct{ column, rest, across, slots int64 }

func (p *plot) steps(index int64) steps {
	s := steps{across: int64(p.w * p.across), slots: int64(p.slots)}
	s.column = floorDiv(index*s.across, s.slots)
	s.rest = index*s.across - s.column*s.slots
	return s
}

func (s *steps) step() {
	for s.rest += s.across; s.rest >= s.slots; s.rest -= s.slots {
		s.column++
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (p *plot) trace(s *Series, index int) {
	for x := range p.low {
		p.low[x], p.high[x] = math.MaxInt32, -1
	}
	atX, atY := -1, int32(-1) // the value before; -1: a gap
	count := min(len(s.Values), p.slots+1)
	at := p.steps(p.last - int64(count-1))
	for i, v := range s.Values[len(s.Values)-count:] {
		if i > 0 {
			at.step()
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			atX = -1
			continue
		}
		x, y := p.edge+int(at.column), p.dotRow(v)
		if x >= 0 {
			p.join(atX, atY, x, y)
		}
		atX, atY = x, y
	}
	floor := p.dotRow(0)
	for x := range p.low {
		low, high := p.low[x], p.high[x]
		if high < 0 {
			continue
		}
		if s.Fill {
			low, high = min(low, floor), max(high, floor)
		}
		for y := low; y <= high; y++ {
			p.dot(x, int(y), index)
		}
	}
}

// join covers the dots from one value to the next: in each column of dots
// those that the line between them passes.
func (p *plot) join(x0 int, y0 int32, x1 int, y1 int32) {
	p.cover(x1, y1, y1)
	if x0 < 0 {
		return
	}
	if x0 == x1 {
		p.cover(x1, min(y0, y1), max(y0, y1))
		return
	}
	slope := float64(y1-y0) / float64(x1-x0)
	from := y0
	for x := x0; x < x1; x++ {
		// Each column takes the line up to half way to the next one.
		half := y0 + int32(math.Round(slope*(float64(x-x0)+0.5)))
		p.cover(x, min(from, half), max(from, half))
		from = half
	}
	p.cover(x1, min(from, y1), max(from, y1))
}

func (p *plot) cover(x int, low, high int32) {
	p.low[x] = min(p.low[x], low)
	p.high[x] = max(p.high[x], high)
}

// braille holds the bit of each dot of a cell, by row and column.
var braille = [4][2]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// halves are the blocks by their mask: upper half, lower half, both.
var halves = [4]rune{' ', '▀', '▄', '█'}

func (p *plot) dot(x, y, series int) {
	cell := y/p.down*p.w + x/p.across
	switch {
	case p.chart.ASCII:
		p.dots[cell] = 1
	case p.chart.Blocks:
		p.dots[cell] |= 1 << (y % p.down)
	default:
		p.dots[cell] |= braille[y%p.down][x%p.across]
	}
	p.owner[cell] = int8(series)
}
