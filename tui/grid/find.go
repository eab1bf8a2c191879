package grid

import "strings"

// Find puts the cursor on the next row (step 1) or the one before (-1) of which
// a cell holds the text, in whatever case, around the end, and reports whether
// there is one. Rows that are not read yet hold nothing. Cells of
// [Cell.Styled] text are drawings and are not looked at.
func (g *Grid) Find(needle string, step int) bool {
	needle = strings.ToLower(needle)
	return needle != "" && g.o.Row != nil && g.Seek(step, func(row int) bool { return g.holds(row, needle) })
}

// Seek is Find for rows that are what is asked for.
func (g *Grid) Seek(step int, is func(row int) bool) bool {
	for i := 1; i <= g.n; i++ {
		if row := ((g.cursor+i*step)%g.n + g.n) % g.n; is(row) {
			g.SetCursor(row)
			return true
		}
	}
	return false
}

func (g *Grid) holds(row int, needle string) bool {
	clear(g.cells)
	g.o.Row(row, g.cells)
	for i := range g.cells {
		if !g.cells[i].Styled && strings.Contains(strings.ToLower(g.cells[i].Text), needle) {
			return true
		}
	}
	return false
}
