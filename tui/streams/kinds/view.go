package kinds

import (
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/story/fields/look"
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
	seen := kit.SinceWidth(p.absolute)
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
		{Title: "drift", Min: 9, Priority: 4, Cell: p.drift, Order: kit.By(func(c count) int { return p.drifts[kindOfCount(c)] })},
		{
			Title: "last seen", Min: seen, Right: true, Priority: 2, Order: kit.By(func(c count) int64 { return c.Last.Position }), Muted: true,
			Text: func(c count) string { return kit.Since(c.Last.Time, p.now, p.absolute) },
		},
		{
			Title: "first seen", Min: seen, Right: true, Priority: 6, Order: kit.By(func(c count) int64 { return c.First.Position }), Muted: true,
			Text: func(c count) string { return p.bound("≤", "<=") + kit.Since(c.First.Time, p.now, p.absolute) },
		},
	}
	if p.at.Category != "" {
		list = slices.Delete(list, 1, 2)
	}
	return list
}

func (p drawing) fieldColumns() []kit.Column[*line] {
	path := func(t *page.Theme, l *line) grid.Cell {
		if l.of.Part == fields.Metadata {
			return grid.Cell{Text: l.of.Name(), Pen: t.Muted}
		}
		return grid.Cell{Text: l.of.Name()}
	}
	distinct := func(t *page.Theme, l *line) grid.Cell {
		if l.of.Distinct > 0 {
			return grid.Cell{Text: text.About(l.of.Distinct, l.of.About)}
		}
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Faint}
	}
	return []kit.Column[*line]{
		{Title: "path", Min: 20, Flex: 2, Max: 44, Name: true, Cell: path, Order: kit.By(func(l *line) string { return l.of.Name() })},
		{Title: "kinds", Min: 8, Flex: 1, Max: 24, Text: func(l *line) string { return kindWords(l.of) }, Muted: true},
		{
			Title: "present", Min: 7, Right: true, Order: kit.By(func(l *line) int64 { return l.of.Present }),
			Text: func(l *line) string { return text.Share(float64(l.of.Present) / float64(max(l.of.Of, 1))) },
		},
		{Title: "distinct", Min: 8, Right: true, Cell: distinct, Order: kit.By(func(l *line) int64 { return l.of.Distinct })},
		{Title: "least", Min: 10, Flex: 1, Max: 30, Priority: 2, Text: func(l *line) string { return l.of.Least }, Muted: true},
		{Title: "greatest", Min: 10, Flex: 1, Max: 30, Priority: 1, Text: func(l *line) string { return l.of.Greatest }, Muted: true},
		{Title: "example", Min: 12, Flex: 2, Max: 60, Priority: 3, Text: func(l *line) string { return exampleOf(l.of) }, Muted: true},
	}
}

// area is a part of the tab, with the list that fills it, if one does.
type area struct {
	kit.Rect
	list *kit.Table
}

// detailHeight is how many lines the field under the cursor has below the list.
const detailHeight = 6

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
	detail := 0
	if h >= 20 {
		detail = detailHeight
	}
	if n, _ := p.open.told.Len(); n > 0 && h >= 8 {
		add(min(n, max((h-detail)/3, 2)), &p.open.told.Table)
	}
	add(h-at-detail, p.open.list)
	add(detail, nil)
	return out
}

// View implements [page.Pane].
func (p *kinds) View(env page.Env, w, h int) string {
	p.restyle(env)
	d := p.drawing()
	d.say(&env)
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
			lines = append(lines, d.detail(w, a.H)...)
		}
	}
	lines = append(lines, kit.BlankLines(w, h-len(lines))...)
	return strings.Join(lines[:h], "\n")
}

