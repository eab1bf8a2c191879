package streams

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (p *streams) mouse(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.front.scroll(kit.Wheel(msg.Button) * 3)
	case tea.MouseClickMsg:
		if p.front.lanes == nil && !p.front.cover.On() {
			p.click(t, msg.X, msg.Y)
		}
	}
}

// click puts the cursor where it hits: in the list with the keys a second
// click on the same row goes in; a click into the preview goes in at once, one
// into the outer list goes out.
func (p *streams) click(t *page.Turn, x, y int) {
	for _, a := range p.areas(t.Layout, t.Width, t.Height) {
		if x < a.X || x >= a.X+a.W || y < a.Y || y >= a.Y+a.H {
			continue
		}
		switch {
		case a.role == areaOuter:
			p.out(t)
		case a.role == areaInner:
			p.enter(t)
		case a.list != nil:
			row := a.list.grid.HitRow(x-a.X, y-a.Y)
			if column := a.list.grid.HitHeader(x-a.X, y-a.Y); column >= 0 {
				p.way.sortBy(t, column)
			} else if row >= 0 && row == a.list.grid.Cursor() {
				p.enter(t)
			} else if row >= 0 {
				a.list.grid.SetCursor(row)
			}
		}
		return
	}
}

// areas are those of the lists, or of the message that is open, which stands alone where
// it is one of lanes: no list leads to that, and lanes beside it would be too narrow.
func (p *streams) areas(layout page.Layout, w, h int) []area {
	if p.front.lanes != nil {
		layout = page.LayoutOne
	}
	return p.panes.areas(layout, p.front.open, w, h)
}

// View implements [page.Pane].
func (p *streams) View(env page.Env, w, h int) string {
	var lines []string
	switch {
	case p.tabs.open != nil:
		view := p.tabs.open.pane.View(env, w, h)
		if !p.writing.draft.On() {
			return view
		}
		lines = strings.Split(view, "\n")
	case p.front.covers():
		lines = p.front.view(env, w, h)
	default:
		lines = p.typing.Over(env.Theme, p.panes.view(env, p.areas(env.Layout, w, h), w, h), w)
	}
	return strings.Join(p.writing.draft.Over(env.Theme, lines, w), "\n") // wherever it was begun
}

// over is the list with the whole name of the row under the cursor over its
// last lines.
func (l *list) over(t page.Theme, w int) []string {
	lines := slices.Clone(l.grid.Lines())
	name := rowKey(l.current())
	if m, ok := l.current().(*kit.Brief); ok {
		name = m.Stream
	}
	if isEverything(l.current()) || name == "" {
		return lines
	}
	parts := kit.Chunks(text.Name(name), max(w-2, 1), max(len(lines)-2, 1))
	for i, part := range parts {
		if at := len(lines) - len(parts) + i; at >= 0 {
			lines[at] = t.Passive.Paint(text.Fit(" "+part, w))
		}
	}
	return lines
}

// emptyNote says why a list has no rows; known is false where it may have some.
func (l *list) emptyNote(env *page.Env) (note string, known bool) {
	chip := l.sifting.chip(len(l.pager.partial))
	switch of := &l.of; {
	case l.fault != "":
		return text.Sanitize(l.fault), false
	case !l.read:
		return env.Pending("reading"), false
	case chip != "":
		return chip, false
	case !of.whole() && !l.pager.done && l.pager.random == nil:
		return env.Pending("searching"), false
	case l.find != "" || of.prefix != "" || of.sifts():
		return "nothing matches; esc shows all", true
	case of.kind == listStreams && of.category == "":
		return "no streams yet: " + env.Fill(), true
	case of.kind == listMessages && of.stream == "" && of.category == "":
		return "no messages yet: " + env.Fill(), true
	}
	return "nothing here", true
}

// Chrome implements [page.Pane].
func (p *streams) Chrome(env page.Env) page.Chrome {
	if len(p.way.stack) == 0 {
		return page.Chrome{Crumbs: []string{"Streams"}}
	}
	if p.tabs.open != nil {
		c := p.tabs.open.pane.Chrome(env)
		c.Crumbs = append(p.front.crumbs(), c.Crumbs...)
		c.Tabs = p.way.top().of.tabTitles()
		c.Tab = slices.Index(c.Tabs, p.tabs.open.title())
		if p.writing.draft.On() {
			c.Rules, c.Bars = nil, nil
		}
		return c
	}
	c := page.Chrome{Crumbs: p.front.crumbs(), Chips: p.front.chips(), Count: p.front.count()}
	if chip := p.export.Chip(); chip != "" {
		c.Chips = slices.Insert(c.Chips, 0, chip)
	}
	if !p.front.covers() && p.front.open == nil && p.front.cover.Compare.Left == nil { // what waits for a second message has its chip there
		c.Tabs = p.way.top().of.tabTitles()
	}
	// Lists of names count what is there now, and a list that was opened
	// since begins at its end: only what was looked up is of the time cursor.
	c.From = p.way.top().of.since.Equal(env.At)
	if p.front.covers() || p.writing.draft.On() { // whose lines are drawn over the rules
		return c
	}
	for _, a := range p.areas(env.Layout, env.Width, env.Height) {
		switch {
		case a.X > 0:
			c.Rules = append(c.Rules, a.X-1)
		case a.Y > 0:
			c.Bars = append(c.Bars, a.Y-1)
		}
	}
	return c
}

// rowTitle names a row for people.
func rowTitle(row any) string {
	if r, ok := row.(*kit.Brief); ok {
		return r.Type + " #" + text.Count(r.Position)
	}
	if isEverything(row) {
		return "all streams"
	}
	return rowKey(row)
}
