package profile

import (
	"regexp"
	"slices"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// profileTab is one of the ways to look at a profile.
type profileTab int

const (
	profileTop profileTab = iota
	profileFlame
	profileCallers
	profileSource
	profileKept
	profileTabs // how many there are
)

func (tab profileTab) String() string {
	return [...]string{"top", "flame", "callers", "source", "kept"}[tab]
}

// line is all tabs, with this one open.
func (tab profileTab) line() kit.Tabs {
	line := kit.Tabs{On: int(tab)}
	for other := range profileTabs {
		line.Labels = append(line.Labels, " "+other.String()+" ")
	}
	return line
}

// openHelp says what the key that opens does in it.
func (tab profileTab) openHelp() string {
	switch tab {
	case profileFlame:
		return "zoom to the function under the cursor"
	case profileKept:
		return "open the saved profile"
	case profileSource:
		return "show the function's callers"
	default:
		return "show the function's callers and callees"
	}
}

// sheet is what all views draw their cells from.
type sheet struct {
	shown  *shownProfile  // nil: nothing to show yet
	search *regexp.Regexp // nil: none
	theme  page.Theme
}

// figure is a figure of what is shown. In a difference its sign says without colour
// which way it went; red is what grew, and blue what shrank.
func (s *sheet) figure(v int64) grid.Cell { return s.signed(v, s.shown.table.Format(v)) }

// signed is a figure in words of its own.
func (s *sheet) signed(v int64, words string) grid.Cell {
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

// fit gives the first n columns of a table the room that their figures need: a
// difference to next to nothing is thousands of percent, and signs take a cell too.
func fit[R any](columns []kit.Column[*R], n int, t *page.Theme, rows []*R, fill func(*page.Theme, *R, []grid.Cell)) []kit.Column[*R] {
	cells := make([]grid.Cell, len(columns))
	for _, r := range rows {
		clear(cells)
		fill(t, r, cells)
		for i := range n {
			columns[i].Min = max(columns[i].Min, text.Width(cells[i].Text))
		}
	}
	return columns
}

// matchPen is the pen of a name, which the search may mark.
func (s *sheet) matchPen(name string) text.Pen {
	if s.search != nil && s.search.MatchString(name) {
		return s.theme.Match
	}
	return s.theme.Text
}

// views are the ways to look at what is shown, of which one is open.
type views struct {
	sheet
	tab      profileTab
	top      *topTable
	graph    *flameGraph
	function *function
	kept     *keptProfiles
}

func newViews(dir string) *views {
	v := new(views)
	v.top, v.graph, v.function, v.kept = newTopTable(&v.sheet), &flameGraph{sheet: &v.sheet}, newFunction(&v.sheet), newKept(&v.sheet, dir)
	return v
}

// show puts a profile on the screen; the cursors stay where they were, by name.
func (v *views) show(shown *shownProfile) {
	v.shown = shown
	v.graph.show()
	v.top.show()
}

// table is the open view where it is a table, else top.
func (v *views) table() *kit.Table {
	return [...]*kit.Table{&v.top.Table, &v.top.Table, &v.function.callers.Table, &v.function.source.Table, &v.kept.Table}[v.tab]
}

// current is the function under the cursor of the open view; "" when there is none.
func (v *views) current() string {
	switch v.tab {
	case profileTop:
		if r, ok := v.top.Chosen(); ok {
			return r.Name
		}
	case profileFlame:
		return v.graph.name()
	case profileCallers:
		if r, ok := v.function.callers.Chosen(); ok {
			return r.name
		}
	case profileSource:
		return v.function.name
	}
	return ""
}

// turn opens a view. Callers and source show the function that the cursor was on before.
func (v *views) turn(t *page.Turn, to profileTab, asks *profileAsks) {
	if name := v.current(); name != "" {
		v.function.name = name
	}
	v.tab = to
	if to == profileKept {
		v.kept.read(t, asks)
	}
	v.function.ask(t, to, asks)
}

// act does what concerns only what is on the screen.
func (v *views) act(t *page.Turn, a page.Action) {
	switch a {
	case page.ActSort:
		switch v.tab {
		case profileTop:
			v.top.Sorting.Ask(t, v.top.Grid)
		case profileKept:
			v.kept.Act(t, a)
		default:
			t.Toast(page.LevelInfo, "%s has an order of its own", v.tab)
		}
	case page.ActSearch:
		t.Prompt(page.Prompt{ID: "search", Label: "search", Hint: "a function's name, or a part of it"})
	case page.ActNextMatch:
		v.nextMatch(t, false)
	case page.ActPrevMatch:
		v.nextMatch(t, true)
	case page.ActCopyValue:
		if name := v.current(); name != "" {
			t.Copy("the function's name", name)
		}
	default:
		if v.tab == profileFlame {
			v.graph.move(a)
		} else {
			kit.MoveGrid(v.table().Grid, a)
		}
	}
}

// out zooms out, goes back to top, or ends the search: the first of them that
// there is something to do for. It reports whether there is.
func (v *views) out() bool {
	switch {
	case v.tab == profileFlame && v.graph.Graph != nil && v.graph.ZoomOut():
	case v.tab == profileCallers || v.tab == profileSource || v.tab == profileKept:
		v.tab = profileTop
	case v.search != nil:
		v.search = nil
		v.graph.mark()
	default:
		return false
	}
	return true
}

// find searches for what matches; "" ends the search.
func (v *views) find(t *page.Turn, expr string) {
	v.search = nil
	if expr != "" {
		rx, err := regexp.Compile("(?i)" + expr)
		if err != nil {
			t.Toast(page.LevelWarn, "not a regular expression: %v", err)
			return
		}
		v.search = rx
	}
	if matches := v.graph.mark(); matches != nil && v.tab == profileFlame {
		share := profiler.Percent(matches.Weight, v.graph.tree.Weight(v.graph.Zoomed()))
		t.Toast(page.LevelInfo, "%d bars match, %s of what is shown", matches.Count, share)
	}
	v.nextMatch(t, false)
}

// nextMatch goes to the next function that the search finds, or to the one before.
func (v *views) nextMatch(t *page.Turn, back bool) {
	if v.search == nil {
		return
	}
	found := false
	switch v.tab {
	case profileFlame:
		found = v.graph.next(back)
	case profileTop:
		found = nextRow(v.top.List, v.search, back, func(r *profiler.Row) string { return r.Name })
	case profileCallers:
		found = nextRow(v.function.callers, v.search, back, func(r *callRow) string { return r.name })
	case profileSource:
		found = nextRow(v.function.source, v.search, back, func(r *sourceRow) string { return r.text })
	case profileKept:
		found = nextRow(v.kept.List, v.search, back, func(s *profiler.Session) string { return s.ID + " " + s.Note })
	}
	if !found {
		t.Toast(page.LevelInfo, "nothing here matches")
	}
}

func nextRow[R any](l *kit.List[R], search *regexp.Regexp, back bool, name func(R) string) bool {
	n, step := len(l.Rows()), 1
	if back {
		step = n - 1
	}
	for i, at := 0, max(0, l.Cursor()); i < n; i++ {
		if at = (at + step) % n; search.MatchString(name(l.Rows()[at])) {
			l.SetCursor(at)
			return true
		}
	}
	return false
}

func (v *views) wheel(by int) {
	switch {
	case v.tab != profileFlame:
		v.table().Scroll(3 * by)
	case v.graph.Graph != nil:
		v.graph.Scroll(2 * by)
	}
}

func (v *views) restyle(env *page.Env) {
	v.kept.zone = env.Now.Location()
	if v.theme.Serial == env.Theme.Serial {
		return
	}
	v.theme = env.Theme
	for _, table := range []*kit.Table{&v.top.Table, &v.function.callers.Table, &v.function.source.Table, &v.kept.Table} {
		table.Restyle(&v.theme)
	}
	v.graph.restyle()
}

// lines draw the open view; under a table, in a line or two, the name under the
// cursor where the table has no room for the whole of it.
func (v *views) lines(w, h int) []string {
	if v.tab == profileFlame {
		return v.graph.lines(w, h)
	}
	g := v.table()
	g.SetFocus(true)
	g.SetSize(w, h)
	whole := v.whole(w, h)
	g.SetSize(w, h-len(whole))
	return append(slices.Clone(g.Lines()), whole...)
}

// mostWhole is how many lines a whole name may take.
const mostWhole = 3

// whole is the name under the cursor of top or callers, broken into lines; nil
// where it fits its column, or where there is no room for it.
func (v *views) whole(w, h int) []string {
	if v.tab != profileTop && v.tab != profileCallers || h < 8 {
		return nil
	}
	column := topNames
	if v.tab == profileCallers {
		column = callNames
	}
	name := text.Sanitize(v.current())
	if text.Width(name) <= v.table().Width(column) {
		return nil
	}
	var lines []string
	for left := 0; left < text.Width(name) && len(lines) < mostWhole; left += w - 1 {
		lines = append(lines, v.theme.Title.Paint(" "+text.Cut(name, left, w-1)))
	}
	return lines
}
