package tui

import "github.com/evtui/evtui/tui/grid"

// finderPrompt names the prompt of a search.
const finderPrompt = "search"

// finder is the search of a page that has all its rows at hand.
type finder struct{ query string }

// bindings are what can be done with it.
func (f *finder) bindings() []Binding {
	return []Binding{Bind(ActSearch, "", "search"), Bind(ActNextMatch, "", ""), Bind(ActPrevMatch, "", "")}
}

// act opens the prompt or goes on to the next match, and reports whether the
// action was one of those.
func (f *finder) act(t *Turn, a Action, g *grid.Grid) bool {
	switch a {
	case ActSearch:
		t.Prompt(Prompt{ID: finderPrompt, Label: "search", Hint: "text among the rows here"})
	case ActNextMatch:
		f.next(t, g, 1)
	case ActPrevMatch:
		f.next(t, g, -1)
	default:
		return false
	}
	return true
}

// prompted takes the line that is searched for.
func (f *finder) prompted(t *Turn, msg PromptMsg, g *grid.Grid) {
	if msg.State == PromptDone {
		f.query = msg.Text
		f.next(t, g, 1)
	}
}

func (f *finder) next(t *Turn, g *grid.Grid, step int) {
	switch {
	case f.query == "" || g == nil:
	case !g.Find(f.query, step):
		t.Toast(LevelWarn, "%q is not among the rows here", f.query)
	}
}