func (p *kinds) restyle(env page.Env) {
	p.now, p.theme = env.Now, env.Theme
	if p.absolute != env.Absolute {
		p.absolute = env.Absolute
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
	o := p.open
	if o == nil {
		return
	}
	switch {
	case o.fault != "":
		o.list.SetUnread(o.fault)
	case o.find != "" && len(o.fields) > 0:
		o.list.SetEmpty("none of " + text.Count(int64(len(o.fields))) + " fields match; esc clears the filter")
	case o.busy() || o.read == look.Progress{}:
		o.list.SetUnread(env.Pending("reading"))
	case o.read.Read == 0:
		o.list.SetEmpty("no message of this type was found in those that were read")
	default:
		o.list.SetEmpty("the messages of this type have no fields: neither data nor metadata")
	}
}

// words is the line above the list: what the numbers are of.
func (p drawing) words(w, h int) string {
	if p.open != nil {
		return p.openWords(w, h)
	}
	t := p.theme
	pen, said := t.Muted, ""
	c := &p.counts
	switch {
	case p.fault != "" && p.known:
		pen, said = t.Warn, p.fault
	case !p.known:
	case p.refused != "":
		said = p.readWords(p.read, p.busy()) + ": " + p.refused
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
	if window := p.pulse.window(); window > 0 && p.past.IsZero() {
		said += "; rates of the last " + text.Duration(window.Truncate(time.Second))
	}
	return pen.Paint(text.Fit(" "+text.Sanitize(said), w))
}

// readWords say how far a look is, what goes on or can, and what it cost.
func (p drawing) readWords(l look.Progress, busy bool) string {
	said := "read "
	switch {
	case l.Whole:
		said += "all " + text.Count(l.Read)
	case l.Total >= 0:
		said += text.Count(l.Read) + " of " + text.About(max(l.Total, l.Read), l.About)
	default:
		said += text.Count(l.Read)
	}
	switch {
	case l.Whole:
	case busy:
		said += p.theme.Sym.Ellipsis + " esc stops"
	default:
		said += ", + reads on"
	}
	if l.Cost.Messages > l.Read {
		said += "; looked at " + text.Count(l.Cost.Messages)
	}
	said += "; " + text.Bytes(float64(l.Cost.Bytes)) + ", " + kit.ShortDuration(l.Cost.Time)
	switch {
	case l.Whole:
	case l.Forward:
		said += ", oldest first"
	default:
		said += ", newest first"
	}
	return said
}

// openWords is the line above the fields of a type, of a tab of w by h cells.
func (p drawing) openWords(w, h int) string {
	o, t := p.open, p.theme
	pen, said := t.Muted, p.readWords(o.read, o.busy())
	switch {
	case o.fault != "" && o.read.Read > 0:
		pen, said = t.Warn, o.fault
	case len(o.changes) == 0 && o.read.Read > 0 && !o.busy():
		said += "; no changes in these"
	case len(o.changes)+len(o.heard) > 0:
		said = p.changesWords(w, h) + ": " + said
	}
	if o.merged {
		said += "; more fields than can be told apart: some are under *"
	}
	return pen.Paint(text.Fit(" "+text.Sanitize(said), w))
}

// changesWords count the changes that are listed, and say where there is no room for
// all of them.
func (p drawing) changesWords(w, h int) string {
	o := p.open
	var parts []string
	if n := int64(len(o.changes) + o.more); n > 0 {
		parts = append(parts, text.Count(n)+" "+text.Plural(n, "change")+" in these")
	}
	if n := int64(len(o.heard)); n > 0 {
		parts = append(parts, text.Count(n)+" as the engine saw them")
	}
	said := strings.Join(parts, ", ")
	for _, a := range p.areas(w, h) {
		if rows, _ := o.told.Len(); a.list == &o.told.Table && a.H < rows {
			said += " (" + o.told.Status() + ", tab leads there)"
		}
	}
	return said
}

// rate is how fast messages of a type come; nobody knows that of the past.
func (p drawing) rate(t *page.Theme, c *store.TypeCount) grid.Cell {
	if rate, known := p.pulse.rate(kindOfCount(c)); known && p.past.IsZero() {
		return grid.Cell{Text: text.PerSecond(rate)}
	}
	return grid.Cell{Text: t.Sym.Dash, Pen: t.Faint}
}

// pastRates draws the rates of the last looks.
func (p drawing) pastRates(t *page.Theme, c *store.TypeCount, w int) grid.Cell {
	if p.pulse.window() <= 0 || !p.past.IsZero() {
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

// drift says what is known of changes in the fields of a type.
func (p drawing) drift(t *page.Theme, c *store.TypeCount) grid.Cell {
	key := kindOfCount(c)
	changes, known := p.drifts[key]
	switch told := p.heard[key]; {
	case !known && len(told) > 0:
		return grid.Cell{Text: text.Clock(told[0].at, p.now), Pen: t.Warn}
	case !known:
		return grid.Cell{Text: "?", Pen: t.Faint} // nobody looked
	case changes == 0:
		return grid.Cell{Text: "none", Pen: t.Muted}
	}
	n := int64(changes)
	return grid.Cell{Text: text.Count(n) + " " + text.Plural(n, "change"), Pen: t.Warn}
}

func (p drawing) changeCell(t *page.Theme, r *told) grid.Cell {
	switch c := r.change; {
	case c != nil:
		pen := t.Warn
		if c.What == fields.Rare {
			pen = t.Muted
		}
		return grid.Cell{Text: c.Words(text.Count, p.clock), Pen: pen}
	case r.heard != nil:
		return grid.Cell{Text: p.heardWords(*r.heard), Pen: t.Muted}
	}
	return grid.Cell{Text: "and " + text.Count(int64(p.open.more)) + " more, which are not listed", Pen: t.Muted}
}

func (p *kinds) clock(at time.Time) string { return text.Clock(at, p.now) }

// detail is what is known of the field under the cursor, in h lines.
func (p drawing) detail(w, h int) []string {
	t, f := p.theme, p.open.current()
	lines := []string{t.Border.Paint(strings.Repeat(t.Sym.Horizontal, w))}
	say := func(label, s string) {
		if s != "" && len(lines) < h {
			lines = append(lines, text.Fit(" "+t.Muted.Paint(text.Fit(label, 10))+t.Text.Paint(text.Truncate(text.Sanitize(s), max(w-12, 0))), w))
		}
	}
	if k, ok := p.open.currentKind(); ok {
		p.kindDetail(f, k, say)
	} else if f != nil {
		say("field", f.Name())
		say("in", text.Count(f.Present)+" of "+text.Count(f.Of)+" messages; "+kindCounts(f))
		if f.Least != "" {
			say("from, to", f.Least+"  "+t.Sym.Dots+"  "+f.Greatest)
		}
		say("such as", p.examples(f))
		say("seen", "from #"+text.Count(f.First.Global)+" ("+p.clock(f.First.Time)+") to #"+text.Count(f.Last.Global)+" ("+p.clock(f.Last.Time)+"), of those read")
	}
	return append(lines, kit.BlankLines(w, h-len(lines))...)
}

// kindCounts says how many values are of which kind.
func kindCounts(f *fields.Field) string {
	parts := make([]string, 0, len(f.Kinds)+1)
	for _, k := range f.Kinds {
		parts = append(parts, k.Kind.String()+" "+text.Count(k.Count))
	}
	if f.Repeated > 0 {
		parts = append(parts, text.Count(f.Repeated)+" under a name that stands twice")
	}
	return strings.Join(parts, ", ")
}

// examples are some of the field's values, with how many there are of each
// where that is known.
func (p drawing) examples(f *fields.Field) string {
	parts := make([]string, 0, len(f.Examples))
	for _, e := range f.Examples {
		s := e.Value
		if e.Count > 0 {
			s += " (" + text.Count(e.Count) + ")"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "  ")
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
