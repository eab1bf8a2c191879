package kit

import (
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// Wheel returns -1 for up, 1 for down, 0 for anything else.
func Wheel(b tea.MouseButton) int {
	switch b {
	case tea.MouseWheelUp:
		return -1
	case tea.MouseWheelDown:
		return 1
	}
	return 0
}

// RestyleGrid makes a grid draw in the theme.
func RestyleGrid(g *grid.Grid, t page.Theme) {
	g.SetStyles(gridStyles(t))
	g.SetASCII(t.Sym.ASCII)
}

// gridStyles hands the theme's roles to a grid.
func gridStyles(t page.Theme) grid.Styles {
	return grid.Styles{
		Header: t.Muted, Text: t.Text, Selected: t.Selected, Blurred: t.Passive,
		Marked: t.Marked, Muted: t.Muted, Solid: t.Look == page.LookBasic,
	}
}

// BlankLines is h lines of w spaces.
func BlankLines(w, h int) []string {
	lines := make([]string, h)
	for i := range lines {
		lines[i] = text.Spaces(w)
	}
	return lines
}

// Filled is lines of w cells cut, or filled with blank ones, to exactly h.
func Filled(lines []string, w, h int) []string {
	lines = lines[:min(len(lines), h)]
	return append(lines, BlankLines(w, h-len(lines))...)
}

// WordLines is lines of words, one each, in exactly h lines of w cells.
func WordLines(t *page.Theme, words []string, w, h int) []string {
	lines := BlankLines(w, h)
	for i, line := range words[:min(len(words), h)] {
		lines[i] = t.Muted.Paint(text.Fit("  "+line, w))
	}
	return lines
}

// mover is what has a cursor: a grid, or a document.
type mover interface {
	Move(n int)
	HalfPage(n int)
	Page(n int)
	Home()
	End()
	Sideways(n int)
}

// MoveGrid does the movements that every list and document has, and reports whether the
// action was one. It takes no interface: the linker would keep the methods of one, for
// each type of list that has a grid in it.
func MoveGrid[G mover](g G, a page.Action) bool {
	switch a {
	case page.ActUp:
		g.Move(-1)
	case page.ActDown:
		g.Move(1)
	case page.ActHalfUp:
		g.HalfPage(-1)
	case page.ActHalfDown:
		g.HalfPage(1)
	case page.ActPageUp:
		g.Page(-1)
	case page.ActPageDown:
		g.Page(1)
	case page.ActTop:
		g.Home()
	case page.ActBottom:
		g.End()
	case page.ActLeft:
		g.Sideways(-8)
	case page.ActRight:
		g.Sideways(8)
	default:
		return false
	}
	return true
}

// Rect is a part of a page, from the cell at x and y on.
type Rect struct{ X, Y, W, H int }
