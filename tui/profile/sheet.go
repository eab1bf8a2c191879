package profile

import (
	"regexp"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// sheet is what all views draw their cells from.
type sheet struct {
	shown  *shownProfile  // nil: nothing to show yet
	search *regexp.Regexp // nil: none
	theme  page.Theme
}

// figure is a figure of what is shown. In a difference its sign says without colour
// which way it went; red is what grew, and blue what shrank.
func (s *sheet) figure(v int64) grid.Cell {
	words := s.shown.table.Format(v)
	up, down := "▲", "▼"
	if s.theme.Sym.ASCII {
		up, down = "+", "" // the figure has its minus
	}
	switch {
	case v == 0 || !s.shown.flame.Signed():
		return grid.Cell{Text: words, Pen: s.theme.Text}
	case v > 0:
		return grid.Cell{Text: up + words, Pen: s.theme.Bad}
	default:
		return grid.Cell{Text: down + words, Pen: s.theme.Name}
	}
}

// matchPen is the pen of a name, which the search may mark.
func (s *sheet) matchPen(name string) text.Pen {
	if s.search != nil && s.search.MatchString(name) {
		return s.theme.Match
	}
	return s.theme.Text
}
