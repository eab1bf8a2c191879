package profile

import (
	"context"
	"regexp"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
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

// look works out what to show, off the event loop. What was shown stays until
// it is there.
func (p *profilePage) look(t *page.Turn) {
	held, base := p.subject.held(), p.subject.base()
	if !p.subject.diff || base == held {
		base = nil
	}
	if held == nil {
		p.asks.look = 0
		p.show(nil)
		return
	}
	options := parseProfileFilter(p.filter)
	options.Value = p.subject.typ.value
	top := profiler.TopOptions{ByCum: p.top.byCum}
	t.AskElsewhere(p.asks.await(&p.asks.look, p.lookedReply), func(context.Context, *client.Client) (any, error) {
		return viewProfile(held, base, options, top)
	})
}

func viewProfile(held, base *loadedProfile, options profiler.Options, top profiler.TopOptions) (*shownProfile, error) {
	subject := held.profile
	if base != nil {
		var err error
		if subject, err = subject.Diff(base.profile, profiler.DiffBase, false); err != nil {
			return nil, err
		}
	}
	v, err := subject.View(options)
	if err != nil {
		return nil, err
	}
	return &shownProfile{of: held, base: base, view: v, table: v.Top(top), flame: v.Flame(), ours: subject.Ours()}, nil
}

func (p *profilePage) lookedReply(t *page.Turn, msg page.Reply) {
	shown, _ := msg.Value.(*shownProfile)
	if msg.Err != nil || shown == nil {
		p.fault = msg.Err.Error()
		p.show(nil)
		return
	}
	p.fault = ""
	for _, warning := range shown.view.Warnings() {
		t.Toast(page.LevelInfo, "%s", warning)
	}
	p.show(shown)
	p.function.ask(t, p.tab, &p.asks)
}

// show puts a profile on the screen; the cursors stay where they were, by name.
func (p *profilePage) show(shown *shownProfile) {
	p.shown = shown
	p.graph.show()
	p.top.show()
}

// current is the function under the cursor of the view; "" when there is none.
func (p drawing) current() string {
	switch p.tab {
	case profileTop:
		if r, ok := p.top.Chosen(); ok {
			return r.Name
		}
	case profileFlame:
		return p.graph.name()
	case profileCallers:
		if r, ok := p.function.callers.Chosen(); ok {
			return r.name
		}
	case profileSource:
		return p.function.name
	}
	return ""
}
