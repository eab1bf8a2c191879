package tui

import (
	"slices"

	"github.com/evtui/evtui/tui/grid"
)

// sorting is the order that a click on a column's head asks for: the greatest
// first, then the least first, then the page's own order again.
type sorting struct {
	column int
	on     bool
	up     bool // the least first
}

// click takes a click on a grid's head.
func (s *sorting) click(g *grid.Grid, column int) {
	switch {
	case !s.on || s.column != column:
		*s = sorting{column: column, on: true}
	case !s.up:
		s.up = true
	default:
		*s = sorting{}
	}
	if s.on {
		g.SetSort(s.column, !s.up)
	} else {
		g.SetSort(-1, false)
	}
}

// sorted orders rows by the column, compared by the page; equal ones, and all
// when no order is asked for, stay as they are.
func sorted[R any](s sorting, rows []R, compare func(a, b R, column int) int) {
	if !s.on {
		return
	}
	slices.SortStableFunc(rows, func(a, b R) int {
		if s.up {
			return compare(a, b, s.column)
		}
		return compare(b, a, s.column)
	})
}
