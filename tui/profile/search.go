package profile

import (
	"regexp"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (p *profilePage) searchFor(t *page.Turn, expr string) {
	p.search = nil
	if expr != "" {
		rx, err := regexp.Compile("(?i)" + expr)
		if err != nil {
			t.Toast(page.LevelWarn, "not a regular expression: %v", err)
			return
		}
		p.search = rx
	}
	if matches := p.graph.mark(); matches != nil && p.tab == profileFlame {
		p.graph.tally(t, matches)
	}
	if p.search != nil {
		p.nextMatch(t, false)
	}
}

// nextMatch goes to the next function that the search finds, or to the one
// before.
func (p *profilePage) nextMatch(t *page.Turn, back bool) {
	if p.search == nil {
		return
	}
	found := false
	switch p.tab {
	case profileFlame:
		found = p.graph.next(back)
	case profileTop:
		found = nextRow(p.top.List, p.search, back, func(r *profiler.Row) string { return r.Name })
	case profileCallers:
		found = nextRow(p.function.callers, p.search, back, func(r *callRow) string { return r.name })
	case profileSource:
		found = nextRow(p.function.source, p.search, back, func(r *sourceRow) string { return r.text })
	case profileKept:
		found = nextRow(p.kept.List, p.search, back, func(s *profiler.Session) string { return s.ID + " " + s.Note })
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
