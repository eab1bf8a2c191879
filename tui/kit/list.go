package kit

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// Column is one column of a [List]: how it is laid out, what stands in it, and how it
// orders rows. What stands in it is said by Text, Count, Cell or Drawn, whichever is set.
type Column[T any] struct {
	Title string
	// As in [grid.Column].
	Min, Max, Flex, Priority, Wide int
	Right, Name                    bool

	// Text is a cell of plain content.
	Text func(r T) string
	// Count is a number, by which rows are ordered unless Order says otherwise.
	Count func(r T) int64
	// Cell is a cell with a pen of its own.
	Cell func(t *page.Theme, r T) grid.Cell
	// Drawn is one made to measure, such as a bar: w is the column's width on the
	// screen, 0 when it has gone.
	Drawn func(t *page.Theme, r T, w int) grid.Cell

	// Muted has Text and Count drawn as secondary content.
	Muted bool

	// Order compares two rows by the column, see [By]. Nil: by Text or Count; with neither
	// all rows are equal.
	Order func(a, b T) int
}

// Pointers are rows of a [List]: one to each element of a slice, which they share.
func Pointers[T any](list []T) []*T {
	rows := make([]*T, len(list))
	for i := range list {
		rows[i] = &list[i]
	}
	return rows
}

// By orders rows by what key says of each.
func By[T any, K cmp.Ordered](key func(r T) K) func(a, b T) int {
	return func(a, b T) int { return cmp.Compare(key(a), key(b)) }
}

