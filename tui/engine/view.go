package engine

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// engineAreas says where the parts of the page stand; a height of 0 is not
// seen.
type engineAreas struct {
	shared       int // lines of what all namespaces share, on top
	list, detail kit.Rect
	ruled        bool // a rule between list and detail
}

// areas lays the page out: the list on top of the chosen namespace's tab, or
// one of them.
func (p *enginePage) areas(w, h int) engineAreas {
	var a engineAreas
	if h >= 5 {
		a.shared = 1
	}
	if h >= 10 && !p.inPast() && len(p.names.list.Rows()) > 0 {
		a.shared = 2
	}
	room := h - a.shared
	switch {
	case p.lone():
		a.detail = kit.Rect{Y: a.shared, W: w, H: room}
	case w >= 60 && h >= 14:
		top := min(max(len(p.names.list.Rows()), 1)+1, max(h/4, 4))
		a.list = kit.Rect{Y: a.shared, W: w, H: top}
		a.detail = kit.Rect{Y: a.shared + top + 1, W: w, H: room - top - 1}
		a.ruled = true
	case p.open:
		a.detail = kit.Rect{Y: a.shared, W: w, H: room}
	default:
		a.list = kit.Rect{Y: a.shared, W: w, H: room}
	}
	return a
}

// View implements [page.Pane].
func (p *enginePage) View(env page.Env, w, h int) string {
	p.sight.theme = env.Theme
	if p.sight.down != env.Live.Lost {
		p.sight.down = env.Live.Lost
		p.show()
	}
	if p.sight.feed.Figures == nil && p.tabs.on == tabLevels && !p.inPast() && !p.alone() {
		return strings.Join(p.without(env, w, h), "\n")
	}
	a := p.areas(w, h)
	lines := make([]string, 0, h)
	if a.shared > 0 {
		lines = append(lines, p.topLine(&env, w))
	}
	if a.shared > 1 {
		lines = append(lines, p.names.worstLine(w))
	}
	if a.list.H > 0 {
		p.names.list.SetFocus(!p.open)
		lines = append(lines, p.names.list.View(&env.Theme, w, a.list.H)...)
	}
	if a.ruled {
		lines = append(lines, env.Theme.Border.Paint(strings.Repeat(env.Theme.Sym.Horizontal, w)))
	}
	if a.detail.H > 0 {
		lines = append(lines, p.detail(env, w, a.detail.H)...)
	}
	return strings.Join(lines[:min(len(lines), h)], "\n")
}

// without is the page while there are no figures: why, and what is left.
func (p *enginePage) without(env page.Env, w, h int) []string {
	t, lines := env.Theme, kit.BlankLines(w, h)
	words := []string{p.sight.pending("reading the engine")}
	pen := t.Muted
	switch {
	case p.sight.feed.Refused != "":
		words = []string{"Levels and caches are " + p.sight.feed.Refused + "."}
		if env.Live.HasSample {
			words = append(words, "Its rates, latencies and memory are on Overview (1).")
		}
		if !p.sight.feed.Mute {
			words = append(words, "Its events are under events, its subscribers under subscriptions: ] goes to the next tab.")
		}
	case p.sight.feed.Fault != "":
		words, pen = []string{p.sight.feed.Fault, "refreshed every second"}, t.Bad
	}
	top := max(0, (h-len(words))/2)
	for i, line := range words[:min(len(words), h)] {
		lines[top+i] = pen.Paint(text.Center(text.Sanitize(line), w))
	}
	return lines
}

