package tui

import (
	"cmp"
	"maps"
	"slices"

	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/text"
)

// categories lists the busiest categories, one a line, in exactly h lines.
func (d *overviewDrawing) categories(w, h int) []string {
	lines := make([]string, h)
	for i := range lines {
		lines[i] = text.Spaces(w)
	}
	if h == 0 {
		return lines
	}
	b, t := &d.page.busy, d.theme
	lines[0] = t.Title.Paint(text.Fit(" busiest", w))
	if note := d.busyNote(); note != "" {
		if h > 1 {
			lines[1] = t.Muted.Paint(text.Fit(" "+note, w))
		}
		return lines
	}
	const figures = 10
	name := max(min(w/3, 20), 6)
	spark := max(w-name-2*figures-5, 0)
	if spark < 4 {
		name, spark = max(w-2*figures-4, 4), -1 // no gap for it either
	}
	head := text.Fit(" busiest categories", name+spark+2) + " " + text.FitLeft("per second", figures) + " " + text.FitLeft("messages", figures)
	lines[0] = t.Title.Paint(text.Fit(head, w))
	for i, track := range b.ranked {
		if i+1 >= h {
			break
		}
		rate := text.Rate(track.rate())
		pen := t.Muted
		if track.lately() > 0 {
			pen = t.Text
		}
		line := " " + pen.Paint(text.Fit(text.Sanitize(track.category), name)) + " "
		if spark > 0 {
			line += d.spark(track, spark) + " "
		}
		line += t.Title.Paint(text.FitLeft(rate, figures)) + " " + t.Muted.Paint(text.FitLeft(text.Count(track.messages), figures))
		lines[i+1] = text.Fit(line, w)
	}
	return lines
}

// side is the column beside the charts: the categories, and under them, where
// there is room, what the methods did in the last second.
func (d *overviewDrawing) side(w, h int) []string {
	methods := d.methods(w)
	upper := h - len(methods)
	if len(methods) == 0 || upper < min(len(d.page.busy.ranked), 5)+2 {
		return d.categories(w, h)
	}
	upper = min(upper, max(len(d.page.busy.ranked), 1)+1)
	lines := append(d.categories(w, upper), methods...)
	for len(lines) < h {
		lines = append(lines, text.Spaces(w))
	}
	return lines
}

// methods lists what was called in the last second, most called first.
func (d *overviewDrawing) methods(w int) []string {
	t, methods := d.theme, d.page.live.Sample.Methods
	if len(methods) == 0 || w < 40 {
		return nil
	}
	names := slices.SortedFunc(maps.Keys(methods), func(a, b string) int {
		return cmp.Or(cmp.Compare(methods[b].Calls, methods[a].Calls), cmp.Compare(a, b))
	})
	names = names[:min(len(names), 8)]
	figures := 4
	if w < 56 {
		figures = 3
	}
	name := w - figures*9 - 2
	row := func(first string, cells ...string) string {
		line := " " + text.Fit(first, name)
		for _, c := range cells[:figures] {
			line += text.FitLeft(c, 9)
		}
		return text.Fit(line, w)
	}
	lines := []string{text.Spaces(w), t.Title.Paint(row("methods now", "calls", "p50", "p99", "max"))}
	for _, n := range names {
		m := methods[n]
		lines = append(lines, t.Text.Paint(row(text.Sanitize(n), text.Count(int64(m.Calls+0.5)),
			nanos(float64(m.P50)), nanos(float64(m.P99)), nanos(float64(m.Max)))))
	}
	return lines
}

// busyNote says why there is no list, "" when there is one.
func (d *overviewDrawing) busyNote() string {
	b := &d.page.busy
	switch {
	case b.looked.IsZero():
		return "counting" + d.theme.Sym.Ellipsis
	case b.categories > busyMost:
		return text.Count(int64(b.categories)) + " categories are too many to follow; see Streams"
	case b.categories == 0:
		return "none yet; type :load 10 to fill it"
	}
	return ""
}

// ticker is the busiest categories in one line.
func (d *overviewDrawing) ticker(w int) string {
	t := d.theme
	line, used := t.Muted.Paint(" busiest"), 8
	if note := d.busyNote(); note != "" {
		return t.Muted.Paint(text.Fit(" "+note, w))
	}
	const spark = 8
	for _, track := range d.page.busy.ranked {
		name, rate := text.Truncate(text.Sanitize(track.category), 16), text.Rate(track.rate())
		n := 3 + text.Width(name) + 1 + spark + 1 + text.Width(rate)
		if used+n > w {
			break
		}
		line += "   " + name + " " +
			d.spark(track, spark) + " " + t.Title.Paint(rate)
		used += n
	}
	return text.Fit(line, w)
}

// spark draws a category's rates. The greatest stays below the cell's edge, so
// that sparklines of two lines never touch.
func (d *overviewDrawing) spark(track *track, w int) string {
	s := chart.Spark{Values: track.rates, Pen: d.theme.Series[0], ASCII: d.theme.Sym.ASCII}
	if top := most(track.rates[max(len(track.rates)-w, 0):]); top > 0 {
		s.Max = top * 8 / 7
	}
	return s.Line(w)
}
