package grid

// Grid is a virtual table with its cursor, scroll position and marks.
type Grid struct{ lines []string }

// New makes a grid of no rows and no size.
func New(o Options) *Grid { return &Grid{} }

// SetSize sets the cells and lines that Lines fills, header included.
func (g *Grid) SetSize(w, h int) {}

// SetLen sets how many rows there are; more says that there are at least
// that many. Rows known before are kept as rendered. The cursor stays.
func (g *Grid) SetLen(rows int, more bool) {}

// SetColumns replaces the columns.
func (g *Grid) SetColumns(columns []Column) {}

// SetStyles replaces the pens.
func (g *Grid) SetStyles(s Styles) {}

// SetFocus says whether the cursor's row is drawn as Selected or as Blurred.
func (g *Grid) SetFocus(on bool) {}

// SetEmpty sets what is shown when there are no rows.
func (g *Grid) SetEmpty(text string) {}

// SetSort shows a sort mark at the head of a column; -1: none.
func (g *Grid) SetSort(column int, descending bool) {}

// Changed drops all rendered rows: their content is different now.
func (g *Grid) Changed() {}

// ChangedRow drops one rendered row.
func (g *Grid) ChangedRow(row int) {}

// Shift keeps cursor, place and marks on the rows they are on after n rows
// were inserted before the first (n > 0) or -n rows removed there (n < 0).
func (g *Grid) Shift(n int) {}

// Len returns the number of rows, and whether there may be more.
func (g *Grid) Len() (rows int, more bool) { return 0, false }

// Cursor returns the row under the cursor, -1 when there are none.
func (g *Grid) Cursor() int { return -1 }

// SetCursor moves the cursor to a row (or the nearest there is) and into view.
func (g *Grid) SetCursor(row int) {}

// Move moves the cursor by n rows.
func (g *Grid) Move(n int) {}

// Page moves the cursor by n pages, HalfPage by n half pages.
func (g *Grid) Page(n int) {}

// HalfPage moves the cursor by n half pages.
func (g *Grid) HalfPage(n int) {}

// Home moves the cursor to the first row.
func (g *Grid) Home() {}

// End moves the cursor to the last row known.
func (g *Grid) End() {}

// Scroll moves the rows under a resting cursor by n lines, as the mouse wheel
// does; the cursor is taken along at the edges.
func (g *Grid) Scroll(n int) {}

// Sideways scrolls the columns by n cells; at 0 the layout that fits returns.
func (g *Grid) Sideways(n int) {}

// ToggleMark marks or unmarks a row.
func (g *Grid) ToggleMark(row int) {}

// ClearMarks unmarks all rows.
func (g *Grid) ClearMarks() {}

// Marks returns the marked rows, ascending.
func (g *Grid) Marks() []int { return nil }

// Visible returns the rows [first, last) that the size shows.
func (g *Grid) Visible() (first, last int) { return 0, 0 }

// NearEnd reports whether the view is within a page of the last row known
// while there may be more: time to fetch.
func (g *Grid) NearEnd() bool { return false }

// HitRow returns the row at a cell of the grid (0,0 is its upper left), or -1.
func (g *Grid) HitRow(x, y int) int { return -1 }

// HitHeader returns the column whose head is at a cell of the grid, or -1.
func (g *Grid) HitHeader(x, y int) int { return -1 }

// Status says where the view stands: "1–40 of 12,403", "1–40 of at least
// 5,000", "no rows".
func (g *Grid) Status() string { return "" }

// Lines returns the grid in exactly the lines and cells of its size. The slice
// is the grid's, valid until its next change.
func (g *Grid) Lines() []string { return g.lines }
