package tui

import (
	"fmt"
	"regexp"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/grid"
)

// The seconds that a capture may take, and how they grow.
func captureLengths() []int { return []int{1, 2, 5, 10, 20, 30, 60} }

func (p *profilePage) act(t *Turn, a Action) {
	switch a {
	case ActCapture:
		p.capture(t)
	case ActKind:
		p.nextType(t)
	case ActNextTab:
		p.turn(t, (p.tab+1)%profileTabs)
	case ActPrevTab:
		p.turn(t, (p.tab+profileTabs-1)%profileTabs)
	case ActOpen:
		p.openCursor(t)
	case ActOut:
		p.out(t)
	case ActBaseline:
		p.setBase(t)
	case ActDifference:
		p.toggleDiff(t)
	case ActExport:
		p.keep(t)
	case ActFollow:
		p.auto = !p.auto
	case ActPause:
		p.auto = false
	case ActMore:
		p.lengthen(t, 1)
	case ActLess:
		p.lengthen(t, -1)
	case ActRefresh:
		p.list(t)
	default:
		p.actOnView(t, a)
	}
}

// actOnView does what concerns only what is on the screen.
func (p *profilePage) actOnView(t *Turn, a Action) {
	switch a {
	case ActOrder:
		p.byCum = !p.byCum
		p.look(t)
	case ActFilter:
		t.Prompt(Prompt{ID: "filter", Label: "filter", Hint: "method=stream.write, FUNCTION, !LEFT-OUT, ui", Text: p.filter})
	case ActSearch:
		t.Prompt(Prompt{ID: "search", Label: "search", Hint: "a function's name, or a part of it"})
	case ActNextMatch:
		p.nextMatch(t, false)
	case ActPrevMatch:
		p.nextMatch(t, true)
	case ActCopyValue:
		if name := p.current(); name != "" {
			t.Copy("the function's name", name)
		}
	case ActCopyView:
		p.copyCommand(t)
	default:
		p.move(a)
	}
}

// nextType looks at the next type.
func (p *profilePage) nextType(t *Turn) {
	types := profileTypes()
	for {
		p.typ = (p.typ + 1) % len(types)
		if p.kind().kind != "" || p.loaded[""] != nil {
			break
		}
	}
	p.fault = ""
	p.look(t)
}

// turn opens a view. Callers and source show the function that the cursor was
// on in the view left.
func (p *profilePage) turn(t *Turn, to profileTab) {
	if name := p.current(); name != "" {
		p.function = name
	}
	p.tab = to
	if to == profileKept {
		p.list(t)
		return
	}
	p.follow(t)
}

// openCursor opens what the cursor is on.
func (p *profilePage) openCursor(t *Turn) {
	switch p.tab {
	case profileFlame:
		if p.graph != nil {
			p.graph.Zoom(p.graph.Cursor())
		}
	case profileKept:
		p.open(t, false)
	default:
		p.turn(t, profileCallers)
	}
}

// out cancels, zooms out, goes back to top, or clears the filter: the first of
// them that there is something to do for.
func (p *profilePage) out(t *Turn) {
	switch {
	case p.job != nil:
		p.auto = false
		p.job.cancel()
	case p.tab == profileFlame && p.graph != nil && p.graph.ZoomOut():
	case p.tab == profileCallers || p.tab == profileSource || p.tab == profileKept:
		p.tab = profileTop
	case p.search != nil:
		p.search = nil
		p.markMatches()
	case p.filter != "":
		p.filter = ""
		p.look(t)
	}
}

func (p *profilePage) setBase(t *Turn) {
	if p.tab == profileKept {
		p.open(t, true)
		return
	}
	typ := p.kind()
	held := p.loaded[typ.kind]
	if held == nil {
		t.Toast(LevelInfo, "there is no %s profile yet: c captures one", kindName(typ.kind))
		return
	}
	p.bases[typ.kind] = held
	t.Toast(LevelInfo, "this is the baseline now; capture again and press d for the difference")
	p.look(t)
}

func (p *profilePage) toggleDiff(t *Turn) {
	kind := p.kind().kind
	switch {
	case p.diff:
		p.diff = false
	case p.bases[kind] == nil:
		t.Toast(LevelInfo, "there is no baseline for %s profiles: b takes the one shown", kindName(kind))
		return
	case p.bases[kind] == p.loaded[kind]:
		t.Toast(LevelInfo, "this is the baseline itself: capture again first")
		return
	default:
		p.diff = true
	}
	p.look(t)
}

// lengthen makes captures longer or shorter by a step.
func (p *profilePage) lengthen(t *Turn, by int) {
	lengths := captureLengths()
	at := 0
	for i, n := range lengths {
		if n <= p.seconds {
			at = i
		}
	}
	p.seconds = lengths[min(max(0, at+by), len(lengths)-1)]
	t.Toast(LevelInfo, "a capture takes %d s", p.seconds)
}

func (p *profilePage) prompted(t *Turn, msg PromptMsg) {
	if msg.State != PromptDone {
		return
	}
	switch msg.ID {
	case "filter":
		if _, err := regexp.Compile(parseProfileFilter(msg.Text).Focus); err != nil {
			t.Toast(LevelWarn, "not a filter: %v", err)
			return
		}
		p.filter = msg.Text
		p.look(t)
	case "search":
		p.searchFor(t, msg.Text)
	}
}

