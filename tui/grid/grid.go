package grid

import "github.com/evtui/evtui/internal/text"

// Column says how one column is laid out.
type Column struct {
	Title string
	Min   int // least width in cells, at least 1
	Max   int // greatest width; 0: no bound
	Flex  int // share of the width that is left over; 0: stays at Min
	// Priority says how soon the column goes when the width is short: the
	// highest goes first, 0 never.
	Priority int
	// Wide is the width while the grid is scrolled sideways; 0: what it has.
	Wide  int
	Right bool // aligned to the right, as figures are
	// Name says that the cells hold names: what would make two of them look
	// alike is marked, and a long one is shortened in its middle.
	Name bool
}

// Cell is what stands in one place of a row.
type Cell struct {
	Text string   // sanitized by the grid, cut with …
	Pen  text.Pen // zero: the grid's Text pen
	// Middle says that Text is cut in its middle: names tell most at their ends.
	Middle bool
	// Styled says that Text holds escape sequences of our own making (a
	// sparkline, coloured JSON): it is cut by cells and not sanitized.
	Styled bool
}

// Styles are the pens of a grid.
type Styles struct {
	Header   text.Pen
	Text     text.Pen
	Selected text.Pen // under all cells of the cursor's row
	Blurred  text.Pen // the same while the grid has no focus
	Marked   text.Pen // over the cells of marked rows
	Gutter   text.Pen // of the cursor's and marks' signs on the left
	Muted    text.Pen // of Options.Empty
	// Solid has the cursor's row in Selected or Blurred alone, whatever its
	// cells' pens: where there are few colours, most cannot be read on another.
	Solid bool
}

// Options are what a grid is made with.
type Options struct {
	Columns []Column
	// Row fills cells, one a column, with the row's content. It is called for
	// visible rows only, and must not keep cells.
	Row    func(row int, cells []Cell)
	Styles Styles
	ASCII  bool
	// NoHeader leaves out the header line.
	NoHeader bool
	// Empty is shown when there are no rows.
	Empty string
	// Marked reports whether a row is marked; nil: none is.
	Marked func(row int) bool
}
