package profile

import (
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Columns of top by which it can be sorted.
const (
	topFlat  = 0 // and two that follow from it
	topCum   = 3 // and one
	topNames = 5
)

// topTable is the table of the functions that cost most, in the order that the user asks for.
type topTable struct {
	*sheet
	*kit.List[*profiler.Row]
	byCum bool // the profile's own order, without another, is by cum, not by flat
}

func newTopTable(s *sheet) *topTable {
	top := &topTable{sheet: s}
	top.List = kit.NewList(kit.ListOptions[*profiler.Row]{
		Over: top.cells, Fixed: true, Empty: "nothing to show", Columns: topColumns(),
	})
	top.mark()
	return top
}

// topColumns are the columns of top, as wide as figures mostly are.
func topColumns() []kit.Column[*profiler.Row] {
	flat, cum := kit.By(func(r *profiler.Row) int64 { return r.Flat }), kit.By(func(r *profiler.Row) int64 { return r.Cum })
	return []kit.Column[*profiler.Row]{
		{Title: "flat", Min: 9, Right: true, Order: flat},
		{Title: "flat%", Min: 7, Right: true, Priority: 1, Order: flat},
		{Title: "sum%", Min: 7, Right: true, Priority: 3, Order: flat},
		{Title: "cum", Min: 9, Right: true, Order: cum},
		{Title: "cum%", Min: 7, Right: true, Priority: 2, Order: cum},
		{Title: "function", Min: 20, Flex: 1, Wide: 200, Order: kit.By(func(r *profiler.Row) string { return r.Name })},
	}
}

// show fills the table with what is shown; the cursor stays where it was, by name.
func (top *topTable) show() {
	chosen, on := top.Chosen()
	var rows []*profiler.Row
	if top.shown != nil {
		rows = kit.Pointers(top.shown.table.Rows)
		top.SetColumns(fit(topColumns(), topNames, &top.theme, rows, top.cells))
	}
	top.Replace(rows)
	for i, r := range top.Rows() {
		if on && r.Name == chosen.Name {
			top.SetCursor(i)
		}
	}
}

func (top *topTable) cells(_ *page.Theme, r *profiler.Row, cells []grid.Cell) {
	table := top.shown.table
	cells[0] = top.figure(r.Flat)
	cells[1] = grid.Cell{Text: profiler.Percent(r.Flat, table.Total), Pen: top.theme.Muted}
	cells[2] = grid.Cell{Text: profiler.Percent(r.Sum, table.Total), Pen: top.theme.Faint}
	if top.Sorting.On {
		cells[2].Text = "–" // it adds up in the profile's own order
	}
	cells[3] = top.figure(r.Cum)
	cells[4] = grid.Cell{Text: profiler.Percent(r.Cum, table.Total), Pen: top.theme.Muted}
	name := r.Name
	if r.Inline != "" {
		name += " " + r.Inline
	}
	cells[5] = grid.Cell{Text: name, Pen: top.matchPen(r.Name), Middle: true}
}

// orderBy asks for one of the orders that a profile has itself, which its sum% is of.
func (top *topTable) orderBy(cum bool) {
	top.byCum, top.Sorting = cum, kit.Sorting{}
	top.mark()
}

// mark says in the column's head by which the table is sorted.
func (top *topTable) mark() {
	if top.Sorting.On {
		top.Sorting.Show(top.Grid)
		return
	}
	top.SetSort(top.ownOrder(), true)
}

func (top *topTable) ownOrder() int {
	if top.byCum {
		return topCum
	}
	return topFlat
}

// clickHead takes a click, and reports whether it was on a column's head.
func (top *topTable) clickHead(x, y int) bool {
	column := top.HitHeader(x, y)
	switch {
	case column < 0:
		return false
	case column < topCum:
		column = topFlat // shares and sums follow from it
	case column < topNames:
		column = topCum
	}
	top.seed()
	top.Sorting.Click(top.Grid, column)
	return true
}

// byLetter takes a column's letter, and reports whether the order is another one.
func (top *topTable) byLetter(t *page.Turn, msg page.PromptMsg) bool {
	before := top.Sorting
	top.seed()
	if !top.Sorting.Prompted(t, msg, top.Grid) {
		top.Sorting = before
		top.mark()
		return false
	}
	return true
}

// seed makes the profile's own order one that was asked for, so that asking for it
// again turns it round.
func (top *topTable) seed() {
	if !top.Sorting.On {
		top.Sorting = kit.Sorting{Column: top.ownOrder(), On: true}
	}
}

// settle makes the order that was asked for the profile's own where it has that
// itself, and reports whether it has.
func (top *topTable) settle() bool {
	switch {
	case !top.Sorting.On:
		top.orderBy(top.byCum)
	case top.Sorting.Column < topNames && top.Sorting.Descending():
		top.orderBy(top.Sorting.Column >= topCum)
	default:
		top.mark()
		return false
	}
	return true
}