func (p *profilePage) searchFor(t *Turn, expr string) {
	p.search = nil
	if expr != "" {
		rx, err := regexp.Compile("(?i)" + expr)
		if err != nil {
			t.Toast(LevelWarn, "not an expression: %v", err)
			return
		}
		p.search = rx
	}
	if matches := p.markMatches(); matches != nil && p.tab == profileFlame {
		share := profiler.Percent(matches.Weight, p.shown.flame.Weight(p.graph.Zoomed()))
		t.Toast(LevelInfo, "%d bars match, %s of what is shown", matches.Count, share)
	}
	if p.search != nil {
		p.nextMatch(t, false)
	}
}

// markMatches colours what the search finds in the flame graph.
func (p *profilePage) markMatches() *profiler.Matches {
	if p.graph == nil {
		return nil
	}
	if p.search == nil {
		p.graph.SetMatches(nil)
		return nil
	}
	matches, err := p.shown.flame.Search(p.search.String(), p.graph.Zoomed())
	if err != nil {
		return nil
	}
	p.graph.SetMatches(matches.Nodes)
	return matches
}

// nextMatch goes to the next function that the search finds, or to the one
// before.
func (p *profilePage) nextMatch(t *Turn, back bool) {
	if p.search == nil {
		return
	}
	found := false
	switch p.tab {
	case profileFlame:
		p.markMatches()
		found = p.graph != nil && p.graph.NextMatch(back)
	case profileTop:
		n, _ := p.topGrid.Len()
		found = p.nextRow(p.topGrid, n, back, func(i int) string { return p.shown.table.Rows[i].Name })
	case profileCallers:
		found = p.nextRow(p.callGrid, len(p.calls), back, func(i int) string { return p.calls[i].name })
	case profileSource:
		found = p.nextRow(p.sourceGrid, len(p.source), back, func(i int) string { return p.source[i].text })
	case profileKept:
		found = p.nextRow(p.keptGrid, len(p.sessions), back, func(i int) string { return p.sessions[i].ID + " " + p.sessions[i].Note })
	}
	if !found {
		t.Toast(LevelInfo, "nothing here matches")
	}
}

func (p *profilePage) nextRow(g *grid.Grid, n int, back bool, name func(int) string) bool {
	step := 1
	if back {
		step = n - 1
	}
	for i, at := 0, max(0, g.Cursor()); i < n; i++ {
		if at = (at + step) % n; p.search.MatchString(name(at)) {
			g.SetCursor(at)
			return true
		}
	}
	return false
}

// copyCommand copies how to look at the same in go tool pprof: at the kept
// file, or at the server.
func (p *profilePage) copyCommand(t *Turn) {
	held, typ := p.loaded[p.kind().kind], p.kind()
	command := "go tool pprof"
	if typ.value != "" {
		command += " -sample_index=" + typ.value
	}
	switch {
	case held != nil && held.about.ID != "":
		command += fmt.Sprintf(" %q", profiler.SessionPath(p.dir, held.about.ID))
	case t.URL != "":
		path := string(typ.kind)
		if typ.kind == profiler.CPU {
			path = fmt.Sprintf("profile?seconds=%d", p.seconds)
		}
		command += fmt.Sprintf(" %q", t.URL+"/debug/pprof/"+path)
	default:
		t.Toast(LevelInfo, "keep the profile first (x): there is no network to fetch it over")
		return
	}
	t.Copy("a go tool pprof command", command)
}

// move moves the cursor of the open view.
func (p *profilePage) move(a Action) {
	if p.tab != profileFlame {
		moveGrid(p.openGrid(), a)
		return
	}
	if p.graph == nil {
		return
	}
	switch a {
	case ActDown:
		p.graph.Down()
	case ActUp:
		p.graph.Up()
	case ActLeft:
		p.graph.Sideways(-1)
	case ActRight:
		p.graph.Sideways(1)
	case ActTop:
		p.graph.SetCursor(p.graph.Zoomed())
	case ActHalfDown, ActPageDown:
		p.graph.Scroll(10)
	case ActHalfUp, ActPageUp:
		p.graph.Scroll(-10)
	case ActBottom:
		for p.graph.Down() {
		}
	}
}

func (p *profilePage) openGrid() *grid.Grid {
	switch p.tab {
	case profileCallers:
		return p.callGrid
	case profileSource:
		return p.sourceGrid
	case profileKept:
		return p.keptGrid
	default:
		return p.topGrid
	}
}

func (p *profilePage) wheel(by int) {
	switch {
	case p.tab != profileFlame:
		p.openGrid().Scroll(3 * by)
	case p.graph != nil:
		p.graph.Scroll(2 * by)
	}
}

// click opens a tab, or puts the cursor somewhere; a click on the bar under
// the cursor zooms to it.
func (p *profilePage) click(t *Turn, x, y int) {
	head := p.headHeight(t.Height)
	switch {
	case y < head:
		if tab, ok := p.tabAt(x); ok && y == 0 {
			p.turn(t, tab)
		}
	case p.tab != profileFlame:
		if row := p.openGrid().HitRow(x, y-head); row >= 0 {
			p.openGrid().SetCursor(row)
		}
	case p.graph != nil:
		if node, ok := p.graph.Hit(x, y-head); ok {
			if node == p.graph.Cursor() {
				p.graph.Zoom(node)
			}
			p.graph.SetCursor(node)
		}
	}
}
