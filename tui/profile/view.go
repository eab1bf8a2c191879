package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// drawing draws the page, and puts it into words, from its state and says what it is on; it changes none of it.
type drawing struct{ *profilePage }

func (p *profilePage) drawing() drawing { return drawing{p} }

// View implements [page.Pane].
func (p *profilePage) View(env page.Env, w, h int) string {
	p.restyle(env.Theme)
	p.kept.zone, p.remote = env.Now.Location(), env.Remote
	head := p.drawing().head(env, w)[:p.drawing().headHeight(h)]
	return strings.Join(append(head, p.drawing().body(w, h-len(head))...), "\n")
}

func (p drawing) headHeight(h int) int { return min(2, h/4) }

func (p *profilePage) restyle(t page.Theme) {
	if p.theme.Serial == t.Serial {
		return
	}
	p.theme = t
	p.top.Restyle(&t)
	p.function.callers.Restyle(&t)
	p.function.source.Restyle(&t)
	p.kept.Restyle(&t)
	p.graph.restyle()
}

// head is the tabs and, under them, what is shown or being done.
func (p drawing) head(env page.Env, w int) []string {
	return []string{text.Fit(p.tab.line().Line(&env.Theme), w), p.status(env, w)}
}

// status is one line: how far a capture is, what went wrong, or what is shown.
func (p drawing) status(env page.Env, w int) string {
	t := env.Theme
	switch {
	case p.captures.job != nil:
		return p.captures.job.line(env, w)
	case p.fault != "":
		return t.Bad.Paint(text.Fit(" "+text.Sanitize(p.fault), w))
	case p.shown == nil:
		return t.Muted.Paint(text.Fit(" nothing captured yet: c captures, t changes the type", w))
	}
	return t.Muted.Paint(text.Fit(" "+p.shown.summary(env, p.captures.program != nil), w))
}

func (p drawing) body(w, h int) []string {
	if h <= 0 {
		return nil
	}
	if p.shown == nil && (p.tab == profileTop || p.tab == profileFlame) {
		return p.empty(w, h)
	}
	if p.shown != nil && p.shown.flame.Total() == 0 && (p.tab == profileTop || p.tab == profileFlame) {
		return kit.WordLines(&p.theme, append([]string{""}, text.Wrap(p.subject.typ.nothing(), min(w-4, 76))...), w, h)
	}
	if p.tab != profileFlame {
		return p.list(w, h)
	}
	return p.graph.lines(w, h)
}

// list is the open table, and under it, in a line or two, the name under the
// cursor where the table has no room for the whole of it.
func (p drawing) list(w, h int) []string {
	g := p.table()
	g.SetFocus(true)
	g.SetSize(w, h)
	whole := p.whole(w, h)
	g.SetSize(w, h-len(whole))
	return append(slices.Clone(g.Lines()), whole...)
}

// mostWhole is how many lines a whole name may take.
const mostWhole = 3

// whole is the name under the cursor of top or callers, broken into lines; nil
// where it fits its column, or where there is no room for it.
func (p drawing) whole(w, h int) []string {
	if p.tab != profileTop && p.tab != profileCallers || h < 8 {
		return nil
	}
	column := topNames
	if p.tab == profileCallers {
		column = callNames
	}
	name := text.Sanitize(p.current())
	if text.Width(name) <= p.table().Width(column) {
		return nil
	}
	var lines []string
	for left := 0; left < text.Width(name) && len(lines) < mostWhole; left += w - 1 {
		lines = append(lines, p.theme.Title.Paint(" "+text.Cut(name, left, w-1)))
	}
	return lines
}

// empty explains what a capture would show.
func (p drawing) empty(w, h int) []string {
	words := append([]string{"", p.subject.typ.title, ""}, text.Wrap(p.subject.typ.kind.Explain(), min(w-4, 76))...)
	words = append(words, "", "c  capture", "t  another type", "+ _  longer, shorter: "+fmt.Sprintf("%d s", p.captures.seconds))
	if p.captures.program == nil && !p.remote {
		words = append(words, ":profile URL  another Go program, which serves net/http/pprof")
	}
	return kit.WordLines(&p.theme, words, w, h)
}
