package kinds

import (
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// drawing draws the tab from its state and says what it is on; it changes none of it.
type drawing struct{ *kinds }

func (p *kinds) drawing() drawing { return drawing{p} }

// columns are those of the types. Types of one category have that in common.
func (p drawing) columns() []kit.Column[*store.TypeCount] {
	type count = *store.TypeCount
	byCount := kit.By(func(c count) int64 { return c.Count })
	byRate := kit.By(func(c count) float64 { r, _ := p.pulse.rate(kindOfCount(c)); return r })
	drift := func(t *page.Theme, c count) grid.Cell { return p.drifts.cell(t, kindOfCount(c), &p.clock) }
	seen := kit.SinceWidth(p.clock.absolute)
	list := []kit.Column[count]{
		{Title: "type", Min: 16, Flex: 2, Max: 48, Name: true, Text: func(c count) string { return c.Type }},
		{Title: "category", Min: 10, Flex: 1, Max: 30, Name: true, Text: func(c count) string { return c.Category }, Muted: true},
		{Title: "count", Min: 10, Right: true, Text: func(c count) string { return p.bound("≥", ">=") + text.Count(c.Count) }, Order: byCount},
		{
			Title: "share", Min: 6, Right: true, Priority: 3, Order: byCount, Muted: true,
			Text: func(c count) string { return text.Share(float64(c.Count) / float64(max(p.counts.Counted, 1))) },
		},
		{Title: "rate", Min: 6, Right: true, Priority: 1, Cell: p.rate, Order: byRate},
		{Title: "past", Min: 10, Flex: 1, Max: 30, Priority: 5, Drawn: p.pastRates, Order: byRate},
		{Title: "drift", Min: 9, Priority: 4, Cell: drift, Order: kit.By(func(c count) int { return p.drifts.found[kindOfCount(c)] })},
		{
			Title: "last seen", Min: seen, Right: true, Priority: 2, Order: kit.By(func(c count) int64 { return c.Last.Position }), Muted: true,
			Text: func(c count) string { return p.clock.since(c.Last.Time) },
		},
		{
			Title: "first seen", Min: seen, Right: true, Priority: 6, Order: kit.By(func(c count) int64 { return c.First.Position }), Muted: true,
			Text: func(c count) string { return p.bound("≤", "<=") + p.clock.since(c.First.Time) },
		},
	}
	if p.at.Category != "" {
		list = slices.Delete(list, 1, 2)
	}
	return list
}

// area is a part of the tab, with the list that fills it, if one does.
type area struct {
	kit.Rect
	list *kit.Table
}

// areas lays the tab out, from the top: a line of words, the changes, the rows,
// and what is known of the one under the cursor.
func (p drawing) areas(w, h int) []area {
	at := 0
	var out []area
	add := func(n int, l *kit.Table) {
		if n = min(n, h-at); n > 0 {
			out = append(out, area{kit.Rect{Y: at, W: w, H: n}, l})
			at += n
		}
	}
	if h > 3 {
		add(1, nil)
	}
	if p.open == nil {
		add(h, p.list)
		return out
	}
	told, detail := p.open.beside(h)
	add(told, &p.open.told.Table)
	add(h-at-detail, p.open.list)
	add(detail, nil)
	return out
}

// View implements [page.Pane].
func (p *kinds) View(env page.Env, w, h int) string {
	p.restyle(env)
	d := p.drawing()
	d.say(&env)
	if p.open != nil {
		p.open.say(&env)
	}
	var lines []string
	areas := d.areas(w, h)
	for _, a := range areas {
		if a.list != nil {
			a.list.SetFocus(a.list == p.focused())
			a.list.View(&p.theme, a.W, a.H)
		}
	}
	for i, a := range areas {
		switch {
		case a.list != nil:
			lines = append(lines, a.list.Lines()...)
		case i == 0:
			lines = append(lines, d.words(w, h))
		default:
			lines = append(lines, p.open.detail(&p.theme, w, a.H)...)
		}
	}
	lines = append(lines, kit.BlankLines(w, h-len(lines))...)
	return strings.Join(lines[:h], "\n")
}

func (p *kinds) restyle(env page.Env) {
	p.clock.now, p.theme = env.Now, env.Theme
	if p.clock.absolute != env.Absolute {
		p.clock.absolute = env.Absolute
		p.types.SetColumns(p.drawing().columns())
	}
}

// say has the lists tell why they are empty.
func (p drawing) say(env *page.Env) {
	switch {
	case p.fault != "":
		p.list.SetUnread(p.fault)
	case !p.known:
		p.list.SetUnread(env.Pending("counting"))
	case p.find != "" && len(p.counts.Types) > 0:
		p.list.SetEmpty("none of " + text.Count(int64(len(p.counts.Types))) + " types match; esc clears the filter")
	case p.busy():
		p.list.SetUnread(env.Pending("reading"))
	default:
		p.list.SetEmpty("no messages here: " + env.Fill())
	}
}

// words is the line above the list: what the numbers are of.
func (p drawing) words(w, h int) string {
	if p.open != nil {
		return p.open.words(&p.theme, w, h)
	}
	t := p.theme
	pen, said := t.Muted, ""
	c := &p.counts
	switch {
	case p.fault != "" && p.known:
		pen, said = t.Warn, p.fault
	case !p.known:
	case p.refused != "":
		said = p.progress(&p.theme, p.busy()) + ": " + p.refused
	case c.Fault != "":
		pen, said = t.Warn, text.Count(c.Counted)+" of "+text.Count(c.Messages)+" messages counted; the server cannot count on, and tries again: "+c.Fault
	case c.Counted < c.Messages:
		pen, said = t.Warn, "counting: "+text.Count(c.Counted)+" of "+text.Count(c.Messages)+" messages so far"
	default:
		said = text.Count(c.Messages) + " messages of " + text.Count(int64(len(c.Types))) + " " + text.Plural(int64(len(c.Types)), "type")
	}
	if c.Overflow > 0 {
		said += "; " + text.Count(c.Overflow) + " more of types beyond the bound, counted together"
	}
	if window := p.pulse.window(); window > 0 && p.clock.past.IsZero() {
		said += "; rates of the last " + text.Duration(window.Truncate(time.Second))
	}
	return pen.Paint(text.Fit(" "+text.Sanitize(said), w))
}

// rate is how fast messages of a type come; nobody knows that of the past.
func (p drawing) rate(t *page.Theme, c *store.TypeCount) grid.Cell {
	if rate, known := p.pulse.rate(kindOfCount(c)); known && p.clock.past.IsZero() {
		return grid.Cell{Text: text.PerSecond(rate)}
	}
	return grid.Cell{Text: t.Sym.Dash, Pen: t.Faint}
}

// pastRates draws the rates of the last looks.
func (p drawing) pastRates(t *page.Theme, c *store.TypeCount, w int) grid.Cell {
	if p.pulse.window() <= 0 || !p.clock.past.IsZero() {
		return grid.Cell{}
	}
	w = max(w, 1)
	values := p.pulse.line(kindOfCount(c), w)
	s := chart.Spark{Values: values, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks}
	if top := page.Max(values); top > 0 {
		s.Max = top * 8 / 7 // below the cell's edge, or rows would touch
	}
	return grid.Cell{Text: s.Line(w), Pen: t.Series[0]}
}

// partly reports whether the counts are of a part of the messages.
func (p drawing) partly() bool {
	return p.counts.Counted < p.counts.Messages || p.refused != "" && !p.read.Whole
}

// bound is the sign before what may be more, or less: of counts of a part of the messages.
func (p drawing) bound(sign, ascii string) string {
	switch {
	case !p.partly():
		return ""
	case p.theme.Sym.ASCII:
		return ascii
	}
	return sign
}

// Chrome implements [page.Pane].
func (p *kinds) Chrome(page.Env) page.Chrome {
	c := page.Chrome{AsOf: true, Count: p.list.Status()}
	if p.find != "" {
		c.Chips = append(c.Chips, "filter "+p.find)
	}
	if o := p.open; o != nil {
		c.Crumbs, c.Count, c.Chips = []string{o.key.name}, o.list.Status(), nil
		if p.at.Category == "" {
			c.Crumbs = []string{o.key.category, o.key.name}
		}
		if o.find != "" {
			c.Chips = []string{"filter " + o.find}
		}
	}
	return c
}
