package profile

import (
	"fmt"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// View implements [page.Pane].
func (p *profilePage) View(env page.Env, w, h int) string {
	p.views.restyle(&env)
	head := []string{text.Fit(p.views.tab.line().Line(&env.Theme), w), p.status(env, w)}[:headHeight(h)]
	return strings.Join(append(head, p.body(env, w, h-len(head))...), "\n")
}

func headHeight(h int) int { return min(2, h/4) }

// status is one line: how far a capture is, what went wrong, or what is shown.
func (p *profilePage) status(env page.Env, w int) string {
	t := env.Theme
	switch {
	case p.captures.job != nil:
		return p.captures.job.line(env, w)
	case p.fault != "":
		return t.Bad.Paint(text.Fit(" "+text.Sanitize(p.fault), w))
	case p.views.shown == nil:
		return t.Muted.Paint(text.Fit(" nothing captured yet: c captures, t changes the type", w))
	}
	return t.Muted.Paint(text.Fit(" "+p.views.shown.summary(env, p.captures.program != nil), w))
}

func (p *profilePage) body(env page.Env, w, h int) []string {
	ofProfile, shown := p.views.tab == profileTop || p.views.tab == profileFlame, p.views.shown
	switch {
	case h <= 0:
		return nil
	case ofProfile && shown == nil:
		return kit.WordLines(&env.Theme, p.empty(env, w), w, h)
	case ofProfile && shown.flame.Total() == 0:
		return kit.WordLines(&env.Theme, append([]string{""}, text.Wrap(p.subject.typ.nothing(), min(w-4, 76))...), w, h)
	}
	return p.views.lines(w, h)
}

// empty explains what a capture would show.
func (p *profilePage) empty(env page.Env, w int) []string {
	words := append([]string{"", p.subject.typ.title, ""}, text.Wrap(p.subject.typ.kind.Explain(), min(w-4, 76))...)
	words = append(words, "", "c  capture", "t  another type", "+ _  longer, shorter: "+fmt.Sprintf("%d s", p.captures.seconds))
	if p.captures.program == nil && !env.Remote {
		words = append(words, ":profile URL  another Go program, which serves net/http/pprof")
	}
	return words
}
