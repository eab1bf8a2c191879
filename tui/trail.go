package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/page"
)

// trailMost is how many places are kept to go back to.
const trailMost = 50

// spot is a place that the user has been at.
type spot struct {
	page      page.Name
	namespace string
	at        any // where on the page, as it knows; nil: it has but one place
}

func (a *app) here() spot {
	s := spot{page: a.page, namespace: a.env.Namespace}
	if pane, ok := a.panes[a.page].(page.Placed); ok {
		s.at = pane.Spot()
	}
	return s
}

func (a *app) remember(s spot) {
	a.trail = append(a.trail, s)
	a.trail = a.trail[max(0, len(a.trail)-trailMost):]
}

// back goes to the place before, and forgets the one that it leaves.
func (a *app) back() tea.Cmd {
	n := len(a.trail)
	if n == 0 {
		return a.say(page.LevelInfo, "this is where you came in: there is no place before")
	}
	s := a.trail[n-1]
	a.trail = a.trail[:n-1]
	if s.namespace != a.env.Namespace {
		return a.reach.enter(page.Location{Page: s.page, Namespace: s.namespace}, &s)
	}
	return a.returnTo(s)
}

// comeBack goes back to a place of a page that the page itself kept, and forgets
// those since: what is before it is then the last view again.
func (a *app) comeBack(name page.Name, at any) tea.Cmd {
	for i := len(a.trail) - 1; i >= 0; i-- {
		if a.trail[i].at == at {
			a.trail = a.trail[:i]
			break
		}
	}
	return a.deliver(name, page.ReturnMsg{Spot: at})
}

func (a *app) returnTo(s spot) tea.Cmd {
	cmd := a.turn(s.page)
	if s.at == nil {
		return cmd
	}
	return tea.Batch(cmd, a.deliver(s.page, page.ReturnMsg{Spot: s.at}))
}
