package flow

import (
	"cmp"

	"github.com/evtui/evtui/internal/story/flow"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// The columns of the table.
const (
	colFrom = iota
	colTo
	colCount
	colShare
	colP50
	colP99
	colMax
	colLast
	colFirst
	colSeen
)

// tableColumns lays the table out; the last column takes mark cells.
func tableColumns(absolute bool, mark int) []grid.Column {
	when := kit.SinceWidth(absolute)
	return []grid.Column{
		{Title: "from", Min: 13, Flex: 1, Max: 48, Name: true}, {Title: "to", Min: 13, Flex: 1, Max: 48, Name: true},
		{Title: "count", Min: 10, Right: true}, {Title: "share", Min: 6, Right: true},
		{Title: "p50", Min: 8, Right: true, Priority: 1}, {Title: "p99", Min: 8, Right: true, Priority: 1},
		{Title: "max", Min: 8, Right: true, Priority: 2},
		{Title: "last", Min: when, Right: true, Priority: 3}, {Title: "first", Min: when, Right: true, Priority: 4},
		{Title: "", Min: mark},
	}
}

// cells fills a row of the table.
func (p *pane) cells(i int, cells []grid.Cell) {
	if i >= len(p.rows) {
		return
	}
	r, t := &p.rows[i], p.env.Theme
	for _, c := range []struct {
		column int
		of     flow.Node
	}{{colFrom, r.From}, {colTo, r.To}} {
		cells[c.column] = grid.Cell{Text: nodeName(c.of, c.column == colFrom), Pen: t.Text}
		if c.of.Bound {
			cells[c.column].Pen = t.Muted
		}
	}
	cells[colCount] = grid.Cell{Text: text.Count(r.Count), Pen: t.Accent}
	cells[colShare] = grid.Cell{Text: text.Share(r.Share), Pen: t.Text}
	cells[colP50] = grid.Cell{Text: gap(&r.Gaps, r.Gaps.P50), Pen: t.Text}
	cells[colP99] = grid.Cell{Text: gap(&r.Gaps, r.Gaps.P99), Pen: t.Text}
	cells[colMax] = grid.Cell{Text: longest(&r.Gaps), Pen: t.Text}
	cells[colLast] = grid.Cell{Text: kit.Since(r.Last.Time, p.env.Now, p.env.Absolute), Pen: t.Muted}
	cells[colFirst] = grid.Cell{Text: kit.Since(r.First.Time, p.env.Now, p.env.Absolute), Pen: t.Muted}
	switch {
	case r.fresh:
		cells[colSeen] = grid.Cell{Text: "new", Pen: t.Warn}
	case r.unread:
		for _, c := range []int{colCount, colShare, colP50, colP99, colMax, colLast} {
			cells[c] = grid.Cell{Text: text.Unknown, Pen: t.Muted}
		}
		cells[colSeen] = grid.Cell{Text: "not read", Pen: t.Muted}
	}
}

// compareRows orders rows by a column.
func compareRows(a, b row, column int) int {
	switch column {
	case colFrom:
		return compareNodes(a.From, b.From)
	case colTo:
		return compareNodes(a.To, b.To)
	case colShare:
		return cmp.Compare(a.Share, b.Share)
	case colP50:
		return cmp.Compare(a.Gaps.P50, b.Gaps.P50)
	case colP99:
		return cmp.Compare(a.Gaps.P99, b.Gaps.P99)
	case colMax:
		return cmp.Compare(a.Gaps.Max, b.Gaps.Max)
	case colLast:
		return cmp.Compare(a.Last.Global, b.Last.Global)
	case colFirst:
		return cmp.Compare(a.First.Global, b.First.Global)
	}
	return cmp.Compare(a.Count, b.Count)
}

// comparePairs orders transitions by their names, start and end first.
func comparePairs(a, b flow.Pair) int {
	return cmp.Or(compareNodes(a.From, b.From), compareNodes(a.To, b.To))
}

func compareNodes(a, b flow.Node) int {
	if a.Bound != b.Bound {
		if a.Bound {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.Type, b.Type)
}

// The columns of the variants.
const (
	orderStreams = iota
	orderShare
	orderEvents
	orderExample
	orderTypes
)

// orderCells fills a row of the variants.
func (p *pane) orderCells(i int, cells []grid.Cell) {
	if i >= len(p.variants.List) {
		return
	}
	v, t := &p.variants.List[i], p.env.Theme
	times := "×"
	if t.Sym.ASCII {
		times = "x"
	}
	cells[orderStreams] = grid.Cell{Text: text.Count(v.Streams), Pen: t.Accent}
	cells[orderShare] = grid.Cell{Text: text.Share(v.Share), Pen: t.Text}
	cells[orderEvents] = grid.Cell{Text: text.Count(int64(len(v.Types))), Pen: t.Text}
	cells[orderExample] = grid.Cell{Text: v.Example, Pen: t.Muted}
	cells[orderTypes] = grid.Cell{Text: v.Spell(" "+arrowOf(t)+" ", times), Pen: t.Text}
}

// compareVariants orders variants by a column.
func compareVariants(a, b flow.Variant, column int) int {
	switch column {
	case orderEvents:
		return cmp.Compare(len(a.Types), len(b.Types))
	case orderExample:
		return cmp.Compare(a.Example, b.Example)
	case orderTypes:
		return cmp.Compare(a.Spell(" ", "×"), b.Spell(" ", "×"))
	}
	return cmp.Compare(a.Streams, b.Streams)
}

// taken are the streams that took a transition.
type taken struct {
	of        flow.Pair
	namespace string
	n         int64 // how often it was taken
	list      []flow.Passage
	grid      *grid.Grid
	env       page.Env // of the newest message, for the cells
}

func newTaken(of flow.Pair, namespace string, env page.Env) *taken {
	k := &taken{of: of, namespace: namespace, env: env}
	k.grid = grid.New(grid.Options{Row: k.cells, Empty: "not in what was read", Columns: []grid.Column{
		{Title: "stream", Min: 20, Flex: 1, Name: true}, {Title: "position", Min: 9, Right: true},
		{Title: "global", Min: 12, Right: true, Priority: 1}, {Title: "when", Min: kit.MomentWidth(env.Absolute), Right: true},
	}})
	kit.RestyleGrid(k.grid, env.Theme)
	return k
}

// show lists the streams as they are now, of a transition taken n times.
func (k *taken) show(list []flow.Passage, n int64) {
	stay := kit.Stay(k.grid, func(i int) string { return k.list[i].Stream })
	k.list, k.n = list, n
	k.grid.SetLen(len(k.list), false)
	k.grid.Changed()
	stay()
}

func (k *taken) cells(i int, cells []grid.Cell) {
	if i >= len(k.list) {
		return
	}
	s, env := &k.list[i], &k.env
	cells[0] = grid.Cell{Text: s.Stream, Pen: env.Theme.Text}
	cells[1] = grid.Cell{Text: text.Count(s.Position), Pen: env.Theme.Text}
	cells[2] = grid.Cell{Text: text.Count(s.At.Global), Pen: env.Theme.Muted}
	cells[3] = grid.Cell{Text: kit.Moment(s.At.Time, env.Now, env.Absolute), Pen: env.Theme.Muted}
}

// act does what can be done in the list.
func (k *taken) act(t *page.Turn, a page.Action) {
	i := k.grid.Cursor()
	on := i >= 0 && i < len(k.list)
	switch {
	case a == page.ActOpen && on:
		s := &k.list[i]
		t.Go(page.Location{Page: page.Streams, Namespace: k.namespace, Stream: s.Stream, Position: s.Position, HasPosition: true})
	case a == page.ActCopyStream && on:
		t.Copy("stream", k.list[i].Stream)
	default:
		kit.MoveGrid(k.grid, a)
	}
}

// said says how many streams there are, and of how many.
func (k *taken) said() string {
	s := "the last " + counted(int64(len(k.list)), "stream")
	if len(k.list) < flow.MostPassages {
		s = counted(int64(len(k.list)), "stream")
	}
	return s + " of " + counted(k.n, "passage")
}
