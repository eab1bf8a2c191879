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

// drawing draws the page from its state and says what it is on; it changes none of it.
type drawing struct{ *enginePage }

func (p *enginePage) drawing() drawing { return drawing{p} }

// engineAreas says where the parts of the page stand; a height of 0 is not
// seen.
type engineAreas struct {
	shared       int // lines of what all namespaces share, on top
	list, detail kit.Rect
	ruled        bool // a rule between list and detail
}

// areas lays the page out: the list on top of the chosen namespace's tab, or
// one of them.
func (p drawing) areas(w, h int) engineAreas {
	var a engineAreas
	if h >= 5 {
		a.shared = 1
	}
	if h >= 10 && !p.inPast() && len(p.list.Rows()) > 0 {
		a.shared = 2
	}
	room := h - a.shared
	switch {
	case p.inPast(), p.alone():
		a.detail = kit.Rect{Y: a.shared, W: w, H: room}
	case w >= 60 && h >= 14:
		top := min(max(len(p.list.Rows()), 1)+1, max(h/4, 4))
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
	p.theme = env.Theme
	if p.down != env.Live.Lost {
		p.down = env.Live.Lost
		p.show()
	}
	if p.feed.Figures == nil && p.tab == tabLevels && !p.inPast() && !p.drawing().alone() {
		return strings.Join(p.drawing().without(env, w, h), "\n")
	}
	a := p.drawing().areas(w, h)
	lines := make([]string, 0, h)
	if a.shared > 0 {
		lines = append(lines, p.drawing().topLine(&env, w))
	}
	if a.shared > 1 {
		lines = append(lines, p.drawing().worstLine(w))
	}
	if a.list.H > 0 {
		p.list.SetFocus(!p.open)
		lines = append(lines, p.list.View(&env.Theme, w, a.list.H)...)
	}
	if a.ruled {
		lines = append(lines, env.Theme.Border.Paint(strings.Repeat(env.Theme.Sym.Horizontal, w)))
	}
	if a.detail.H > 0 {
		lines = append(lines, p.drawing().detail(env, w, a.detail.H)...)
	}
	return strings.Join(lines[:min(len(lines), h)], "\n")
}

// without is the page while there are no figures: why, and what is left.
func (p drawing) without(env page.Env, w, h int) []string {
	t, lines := env.Theme, kit.BlankLines(w, h)
	words := []string{p.pending("reading the engine")}
	pen := t.Muted
	switch {
	case p.feed.Refused != "":
		words = []string{"Levels and caches are " + p.feed.Refused + "."}
		if env.Live.HasSample {
			words = append(words, "Its rates, latencies and memory are on Overview (1).")
		}
		if !p.feed.Mute {
			words = append(words, "Its events are under events, its subscribers under subscriptions: ] goes to the next tab.")
		}
	case p.feed.Fault != "":
		words, pen = []string{p.feed.Fault, "refreshed every second"}, t.Bad
	}
	top := max(0, (h-len(words))/2)
	for i, line := range words[:min(len(words), h)] {
		lines[top+i] = pen.Paint(text.Center(text.Sanitize(line), w))
	}
	return lines
}

// sharedLine is what belongs to no namespace: how many are open, and the
// caches.
func (p drawing) sharedLine(w int) string {
	f, t := p.feed.Figures, p.theme
	if f == nil {
		return p.verdictLine(w)
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
func (p drawing) detail(env page.Env, w, h int) []string {
	if h < 1 {
		return nil
	}
	lines := []string{p.tabLine(env, w)}
	room := h - 1
	g := p.focusedIn(p.tab)
	switch {
	case g != nil:
		g.SetFocus(p.open || p.alone())
		p.noEvents()
		p.noSubscriptions()
		p.noClosed()
		return append(lines, g.View(&env.Theme, w, room)...)
	case p.tab == tabStorage:
		return append(lines, p.storage.view(&p.theme, p.key, env.Now, w, room)...)
	case p.inPast():
		return append(lines, p.thenLines(&env, w, room)...)
	}
	return append(lines, p.levelLines(w, room)...)
}

// pending stands where nothing was read yet.
func (p drawing) pending(doing string) string {
	env := page.Env{Theme: p.theme, Live: page.Live{Lost: p.down}}
	return env.Pending(doing)
}

// noEvents has their list say why there are none.
func (p drawing) noEvents() {
	switch {
	case p.feed.Mute:
		p.events.SetUnread("events are not offered by this server")
	case !p.feed.Told:
		p.events.SetUnread(p.pending("reading"))
	case p.filter != "" && len(p.feed.Events) > 0:
		p.events.SetEmpty("none of " + text.Count(int64(len(p.feed.Events))) + " events match; esc clears the filter")
	default:
		p.events.SetEmpty("no events yet")
	}
}

// tabLine names the tabs, and what runs or is shown beside them.
func (p drawing) tabLine(env page.Env, w int) string {
	t := p.theme
	line := p.tabsDrawn().Line(&t)
	switch {
	case p.job != nil:
		line += t.Accent.Paint(p.job.verb() + " " + text.Sanitize(p.job.name) + t.Sym.Ellipsis)
		if took := env.Now.Sub(p.job.began).Truncate(time.Second); took > 0 {
			line += " " + t.Text.Paint(text.Duration(took))
		}
		line += t.Muted.Paint(" esc cancels")
	case p.tab != tabEvents && p.tab != tabClosed && p.tab != tabLog && !p.inPast():
		line += t.Accent.Paint(text.Sanitize(p.key))
	}
	return text.Fit(line, w)
}

// tabsDrawn are the tabs that there are, as they are written.
func (p drawing) tabsDrawn() kit.Tabs {
	line := kit.Tabs{Left: 1, On: slices.Index(p.tabs(), p.tab)}
	for _, tab := range p.tabs() {
		line.Labels = append(line.Labels, " "+p.title(tab)+" ")
	}
	return line
}

// Chrome implements [page.Pane].
func (p *enginePage) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{"Engine"}, Count: p.list.Status()}
	if c.AsOf = p.inPast(); c.AsOf {
		c.Count = ""
		if _, known := env.Second(); !known && p.tab == tabLevels {
			c.Chips = append(c.Chips, "no sample")
		}
	} else if p.key != "" && (p.feed.Figures != nil || p.drawing().alone()) {
		c.Crumbs = append(c.Crumbs, p.key)
	}
	if g := p.focused(); g != nil && (p.open || p.drawing().alone()) {
		c.Count = g.Status()
	}
	if n := p.drawing().hiddenNames(); n > 0 {
		c.Count += " · " + text.Count(int64(n)) + " hidden"
	}
	if p.names != "" && !p.inPast() {
		c.Chips = append(c.Chips, "named "+p.names)
	}
	if p.feed.Fault != "" {
		c.Chips = append(c.Chips, p.feed.Fault)
	}
	if all := p.feed.Events; p.tab == tabEvents && len(all) > 0 && all[0].Seq > 1 {
		c.Chips = append(c.Chips, "older events are gone")
	}
	if p.filter != "" && p.tab == tabEvents {
		c.Chips = append(c.Chips, "filter "+p.filter)
	}
	if a := p.drawing().areas(env.Width, env.Height); a.ruled && (p.feed.Figures != nil || p.tab != tabLevels) {
		c.Bars = []int{a.list.Y + a.list.H}
	}
	return c
}

// focused is the list that has the keys, nil for a tab without one.
func (p *enginePage) focused() *kit.Table {
	if !p.open && !p.inPast() && !p.drawing().alone() {
		return &p.list.Table
	}
	return p.drawing().focusedIn(p.tab)
}

func (p drawing) focusedIn(tab engineTab) *kit.Table {
	switch tab {
	case tabLevels:
		if p.tabled() {
			return &p.tables.Table
		}
	case tabLog:
		if !p.inPast() {
			return &p.tables.Table
		}
	case tabEvents:
		return &p.events.Table
	case tabSubscriptions:
		return &p.members.Table
	case tabClosed:
		return &p.gone.Table
	}
	return nil
}

// under returns the list at a line of the page, nil for none.
func (p *enginePage) under(env page.Env, y int) *kit.Table {
	a := p.drawing().areas(env.Width, env.Height)
	switch {
	case a.list.H > 0 && y >= a.list.Y && y < a.list.Y+a.list.H:
		return &p.list.Table
	case a.detail.H > 0 && y > a.detail.Y:
		return p.drawing().focusedIn(p.tab)
	}
	return nil
}

// click puts the keys where the mouse is: on a row, or on another tab.
func (p *enginePage) click(env page.Env, x, y int) {
	a := p.drawing().areas(env.Width, env.Height)
	if a.detail.H > 0 && y == a.detail.Y {
		if tab := p.drawing().tabsDrawn().At(x); tab >= 0 {
			p.pick(p.drawing().tabs()[tab])
		}
		return
	}
	g := p.under(env, y)
	p.open = g != &p.list.Table && a.detail.H > 0 && y > a.detail.Y
	if g == nil {
		return
	}
	top := a.list.Y
	if p.open {
		top = a.detail.Y + 1
	}
	if g.Click(x, y-top) {
		p.follow()
	}
}
