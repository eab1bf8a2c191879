package servers

import (
	"cmp"
	"fmt"
	"math"
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

// The columns of the list, in their order.
const (
	colServer = iota
	colHealth
	colRate
	colPast
	colP99
	colLag
	colStalls
	colDisk
	colVersion
	colSeen
)

func columns() []grid.Column {
	return []grid.Column{
		colServer:  {Title: "server", Min: 10, Flex: 1, Max: 24},
		colHealth:  {Title: "health", Min: 12, Flex: 3, Max: 60},
		colRate:    {Title: "w/s", Min: 7, Right: true},
		colPast:    {Title: "last minute", Min: 12, Flex: 1, Max: 60, Priority: 3},
		colP99:     {Title: "p99", Min: 8, Right: true, Priority: 1},
		colLag:     {Title: "worst lag", Min: 9, Right: true},
		colStalls:  {Title: "stalls", Min: 6, Right: true, Priority: 2},
		colDisk:    {Title: "disk left", Min: 9, Right: true, Priority: 4},
		colVersion: {Title: "version", Min: 8, Max: 16, Priority: 5},
		colSeen:    {Title: "seen", Min: 8, Right: true},
	}
}

// detailHeight is how many lines the server under the cursor has below the list.
const detailHeight = 5

// View implements [page.Pane].
func (p *servers) View(env page.Env, w, h int) string {
	if p.theme.Serial != env.Theme.Serial {
		p.theme = env.Theme
		kit.RestyleGrid(p.grid, env.Theme)
	}
	p.now = env.Now
	room := h
	if h >= detailHeight+5 {
		room = h - detailHeight
	}
	p.grid.SetSize(w, room)
	lines := append([]string(nil), p.grid.Lines()...)
	if room < h {
		lines = append(lines, p.detail(w, detailHeight)...)
	}
	return strings.Join(lines, "\n")
}

// cells fills a row. What is too old to be taken for now is greyed.
func (p *servers) cells(i int, cells []grid.Cell) {
	if i >= len(p.rows) {
		return
	}
	r, t := p.rows[i], &p.theme
	figure := t.Text
	if !r.fresh(p.now) {
		figure = t.Faint
	}
	name := r.Name
	if r.Here && name != "here" {
		name += " (here)"
	}
	cells[colServer] = grid.Cell{Text: name, Pen: t.Title}
	cells[colHealth] = p.health(r)
	cells[colRate] = grid.Cell{Text: unknownRate(r.record.Rate()), Pen: figure}
	cells[colPast] = grid.Cell{Text: p.past(r), Pen: figure}
	cells[colP99] = grid.Cell{Text: p99(&r.record), Pen: figure}
	cells[colLag] = grid.Cell{Text: lag(&r.record), Pen: figure}
	cells[colStalls] = stalls(r, t, figure)
	cells[colDisk] = grid.Cell{Text: disk(&r.record), Pen: figure}
	if free, size := r.record.Disk(); wire.DiskLow(free, size) && r.fresh(p.now) {
		cells[colDisk].Pen = t.Warn
	}
	cells[colVersion] = grid.Cell{Text: cmp.Or(r.record.Version, "?"), Pen: t.Muted}
	cells[colSeen] = grid.Cell{Text: p.seen(r), Pen: t.Muted}
}

// health is a server's state with its sign.
func (p *servers) health(r *row) grid.Cell {
	t, s := &p.theme, r.record.State(p.now)
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

func unknownRate(perSecond float64) string {
	if math.IsNaN(perSecond) {
		return "?"
	}
	return text.PerSecond(perSecond)
}

// past is the minute's sparkline, without colour: the cell brings it.
func (p *servers) past(r *row) string {
	n := min(max(p.grid.Width(colPast), 1), int(fleet.Window/time.Second))
	rates := r.record.Rates(n)
	s := chart.Spark{Values: rates, ASCII: p.theme.Sym.ASCII, Blocks: p.theme.Sym.Blocks}
	if top := page.Max(rates); top > 0 {
		s.Max = top * 8 / 7 // below the cell's edge, or rows would touch
	}
	return s.Line(n)
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

func stalls(r *row, t *page.Theme, pen text.Pen) grid.Cell {
	seconds, now, known := r.record.Stalls()
	switch {
	case !known:
		return grid.Cell{Text: "?", Pen: pen}
	case now > 0:
		return grid.Cell{Text: "! " + strconv.Itoa(seconds) + " s", Pen: t.Bad}
	case seconds > 0:
		return grid.Cell{Text: strconv.Itoa(seconds) + " s", Pen: t.Warn}
	}
	return grid.Cell{Text: "0", Pen: pen}
}

func disk(r *fleet.Record) string {
	free, size := r.Disk()
	if size == 0 {
		return "?"
	}
	return text.Bytes(float64(free))
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

// compare orders rows by a column; what is not known comes below the rest.
func (p *servers) compare(a, b *row, column int) int {
	x, y := &a.record, &b.record
	switch column {
	case colHealth:
		return cmp.Compare(x.State(p.now).Status, y.State(p.now).Status)
	case colRate, colPast:
		return cmp.Compare(x.Rate(), y.Rate()) // cmp puts NaN first
	case colP99:
		return cmp.Compare(x.P99(), y.P99())
	case colLag:
		return cmp.Compare(behind(x), behind(y))
	case colStalls:
		return cmp.Compare(stalled(x), stalled(y))
	case colDisk:
		return cmp.Compare(left(x), left(y))
	case colVersion:
		return strings.Compare(x.Version, y.Version)
	case colSeen:
		return x.Answered.Compare(y.Answered)
	}
	return strings.Compare(a.Name, b.Name)
}

func behind(r *fleet.Record) int64 {
	if r.Lag == nil {
		return -1
	}
	return r.Lag.Behind
}

func stalled(r *fleet.Record) int {
	seconds, _, known := r.Stalls()
	if !known {
		return -1
	}
	return seconds
}

func left(r *fleet.Record) int64 {
	free, size := r.Disk()
	if size == 0 {
		return -1
	}
	return free
}

// detail says of the server under the cursor what the list has no room for, in
// exactly h lines.
func (p *servers) detail(w, h int) []string {
	r, t := p.chosen(), &p.theme
	lines := []string{t.Border.Paint(strings.Repeat(t.Sym.Horizontal, w))}
	if r == nil {
		return append(lines, kit.BlankLines(w, h-1)...)
	}
	head := r.Name + "  " + r.URL
	if r.record.Backend != "" {
		head += "  " + r.record.Backend
	}
	lines = append(lines, t.Title.Paint(text.Fit(" "+text.Sanitize(head), w)))
	state := p.health(r)
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
	lines = lines[:min(len(lines), h)]
	return append(lines, kit.BlankLines(w, h-len(lines))...)
}
