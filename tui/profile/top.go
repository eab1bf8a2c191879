package profile

import (
	"cmp"
	"strings"

	"github.com/evtui/evtui/internal/text"
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

// topTable is the table of the functions that cost most, in the order that the
// user asks for.
type topTable struct {
	*sheet
	grid  *grid.Grid
	rows  []profiler.Row // in the order that is shown
	byCum bool           // the profile's own order is by cum, not by flat
	by    kit.Sorting    // instead of the profile's own order
}

func newTopTable(s *sheet) *topTable {
	top := &topTable{sheet: s}
	top.grid = grid.New(grid.Options{Row: top.row, Empty: "nothing to show", Columns: topColumns([topNames]int{})})
	top.mark()
	return top
}

// topColumns are the columns of top, with room for the figures' widths.
func topColumns(widths [topNames]int) []grid.Column {
	columns := []grid.Column{
		{Title: "flat", Min: 9, Right: true},
		{Title: "flat%", Min: 7, Right: true, Priority: 1},
		{Title: "sum%", Min: 7, Right: true, Priority: 3},
		{Title: "cum", Min: 9, Right: true},
		{Title: "cum%", Min: 7, Right: true, Priority: 2},
		{Title: "function", Min: 20, Flex: 1, Wide: 200},
	}
	for i, w := range widths {
		columns[i].Min = max(columns[i].Min, w)
	}
	return columns
}

// show fills the table with what is shown, and puts the cursor on a function.
func (top *topTable) show(name string) {
	rows := 0
	if top.shown != nil {
		top.rows = append(top.rows[:0], top.shown.table.Rows...)
		kit.Sorted(top.by, top.rows, compareTop)
		rows = len(top.rows)
		top.fit()
	}
	top.grid.SetLen(rows, false)
	top.grid.Changed()
	for i := range rows {
		if top.rows[i].Name == name {
			top.grid.SetCursor(i)
		}
	}
}

// fit gives the figures the room that they need: a difference to next to nothing
// is thousands of percent.
func (top *topTable) fit() {
	var (
		widths [topNames]int
		cells  [topNames + 1]grid.Cell
	)
	for row := range top.rows {
		top.row(row, cells[:])
		for i := range widths {
			widths[i] = max(widths[i], text.Width(cells[i].Text))
		}
	}
	top.grid.SetColumns(topColumns(widths))
}

func (top *topTable) row(row int, cells []grid.Cell) {
	table := top.shown.table
	r := top.rows[row]
	cells[0] = top.figure(r.Flat)
	cells[1] = grid.Cell{Text: profiler.Percent(r.Flat, table.Total), Pen: top.theme.Muted}
	cells[2] = grid.Cell{Text: profiler.Percent(r.Sum, table.Total), Pen: top.theme.Faint}
	if top.by.On {
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

// current is the function under the cursor; "" when there is none.
func (top *topTable) current() string {
	if row := top.grid.Cursor(); top.shown != nil && row >= 0 && row < len(top.rows) {
		return top.rows[row].Name
	}
	return ""
}

// orderBy asks for one of the orders that a profile has itself, which its sum% is of.
func (top *topTable) orderBy(cum bool) {
	top.byCum, top.by = cum, kit.Sorting{}
	top.mark()
}

// mark says in the column's head by which the table is sorted.
func (top *topTable) mark() {
	if top.by.On {
		top.by.Show(top.grid)
		return
	}
	top.grid.SetSort(top.ownOrder(), true)
}

func (top *topTable) ownOrder() int {
	if top.byCum {
		return topCum
	}
	return topFlat
}

// sort takes a click on a column's head.
func (top *topTable) sort(column int) {
	switch {
	case column < topCum:
		column = topFlat // shares and sums follow from it
	case column < topNames:
		column = topCum
	}
	top.seed()
	top.by.Click(top.grid, column)
}

// prompted takes a column's letter, and reports whether the order is another one.
func (top *topTable) prompted(t *page.Turn, msg page.PromptMsg) bool {
	before := top.by
	top.seed()
	if !top.by.Prompted(t, msg, top.grid) {
		top.by = before
		top.mark()
		return false
	}
	return true
}

// seed makes the profile's own order one that was asked for, so that asking for it
// again turns it round.
func (top *topTable) seed() {
	if !top.by.On {
		top.by = kit.Sorting{Column: top.ownOrder(), On: true}
	}
}

// settle makes the order that was asked for the profile's own where it has that
// itself, and reports whether it has.
func (top *topTable) settle() bool {
	switch {
	case !top.by.On:
		top.orderBy(top.byCum)
	case top.by.Column < topNames && top.by.Descending():
		top.orderBy(top.by.Column >= topCum)
	default:
		top.mark()
		return false
	}
	return true
}

func compareTop(a, b profiler.Row, column int) int {
	switch {
	case column < topCum:
		return cmp.Compare(a.Flat, b.Flat)
	case column < topNames:
		return cmp.Compare(a.Cum, b.Cum)
	}
	return strings.Compare(a.Name, b.Name)
}
