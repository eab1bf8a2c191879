package overview

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// side is the column beside the charts: who is busy, and under it, where there
// is room, what the methods did in the last second.
func (d *overviewDrawing) side(w, h int) []string {
	methods := d.methods(w)
	upper := h - len(methods)
	need := 1 + max(len(d.categoryRows()), 1)
	if n := len(d.namespaceRows()); n > 0 {
		need += 2 + min(n, 5)
	}
	if len(methods) == 0 || upper < min(need, 7) {
		return d.categories(w, h)
	}
	upper = min(upper, need)
	lines := append(d.categories(w, upper), methods...)
	return append(lines, kit.BlankLines(w, h-len(lines))...)
}

// methods lists what was called in the last second, most called first.
func (d *overviewDrawing) methods(w int) []string {
	t, methods := d.theme, d.page.live.Sample.Methods
	if len(methods) == 0 || w < 40 || d.cursor >= 0 {
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
			text.Nanos(float64(m.P50)), text.Nanos(float64(m.P99)), text.Nanos(float64(m.Max)))))
	}
	return lines
}

// overviewMemo is the page as it was drawn last, and for what.
type overviewMemo struct {
	version, serial, w, h int
	lost                  string // of page.Live
	view                  string
}

// View implements [page.Pane].
func (p *overview) View(env page.Env, w, h int) string {
	m := overviewMemo{version: p.version, serial: env.Theme.Serial, w: w, h: h, lost: env.Live.Lost, view: p.memo.view}
	if m == p.memo {
		return m.view
	}
	d := p.drawing(env)
	m.view = strings.Join(d.lines(w, h), "\n")
	p.memo = m
	return m.view
}

// Chrome implements [page.Pane].
func (p *overview) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{"Overview"}, Chips: []string{"last " + spanName(spans()[p.span])}, AsOf: true}
	_, known := env.Second()
	c.Chip(!known && !env.At.IsZero(), "no sample")
	c.Chip(p.fault != "", p.fault)
	c.Chip(env.Past.Fault != "", env.Past.Fault)
	if list := busyWidth(env.Width); list > 0 && p.noFigures(&env) == "" {
		c.Rules = []int{env.Width - list - 1}
	}
	return c
}

func spanName(seconds int) string { return strconv.Itoa(seconds/60) + "m" }

// noFigures says why there are no charts, "" when there are.
func (p *overview) noFigures(env *page.Env) string {
	switch {
	case !env.Past.Empty():
		return ""
	case p.live.NoFigures != "":
		return p.live.NoFigures
	case env.Live.Lost != "":
		return "no samples: " + env.Live.Lost
	}
	return "no samples yet: the server takes one per second"
}

// overviewDrawing is one drawing of the page under way.
type overviewDrawing struct {
	page   *overview
	env    page.Env
	past   *page.Past
	cursor int // seconds before the newest; -1: live
	theme  page.Theme
	zone   *time.Location
	newest int64 // when the newest sample was, in nanoseconds
}

func (p *overview) drawing(env page.Env) overviewDrawing {
	return overviewDrawing{
		page: p, env: env, past: env.Past, cursor: p.cursor(&env), theme: env.Theme,
		zone: env.Now.Location(), newest: env.Past.Last.At.UnixNano(),
	}
}

// busyWidth is the width of the categories beside the charts; 0: none.
func busyWidth(w int) int {
	if w < 96 {
		return 0
	}
	return min(w*2/5, 60)
}

// lines lays the page out by size: totals above, charts on one time axis, the
// categories beside or below them; where charts have no room, figures alone.
func (d *overviewDrawing) lines(w, h int) []string {
	reason := d.page.noFigures(&d.env)
	side := busyWidth(w)
	switch {
	case w < 1 || h < 1:
		return nil
	case reason != "":
		return d.without(reason, w, h)
	case h < 8 || w < 30:
		return d.figures(w, h)
	case side > 0:
		left := d.column(w-side-1, h, false)
		right := d.side(side, h)
		rule := d.theme.Border.Paint(d.theme.Sym.Vertical)
		for i := range left {
			left[i] += rule + right[i]
		}
		return left
	}
	return d.column(w, h, h >= 12)
}

