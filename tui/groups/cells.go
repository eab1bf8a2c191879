package groups

import (
	"cmp"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// unknown is what stands where nothing is known: never 0.
const unknown = "?"

func newConsumersGrid(row func(int, []grid.Cell)) *grid.Grid {
	return grid.New(grid.Options{Row: row, Columns: []grid.Column{
		{Title: "category", Min: 10, Flex: 3, Max: 40, Name: true},
		{Title: "group", Min: 9, Flex: 2, Max: 32, Name: true},
		{Title: "member", Min: 7},
		{Title: "lag", Min: 9, Right: true},
		{Title: "trend", Min: 9, Right: true, Priority: 2},
		{Title: "caught up in", Min: 12, Right: true},
		{Title: "last seen", Min: 16, Flex: 1, Max: 22},
		{Title: "by", Min: 15, Priority: 4},
		{Title: "position", Min: 11, Right: true, Priority: 3},
		{Title: "from", Min: 15, Flex: 1, Max: 24, Priority: 5},
	}})
}

// compareConsumers orders rows by a column; what is not known is least.
func compareConsumers(a, b consumerRow, column int) int {
	known := func(n *int64) int64 {
		if n == nil {
			return -1
		}
		return *n
	}
	switch column {
	case 1:
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Size, b.Size))
	case 2:
		return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.Member, b.Member))
	case 3:
		return cmp.Compare(known(a.Messages), known(b.Messages))
	case 4:
		return cmp.Compare(a.Trend, b.Trend)
	case 5:
		d, _ := a.CatchUp()
		e, _ := b.CatchUp()
		return cmp.Compare(d, e)
	case 6:
		return cmp.Compare(known(a.SilentFor), known(b.SilentFor))
	case 7:
		return cmp.Compare(a.Via, b.Via)
	case 8:
		return cmp.Compare(known(a.Position), known(b.Position))
	case 9:
		return cmp.Compare(a.From, b.From)
	}
	return cmp.Compare(a.Category, b.Category)
}

// consumerCells is a line of the list of consumers.
func (p drawing) consumerCells(row int, cells []grid.Cell) {
	t, r := p.theme, &p.seen.rows[row]
	cells[0].Text = categoryOf(r)
	cells[1].Text = groupOf(t, r)
	cells[2] = grid.Cell{Text: memberOf(t, r), Pen: t.Muted}
	cells[3] = lagCell(t, r)
	cells[4] = trendCell(t, r)
	cells[5] = catchUpCell(t, r)
	cells[6] = seenCell(t, r)
	cells[7] = grid.Cell{Text: cmp.Or(r.Via, t.Sym.Dash), Pen: t.Muted}
	cells[8] = figureCell(t.Muted, r.Position)
	cells[9] = grid.Cell{Text: r.From, Pen: t.Muted}
	if r.Once {
		for i := range cells[:3] {
			cells[i].Pen = t.Muted
		}
	}
}

func categoryOf(r *consumerRow) string {
	name := cmp.Or(r.Category, "(all)")
	if r.Correlation != "" {
		name += " of " + r.Correlation
	}
	return name
}

// groupOf names the group, as its members record it: of those that were seen reading
// nobody knows a name.
func groupOf(t page.Theme, r *consumerRow) string {
	switch {
	case !r.Recorded():
		return t.Sym.Dash
	case r.Name == "":
		return "no identifier"
	}
	return r.Name
}

func memberOf(t page.Theme, r *consumerRow) string {
	if r.Size == 0 {
		return t.Sym.Dash
	}
	return strconv.Itoa(r.Member) + " of " + strconv.Itoa(r.Size)
}

// whoOf names a consumer in a sentence.
func whoOf(r *consumerRow) string {
	switch {
	case r.Recorded():
		return cmp.Or(r.Consumer.Consumer, "the consumer without an identifier") + " of " + r.Category
	}
	return "member " + strconv.Itoa(r.Member) + " of " + strconv.Itoa(r.Size) + " of " + categoryOf(r)
}

func figureCell(pen text.Pen, n *int64) grid.Cell {
	if n == nil {
		return grid.Cell{Text: unknown, Pen: pen}
	}
	return grid.Cell{Text: text.Count(*n), Pen: pen}
}

// lagCell says how many messages are before it.
func lagCell(t page.Theme, r *consumerRow) grid.Cell {
	switch {
	case r.Once:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.Messages == nil:
		return grid.Cell{Text: unknown, Pen: t.Muted}
	case *r.Messages == 0 && !r.AtLeast:
		return grid.Cell{Text: "0", Pen: t.Good}
	}
	pen := t.Warn
	if r.State() == lag.KeepsUp {
		pen = t.Text
	}
	return grid.Cell{Text: atLeast(t, r) + text.Count(*r.Messages), Pen: pen}
}

func atLeast(t page.Theme, r *consumerRow) string {
	switch {
	case !r.AtLeast:
		return ""
	case t.Sym.ASCII:
		return ">="
	}
	return "≥"
}

// trendCell says whether the lag grows.
func trendCell(t page.Theme, r *consumerRow) grid.Cell {
	up, down := "▲ ", "▼ "
	if t.Sym.ASCII {
		up, down = "^ ", "v "
	}
	switch {
	case !r.Trended || r.then || r.Once:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.Trend > 0.05:
		return grid.Cell{Text: up + text.Rate(r.Trend), Pen: t.Warn}
	case r.Trend < -0.05:
		return grid.Cell{Text: down + text.Rate(-r.Trend), Pen: t.Good}
	}
	return grid.Cell{Text: "steady", Pen: t.Muted}
}

// catchUpCell says how long it takes, as things go, until nothing is before it.
func catchUpCell(t page.Theme, r *consumerRow) grid.Cell {
	state := r.State()
	switch {
	case state == lag.Unknown:
		return grid.Cell{Text: unknown, Pen: t.Muted}
	case state == lag.CaughtUp:
		return grid.Cell{Text: "caught up", Pen: t.Good}
	case state == lag.KeepsUp && !r.then:
		return grid.Cell{Text: "keeps up", Pen: t.Good}
	case r.then || state == lag.Once || state == lag.Behind:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case state == lag.Silent:
		return grid.Cell{Text: "silent", Pen: t.Warn}
	case state == lag.Falling:
		return grid.Cell{Text: "falls behind", Pen: t.Warn}
	case state == lag.Steady:
		return grid.Cell{Text: "never", Pen: t.Warn}
	}
	d, known := r.CatchUp()
	if !known {
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	}
	return grid.Cell{Text: text.Duration(d), Pen: t.Text}
}

// seenCell says when it was heard of last, and by what.
func seenCell(t page.Theme, r *consumerRow) grid.Cell {
	switch {
	case r.then:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.Connected > 0:
		return grid.Cell{Text: t.Sym.Up + " connected", Pen: t.Good}
	case r.SilentFor == nil:
		return grid.Cell{Text: "! never seen", Pen: t.Warn}
	}
	ago := "now"
	if silent := time.Duration(*r.SilentFor); silent >= time.Second {
		ago = text.Duration(silent.Truncate(time.Second))
	}
	switch {
	case r.State() == lag.Silent && r.Recorded():
		return grid.Cell{Text: "! recorded " + ago, Pen: t.Warn}
	case r.State() == lag.Silent:
		return grid.Cell{Text: "! silent " + ago, Pen: t.Warn}
	case r.Once:
		return grid.Cell{Text: "once, " + ago, Pen: t.Muted}
	case r.Recorded():
		return grid.Cell{Text: "recorded " + ago, Pen: t.Muted}
	}
	return grid.Cell{Text: "read " + ago, Pen: t.Muted}
}