// topLine is the page's first, what belongs to no namespace: how many are open, and the
// caches.
func (p *enginePage) topLine(env *page.Env, w int) string {
	f, t := p.sight.feed.Figures, env.Theme
	if p.inPast() {
		return thenShared(env, w)
	}
	if f == nil {
		return p.tables.verdictLine(w)
	}
	parts := []kit.Counted{{Figure: strconv.Itoa(len(f.Namespaces)) + " of " + text.Count(int64(f.Known)), Label: "namespaces open"}}
	if f.BlockCache != (store.CacheFigures{}) {
		c := f.BlockCache
		parts = append(parts, kit.Counted{Figure: hitRate(c), Label: "hits in the shared cache"})
		if c.Capacity > 0 {
			parts = append(parts, kit.Counted{Figure: text.Bytes(float64(c.Size)) + " of " + text.Bytes(float64(c.Capacity)), Label: "used"})
		}
	}
	if f.FileCache != (store.CacheFigures{}) {
		parts = append(parts, kit.Counted{Figure: text.Count(f.FileCache.Count), Label: "files open, shared"})
	}
	parts = append(parts,
		kit.Counted{Figure: strconv.Itoa(f.MaxOpen), Label: "namespaces maximum"},
		kit.Counted{Figure: text.Count(f.Opened), Label: "opened"}, kit.Counted{Figure: text.Count(f.Closed), Label: "closed"})
	return kit.CountedLine(t, parts, w)
}

// hitRate is how often a cache had what it was asked for.
func hitRate(c store.CacheFigures) string {
	return text.Percent(float64(c.Hits), float64(c.Hits+c.Misses))
}

// detail is the open tab of the chosen namespace, under its tabs.
func (p *enginePage) detail(env page.Env, w, h int) []string {
	if h < 1 {
		return nil
	}
	lines := []string{p.tabLine(env, w)}
	room := h - 1
	g := p.focusedIn(p.tabs.on)
	switch {
	case g != nil:
		g.SetFocus(p.inTab())
		p.events.none()
		p.subscriptions.none()
		p.closed.none(p.names.none(len(p.closed.all)))
		return append(lines, g.View(&env.Theme, w, room)...)
	case p.tabs.on == tabStorage:
		return append(lines, p.storage.view(&p.sight.theme, p.sight.key, env.Now, w, room)...)
	case p.inPast():
		return append(lines, p.thenLines(&env, w, room)...)
	}
	return append(lines, p.levelLines(w, room)...)
}

// tabLine names the tabs, and what runs or is shown beside them.
func (p *enginePage) tabLine(env page.Env, w int) string {
	t := p.sight.theme
	line := p.tabsDrawn().Line(&t)
	switch {
	case p.jobs.job != nil:
		line += t.Accent.Paint(p.jobs.job.verb() + " " + text.Sanitize(p.jobs.job.name) + t.Sym.Ellipsis)
		if took := env.Now.Sub(p.jobs.job.began).Truncate(time.Second); took > 0 {
			line += " " + t.Text.Paint(text.Duration(took))
		}
		line += t.Muted.Paint(" esc cancels")
	case p.tabs.on != tabEvents && p.tabs.on != tabClosed && p.tabs.on != tabLog && !p.inPast():
		line += t.Accent.Paint(text.Sanitize(p.sight.key))
	}
	return text.Fit(line, w)
}

// tabsDrawn are the tabs that there are, as they are written.
func (p *enginePage) tabsDrawn() kit.Tabs {
	line := kit.Tabs{Left: 1, On: slices.Index(p.tabs.list(), p.tabs.on)}
	for _, tab := range p.tabs.list() {
		line.Labels = append(line.Labels, " "+p.title(tab)+" ")
	}
	return line
}

// Chrome implements [page.Pane].
func (p *enginePage) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{"Engine"}, Count: p.names.list.Status()}
	if c.AsOf = p.inPast(); c.AsOf {
		c.Count = ""
		if _, known := env.Second(); !known && p.tabs.on == tabLevels {
			c.Chips = append(c.Chips, "no sample")
		}
	} else if p.sight.key != "" && (p.sight.feed.Figures != nil || p.alone()) {
		c.Crumbs = append(c.Crumbs, p.sight.key)
	}
	if g := p.focused(); g != nil && p.inTab() {
		c.Count = g.Status()
	}
	if n := p.hiddenNames(); n > 0 {
		c.Count += " · " + text.Count(int64(n)) + " hidden"
	}
	if p.names.find != "" && !p.inPast() {
		c.Chips = append(c.Chips, "named "+p.names.find)
	}
	if p.sight.feed.Fault != "" {
		c.Chips = append(c.Chips, p.sight.feed.Fault)
	}
	if all := p.sight.feed.Events; p.tabs.on == tabEvents && len(all) > 0 && all[0].Seq > 1 {
		c.Chips = append(c.Chips, "older events are gone")
	}
	if p.events.filter != "" && p.tabs.on == tabEvents {
		c.Chips = append(c.Chips, "filter "+p.events.filter)
	}
	if a := p.areas(env.Width, env.Height); a.ruled && (p.sight.feed.Figures != nil || p.tabs.on != tabLevels) {
		c.Bars = []int{a.list.Y + a.list.H}
	}
	return c
}

