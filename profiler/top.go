package profiler

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// TopOptions says which entries a table holds. The zero value is pprof's
// default: by flat, without what is below half a percent.
type TopOptions struct {
	ByCum bool // sort by cum instead of flat
	Count int  // at most N entries; 0: all
	All   bool // also what is below half a percent (pprof's -nodefraction=0 -edgefraction=0)
	// NodeFraction replaces the half percent when above 0 (0.02: two percent).
	NodeFraction float64
	Unit         string // unit to print in, such as "ms"; "": one that suits the smallest entry
}

// Row is one entry of a table.
type Row struct {
	Name   string
	Inline string // "(inline)", "(partial-inline)" or ""
	Flat   int64  // spent in the function itself
	Cum    int64  // spent in it and in all that it called
	Sum    int64  // Flat of this row and of those above it
}

// Table is the top view. It equals what `go tool pprof -top` prints.
type Table struct {
	Header []string // lines that say what was measured, when, and what was left out
	Rows   []Row
	Total  int64 // what percentages are of

	typ  ValueType
	unit string
}

// Format prints a value in the table's unit.
func (t *Table) Format(value int64) string { return scaledLabel(value, t.typ.Unit, t.unit) }

// Top sums the view up by function.
func (v *View) Top(o TopOptions) *Table {
	nodes, edges := nodeFraction, edgeFraction
	if o.NodeFraction > 0 {
		nodes = o.NodeFraction
	}
	if o.All {
		nodes, edges = 0, 0
	}
	g := v.trim(nodes, edges, o.Count, o.ByCum)
	t := &Table{Total: v.total, typ: v.typ, unit: v.unit(g.graph, o.Unit), Rows: make([]Row, 0, len(g.order))}
	inline := v.inlineLabels(g)
	var sum int64
	for _, n := range g.order {
		sum += g.flat[n]
		t.Rows = append(t.Rows, Row{Name: v.names[n], Inline: inline[n], Flat: g.flat[n], Cum: g.cum[n], Sum: sum})
	}
	t.Header = v.header(t, g, nodes)
	return t
}

// unit picks the unit to print in: that of the smallest entry, unless the
// total's is so much larger that two decimals of a larger unit show it too.
func (v *View) unit(g *graph, asked string) string {
	if asked == "" {
		asked = "minimum"
	}
	if asked != "minimum" || len(g.order) == 0 {
		return asked
	}
	var least int64
	for _, n := range g.order {
		size := abs(g.flat[n])
		if size == 0 {
			size = abs(g.cum[n])
		}
		if size > 0 && (least == 0 || size < least) {
			least = size
		}
	}
	if least == 0 {
		least = v.total
	}
	_, unit := scale(least, v.typ.Unit, "minimum")
	_, largest := scale(v.total, v.typ.Unit, "minimum")
	if unit != largest && least*100 < v.total {
		_, unit = scale(100*least, v.typ.Unit, "minimum")
	}
	if unit == "" {
		return v.typ.Unit
	}
	return unit
}

// inlineLabels says of each node whether all or some of its callers have it
// inlined, looking only at calls that are not too small.
func (v *View) inlineLabels(g trimmed) []string {
	const called, inlined = 1, 2
	seen := make([]uint8, len(v.nodes))
	for i := range g.edges.list {
		e := &g.edges.list[i]
		switch {
		case abs(e.weight) < g.edgeCutoff:
		case e.inline:
			seen[e.to] |= inlined
		default:
			seen[e.to] |= called
		}
	}
	labels := make([]string, len(v.nodes))
	for n := range labels {
		labels[n] = [...]string{inlined: "(inline)", inlined | called: "(partial-inline)"}[seen[n]]
	}
	return labels
}

// header is what pprof prints above a table.
func (v *View) header(t *Table, g trimmed, fraction float64) []string {
	lines := v.about(t.Format)
	if active := v.o.active(); len(active) > 0 {
		lines = append(lines, "Active filters:")
		for _, f := range active {
			if len(f) > 80 {
				f = f[:80] + "…"
			}
			lines = append(lines, "   "+f)
		}
	}
	var shown int64
	for _, r := range t.Rows {
		shown += r.Flat
	}
	lines = append(lines, fmt.Sprintf("Showing nodes accounting for %s, %s of %s total",
		t.Format(shown), strings.TrimSpace(Percent(shown, v.total)), t.Format(v.total)))
	if v.total == 0 {
		return lines
	}
	if g.dropped > 0 {
		noun := "node"
		if g.dropped > 1 {
			noun = "nodes"
		}
		cutoff := abs(int64(float64(v.total) * fraction))
		lines = append(lines, fmt.Sprintf("Dropped %d %s (cum <= %s)", g.dropped, noun, t.Format(cutoff)))
	}
	if n := len(t.Rows); n > 0 && n < g.nodesBefore {
		lines = append(lines, fmt.Sprintf("Showing top %d nodes out of %d", n, g.nodesBefore))
	}
	return lines
}

// about says what was measured, when and how long.
func (v *View) about(format func(int64) string) []string {
	var lines []string
	raw := v.of.raw
	if len(raw.Mapping) > 0 {
		if m := raw.Mapping[0]; m.File != "" {
			lines = append(lines, "File: "+filepath.Base(m.File))
		}
		if id := raw.Mapping[0].BuildID; id != "" {
			lines = append(lines, "Build ID: "+id)
		}
	}
	for _, c := range raw.Comments {
		if !strings.HasPrefix(c, "#") {
			lines = append(lines, c)
		}
	}
	if v.typ.Type != "" {
		lines = append(lines, "Type: "+v.typ.Type)
	}
	if raw.DocURL != "" {
		lines = append(lines, "Doc: "+raw.DocURL)
	}
	if raw.TimeNanos != 0 {
		lines = append(lines, "Time: "+time.Unix(0, raw.TimeNanos).Format("2006-01-02 15:04:05 MST"))
	}
	if d := raw.DurationNanos; d != 0 {
		share := ""
		if ns, unit := scale(v.total, v.typ.Unit, "nanoseconds"); unit == "ns" && ns != 0 {
			share = "(" + Percent(int64(ns), d) + ")"
		}
		lines = append(lines, fmt.Sprintf("Duration: %s, Total samples = %s %s",
			scaledLabel(d, "nanoseconds", "auto"), format(v.total), share))
	}
	return lines
}

// Write prints the table as `go tool pprof -top` does.
func (t *Table) Write(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, strings.Join(t.Header, "\n"))
	fmt.Fprintf(b, "%10s %5s%% %5s%% %10s %5s%%\n", "flat", "flat", "sum", "cum", "cum")
	for _, r := range t.Rows {
		inline := ""
		if r.Inline != "" {
			inline = " " + r.Inline
		}
		fmt.Fprintf(b, "%10s %s %s %10s %s  %s%s\n",
			t.Format(r.Flat), Percent(r.Flat, t.Total), Percent(r.Sum, t.Total),
			t.Format(r.Cum), Percent(r.Cum, t.Total), r.Name, inline)
	}
	return flushed(b, "top")
}

// compileSearch compiles an expression that a user gave to find functions.
func compileSearch(expr string) (*regexp.Regexp, error) {
	rx, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return rx, nil
}

// flushed writes what is left in a buffer; what names in an error what was written.
func flushed(b *bufio.Writer, what string) error {
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}
