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

// arrival is the page of the place, and what it is told to be there again; nil: it
// has but one place.
func (s spot) arrival() (name page.Name, msg any) {
	if s.at == nil {
		return s.page, nil
	}
	return s.page, page.ReturnMsg{Spot: s.at}
}

// trail is the places that the user was at before, the newest last.
type trail []spot

func (t *trail) remember(s spot) {
	*t = append(*t, s)
	*t = (*t)[max(0, len(*t)-trailMost):]
}

// back returns the place before, and forgets it.
func (t *trail) back() (s spot, ok bool) {
	n := len(*t)
	if n == 0 {
		return spot{}, false
	}
	s, *t = (*t)[n-1], (*t)[:n-1]
	return s, true
}

// backTo forgets a place that the page itself kept, and those since: what is before
// it is then the last view again.
func (t *trail) backTo(at any) {
	for i := len(*t) - 1; i >= 0; i-- {
		if (*t)[i].at == at {
			*t = (*t)[:i]
			return
		}
	}
}

func (a *app) here() spot {
	s := spot{page: a.page, namespace: a.env.Namespace}
	if pane, ok := a.panes[a.page].(page.Placed); ok {
		s.at = pane.Spot()
	}
	return s
}

// back goes to the place before, and forgets the one that it leaves.
func (a *app) back() tea.Cmd {
	s, ok := a.trail.back()
	switch {
	case !ok:
		return a.say(page.LevelInfo, "this is where you came in: there is no place before")
	case s.namespace != a.env.Namespace:
		return a.reach.enter(page.Location{Page: s.page, Namespace: s.namespace}, &s)
	}
	return a.arrive(s.arrival())
}