// column is totals, the engine's health, charts with the lane of events and, if
// asked for, a line of categories.
func (d *overviewDrawing) column(w, h int, ticker bool) []string {
	lines := []string{d.totals(w)}
	if line := d.health(w); line != "" && (h >= 14 || d.ails()) {
		lines = append(lines, line)
	}
	room := h - len(lines)
	if ticker {
		room--
	}
	lines = append(lines, d.charts(w, room, h >= 16)...)
	if ticker {
		lines = append(lines, d.ticker(w))
	}
	return lines
}

// without is the page where there are no figures: the categories at least.
func (d *overviewDrawing) without(reason string, w, h int) []string {
	lines := []string{d.totals(w), d.theme.Warn.Paint(text.Fit(" "+text.Sanitize(reason), w))}
	lines = append(lines[:min(h, 2)], d.categories(w, max(h-2, 0))...)
	return lines[:h]
}

// totals is the line of what there is, widest form first.
func (d *overviewDrawing) totals(w int) string {
	b, t := &d.page.busy, d.theme
	var parts []kit.Counted
	switch {
	case d.cursor >= 0: // what there was then is not kept
		parts = append(parts, kit.Counted{Figure: "then", Label: d.env.AsOf()})
	case b.looked.IsZero():
		return t.Muted.Paint(text.Fit(" "+d.env.Pending("counting"), w))
	default:
		parts = []kit.Counted{
			{Figure: text.About(b.messages, b.estimated), Label: text.Plural(b.messages, "message")},
			{Figure: text.About(b.streams, b.estimated), Label: text.Plural(b.streams, "stream")},
			{Figure: text.Count(int64(b.categories)), Label: text.Plural(int64(b.categories), "category")},
		}
	}
	if x, ok := d.shown(); ok {
		parts = append(parts,
			kit.Counted{Figure: text.Count(int64(x.Subscribers)), Label: text.Plural(int64(x.Subscribers), "subscription")},
			kit.Counted{Figure: text.Count(int64(x.Connections)), Label: text.Plural(int64(x.Connections), "connection")})
		if x.Errors > 0 {
			parts = append(parts, kit.Counted{Figure: text.Rate(x.Errors), Label: "errors"})
		}
	}
	if started := d.page.live.Info.StartedAt; d.cursor < 0 && !started.IsZero() && d.env.Now.After(started) {
		parts = append(parts, kit.Counted{Figure: "up", Label: text.Duration(d.env.Now.Sub(started).Truncate(time.Second))})
	}
	return kit.CountedLine(t, parts, w)
}

// shown is the second under the time cursor, or the newest one.
func (d *overviewDrawing) shown() (page.Second, bool) { return d.env.Second() }

// figures is the page of a very small screen: a figure a line, with what room
// there is for its past.
func (d *overviewDrawing) figures(w, h int) []string {
	x, known := d.shown()
	if !known {
		none := math.NaN()
		x.Appends, x.Reads, x.P99, x.P50, x.Heap = none, none, none, none, none
	}
	rows := []struct {
		name, value string
		of          func(*page.Second) float64
	}{
		{d.env.Live.WriteUnit(), perSecond(x.Appends), appendsOf},
		{"r/s", perSecond(x.Reads), readsOf},
		{"p99", text.Nanos(x.P99), p99Of},
		{"p50", text.Nanos(x.P50), p50Of},
		{"heap", text.Bytes(x.Heap), heapOf},
	}
	lines := make([]string, h)
	for i := range lines {
		lines[i] = text.Spaces(w)
		if i >= len(rows) {
			continue
		}
		r := rows[i]
		head := text.PadRight(r.name, 5)
		line := d.theme.Muted.Paint(head) + d.theme.Title.Paint(text.FitLeft(r.value, 8))
		if room := w - 14; room > 0 {
			spark := chart.Spark{Values: d.past.Values(room, r.of), Pen: d.theme.Series[i], ASCII: d.theme.Sym.ASCII, Blocks: d.theme.Sym.Blocks}
			line += " " + spark.Line(room)
		}
		lines[i] = text.Fit(line, w)
	}
	return lines
}
