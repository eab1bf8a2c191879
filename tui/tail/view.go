package tail

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// View implements [page.Pane].
func (p *tail) View(env page.Env, w, h int) string {
	p.list.restyle(env.Theme)
	return strings.Join(p.typing.Over(env.Theme, p.lines(env, w, h), w), "\n")
}

// lines draws what stands in front, or the list, with the tail's status.
func (p *tail) lines(env page.Env, w, h int) (lines []string) {
	status := h > 1
	if p.front.on() {
		lines, status = p.front.lines(env, w, h, p.list.grid)
	} else {
		lines = p.list.lines(w, h-1, p.emptyNote(&env), p.tally.begun)
	}
	if status {
		lines = append(lines, p.statusLine(env, w))
	}
	return lines
}

func (p *tail) emptyNote(env *page.Env) string {
	switch {
	case p.questions.fault != "":
		return ""
	case !p.tally.begun && p.questions.looking != nil && p.questions.looking.messages.Load() > 0:
		return "looking back for matches: " + p.questions.looking.String() + " read; esc stops"
	case !p.tally.begun:
		return env.Pending("reading")
	case !p.filter.IsZero():
		return "no matches yet; esc clears the filter"
	case env.At.IsZero() && (len(p.what.Categories) > 0 || !p.what.Group.IsZero()):
		return "no messages yet"
	}
	return "no messages yet: " + env.Fill()
}

func (p *tail) statusLine(env page.Env, w int) string {
	t := env.Theme
	state, pen := "following", t.Good
	switch {
	case p.questions.fault != "":
		state, pen = p.questions.fault, t.Bad
	case env.Live.Lost != "":
		state, pen = "stopped: "+env.Live.Lost, t.Warn
	case p.tally.paused:
		state, pen = "paused, "+text.Count(p.tally.held.count)+" new", t.Warn
	case !env.At.IsZero():
		state, pen = "as of "+env.AsOfMessages()+", 0 goes live", t.Warn
	case !p.list.follow:
		state, pen = "scrolled back, G to follow", t.Warn
	case p.notice.text != "":
		state, pen = p.notice.text, t.Warn
	}
	status := p.tally.status(&p.list.buffer, !p.filter.IsZero())
	if p.questions.behind != "" {
		status += " · behind " + p.questions.behind
	}
	if t.Sym.ASCII {
		status = strings.ReplaceAll(status, "·", "|")
	}
	left := " " + text.Truncate(text.Sanitize(state), max(w-2, 0)) + " "
	room := w - text.Width(left)
	return pen.Paint(left) + t.Muted.Paint(text.FitLeft(status+" ", max(room, 0)))
}

// Chrome implements [page.Pane].
func (p *tail) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{env.Namespace, p.what.Crumb()}, Count: p.list.grid.Status(), AsOf: true}
	for _, chip := range []string{p.export.Chip(), p.front.compare.Chip()} {
		c.Chip(chip != "", chip)
	}
	if !p.what.Group.IsZero() {
		c.Chips = append(c.Chips, "member "+p.what.Member())
	}
	c.Chip(!p.filter.IsZero(), "filter "+p.filter.String())
	c.Chip(p.tally.paused, "paused")
	p.front.chrome(&env, &c)
	return c
}
