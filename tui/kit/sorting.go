package kit

import (
	"slices"

	"github.com/evtui/evtui/tui/grid"
)

// Sorting is the order that a click on a column's head asks for: the greatest
// first, then the least first, then the page's own order again.
type Sorting struct {
	Column int
	On     bool
	up     bool // the least first
}

// Click takes a click on a grid's head.
func (s *Sorting) Click(g *grid.Grid, column int) {
	switch {
	case !s.On || s.Column != column:
		*s = Sorting{Column: column, On: true}
	case !s.up:
		s.up = true
	default:
		*s = Sorting{}
	}
	if s.On {
		g.SetSort(s.Column, !s.up)
	} else {
		g.SetSort(-1, false)
	}
}

// Sorted orders rows by the column, compared by the page; equal ones, and all
// when no order is asked for, stay as they are.
func Sorted[R any](s Sorting, rows []R, compare func(a, b R, column int) int) {
	if !s.On {
		return
	}
	slices.SortStableFunc(rows, func(a, b R) int {
		if s.up {
			return compare(a, b, s.Column)
		}
		return compare(b, a, s.Column)
	})
}
