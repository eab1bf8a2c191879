package profile

import (
	"regexp"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// shownProfile is what the views draw from. It never changes.
type shownProfile struct {
	of, base *loadedProfile // base: nil without a difference
	view     *profiler.View
	table    *profiler.Table
	flame    *profiler.Flame
	ours     bool // it is of evtui, so that the UI's share is left out
}

// compared is what the profile is compared with; nil for nothing.
func (s *shownProfile) compared() *loadedProfile {
	if s == nil {
		return nil
	}
	return s.base
}

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

// nextRow puts the cursor on the next of n rows that the search finds, or on the
// one before, and reports whether there is one.
func (s *sheet) nextRow(g *grid.Grid, n int, back bool, name func(int) string) bool {
	step := 1
	if back {
		step = n - 1
	}
	for i, at := 0, max(0, g.Cursor()); i < n; i++ {
		if at = (at + step) % n; s.search.MatchString(name(at)) {
			g.SetCursor(at)
			return true
		}
	}
	return false
}
