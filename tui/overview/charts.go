package overview

import (
	"math"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/page"
)

func appendsOf(s *page.Second) float64 { return s.Appends }
func readsOf(s *page.Second) float64   { return s.Reads }
func toldOf(s *page.Second) float64    { return s.Announced }
func p50Of(s *page.Second) float64     { return s.P50 }
func p99Of(s *page.Second) float64     { return s.P99 }
func heapOf(s *page.Second) float64    { return s.Heap }

func collected(s *page.Second) string {
	switch {
	case math.IsNaN(s.GCs):
		return "GC " + text.Unknown
	case s.GCs == 0:
		return "no GC"
	}
	return "GC " + text.Short(s.GCs) + "/s, paused " + text.Nanos(s.GCPause)
}

// rateOf writes a rate that may not be known.
func rateOf(v float64) string { return text.IfKnown(v, text.Rate) }

// perSecond is the same without its unit, which the head says.
func perSecond(v float64) string { return text.IfKnown(v, text.PerSecond) }

// curve is one line of a panel.
type curve struct {
	name string
	of   func(*page.Second) float64
	pen  int // index into the theme's Series
	fill bool
}

// panel is one chart with its title.
type panel struct {
	curves []curve
	unit   func(float64) string      // of y labels
	value  func(float64) string      // of the title's figures
	top    float64                   // least upper end of the y axis
	also   func(*page.Second) string // what the title says besides; nil: nothing
	dated  bool                      // the title says when the greatest value was, for :at
}

// panels is how the figures are put together on charts: fewer charts where
// there are fewer lines.
func panels(h int) []panel {
	writes := curve{"appended", appendsOf, 0, false}
	reads := curve{"read", readsOf, 2, false}
	latency := panel{
		curves: []curve{{"write p99", p99Of, 1, false}, {"p50", p50Of, 2, false}},
		unit:   text.Nanos, value: text.Nanos, top: 1e6, dated: true,
	}
	heap := panel{curves: []curve{{"Go heap", heapOf, 3, false}}, unit: text.Bytes, value: text.Bytes, top: 1e6, also: collected}
	rate := func(curves ...curve) panel {
		return panel{curves: curves, unit: text.Short, value: rateOf, top: 10}
	}
	switch {
	case h >= 28:
		writes.fill, reads.fill = true, true
		return []panel{rate(writes), rate(reads), rate(curve{"announced", toldOf, 4, true}), latency, heap}
	case h >= 22:
		writes.fill, reads.fill = true, true
		return []panel{rate(writes), rate(reads), latency, heap}
	case h >= 12:
		return []panel{rate(writes, reads), latency, heap}
	case h >= 7:
		return []panel{rate(writes, reads), latency}
	}
	return []panel{rate(writes, reads)}
}

// laneHeight is what the lane of events and the line that explains it take.
const laneHeight = 2

// charts stacks the panels on one time axis in exactly h lines, and under them,
// if asked for, the lane of events on the same axis.
func (d *overviewDrawing) charts(w, h int, lane bool) []string {
	if lane {
		h -= laneHeight
	}
	list := panels(h)
	d.page.lent = 0
	slots := spans()[d.page.span]
	built := make([]chart.LineChart, len(list))
	plotted := h - len(list) - 1 // less a title each and the time labels
	axis := 0
	heights := share(plotted, len(list))
	for i, p := range list {
		built[i] = d.build(p, slots)
		axis = max(axis, built[i].YAxisWidth(heights[i]))
	}
	if lane {
		axis = max(axis, text.Width(laneLabel)+2) // it begins where the titles do
	}
	var lines []string
	for i, p := range list {
		c := &built[i]
		c.YWidth = axis + 1
		rows := heights[i]
		if c.HideX = i < len(list)-1; !c.HideX {
			rows++
		}
		lines = append(lines, d.title(p, c, w))
		lines = append(lines, c.Lines(w, rows)...)
		if lane && i == len(list)-1 {
			lines = append(lines, d.lane(c, w, rows)...)
		}
		d.page.axis = timeAxis{chart: *c, w: w, rows: rows, lines: h}
		d.page.axis.chart.Series = nil // its values are not kept
	}
	return lines
}

// scratch lends room for a curve's values until the page is drawn anew: an hour
// of them a curve would be most of what a frame allocates.
func (p *overview) scratch(n int) []float64 {
	if p.lent == len(p.room) {
		p.room = append(p.room, make([]float64, page.HistorySeconds))
	}
	p.lent++
	return p.room[p.lent-1][:n]
}

// share divides n lines between k panels, the first ones getting one more.
func share(n, k int) []int {
	out := make([]int, k)
	for i := range out {
		out[i] = n / k
		if i < n%k {
			out[i]++
		}
	}
	return out
}

func (d *overviewDrawing) build(p panel, slots int) chart.LineChart {
	c := chart.LineChart{
		Slots: slots, Unit: p.unit, Top: p.top, Cursor: d.cursor, ASCII: d.theme.Sym.ASCII, Blocks: d.theme.Sym.Blocks,
		End: time.Unix(d.past.Last.Index, 0).In(d.zone), Step: time.Second,
		AxisPen: d.theme.Faint, CursorPen: d.theme.Selected,
	}
	for _, curve := range p.curves {
		c.Series = append(c.Series, chart.Series{
			Name: curve.name, Values: d.past.ValuesInto(d.page.scratch(slots), curve.of), Pen: d.theme.Series[curve.pen], Fill: curve.fill,
		})
	}
	return c
}

// title is a panel's legend: each curve with its value at the cursor, and at
// the right end the greatest one on the axis, of all curves.
func (d *overviewDrawing) title(p panel, c *chart.LineChart, w int) string {
	x, ok := d.shown()
	line := ""
	sign := "━ "
	if d.theme.Sym.ASCII {
		sign = "- "
	}
	for i, curve := range p.curves {
		value := "–"
		if ok {
			value = p.value(curve.of(&x))
		}
		if i > 0 {
			line += "   "
		}
		line += d.theme.Series[curve.pen].Paint(sign) + d.theme.Muted.Paint(curve.name) + " " + d.theme.Title.Paint(value)
	}
	if p.also != nil && ok {
		line += "   " + d.theme.Muted.Paint(p.also(&x))
	}
	line = " " + line
	for _, peak := range p.peaks(c) {
		if room := w - text.Width(line) - text.Width(peak); room > 2 {
			return line + text.Spaces(room) + d.theme.Faint.Paint(peak)
		}
	}
	return text.Fit(line, w)
}

// peaks words the greatest value of a panel's curves, the longest wording
// first. The latest of equal ones is dated.
func (p panel) peaks(c *chart.LineChart) []string {
	values := c.Series[0].Values
	greatest := page.Max(values)
	for _, s := range c.Series[1:] {
		if m := page.Max(s.Values); !math.IsNaN(m) && !(greatest >= m) {
			values, greatest = s.Values, m
		}
	}
	short := "max " + p.value(greatest)
	if !p.dated || math.IsNaN(greatest) {
		return []string{short + " "}
	}
	last := len(values) - 1
	i := last
	for values[i] != greatest {
		i--
	}
	at := c.End.Add(time.Duration(i-last) * c.Step)
	return []string{short + " at " + at.Format(time.TimeOnly) + " ", short + " "}
}
