package grid

// layout is where the columns stand.
type layout struct {
	shown  []int // columns on the screen, from left to right
	widths []int // of the shown ones
	gutter int
	gap    int // cells between two columns
	total  int // cells of all that is shown, without the gutter
}

const (
	gutterWidth = 2
	marginWidth = 30 // from here on the last cell stays free
	roomyWidth  = 80 // from here on columns stand two cells apart
)

func (g *Grid) relayout() {
	g.layout = fit(g.o.Columns, g.w)
	if g.left > 0 {
		g.layout = g.spread()
		g.left = max(min(g.left, g.layout.total-(g.w-g.layout.gutter)), 0)
	}
	if g.rows == nil {
		g.rows = map[int]string{}
	}
	if len(g.cells) != len(g.o.Columns) {
		g.cells = make([]Cell, len(g.o.Columns))
	}
	g.Changed()
}

// fit lays columns out in w cells: optional ones go first, the flexible
// share what is left, and at the very end the last ones are cut.
func fit(columns []Column, w int) layout {
	l := layout{gap: 1}
	if w >= roomyWidth {
		l.gap = 2
	}
	if w > 4*gutterWidth {
		l.gutter = gutterWidth
	}
	room := w - l.gutter
	if w >= marginWidth {
		room-- // figures do not touch the border
	}
	for i := range columns {
		l.shown = append(l.shown, i)
	}
	for {
		need := l.measure(columns)
		drop := l.optional(columns)
		if need <= room || drop < 0 {
			break
		}
		l.shown = append(l.shown[:drop], l.shown[drop+1:]...)
	}
	l.squeeze(room)
	l.stretch(columns, room)
	return l
}

// measure gives the shown columns their least widths and returns the sum.
func (l *layout) measure(columns []Column) int {
	l.widths = l.widths[:0]
	l.total = max(len(l.shown)-1, 0) * l.gap
	for _, c := range l.shown {
		minimum := max(columns[c].Min, 1)
		l.widths = append(l.widths, minimum)
		l.total += minimum
	}
	return l.total
}

// optional returns the place in shown of the column that goes next, or -1.
func (l *layout) optional(columns []Column) int {
	place := -1
	for i, c := range l.shown {
		p := columns[c].Priority
		if p > 0 && (place < 0 || p >= columns[l.shown[place]].Priority) {
			place = i
		}
	}
	return place
}

// squeeze cuts the columns from the right until they fit; those left without
// a cell go.
func (l *layout) squeeze(room int) {
	for i := len(l.widths) - 1; i >= 0 && l.total > room; i-- {
		minimum := 1
		if i > 0 {
			minimum = 0
		}
		cut := min(l.total-room, l.widths[i]-minimum)
		l.widths[i] -= cut
		l.total -= cut
		if l.widths[i] == 0 {
			l.shown, l.widths = l.shown[:i], l.widths[:i]
			l.total -= l.gap
		}
	}
	l.total = max(l.total, 0)
}

// stretch gives the room that is left to the flexible columns, by their
// shares and up to their bounds.
func (l *layout) stretch(columns []Column, room int) {
	for room > l.total {
		shares, last := 0, -1
		for i, c := range l.shown {
			if columns[c].growable(l.widths[i]) {
				shares += columns[c].Flex
				last = i
			}
		}
		if shares == 0 {
			return
		}
		spare, given := room-l.total, 0
		for i, c := range l.shown {
			if !columns[c].growable(l.widths[i]) {
				continue
			}
			more := spare * columns[c].Flex / shares
			if i == last {
				more = spare - given
			}
			if bound := columns[c].Max; bound > 0 {
				more = min(more, bound-l.widths[i])
			}
			l.widths[i] += more
			given += more
		}
		if l.total += given; given == 0 {
			return
		}
	}
}

func (c Column) growable(width int) bool {
	return c.Flex > 0 && (c.Max == 0 || width < c.Max)
}

// spread is the layout while the grid is scrolled sideways: all columns, each
// as wide as it likes to be.
func (g *Grid) spread() layout {
	l := layout{gap: g.layout.gap, gutter: g.layout.gutter}
	for i, c := range g.o.Columns {
		width := max(c.Min, c.Wide, 1)
		for j, shown := range g.layout.shown {
			if shown == i {
				width = max(width, g.layout.widths[j])
			}
		}
		l.shown = append(l.shown, i)
		l.widths = append(l.widths, width)
		l.total += width
	}
	l.total += max(len(l.shown)-1, 0) * l.gap
	return l
}

// HitRow returns the row at a cell of the grid (0,0 is its upper left), or -1.
func (g *Grid) HitRow(x, y int) int {
	if x < 0 || x >= g.w || y < g.h-g.body() || y >= g.h {
		return -1
	}
	if row := g.top + y - (g.h - g.body()); row < g.n {
		return row
	}
	return -1
}

// HitHeader returns the column whose head is at a cell of the grid, or -1.
func (g *Grid) HitHeader(x, y int) int {
	if y != 0 || g.body() == g.h || x < g.layout.gutter || x >= g.w {
		return -1
	}
	x += g.left - g.layout.gutter
	for i, width := range g.layout.widths {
		if x < width {
			return g.layout.shown[i]
		}
		x -= width + g.layout.gap
		if x < 0 {
			return -1
		}
	}
	return -1
}

// Width returns how many cells a column has on the screen, 0 when it has gone,
// for content that is made to measure, such as bars.
func (g *Grid) Width(column int) int {
	for i, c := range g.layout.shown {
		if c == column {
			return g.layout.widths[i]
		}
	}
	return 0
}

// Size returns the cells and lines that Lines fills.
func (g *Grid) Size() (w, h int) { return g.w, g.h }