// Known is a figure, or less than any where it is not known: for By.
func Known(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

func (c *Column[T]) layout() grid.Column {
	return grid.Column{
		Title: c.Title, Min: c.Min, Max: c.Max, Flex: c.Flex, Priority: c.Priority, Wide: c.Wide, Right: c.Right, Name: c.Name,
	}
}

func (c *Column[T]) cell(t *page.Theme, r T) grid.Cell {
	switch {
	case c.Cell != nil:
		return c.Cell(t, r)
	case c.Count != nil:
		return grid.Cell{Text: text.Count(c.Count(r)), Pen: c.pen(t)}
	case c.Text != nil:
		return grid.Cell{Text: c.Text(r), Pen: c.pen(t)}
	}
	return grid.Cell{}
}

func (c *Column[T]) pen(t *page.Theme) text.Pen {
	if c.Muted {
		return t.Muted
	}
	return text.Pen{}
}

func (c *Column[T]) order(a, b T) int {
	switch {
	case c.Order != nil:
		return c.Order(a, b)
	case c.Count != nil:
		return cmp.Compare(c.Count(a), c.Count(b))
	case c.Text != nil:
		return strings.Compare(c.Text(a), c.Text(b))
	}
	return 0
}

// ListOptions are what a list is made with.
type ListOptions[T any] struct {
	Columns []Column[T]
	// Same tells whether two values are the same row, before and after a refresh; nil: ==,
	// which T must then have.
	Same func(a, b T) bool
	// Over changes a row's cells, one a column, after the columns have filled them; nil:
	// nothing does. It must not keep cells.
	Over func(t *page.Theme, r T, cells []grid.Cell)
	// Marked reports whether a row is marked; nil: none is.
	Marked func(r T) bool
	// Fixed has the rows in the page's order alone.
	Fixed bool
	// Keep has the cursor come back to its row when the list was empty for a while.
	Keep bool
	// Finder is the search that several lists of a page share; nil: the list has its own.
	Finder *Finder
	// Empty is shown when there are no rows, see also [grid.Grid.SetEmpty].
	Empty    string
	NoHeader bool
}

// List is a table of a page: a grid whose columns are declared, with the order that the
// user asks for and a search. T is a row, best a pointer to it.
//
// A page makes it once ([NewList]), with columns whose functions read the page's state
// where they need it; hands it the rows in the page's own order whenever they are others
// ([List.SetRows]), or says that what they show has changed ([List.Resort]); passes it
// the messages that are not the page's own ([Table.Update]); asks for the row under the
// cursor ([List.Chosen]); and draws it ([Table.View]). The methods of [grid.Grid], such as
// Status and SetEmpty, are the list's too; SetLen and SetColumns are not to be called on
// the grid.
//
// T is not asked to be comparable: the compiler then makes one list for all pointers,
// where it would make one for each type.
type List[T any] struct {
	Table
	o     ListOptions[T]
	given []T // in the page's order
	rows  []T // in the order that is shown
	kept  T   // the row that the cursor was on last, for when the list was empty
	keeps bool
}

// Table is a list whatever its rows are, for pages that have several: what can be done
// with it, and how it is drawn.
type Table struct {
	*grid.Grid
	Sorting Sorting // the order that is asked for
	More    bool    // there are more rows than those that are set; takes effect with them
	Fixed   bool    // the rows have the page's order alone

	finder *Finder
	theme  page.Theme
	resort func()
}

// NewList makes a list of no rows.
func NewList[T any](o ListOptions[T]) *List[T] {
	l := &List[T]{o: o, Table: Table{finder: o.Finder, Fixed: o.Fixed}}
	if l.o.Same == nil {
		l.o.Same = func(a, b T) bool { return any(a) == any(b) }
	}
	if l.finder == nil {
		l.finder = new(Finder)
	}
	l.resort = l.Resort
	options := grid.Options{Row: l.cells, Empty: o.Empty, NoHeader: o.NoHeader}
	if o.Marked != nil {
		options.Marked = func(row int) bool { return row < len(l.rows) && o.Marked(l.rows[row]) }
	}
	l.Grid = grid.New(options)
	l.SetColumns(o.Columns)
	return l
}

// SetColumns replaces the columns.
func (l *List[T]) SetColumns(columns []Column[T]) {
	l.o.Columns = columns
	layout := make([]grid.Column, len(columns))
	for i := range columns {
		layout[i] = columns[i].layout()
	}
	l.Grid.SetColumns(layout)
}

// SetRows sets the rows, in the page's own order; the slice is copied. The cursor stays on
// its row where that is still among them, else in its place.
func (l *List[T]) SetRows(rows []T) {
	chosen, on := l.Chosen()
	l.Replace(rows)
	l.stay(chosen, on)
}

// Replace is SetRows with a cursor that stays in its place, whatever row is there then.
func (l *List[T]) Replace(rows []T) {
	clear(l.given)
	l.given = append(l.given[:0], rows...)
	l.lay()
}

// Resort orders and draws the rows again: what they show has changed. The cursor stays on
// its row.
func (l *List[T]) Resort() {
	chosen, on := l.Chosen()
	l.lay()
	l.stay(chosen, on)
}

func (l *List[T]) lay() {
	l.rows = append(l.rows[:0], l.given...)
	Sorted(l.Sorting, l.rows, func(a, b T, column int) int { return l.o.Columns[column].order(a, b) })
	l.SetLen(len(l.rows), l.More)
	l.Changed()
}

func (l *List[T]) stay(chosen T, on bool) {
	if !on && l.keeps {
		chosen, on = l.kept, true
	}
	if on {
		l.Choose(func(r T) bool { return l.o.Same(r, chosen) })
		l.kept, l.keeps = chosen, l.o.Keep
	}
}

// Choose puts the cursor on the first row that is, and reports whether there is one.
func (l *List[T]) Choose(is func(r T) bool) bool {
	row := slices.IndexFunc(l.rows, is)
	if row >= 0 && row != l.Cursor() {
		l.Follow(row)
	}
	return row >= 0
}

// Chosen returns the row under the cursor; ok is false when there is none.
func (l *List[T]) Chosen() (r T, ok bool) {
	if row := l.Cursor(); row >= 0 && row < len(l.rows) {
		return l.rows[row], true
	}
	return r, false
}

// Rows returns the rows in the order that is shown. They are the list's.
func (l *List[T]) Rows() []T { return l.rows }

// cells fills a row of the grid.
func (l *List[T]) cells(row int, cells []grid.Cell) {
	if row >= len(l.rows) {
		return
	}
	for i := range l.o.Columns {
		if c := &l.o.Columns[i]; c.Drawn != nil {
			cells[i] = c.Drawn(&l.theme, l.rows[row], l.Width(i))
		} else {
			cells[i] = c.cell(&l.theme, l.rows[row])
		}
	}
	if l.o.Over != nil {
		l.o.Over(&l.theme, l.rows[row], cells)
	}
}

// Update takes an action, a prompt's line, a click or the wheel, and reports whether it was
// the list's: moving, sorting by a letter or by a head, searching. X and Y of a click are
// counted from the list's upper left.
func (l *Table) Update(t *page.Turn, msg any) bool {
	switch msg := msg.(type) {
	case page.ActionMsg:
		return l.Act(t, msg.Action)
	case page.PromptMsg:
		return l.Prompted(t, msg)
	case tea.MouseClickMsg:
		return l.Click(msg.X, msg.Y)
	case tea.MouseWheelMsg:
		l.Scroll(3 * Wheel(msg.Button))
		return true
	}
	return false
}

// Act is Update for an action.
func (l *Table) Act(t *page.Turn, a page.Action) bool {
	l.Restyle(&t.Theme) // a search looks at cells, be the list drawn yet or not
	if a == page.ActSort {
		if !l.Fixed {
			l.Sorting.Ask(t, l.Grid)
		}
		return true
	}
	return l.finder.Act(t, a, l.Grid) || MoveGrid(l.Grid, a)
}

// Prompted is Update for a prompt's line.
func (l *Table) Prompted(t *page.Turn, msg page.PromptMsg) bool {
	l.Restyle(&t.Theme)
	switch msg.ID {
	case FinderPrompt:
		l.finder.Prompted(t, msg, l.Grid)
	case SortPrompt:
		if !l.Fixed && l.Sorting.Prompted(t, msg, l.Grid) {
			l.resort()
		}
	default:
		return false
	}
	return true
}

// Click is Update for a click.
func (l *Table) Click(x, y int) bool {
	if row := l.HitRow(x, y); row >= 0 {
		l.SetCursor(row)
		return true
	}
	column := l.HitHeader(x, y)
	if column >= 0 && !l.Fixed {
		l.Sorting.Click(l.Grid, column)
		l.resort()
	}
	return column >= 0
}

// Unsort has the rows in the page's own order again.
func (l *Table) Unsort() {
	if l.Sorting.On {
		l.Sorting = Sorting{}
		l.Sorting.Show(l.Grid)
		l.resort()
	}
}

// Bindings are searching and moving; [page.ActSort] is the page's to bind, with the hint
// that it wants.
func (l *Table) Bindings() []page.Binding {
	return append(l.finder.Bindings(), page.Movement()...)
}

// View draws the list in exactly h lines of w cells. They are the list's, valid until its
// next change.
func (l *Table) View(t *page.Theme, w, h int) []string {
	l.Restyle(t)
	l.SetSize(w, h)
	return l.Lines()
}

// Restyle has the list draw in the theme, for pages that draw it by the methods of its
// grid.
func (l *Table) Restyle(t *page.Theme) {
	if l.theme.Serial != t.Serial {
		l.theme = *t
		RestyleGrid(l.Grid, *t)
	}
}
