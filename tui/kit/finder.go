package kit

import (
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// FinderPrompt names the prompt of a search.
const FinderPrompt = "search"

// Finder is the search of a page that has all its rows at hand.
type Finder struct{ query string }

// Bindings are what can be done with it.
func (f *Finder) Bindings() []page.Binding {
	return []page.Binding{page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", "")}
}

// Act opens the prompt or goes on to the next match, and reports whether the
// action was one of those.
func (f *Finder) Act(t *page.Turn, a page.Action, g *grid.Grid) bool {
	switch a {
	case page.ActSearch:
		t.Prompt(page.Prompt{ID: FinderPrompt, Label: "search", Hint: "search the rows loaded here"})
	case page.ActNextMatch:
		f.next(t, g, 1)
	case page.ActPrevMatch:
		f.next(t, g, -1)
	default:
		return false
	}
	return true
}

// Prompted takes the line that is searched for.
func (f *Finder) Prompted(t *page.Turn, msg page.PromptMsg, g *grid.Grid) {
	if msg.State == page.PromptDone {
		f.query = msg.Text
		f.next(t, g, 1)
	}
}

func (f *Finder) next(t *page.Turn, g *grid.Grid, step int) {
	switch {
	case f.query == "" || g == nil:
	case !g.Find(f.query, step):
		t.Toast(page.LevelWarn, "no match for %q in the rows loaded here", f.query)
	}
}
