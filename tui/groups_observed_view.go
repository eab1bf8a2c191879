package tui

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// unknown is what stands where nothing is known: never 0.
const unknown = "unknown"

// steadyLag is the change of a lag, in messages a second, that is none.
const steadyLag = 0.05

func newObservedGrid(row func(int, []grid.Cell)) *grid.Grid {
	return grid.New(grid.Options{Row: row, Columns: []grid.Column{
		{Title: "consumer", Min: 13, Flex: 2, Max: 40},
		{Title: "position", Min: 11, Right: true},
		{Title: "lag", Min: 9, Right: true},
		{Title: "trend", Min: 10, Right: true, Priority: 2},
		{Title: "caught up in", Min: 13, Right: true, Priority: 1},
		{Title: "heard of", Min: 14, Priority: 3},
		{Title: "by", Min: 15, Priority: 4},
		{Title: "from", Min: 12, Flex: 1, Max: 24, Priority: 5},
	}})
}

// observedRow is a line of the observed consumers.
func (p *groups) observedRow(row int, cells []grid.Cell) {
	t, r := p.theme, &p.seen.rows[row]
	cells[0].Text = consumerName(t, &r.GroupMember)
	cells[1] = figureCell(t.Text, t.Muted, r.Position)
	cells[2] = figureCell(t.Good, t.Muted, r.Lag)
	if r.Lag != nil && *r.Lag > 0 {
		cells[2].Pen = t.Warn
	}
	cells[3] = trendCell(t, r)
	cells[4] = catchUpCell(t, r)
	cells[5] = heardCell(t, r)
	cells[6] = grid.Cell{Text: r.Via, Pen: t.Muted}
	cells[7] = grid.Cell{Text: r.From, Pen: t.Muted}
}

func figureCell(pen, none text.Pen, n *int64) grid.Cell {
	if n == nil {
		return grid.Cell{Text: unknown, Pen: none}
	}
	return grid.Cell{Text: text.Count(*n), Pen: pen}
}

// consumerName says who it is: a member of a group of a size, or the identifier
// of whoever records its positions.
func consumerName(t page.Theme, m *wire.GroupMember) string {
	name := "member " + strconv.Itoa(m.Member) + " of " + strconv.Itoa(m.Size)
	switch {
	case m.Via == wire.ViaPosition && m.Consumer == "":
		name = "without identifier"
	case m.Via == wire.ViaPosition:
		name = m.Consumer
	}
	if m.Correlation != "" {
		name += " " + t.Sym.Dot + " of " + m.Correlation
	}
	return name
}

// trendCell says whether the lag grows.
func trendCell(t page.Theme, r *observedRow) grid.Cell {
	up, down := "▲ ", "▼ "
	if t.Sym.ASCII {
		up, down = "^ ", "v "
	}
	switch {
	case !r.trended || r.Lag == nil:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.trend > steadyLag:
		return grid.Cell{Text: up + text.Rate(r.trend), Pen: t.Warn}
	case r.trend < -steadyLag:
		return grid.Cell{Text: down + text.Rate(-r.trend), Pen: t.Good}
	}
	return grid.Cell{Text: "steady", Pen: t.Muted}
}

// catchUpCell says how long it takes, as things go, until nothing lags.
func catchUpCell(t page.Theme, r *observedRow) grid.Cell {
	switch {
	case r.Lag == nil:
		return grid.Cell{Text: unknown, Pen: t.Muted}
	case *r.Lag == 0:
		return grid.Cell{Text: "caught up", Pen: t.Good}
	case r.then || !r.trended:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.trend > steadyLag:
		return grid.Cell{Text: "falls behind", Pen: t.Warn}
	case r.trend >= -steadyLag:
		return grid.Cell{Text: "not like this", Pen: t.Warn}
	}
	seconds := math.Min(float64(*r.Lag)/-r.trend, 1e9)
	return grid.Cell{Text: text.Duration(time.Duration(seconds * float64(time.Second)).Round(time.Second)), Pen: t.Text}
}

func heardCell(t page.Theme, r *observedRow) grid.Cell {
	switch {
	case r.then:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.Connected > 0:
		return grid.Cell{Text: t.Sym.Up + " connected", Pen: t.Good}
	case r.SilentFor == nil:
		return grid.Cell{Text: "never", Pen: t.Warn}
	}
	ago := text.Duration(time.Duration(*r.SilentFor).Truncate(time.Second))
	if *r.SilentFor < int64(time.Second) {
		return grid.Cell{Text: "now", Pen: t.Good}
	}
	if r.Via == wire.ViaPosition {
		return grid.Cell{Text: "recorded " + ago + " ago", Pen: t.Muted}
	}
	return grid.Cell{Text: "silent " + ago, Pen: t.Muted}
}

// observedNote says in a line above the consumers what there is to say of all
// of them; "" for nothing.
func (p *groups) observedNote(env *page.Env) string {
	if env.At.IsZero() || len(p.seen.rows) == 0 {
		return ""
	}
	open := 0
	for i := range p.seen.rows {
		if p.seen.rows[i].Position == nil {
			open++
		}
	}
	switch {
	case p.seen.then.gen != 0:
		return "reading what the log tells of " + env.AsOf() + p.theme.Sym.Ellipsis
	case open == 0:
		return "as of " + env.AsOf()
	}
	return "as of " + env.AsOf() + "; unknown where nobody looked then: positions are followed while this page is open"
}

// noObserved says why no consumers are listed.
func (o *observed) noObserved(t page.Theme) string {
	switch {
	case o.refused != "":
		return o.refused
	case o.fault != "":
		return o.fault
	case !o.known:
		return "asking" + t.Sym.Ellipsis
	}
	return "nobody has read this category as a member of a group, and nobody records positions of it"
}

// recordedPosition reads {"position":n}: the last message that was handled.
func recordedPosition(data []byte) *int64 {
	var recorded struct {
		Position *int64 `json:"position"`
	}
	if json.Unmarshal(data, &recorded) != nil {
		return nil
	}
	return recorded.Position
}
