package chart

import (
	"math"
	"time"
	"unicode/utf8"

	"github.com/evtui/evtui/internal/text"
)

// line returns one finished line: label, axis, drawing.
func (p *plot) line(y int) string {
	c := p.chart
	dst := make([]byte, 0, 4*p.w+64)
	label, tick := p.label(y)
	if p.axis > 0 {
		mark := "│"
		switch {
		case c.ASCII:
			mark = "|"
		case tick:
			mark = "┤"
		}
		label = text.FitLeft(label, p.axis-2)
		if c.ASCII {
			label = text.Plain(label)
		}
		dst = c.AxisPen.Append(dst, label+" "+mark)
	}
	cursor := -1
	if c.Cursor >= 0 && c.Cursor < p.slots {
		cursor = p.dotColumn(c.Cursor) / p.across
	}
	var run []byte
	var pen text.Pen
	for x := range p.w {
		r, cell := p.glyph(x, y, x == cursor, tick && p.axis > 0)
		if cell != pen {
			dst = pen.Append(dst, string(run))
			run, pen = run[:0], cell
		}
		run = utf8.AppendRune(run, r)
	}
	return string(pen.Append(dst, string(run)))
}

// asciiDots are the marks of the series in ASCII.
const asciiDots = "*+ox#@"

// glyph returns what stands in a cell of the drawing.
func (p *plot) glyph(x, y int, cursor, tick bool) (rune, text.Pen) {
	c := p.chart
	cell := y*p.w + x
	if p.dots[cell] != 0 {
		series := int(p.owner[cell])
		pen := c.Series[series].Pen
		if cursor {
			pen = pen.Over(c.CursorPen)
		}
		switch {
		case c.ASCII:
			return rune(asciiDots[series%len(asciiDots)]), pen
		case c.Blocks:
			return halves[p.dots[cell]], pen
		}
		return 0x2800 + rune(p.dots[cell]), pen
	}
	switch {
	case cursor && c.ASCII:
		return '|', c.CursorPen
	case cursor:
		return '│', c.CursorPen
	case tick && !c.ASCII && x%4 == 1:
		return '·', c.AxisPen
	}
	return ' ', text.Pen{}
}

// label returns the y label of a line, if one falls on it.
func (p *plot) label(y int) (label string, ok bool) {
	for i := 0; ; i++ {
		v := p.bottom + float64(i)*p.step
		if v > p.top*(1+1e-9) && v > 0 {
			return "", false
		}
		if p.h == 1 {
			return p.unit(p.top), true
		}
		if int(p.dotRow(v))/p.down == y {
			return p.unit(v), true
		}
		if i > 20 {
			return "", false
		}
	}
}

// timeSteps are the distances that time labels may stand apart.
var timeSteps = [...]time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// times returns the line of time labels: round times, as many as have room.
func (p *plot) times() string {
	c := p.chart
	row := []byte(text.Spaces(p.axis + p.w))
	step, format := p.timeStep()
	_, zone := c.End.Zone()
	local := c.End.Unix() + int64(zone)
	seconds := int64(step / time.Second)
	free := 0 // the first cell that a label may take
	var marks []int64
	for at := local - local%seconds; len(marks) < p.w; at -= seconds {
		before := int((local - at) * int64(time.Second) / int64(c.Step))
		if before >= p.slots {
			break
		}
		marks = append(marks, at)
	}
	for i := len(marks) - 1; i >= 0; i-- {
		before := int((local - marks[i]) * int64(time.Second) / int64(c.Step))
		label := time.Unix(marks[i], 0).UTC().Format(format)
		x := p.axis + p.dotColumn(before)/p.across - len(label)/2
		x = min(x, len(row)-len(label))
		if x >= max(free, 0) && len(label) <= len(row) {
			copy(row[x:], label)
			free = x + len(label) + 1
		}
	}
	return c.AxisPen.Paint(string(row))
}

func (p *plot) timeStep() (time.Duration, string) {
	a := float64(p.slots) * float64(p.chart.Step) / float64(p.w) // time a cell stands for
	for _, step := range timeSteps {
		format := "15:04:05"
		if step >= time.Minute {
			format = "15:04"
		}
		if float64(step) >= math.Max(a*float64(len(format)+4), 1) {
			return step, format
		}
	}
	return timeSteps[len(timeSteps)-1], "15:04"
}
