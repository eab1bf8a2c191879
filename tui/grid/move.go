package grid

import (
	"maps"

	"github.com/evtui/evtui/internal/text"
)

// Grid is a virtual table with its cursor and scroll position.
type Grid struct {
	o      Options
	w, h   int
	n      int
	more   bool
	cursor int
	top    int // first visible row
	left   int // cells scrolled sideways
	blur   bool
	sort   int
	desc   bool

	layout layout
	rows   map[int]string // rendered, without the cursor's
	cells  []Cell         // lent to Row
	lines  []string
	fresh  bool // lines holds what Lines must return
}

// New makes a grid of no rows and no size.
func New(o Options) *Grid {
	g := &Grid{o: o, sort: -1}
	g.relayout()
	return g
}

// SetSize sets the cells and lines that Lines fills, header included.
func (g *Grid) SetSize(w, h int) {
	if w == g.w && h == g.h {
		return
	}
	wide := w != g.w
	g.w, g.h = max(w, 0), max(h, 0)
	if wide {
		g.relayout()
	}
	g.reveal()
}

// SetLen sets how many rows there are; more says that there are at least
// that many. Rows known before are kept as rendered. The cursor stays.
func (g *Grid) SetLen(rows int, more bool) {
	if rows == g.n && more == g.more {
		return
	}
	if rows < g.n {
		maps.DeleteFunc(g.rows, func(row int, _ string) bool { return row >= rows })
	}
	g.n, g.more = max(rows, 0), more
	g.reveal()
}

// SetColumns replaces the columns.
func (g *Grid) SetColumns(columns []Column) {
	g.o.Columns = columns
	g.relayout()
}

// Columns returns the columns, which are not to be changed.
func (g *Grid) Columns() []Column { return g.o.Columns }

// SetStyles replaces the pens.
func (g *Grid) SetStyles(s Styles) {
	g.o.Styles = s
	g.Changed()
}

// SetASCII says whether the grid's own symbols are plain ASCII.
func (g *Grid) SetASCII(on bool) {
	g.o.ASCII = on
	g.Changed()
}

// SetFocus says whether the cursor's row is drawn as Selected or as Blurred.
// A new grid has the focus.
func (g *Grid) SetFocus(on bool) {
	g.fresh = g.fresh && g.blur == !on
	g.blur = !on
}

// SetEmpty sets what is shown when there are no rows.
func (g *Grid) SetEmpty(text string) {
	g.fresh = g.fresh && g.o.Empty == text
	g.o.Empty = text
}

// SetSort shows a sort mark at the head of a column; -1: none.
func (g *Grid) SetSort(column int, descending bool) {
	g.sort, g.desc, g.fresh = column, descending, false
}

// Changed drops all rendered rows: their content is different now.
func (g *Grid) Changed() {
	clear(g.rows)
	g.fresh = false
}

// ChangedRow drops one rendered row.
func (g *Grid) ChangedRow(row int) {
	delete(g.rows, row)
	g.fresh = false
}

// Shift keeps cursor and place on the rows they are on after n rows
// were inserted before the first (n > 0) or -n rows removed there (n < 0).
// The number of rows changes by n.
func (g *Grid) Shift(n int) {
	rows := make(map[int]string, len(g.rows))
	for row, line := range g.rows {
		if row+n >= 0 {
			rows[row+n] = line
		}
	}
	g.rows = rows
	g.n = max(g.n+n, 0)
	g.cursor += n
	g.top += n
	g.reveal()
}

// Len returns the number of rows, and whether there may be more.
func (g *Grid) Len() (rows int, more bool) { return g.n, g.more }

// Cursor returns the row under the cursor, -1 when there are none.
func (g *Grid) Cursor() int {
	if g.n == 0 {
		return -1
	}
	return g.cursor
}

// SetCursor moves the cursor to a row (or the nearest there is) and into view.
func (g *Grid) SetCursor(row int) {
	g.cursor = row
	g.reveal()
}

// Follow puts the cursor on the place that its row has moved to, and scrolls as
// far, so that the row stays in its line of the screen where it can. At the top
// the view stays where it is, and shows what has come before the row.
func (g *Grid) Follow(row int) {
	if g.top > 0 || row >= g.body() {
		g.top += row - g.cursor
	}
	g.SetCursor(row)
}

// Room returns how many rows the size shows.
func (g *Grid) Room() int { return g.body() }

// Move moves the cursor by n rows.
func (g *Grid) Move(n int) { g.SetCursor(g.cursor + n) }

// Page moves the cursor and the view by n pages.
func (g *Grid) Page(n int) { g.jump(n * g.body()) }

// HalfPage moves the cursor and the view by n half pages.
func (g *Grid) HalfPage(n int) { g.jump(n * max(g.body()/2, 1)) }

func (g *Grid) jump(n int) {
	g.top += n
	g.cursor += n
	g.reveal()
}

// Home moves the cursor to the first row.
func (g *Grid) Home() { g.SetCursor(0) }

// End moves the cursor to the last row known.
func (g *Grid) End() { g.SetCursor(g.n - 1) }

// Scroll moves the rows under a resting cursor by n lines, as the mouse wheel
// does; the cursor is taken along at the edges.
func (g *Grid) Scroll(n int) {
	g.top = max(min(g.top+n, g.n-g.body()), 0)
	g.cursor = min(max(g.cursor, g.top), g.top+g.body()-1)
	g.reveal()
}

// Sideways scrolls the columns by n cells; at 0 the layout that fits returns.
func (g *Grid) Sideways(n int) {
	g.left = max(g.left+n, 0)
	g.relayout()
}

// Visible returns the rows [first, last) that the size shows.
func (g *Grid) Visible() (first, last int) { return g.top, min(g.top+g.body(), g.n) }

// NearEnd reports whether the view is within a page of the last row known
// while there may be more: time to fetch.
func (g *Grid) NearEnd() bool { return g.more && g.top+2*g.body() >= g.n }

// Status says where the view stands: "1–40 of 12,403", "1–40 of at least
// 5,000", "no rows".
func (g *Grid) Status() string {
	if g.n == 0 {
		if g.more {
			return "…"
		}
		return "no rows"
	}
	first, last := g.Visible()
	s := text.Count(int64(first+1)) + "–" + text.Count(int64(last)) + " of "
	if g.more {
		s += "at least "
	}
	return s + text.Count(int64(g.n))
}

// body returns how many rows the size shows, at least 1.
func (g *Grid) body() int {
	if g.o.NoHeader || g.h < 2 {
		return max(g.h, 1)
	}
	return g.h - 1
}

// reveal brings cursor and place into their bounds and each other's sight.
func (g *Grid) reveal() {
	g.fresh = false
	g.cursor = max(min(g.cursor, g.n-1), 0)
	body := g.body()
	g.top = max(min(g.top, g.n-body), 0)
	g.top = max(min(g.top, g.cursor), g.cursor-body+1)
}
