package kinds

import (
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/story/fields/look"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// drawing draws the tab from its state and says what it is on; it changes none of it.
type drawing struct{ *kinds }

func (p *kinds) drawing() drawing { return drawing{p} }

// The columns of the types, in their order.
const (
	colType = iota
	colCategory
	colCount
	colShare
	colRate
	colPast
	colDrift
	colLast
	colFirst
)

// listColumns are those of the types, and which of the above each is: all are of
// one category, or that is one more.
func listColumns(inNamespace, absolute bool) (columns []grid.Column, ids []int) {
	seen := kit.SinceWidth(absolute)
	for id, c := range [...]grid.Column{
		colType:     {Title: "type", Min: 16, Flex: 2, Max: 48, Name: true},
		colCategory: {Title: "category", Min: 10, Flex: 1, Max: 30, Name: true},
		colCount:    {Title: "count", Min: 10, Right: true},
		colShare:    {Title: "share", Min: 6, Right: true, Priority: 3},
		colRate:     {Title: "rate", Min: 6, Right: true, Priority: 1},
		colPast:     {Title: "past", Min: 10, Flex: 1, Max: 30, Priority: 5},
		colDrift:    {Title: "drift", Min: 9, Priority: 4},
		colLast:     {Title: "last seen", Min: seen, Right: true, Priority: 2},
		colFirst:    {Title: "first seen", Min: seen, Right: true, Priority: 6},
	} {
		if id != colCategory || inNamespace {
			columns, ids = append(columns, c), append(ids, id)
		}
	}
	return columns, ids
}

// The columns of the fields, in their order.
const (
	colPath = iota
	colKinds
	colPresent
	colDistinct
	colLeast
	colGreatest
	colExample
)

func fieldColumns() []grid.Column {
	return []grid.Column{
		colPath:     {Title: "path", Min: 20, Flex: 2, Max: 44, Name: true},
		colKinds:    {Title: "kinds", Min: 8, Flex: 1, Max: 24},
		colPresent:  {Title: "present", Min: 7, Right: true},
		colDistinct: {Title: "distinct", Min: 8, Right: true},
		colLeast:    {Title: "least", Min: 10, Flex: 1, Max: 30, Priority: 2},
		colGreatest: {Title: "greatest", Min: 10, Flex: 1, Max: 30, Priority: 1},
		colExample:  {Title: "example", Min: 12, Flex: 2, Max: 60, Priority: 3},
	}
}

// area is a part of the tab, with the grid that fills it, if one does.
type area struct {
	kit.Rect
	grid *grid.Grid
}

// detailHeight is how many lines the field under the cursor has below the list.
const detailHeight = 6

// areas lays the tab out, from the top: a line of words, the changes, the rows,
// and what is known of the one under the cursor.
func (p drawing) areas(w, h int) []area {
	at := 0
	var out []area
	add := func(n int, g *grid.Grid) {
		if n = min(n, h-at); n > 0 {
			out = append(out, area{kit.Rect{Y: at, W: w, H: n}, g})
			at += n
		}
	}
	if h > 3 {
		add(1, nil)
	}
	if p.open == nil {
		add(h, p.grid)
		return out
	}
	detail := 0
	if h >= 20 {
		detail = detailHeight
	}
	if n, _ := p.open.told.Len(); n > 0 && h >= 8 {
		add(min(n, max((h-detail)/3, 2)), p.open.told)
	}
	add(h-at-detail, p.open.grid)
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
		if a.grid != nil {
			a.grid.SetFocus(a.grid == p.focused())
			a.grid.SetSize(a.W, a.H)
		}
	}
	for i, a := range areas {
		switch {
		case a.grid != nil:
			lines = append(lines, a.grid.Lines()...)
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
	if p.now = env.Now; p.lost != env.Live.Lost {
		p.lost = env.Live.Lost
	}
	if p.absolute != env.Absolute {
		p.absolute = env.Absolute
		columns, _ := listColumns(p.at.Category == "", p.absolute)
		p.grid.SetColumns(columns)
	}
	if p.theme.Serial == env.Theme.Serial {
		return
	}
	p.theme = env.Theme
	kit.RestyleGrid(p.grid, p.theme)
	if p.open != nil {
		kit.RestyleGrid(p.open.grid, p.theme)
		kit.RestyleGrid(p.open.told, p.theme)
	}
}

// say has the lists tell why they are empty.
func (p drawing) say(env *page.Env) {
	switch {
	case p.fault != "":
		p.grid.SetUnread(p.fault)
	case !p.known:
		p.grid.SetUnread(env.Pending("counting"))
	case p.find != "" && len(p.counts.Types) > 0:
		p.grid.SetEmpty("none of " + text.Count(int64(len(p.counts.Types))) + " types match; esc clears the filter")
	case p.busy():
		p.grid.SetUnread(env.Pending("reading"))
	default:
		p.grid.SetEmpty("no messages here: " + env.Fill())
	}
	o := p.open
	if o == nil {
		return
	}
	switch {
	case o.fault != "":
		o.grid.SetUnread(o.fault)
	case o.find != "" && len(o.fields) > 0:
		o.grid.SetEmpty("none of " + text.Count(int64(len(o.fields))) + " fields match; esc clears the filter")
	case o.busy() || o.read == look.Progress{}:
		o.grid.SetUnread(env.Pending("reading"))
	case o.read.Read == 0:
		o.grid.SetEmpty("no message of this type was found in those that were read")
	default:
		o.grid.SetEmpty("the messages of this type have no fields: neither data nor metadata")
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
		if rows, _ := o.told.Len(); a.grid == o.told && a.H < rows {
			said += " (" + o.told.Status() + ", tab leads there)"
		}
	}
	return said
}

// row is a line of the types.
func (p drawing) row(i int, shown []grid.Cell) {
	if i >= len(p.rows) {
		return
	}
	var cells [colFirst + 1]grid.Cell
	defer func() {
		for at, id := range p.ids {
			shown[at] = cells[id]
		}
	}()
	t, c := p.theme, &p.counts.Types[p.rows[i]]
	key := kindOfCount(c)
	cells[colType] = grid.Cell{Text: c.Type, Pen: t.Text}
	cells[colCategory] = grid.Cell{Text: c.Category, Pen: t.Muted}
	cells[colCount] = grid.Cell{Text: p.bound(text.Count(c.Count)), Pen: t.Text}
	cells[colShare] = grid.Cell{Text: text.Share(float64(c.Count) / float64(max(p.counts.Counted, 1))), Pen: t.Muted}
	cells[colRate] = grid.Cell{Text: t.Sym.Dash, Pen: t.Faint}
	if rate, known := p.pulse.rate(key); known && p.past.IsZero() {
		cells[colRate] = grid.Cell{Text: text.PerSecond(rate), Pen: t.Text}
		n := max(p.grid.Width(slices.Index(p.ids, colPast)), 1)
		values := p.pulse.line(key, n)
		s := chart.Spark{Values: values, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks}
		if top := page.Max(values); top > 0 {
			s.Max = top * 8 / 7 // below the cell's edge, or rows would touch
		}
		cells[colPast] = grid.Cell{Text: s.Line(n), Pen: t.Series[0]}
	}
	cells[colDrift] = p.drift(key)
	cells[colLast] = grid.Cell{Text: kit.Since(c.Last.Time, p.now, p.absolute), Pen: t.Muted}
	cells[colFirst] = grid.Cell{Text: p.firstBound(kit.Since(c.First.Time, p.now, p.absolute)), Pen: t.Muted}
}

// partly reports whether the counts are of a part of the messages.
func (p drawing) partly() bool {
	return p.counts.Counted < p.counts.Messages || p.refused != "" && !p.read.Whole
}

// bound marks a count of which there may be more.
func (p drawing) bound(figure string) string {
	switch {
	case !p.partly():
		return figure
	case p.theme.Sym.ASCII:
		return ">=" + figure
	}
	return "≥" + figure
}

// firstBound marks when a type was seen first, of those that were read.
func (p drawing) firstBound(since string) string {
	if !p.partly() {
		return since
	}
	if p.theme.Sym.ASCII {
		return "<=" + since
	}
	return "≤" + since
}

// drift says what is known of changes in the fields of a type.
func (p drawing) drift(key kindOf) grid.Cell {
	t := p.theme
	d, known := p.drifts[key]
	switch told := p.heard[key]; {
	case !known && len(told) > 0:
		return grid.Cell{Text: text.Clock(told[0].at, p.now), Pen: t.Warn}
	case !known:
		return grid.Cell{Text: "?", Pen: t.Faint} // nobody looked
	case d.changes == 0:
		return grid.Cell{Text: "none", Pen: t.Muted}
	}
	n := int64(d.changes)
	return grid.Cell{Text: text.Count(n) + " " + text.Plural(n, "change"), Pen: t.Warn}
}

// fieldRow is a line of the fields.
func (p drawing) fieldRow(i int, cells []grid.Cell) {
	o := p.open
	if o == nil || i >= len(o.rows) {
		return
	}
	t, f := p.theme, &o.fields[o.rows[i].field]
	if k := o.rows[i].kind; k >= 0 {
		list := kindsOf(f)
		p.kindRow(f, list[k], k == len(list)-1, cells)
		return
	}
	pen := t.Text
	if f.Part == fields.Metadata {
		pen = t.Muted
	}
	cells[colPath] = grid.Cell{Text: f.Name(), Pen: pen}
	cells[colKinds] = grid.Cell{Text: kindWords(f), Pen: t.Muted}
	cells[colPresent] = grid.Cell{Text: text.Share(float64(f.Present) / float64(max(f.Of, 1))), Pen: t.Text}
	if f.Distinct > 0 {
		cells[colDistinct] = grid.Cell{Text: text.About(f.Distinct, f.About), Pen: t.Text}
	} else {
		cells[colDistinct] = grid.Cell{Text: t.Sym.Dash, Pen: t.Faint}
	}
	cells[colLeast] = grid.Cell{Text: f.Least, Pen: t.Muted}
	cells[colGreatest] = grid.Cell{Text: f.Greatest, Pen: t.Muted}
	cells[colExample] = grid.Cell{Text: exampleOf(f), Pen: t.Muted}
}

// changeRow is a line of the changes.
func (p drawing) changeRow(i int, cells []grid.Cell) {
	o := p.open
	switch {
	case o == nil:
	case i < len(o.changes):
		c := &o.changes[i]
		pen := p.theme.Warn
		if c.What == fields.Rare {
			pen = p.theme.Muted
		}
		cells[0] = grid.Cell{Text: c.Words(text.Count, p.clock), Pen: pen}
	case i-len(o.changes) < len(o.heard):
		cells[0] = grid.Cell{Text: p.heardWords(o.heard[i-len(o.changes)]), Pen: p.theme.Muted}
	default:
		cells[0] = grid.Cell{Text: "and " + text.Count(int64(o.more)) + " more, which are not listed", Pen: p.theme.Muted}
	}
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
	c := page.Chrome{AsOf: true, Count: p.grid.Status()}
	if p.find != "" {
		c.Chips = append(c.Chips, "filter "+p.find)
	}
	if o := p.open; o != nil {
		c.Crumbs, c.Count, c.Chips = []string{o.key.name}, o.grid.Status(), nil
		if p.at.Category == "" {
			c.Crumbs = []string{o.key.category, o.key.name}
		}
		if o.find != "" {
			c.Chips = []string{"filter " + o.find}
		}
	}
	return c
}
