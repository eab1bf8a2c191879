package page

// Layout is a rung of the ladder: how much a page can show side by side. It
// goes by the width of the whole screen.
type Layout int

// The rungs, narrowest first.
const (
	LayoutTiny    Layout = iota // under 60×15: a status page instead of the panes
	LayoutOne                   // under 80 columns: one pane, short columns
	LayoutStacked               // 80 to 99: one pane, a preview below
	LayoutTwo                   // 100 to 139: two panes side by side
	LayoutThree                 // 140 and more: three
)

// LayoutFor returns the rung for a screen of w×h cells.
func LayoutFor(w, h int) Layout {
	switch {
	case w < 60 || h < 15:
		return LayoutTiny
	case w < 80:
		return LayoutOne
	case w < 100:
		return LayoutStacked
	case w < 140:
		return LayoutTwo
	}
	return LayoutThree
}
