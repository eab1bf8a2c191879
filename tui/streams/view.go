package streams

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// drawing draws the page from its state and says what it is on; it changes none of it.
type drawing struct{ *streams }

func (p *streams) drawing() drawing { return drawing{p} }

func (p *streams) mouse(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		n := kit.Wheel(msg.Button) * 3
		switch {
		case p.picker != nil:
			p.picker.Grid.Scroll(n)
		case p.compare.On():
			p.compare.Grid.Scroll(n)
		case p.open != nil:
			p.open.Active().Scroll(n)
		case p.lanes != nil:
			p.lanes.grid.Scroll(n)
		default:
			p.way.top().grid.Scroll(n)
		}
	case tea.MouseClickMsg:
		if p.picker == nil && p.lanes == nil && !p.compare.On() {
			p.click(t, msg.X, msg.Y)
		}
	}
}

// click puts the cursor where it hits: in the list with the keys a second
// click on the same row goes in; a click into the preview goes in at once, one
// into the outer list goes out.
func (p *streams) click(t *page.Turn, x, y int) {
	for _, a := range p.panes.areas(t.Layout, p.open, t.Width, t.Height) {
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

// View implements [page.Pane].
func (p *streams) View(env page.Env, w, h int) string {
	var lines []string
	switch {
	case p.tabs.open != nil:
		return p.tabs.open.pane.View(env, w, h)
	case p.picker != nil:
		lines = p.picker.Lines(env, w, h)
	case p.compare.On():
		lines = p.compare.View(env, w, h)
	case p.lanes != nil && p.open == nil:
		lines = p.lanes.view(env, w, h)
	case p.writing.draft.On():
		lines = p.writing.draft.Over(env.Theme, p.panes.view(env, p.open, w, h), w)
	case p.typing.Fault == "":
		lines = p.panes.view(env, p.open, w, h)
	default:
		lines = p.typing.Over(env.Theme, p.panes.view(env, p.open, w, h), w)
	}
	return strings.Join(lines, "\n")
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
		c.Crumbs = append(p.drawing().crumbs(), c.Crumbs...)
		c.Tabs = p.way.top().of.tabTitles()
		c.Tab = slices.Index(c.Tabs, p.tabs.open.title())
		return c
	}
	c := page.Chrome{Crumbs: p.drawing().crumbs(), Chips: p.drawing().chips(), Count: p.drawing().count()}
	if p.drawing().inList() && p.compare.Left == nil { // what waits for a second message has its chip there
		c.Tabs = p.way.top().of.tabTitles()
	}
	// Lists of names count what is there now, and a list that was opened
	// since begins at its end: only what was looked up is of the time cursor.
	c.From = p.way.top().of.since.Equal(env.At)
	if p.picker != nil || p.compare.On() || p.lanes != nil && p.open == nil {
		return c
	}
	if p.writing.draft.On() {
		return c // its lines are drawn over the rules
	}
	for _, a := range p.panes.areas(env.Layout, p.open, env.Width, env.Height) {
		switch {
		case a.X > 0:
			c.Rules = append(c.Rules, a.X-1)
		case a.Y > 0:
			c.Bars = append(c.Bars, a.Y-1)
		}
	}
	return c
}

func (p drawing) crumbs() []string {
	out := []string{"namespaces"}
	for _, l := range p.way.stack[1:] {
		switch of := l.of; {
		case of.kind == listCategories:
			out = append(out, of.namespace)
		case of.stream != "":
			out = append(out, of.stream)
		case of.process != "":
			out = append(out, "correlation "+of.process)
		case of.kind == listMessages:
			out = append(out, named(of.category)+" messages")
		default:
			out = append(out, named(of.category))
		}
	}
	if p.lanes != nil {
		out = append(out, "lanes of "+p.lanes.process)
	}
	switch {
	case p.picker != nil:
		out = append(out, "columns")
	case p.compare.On():
		out = append(out, "difference")
	case p.open != nil:
		out = append(out, p.open.Crumb())
	}
	return out
}

func named(category string) string {
	if category == "" {
		return "all streams"
	}
	return category
}

func (p drawing) chips() []string {
	l := p.way.top()
	var out []string
	add := func(on bool, chip string) {
		if on {
			out = append(out, chip)
		}
	}
	for _, chip := range []string{p.export.Chip(), p.compare.Chip()} {
		add(chip != "", chip)
	}
	if p.lanes != nil {
		return append(out, p.lanes.chips()...)
	}
	add(len(l.marks) > 0, text.Count(int64(len(l.marks)))+" marked")
	add(l.of.prefix != "", "prefix "+l.of.prefix)
	add(l.find != "", "filter "+l.find)
	add(!l.of.filter.IsZero(), "filter "+l.of.filter.String())
	sifting := l.sifting.chip(len(l.pager.partial))
	add(sifting != "", sifting)
	add(l.of.from > 0, "from "+text.Count(l.of.from))
	add(l.of.kind == listMessages && l.of.oldest, "oldest first")
	add(l.news.rows > 0, l.news.chip(l.of.stream != ""))
	add(l.toEnd, "reading to the end")
	if l.hunt != nil {
		add(true, l.hunt.chip())
	}
	add(l.fault != "", l.fault)
	return out
}

// count says which rows are seen and how many there are: exactly, or at least.
func (p drawing) count() string {
	l := p.way.top()
	read := l.sifting.cost.Messages
	switch {
	case p.picker != nil:
		return p.picker.Grid.Status()
	case p.compare.On():
		return p.compare.Count()
	case p.lanes != nil:
		return p.lanes.count()
	case p.open != nil:
		return text.Count(int64(l.grid.Cursor()+1)) + " of " + p.rowCount(l)
	}
	first, last := l.grid.Visible()
	if last <= first {
		if l.of.sifts() && l.read {
			return "none of " + text.Count(read) + " read"
		}
		return ""
	}
	s := text.Count(int64(first+1)) + "–" + text.Count(int64(last)) + " of " + p.rowCount(l)
	if l.of.sifts() && !l.of.gather {
		s += " · " + text.Count(read-int64(l.pager.rows)) + " of " + text.Count(read) + " read are hidden"
	}
	return s
}

// rowCount is how many rows a list has. Where not all is read, the number that
// the outer list counted holds, if nothing is filtered away.
func (p drawing) rowCount(l *list) string {
	rows, more := l.grid.Len()
	switch {
	case !more:
		return text.Count(int64(rows))
	case l.total >= int64(rows) && l.of.prefix == "" && !l.of.sifts() && l.of.from == 0:
		return text.About(l.total, l.of.stream == "" && p.way.estimates())
	}
	return "at least " + text.Count(int64(rows))
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
