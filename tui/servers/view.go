package servers

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/fleet"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// columns are those of the list. What is too old to be taken for now is greyed; in the order
// of a column, what is not known comes below the rest.
func (p *servers) columns() []kit.Column[*row] {
	figure := func(say func(*fleet.Record) string) func(*page.Theme, *row) grid.Cell {
		return func(t *page.Theme, r *row) grid.Cell { return grid.Cell{Text: say(&r.record), Pen: p.figurePen(t, r)} }
	}
	rate := kit.By(func(r *row) float64 { return r.record.Rate() }) // cmp puts NaN first
	return []kit.Column[*row]{
		{Title: "server", Min: 10, Flex: 1, Max: 24, Cell: name, Order: kit.By(func(r *row) string { return r.Name })},
		{
			Title: "health", Min: 12, Flex: 3, Max: 60, Cell: p.health,
			Order: kit.By(func(r *row) fleet.Status { return r.record.State(p.now).Status }),
		},
		{Title: "w/s", Min: 7, Right: true, Cell: figure(unknownRate), Order: rate},
		{Title: "last minute", Min: 12, Flex: 1, Max: 60, Priority: 3, Drawn: p.past, Order: rate},
		{Title: "p99", Min: 8, Right: true, Priority: 1, Cell: figure(p99), Order: kit.By(func(r *row) float64 { return r.record.P99() })},
		{Title: "worst lag", Min: 9, Right: true, Cell: figure(lag), Order: kit.By(behind)},
		{Title: "stalls", Min: 6, Right: true, Priority: 2, Cell: p.stalls, Order: kit.By(stalled)},
		{Title: "disk left", Min: 9, Right: true, Priority: 4, Cell: p.disk, Order: kit.By(left)},
		{
			Title: "version", Min: max(p.versions, minVersion), Priority: 5, Text: func(r *row) string { return cmp.Or(r.record.Version, "?") }, Muted: true,
			Order: kit.By(func(r *row) string { return r.record.Version }),
		},
		{
			Title: "seen", Min: 8, Right: true, Text: p.seen, Muted: true,
			Order: func(a, b *row) int { return a.record.Answered.Compare(b.record.Answered) },
		},
	}
}

// The cells that versions have.
const (
	minVersion = 8
	maxVersion = 16
)

// fitVersions gives the versions the room that they need.
func (p *servers) fitVersions() {
	wide := 0
	for _, r := range p.rows {
		wide = max(wide, min(text.Width(text.Sanitize(r.record.Version)), maxVersion))
	}
	if wide != p.versions {
		p.versions = wide
		p.list.SetColumns(p.columns())
	}
}

// detailHeight is how many lines the server under the cursor has below the list.
const detailHeight = 5

// View implements [page.Pane].
func (p *servers) View(env page.Env, w, h int) string {
	p.now = env.Now
	room := h
	if h >= detailHeight+5 {
		room = h - detailHeight
	}
	lines := slices.Clone(p.list.View(&env.Theme, w, room))
	if room < h {
		lines = append(lines, p.detail(&env.Theme, w, detailHeight)...)
	}
	return strings.Join(lines, "\n")
}

// figurePen is the pen of what a server measured.
func (p *servers) figurePen(t *page.Theme, r *row) text.Pen {
	if !r.fresh(p.now) {
		return t.Faint
	}
	return t.Text
}

func name(t *page.Theme, r *row) grid.Cell {
	name := r.Name
	if r.Here && name != "here" {
		name += " (here)"
	}
	return grid.Cell{Text: name, Pen: t.Title}
}

// health is a server's state with its sign.
func (p *servers) health(t *page.Theme, r *row) grid.Cell {
	s := r.record.State(p.now)
	switch s.Status {
	case fleet.Healthy:
		return grid.Cell{Text: t.Sym.Up + " " + s.Words, Pen: t.Good}
	case fleet.Limited:
		return grid.Cell{Text: t.Sym.Up + " " + s.Words, Pen: t.Text}
	case fleet.Asking:
		return grid.Cell{Text: t.Sym.Dots + " " + s.Words, Pen: t.Muted}
	case fleet.Warned:
		return grid.Cell{Text: "! " + s.Words, Pen: t.Warn}
	case fleet.Failing:
		return grid.Cell{Text: t.Sym.Cross + " " + s.Words, Pen: t.Bad}
	}
	return grid.Cell{Text: t.Sym.Down + " " + s.Words, Pen: t.Bad}
}

