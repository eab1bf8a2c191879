package tail

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// View implements [page.Pane].
func (p *tail) View(env page.Env, w, h int) string {
	if p.list.theme.Serial != env.Theme.Serial {
		p.list.theme = env.Theme
		kit.RestyleGrid(p.list.grid, env.Theme)
	}
	lines := p.lines(env, w, h)
	return strings.Join(p.typing.Over(env.Theme, lines, w), "\n")
}

// lines draws what is open, or the tail with its status.
func (p *tail) lines(env page.Env, w, h int) []string {
	list := h - 1
	switch {
	case p.picker != nil:
		return p.picker.Lines(env, w, h)
	case p.compare.On():
		return append([]string(nil), p.compare.View(env, w, h)...)
	case p.open != nil:
		return p.openView(env, w, h)
	}
	if p.list.grid.SetEmpty(p.emptyNote(&env)); !p.tally.begun {
		p.list.grid.SetUnread(p.emptyNote(&env))
	}
	p.list.grid.SetFocus(true)
	p.list.grid.SetSize(w, max(list, 1))
	lines := append([]string(nil), p.list.grid.Lines()...)
	if list > 0 {
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

// openView shows the open message, beside the tail where there is room.
func (p *tail) openView(env page.Env, w, h int) []string {
	if env.Layout < page.LayoutTwo {
		lines := p.open.Lines(env, w, max(h-1, 1), true)
		if h > 1 {
			lines = append(lines, p.statusLine(env, w))
		}
		return lines
	}
	left := w / 3
	p.list.grid.SetFocus(false)
	p.list.grid.SetSize(left, h-1)
	list := p.list.grid.Lines()
	doc := p.open.Lines(env, w-left-1, h-1, true)
	rule := env.Theme.Border.Paint(env.Theme.Sym.Vertical)
	lines := make([]string, 0, h)
	for i := range doc {
		lines = append(lines, list[i]+rule+doc[i])
	}
	return append(lines, p.statusLine(env, w))
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
	for _, chip := range []string{p.export.Chip(), p.compare.Chip()} {
		c.Chip(chip != "", chip)
	}
	if !p.what.Group.IsZero() {
		c.Chips = append(c.Chips, "member "+p.what.Member())
	}
	c.Chip(!p.filter.IsZero(), "filter "+p.filter.String())
	c.Chip(p.tally.paused, "paused")
	switch {
	case p.picker != nil:
		c.Crumbs, c.Count = append(c.Crumbs, "columns"), p.picker.Grid.Status()
	case p.compare.On():
		c.Crumbs, c.Count = append(c.Crumbs, "difference"), p.compare.Count()
	case p.open != nil:
		c.Crumbs = append(c.Crumbs, p.open.M.Stream, p.open.Crumb())
		if env.Layout >= page.LayoutTwo {
			c.Rules = []int{env.Width / 3}
		}
	}
	return c
}
