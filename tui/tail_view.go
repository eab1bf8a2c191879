package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/text"
)

func (p *tail) columns() []grid.Column {
	return []grid.Column{
		{Title: "time", Min: 14, Priority: 1},
		{Title: "stream", Min: 14, Max: 40, Flex: 2},
		{Title: "pos", Min: 6, Right: true, Priority: 3},
		{Title: "type", Min: 12, Max: 24, Flex: 1},
		{Title: "data", Min: 16, Flex: 4, Priority: 2, Wide: dataBytes},
	}
}

func (p *tail) cells(i int, cells []grid.Cell) {
	if i >= len(p.buffer.rows) {
		return
	}
	t, r := p.theme, p.buffer.rows[i]
	if r.m == nil {
		p.foldCells(r.fold, cells)
		return
	}
	m := r.m
	cells[0] = grid.Cell{Text: clock(m.Time, p.now), Pen: t.Muted}
	cells[1] = grid.Cell{Text: m.Stream, Pen: t.Text}
	cells[2] = grid.Cell{Text: strconv.FormatInt(m.Position, 10), Pen: t.Muted}
	cells[3] = grid.Cell{Text: m.Type, Pen: t.Name}
	cells[4] = grid.Cell{Text: string(m.Data[:min(len(m.Data), dataBytes)]), Pen: t.Muted}
}

// foldCells spreads a fold's words over the columns.
func (p *tail) foldCells(f fold, cells []grid.Cell) {
	t := p.theme
	words := text.Count(f.count) + " messages"
	if f.unread {
		words += " unread"
	}
	enter := "enter loads them"
	if p.loading == f.from {
		enter = "loading" + t.Sym.Ellipsis
	}
	cells[0] = grid.Cell{Text: t.Sym.Dots, Pen: t.Warn}
	cells[1] = grid.Cell{Text: words, Pen: t.Warn}
	cells[3] = grid.Cell{Text: strconv.FormatInt(f.from, 10) + "–" + strconv.FormatInt(f.to, 10), Pen: t.Muted}
	cells[4] = grid.Cell{Text: enter, Pen: t.Faint}
}

// View implements [Pane].
func (p *tail) View(env Env, w, h int) string {
	if p.theme.Serial != env.Theme.Serial {
		p.theme = env.Theme
		restyleGrid(p.grid, env.Theme)
	}
	list := h - 1
	if p.open != nil {
		return p.openView(env, w, h)
	}
	p.grid.SetFocus(true)
	p.grid.SetSize(w, max(list, 1))
	lines := append([]string(nil), p.grid.Lines()...)
	if list > 0 {
		lines = append(lines, p.statusLine(env, w))
	}
	return strings.Join(lines, "\n")
}

// openView shows the open message, beside the tail where there is room.
func (p *tail) openView(env Env, w, h int) string {
	if env.Layout < LayoutTwo {
		lines := p.open.lines(env, w, max(h-1, 1), true)
		if h > 1 {
			lines = append(lines, p.statusLine(env, w))
		}
		return strings.Join(lines, "\n")
	}
	left := w / 3
	p.grid.SetFocus(false)
	p.grid.SetSize(left, h-1)
	list := p.grid.Lines()
	doc := p.open.lines(env, w-left-1, h-1, true)
	rule := env.Theme.Border.Paint(env.Theme.Sym.Vertical)
	lines := make([]string, 0, h)
	for i := range doc {
		lines = append(lines, list[i]+rule+doc[i])
	}
	return strings.Join(append(lines, p.statusLine(env, w)), "\n")
}

// status is exact: what matched is what is shown and what is folded.
func (p *tail) status() string {
	folded := p.buffer.folded + p.held.count
	s := "matched "
	if p.atLeast {
		s += "at least "
	}
	s += text.Count(p.matched) + " · shown " + text.Count(p.buffer.shown) + " · folded " + text.Count(folded)
	if p.atLeast {
		s += " unread"
	}
	if p.behind != "" {
		s += " · behind " + p.behind
	}
	return s
}

func (p *tail) statusLine(env Env, w int) string {
	t := env.Theme
	state, pen := "following", t.Good
	switch {
	case p.fault != "":
		state, pen = p.fault, t.Bad
	case p.paused:
		state, pen = "paused, "+text.Count(p.held.count)+" since", t.Warn
	case !p.follow:
		state, pen = "scrolled back, G follows", t.Warn
	}
	status := p.status()
	if t.Sym.ASCII {
		status = strings.ReplaceAll(status, "·", "|")
	}
	left := " " + text.Truncate(text.Sanitize(state), max(w-2, 0)) + " "
	room := w - text.Width(left)
	return pen.Paint(left) + t.Muted.Paint(text.FitLeft(status+" ", max(room, 0)))
}

// setBehind says how old the newest answer was when it was renewed, to a tenth
// of a second; the screen is drawn again only when that changes.
func (p *tail) setBehind(t *Turn, d time.Duration) {
	s := strconv.FormatFloat(max(d, 0).Seconds(), 'f', 1, 64) + " s"
	if s != p.behind {
		p.behind = s
		t.Redraw()
	}
}

// Chrome implements [Pane].
func (p *tail) Chrome(env Env) Chrome {
	what := "all categories"
	if p.category != "" {
		what = p.category
	}
	c := Chrome{Crumbs: []string{env.Namespace, what}, Count: p.grid.Status()}
	if !p.filter.isZero() {
		c.Chips = append(c.Chips, "filter "+p.filter.source)
	}
	if p.paused {
		c.Chips = append(c.Chips, "paused")
	}
	if p.open != nil {
		c.Crumbs = append(c.Crumbs, p.open.m.Stream, p.open.crumb())
		if env.Layout >= LayoutTwo {
			c.Rules = []int{env.Width / 3}
		}
	}
	return c
}
