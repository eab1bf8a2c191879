package groups

import (
	"cmp"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// unknown is what stands where nothing is known: never 0.
const unknown = "?"

// consumerColumns are of the list of consumers; in their order, what is not known is least.
func consumerColumns() []kit.Column[*consumerRow] {
	return []kit.Column[*consumerRow]{
		{Title: "category", Min: 10, Flex: 3, Max: 40, Name: true, Text: categoryOf, Order: kit.By(func(r *consumerRow) string { return r.Category })},
		{
			Title: "group", Min: 9, Flex: 2, Max: 32, Name: true, Cell: groupCell,
			Order: func(a, b *consumerRow) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Size, b.Size)) },
		},
		{
			Title: "member", Min: 7, Cell: memberCell,
			Order: func(a, b *consumerRow) int {
				return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.Member, b.Member))
			},
		},
		{Title: "lag", Min: 9, Right: true, Cell: lagCell, Order: kit.By(func(r *consumerRow) int64 { return kit.Known(r.Messages) })},
		{Title: "trend", Min: 9, Right: true, Priority: 2, Cell: trendCell, Order: kit.By(func(r *consumerRow) float64 { return r.Trend })},
		{
			Title: "caught up in", Min: 12, Right: true, Cell: catchUpCell,
			Order: kit.By(func(r *consumerRow) time.Duration {
				d, _ := r.CatchUp()
				return d
			}),
		},
		{Title: "last seen", Min: 16, Flex: 1, Max: 22, Cell: seenCell, Order: kit.By(func(r *consumerRow) int64 { return kit.Known(r.SilentFor) })},
		{Title: "by", Min: 15, Priority: 4, Cell: viaCell, Order: kit.By(func(r *consumerRow) string { return r.Via })},
		{Title: "position", Min: 11, Right: true, Priority: 3, Cell: positionCell, Order: kit.By(func(r *consumerRow) int64 { return kit.Known(r.Position) })},
		{Title: "from", Min: 15, Flex: 1, Max: 24, Priority: 5, Text: func(r *consumerRow) string { return r.From }, Muted: true},
	}
}

// muteOnce greys who it is that read once only.
func muteOnce(t *page.Theme, r *consumerRow, cells []grid.Cell) {
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

// groupCell names the group, as its members record it: of those that were seen reading
// nobody knows a name.
func groupCell(t *page.Theme, r *consumerRow) grid.Cell {
	switch {
	case !r.Recorded():
		return grid.Cell{Text: t.Sym.Dash}
	case r.Name == "":
		return grid.Cell{Text: "no identifier"}
	}
	return grid.Cell{Text: r.Name}
}

func memberCell(t *page.Theme, r *consumerRow) grid.Cell {
	if r.Size == 0 {
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	}
	return grid.Cell{Text: strconv.Itoa(r.Member) + " of " + strconv.Itoa(r.Size), Pen: t.Muted}
}

func viaCell(t *page.Theme, r *consumerRow) grid.Cell {
	return grid.Cell{Text: cmp.Or(r.Via, t.Sym.Dash), Pen: t.Muted}
}

func positionCell(t *page.Theme, r *consumerRow) grid.Cell {
	if r.Position == nil {
		return grid.Cell{Text: unknown, Pen: t.Muted}
	}
	return grid.Cell{Text: text.Count(*r.Position), Pen: t.Muted}
}

// whoOf names a consumer in a sentence.
func whoOf(r *consumerRow) string {
	if r.Recorded() {
		return cmp.Or(r.Consumer.Consumer, "the consumer without an identifier") + " of " + r.Category
	}
	return "member " + strconv.Itoa(r.Member) + " of " + strconv.Itoa(r.Size) + " of " + categoryOf(r)
}

// lagCell says how many messages are before it.
func lagCell(t *page.Theme, r *consumerRow) grid.Cell {
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

func atLeast(t *page.Theme, r *consumerRow) string {
	if r.AtLeast {
		return t.Sym.AtLeast
	}
	return ""
}

// trendCell says whether the lag grows.
func trendCell(t *page.Theme, r *consumerRow) grid.Cell {
	switch {
	case !r.Trended || r.then || r.Once:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.Trend > 0.05:
		return grid.Cell{Text: t.Sym.Rise + " " + text.Rate(r.Trend), Pen: t.Warn}
	case r.Trend < -0.05:
		return grid.Cell{Text: t.Sym.Fall + " " + text.Rate(-r.Trend), Pen: t.Good}
	}
	return grid.Cell{Text: "steady", Pen: t.Muted}
}

// catchUpCell says how long it takes, as things go, until nothing is before it.
func catchUpCell(t *page.Theme, r *consumerRow) grid.Cell {
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
func seenCell(t *page.Theme, r *consumerRow) grid.Cell {
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
