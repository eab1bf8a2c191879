package grid

import "strings"

// Find puts the cursor on the next row (step 1) or the one before (-1) of which
// a cell holds the text, in whatever case, around the end, and reports whether
// there is one. Rows that are not read yet hold nothing. Cells of
// [Cell.Styled] text are drawings and are not looked at.
func (g *Grid) Find(needle string, step int) bool {
	needle = strings.ToLower(needle)
	if needle == "" || g.o.Row == nil || g.n == 0 {
		return false
	}
	for i := 1; i <= g.n; i++ {
		row := ((g.cursor+i*step)%g.n + g.n) % g.n
		if g.holds(row, needle) {
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
