package tui

import (
	"cmp"
	"maps"
	"slices"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
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