// focused is the list that has the keys, nil for a tab without one.
func (p *enginePage) focused() *kit.Table {
	if !p.inTab() {
		return &p.names.list.Table
	}
	return p.focusedIn(p.tabs.on)
}

func (p *enginePage) focusedIn(tab engineTab) *kit.Table {
	switch tab {
	case tabLevels:
		if p.tabled() {
			return &p.tables.list.Table
		}
	case tabLog:
		if !p.inPast() {
			return &p.tables.list.Table
		}
	case tabEvents:
		return &p.events.list.Table
	case tabSubscriptions:
		return &p.subscriptions.list.Table
	case tabClosed:
		return &p.closed.list.Table
	}
	return nil
}

// under returns the list at a line of the page, nil for none.
func (p *enginePage) under(env page.Env, y int) *kit.Table {
	a := p.areas(env.Width, env.Height)
	switch {
	case a.list.H > 0 && y >= a.list.Y && y < a.list.Y+a.list.H:
		return &p.names.list.Table
	case a.detail.H > 0 && y > a.detail.Y:
		return p.focusedIn(p.tabs.on)
	}
	return nil
}

// click puts the keys where the mouse is: on a row, or on another tab.
func (p *enginePage) click(env page.Env, x, y int) {
	a := p.areas(env.Width, env.Height)
	if a.detail.H > 0 && y == a.detail.Y {
		if tab := p.tabsDrawn().At(x); tab >= 0 {
			p.tabs.pick(p.tabs.list()[tab])
		}
		return
	}
	g := p.under(env, y)
	in := g != &p.names.list.Table && a.detail.H > 0 && y > a.detail.Y
	if !p.lone() {
		p.open = in
	}
	if g == nil {
		return
	}
	top := a.list.Y
	if in {
		top = a.detail.Y + 1
	}
	if g.Click(x, y-top) {
		p.follow()
	}
}

// alone reports whether the tables are all that the engine shows: there is no list of
// open namespaces beside them.
func (p *enginePage) alone() bool {
	return p.sight.feed.Figures == nil && len(p.sight.feed.Tables) > 0 && !p.tabs.logs
}

// lone reports whether the open tab stands without a list beside it.
func (p *enginePage) lone() bool { return p.inPast() || p.alone() }

// inTab reports whether the tab has the keys, not the list.
func (p *enginePage) inTab() bool { return p.open || p.lone() }

// tabled reports whether the first tab has the engine's tables, not a tree.
func (p *enginePage) tabled() bool {
	if p.inPast() || len(p.sight.feed.Tables) == 0 {
		return false
	}
	n := p.sight.chosen()
	return p.alone() || n != nil && treeless(n)
}

// title is a tab's: without a tree there are no levels.
func (p *enginePage) title(tab engineTab) string {
	if n := p.sight.chosen(); tab == tabLevels && (p.alone() || n != nil && treeless(n)) {
		return "engine"
	}
	return tab.String()
}

// hiddenNames is how many the list that has the keys does not show.
func (p *enginePage) hiddenNames() int {
	switch {
	case !p.listsNames():
		return 0
	case p.inTab():
		return len(p.closed.all) - len(p.closed.list.Rows())
	}
	return len(p.sight.feed.Figures.Namespaces) - len(p.names.list.Rows())
}