func unknownRate(r *fleet.Record) string {
	if perSecond := r.Rate(); !math.IsNaN(perSecond) {
		return text.PerSecond(perSecond)
	}
	return "?"
}

// past is the minute's sparkline, without colour: the cell brings it.
func (p *servers) past(t *page.Theme, r *row, w int) grid.Cell {
	n := min(max(w, 1), int(fleet.Window/time.Second))
	rates := r.record.Rates(n)
	s := chart.Spark{Values: rates, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks}
	if top := page.Max(rates); top > 0 {
		s.Max = top * 8 / 7 // below the cell's edge, or rows would touch
	}
	return grid.Cell{Text: s.Line(n), Pen: p.figurePen(t, r)}
}

// p99 is a dash where nothing was written, and ? where nothing is known.
func p99(r *fleet.Record) string {
	if _, known := r.Sample(); !known {
		return "?"
	}
	if worst := r.P99(); !math.IsNaN(worst) {
		return text.Nanos(worst)
	}
	return "–"
}

// lag is a dash where no consumer was seen.
func lag(r *fleet.Record) string {
	switch {
	case r.Lag != nil:
		return r.Lag.String()
	case r.Lagged && r.Refused == "":
		return "–"
	}
	return "?"
}

func (p *servers) stalls(t *page.Theme, r *row) grid.Cell {
	seconds, now, known := r.record.Stalls()
	switch {
	case !known:
		return grid.Cell{Text: "?", Pen: p.figurePen(t, r)}
	case now > 0:
		return grid.Cell{Text: "! " + strconv.Itoa(seconds) + " s", Pen: t.Bad}
	case seconds > 0:
		return grid.Cell{Text: strconv.Itoa(seconds) + " s", Pen: t.Warn}
	}
	return grid.Cell{Text: "0", Pen: p.figurePen(t, r)}
}

func (p *servers) disk(t *page.Theme, r *row) grid.Cell {
	free, size := r.record.Disk()
	switch {
	case size == 0:
		return grid.Cell{Text: "?", Pen: p.figurePen(t, r)}
	case wire.DiskLow(free, size) && r.fresh(p.now):
		return grid.Cell{Text: text.Bytes(float64(free)), Pen: t.Warn}
	}
	return grid.Cell{Text: text.Bytes(float64(free)), Pen: p.figurePen(t, r)}
}

// seen dates the row.
func (p *servers) seen(r *row) string {
	switch {
	case r.record.Answered.IsZero():
		return "never"
	case r.fresh(p.now):
		return "now"
	}
	return text.Ago(r.record.Answered, p.now)
}

func behind(r *row) int64 {
	if l := r.record.Lag; l != nil {
		return l.Behind
	}
	return -1
}

func stalled(r *row) int {
	seconds, _, known := r.record.Stalls()
	if !known {
		return -1
	}
	return seconds
}

func left(r *row) int64 {
	free, size := r.record.Disk()
	if size == 0 {
		return -1
	}
	return free
}

// detail says of the server under the cursor what the list has no room for, in
// exactly h lines.
func (p *servers) detail(t *page.Theme, w, h int) []string {
	r, ok := p.list.Chosen()
	lines := []string{t.Border.Paint(strings.Repeat(t.Sym.Horizontal, w))}
	if !ok {
		return append(lines, kit.BlankLines(w, h-1)...)
	}
	head := r.Name + "  " + r.URL
	if r.record.Backend != "" {
		head += "  " + r.record.Backend
	}
	lines = append(lines, t.Title.Paint(text.Fit(" "+text.Sanitize(head), w)))
	state := p.health(t, r)
	if detail := r.record.State(p.now).Detail; detail != "" {
		state.Text += ", " + detail
	}
	for _, line := range text.Wrap(text.Sanitize(state.Text), max(w-2, 1)) {
		lines = append(lines, state.Pen.Paint(text.Fit(" "+line, w)))
	}
	if l := r.record.Lag; l != nil {
		lines = append(lines, t.Muted.Paint(text.Fit(" worst lag "+l.String()+" messages: "+text.Sanitize(consumer(l)), w)))
	}
	if free, size := r.record.Disk(); size > 0 {
		lines = append(lines, t.Muted.Paint(text.Fit(fmt.Sprintf(" disk left %s of %s", text.Bytes(float64(free)), text.Bytes(float64(size))), w)))
	}
	if len(p.rows) == 1 && len(lines) < h {
		lines = append(lines, t.Muted.Paint(text.Fit(" more servers: add [contexts.NAME] with a url to the configuration file", w)))
	}
	return kit.Filled(lines, w, h)
}
