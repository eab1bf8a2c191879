package tail

import (
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// drawing draws the page from its state and says what it is on; it changes none of it.
type drawing struct{ *tail }

func (p *tail) drawing() drawing { return drawing{p} }

// How many cells types take of a row: as many as the widest that was seen.
const (
	minTypeWidth = 12
	maxTypeWidth = 32
)

func (p drawing) columns() []grid.Column {
	columns := []grid.Column{
		{Title: "time", Min: kit.MomentWidth(false), Priority: 2},
		{Title: "stream", Min: 14, Max: 40, Flex: 2},
		{Title: "pos", Min: 6, Right: true, Priority: 4},
		{Title: "type", Min: max(p.typeWidth, minTypeWidth), Max: max(p.typeWidth, minTypeWidth), Priority: 1},
	}
	columns = append(columns, kit.ChosenColumns(p.paths)...)
	return append(columns, grid.Column{Title: "data", Min: 16, Flex: 4, Priority: 3, Wide: kit.DataBytes})
}

func (p drawing) cells(i int, cells []grid.Cell) {
	if i >= len(p.buffer.rows) {
		return
	}
	t, r := p.theme, p.buffer.rows[i]
	if r.m == nil {
		p.foldCells(r.fold, cells)
		return
	}
	m := r.m
	cells[0] = grid.Cell{Text: text.PreciseClock(m.Time, p.now), Pen: t.Muted}
	cells[1] = grid.Cell{Text: m.Stream, Pen: t.Text}
	cells[2] = grid.Cell{Text: strconv.FormatInt(m.Position, 10), Pen: t.Muted}
	cells[3] = grid.Cell{Text: m.Type, Pen: t.Name}
	kit.ChosenCells(t, p.paths, m, cells[4:])
	cells[4+len(p.paths)] = grid.Cell{Text: string(m.Data[:min(len(m.Data), kit.DataBytes)]), Pen: t.Muted}
}

// foldCells spreads a fold's words over the columns.
func (p drawing) foldCells(f fold, cells []grid.Cell) {
	t := p.theme
	words := text.Count(f.folded()) + " messages"
	if f.unread() > 0 {
		words += " unread"
	}
	enter := "enter loads them"
	if p.loading == f.from {
		enter = "loading" + t.Sym.Ellipsis
	}
	cells[0] = grid.Cell{Text: t.Sym.Dots, Pen: t.Warn}
	cells[1] = grid.Cell{Text: words, Pen: t.Warn}
	cells[3] = grid.Cell{Text: strconv.FormatInt(f.from, 10) + "–" + strconv.FormatInt(f.to, 10), Pen: t.Muted}
	cells[len(cells)-1] = grid.Cell{Text: enter, Pen: t.Faint}
}

// View implements [page.Pane].
func (p *tail) View(env page.Env, w, h int) string {
	if p.theme.Serial != env.Theme.Serial {
		p.theme = env.Theme
		kit.RestyleGrid(p.grid, env.Theme)
	}
	lines := p.drawing().lines(env, w, h)
	return strings.Join(p.typing.Over(env.Theme, lines, w), "\n")
}

// lines draws what is open, or the tail with its status.
func (p drawing) lines(env page.Env, w, h int) []string {
	list := h - 1
	switch {
	case p.picker != nil:
		return p.picker.Lines(env, w, h)
	case p.compare.On():
		return append([]string(nil), p.compare.View(env, w, h)...)
	case p.open != nil:
		return p.openView(env, w, h)
	}
	if p.grid.SetEmpty(p.emptyNote(&env)); !p.tally.begun {
		p.grid.SetUnread(p.emptyNote(&env))
	}
	p.grid.SetFocus(true)
	p.grid.SetSize(w, max(list, 1))
	lines := append([]string(nil), p.grid.Lines()...)
	if list > 0 {
		lines = append(lines, p.statusLine(env, w))
	}
	return lines
}

func (p drawing) emptyNote(env *page.Env) string {
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
func (p drawing) openView(env page.Env, w, h int) []string {
	if env.Layout < page.LayoutTwo {
		lines := p.open.Lines(env, w, max(h-1, 1), true)
		if h > 1 {
			lines = append(lines, p.statusLine(env, w))
		}
		return lines
	}
	left := w / 3
	p.grid.SetFocus(false)
	p.grid.SetSize(left, h-1)
	list := p.grid.Lines()
	doc := p.open.Lines(env, w-left-1, h-1, true)
	rule := env.Theme.Border.Paint(env.Theme.Sym.Vertical)
	lines := make([]string, 0, h)
	for i := range doc {
		lines = append(lines, list[i]+rule+doc[i])
	}
	return append(lines, p.statusLine(env, w))
}

func (p drawing) statusLine(env page.Env, w int) string {
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
	case !p.follow:
		state, pen = "scrolled back, G to follow", t.Warn
	case p.notice.text != "":
		state, pen = p.notice.text, t.Warn
	}
	status := p.tally.status(&p.buffer, !p.filter.IsZero())
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
	c := page.Chrome{Crumbs: []string{env.Namespace, p.what.Crumb()}, Count: p.grid.Status(), AsOf: true}
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
