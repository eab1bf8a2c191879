package kinds

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/story/fields/look"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

const (
	// countsEvery is how often the server is asked for its counts, at most: no
	// more than a twentieth of the time goes into it.
	countsEvery = time.Second
	countsShare = 20
)

// Bounds on what is read for counts without being told to go on.
func countsAllowed() look.Allowance { return look.Allowance{Messages: 20_000, Looked: 20_000} }

// tally is the types, and how many messages of each there are: what is asked and known of
// that, and their list.
type tally struct {
	sheet  // its look counts where the server does not
	at     page.Location
	types  *kit.List[*store.TypeCount]
	clock  *clock // the tab's, as are the drifts
	drifts *drifts

	counts  store.TypeCounts
	known   bool
	pulse   pulse
	refused string // why the server is not asked for counts; "": it is

	asking uint64 // generation of the question for counts; 0: none
	asked  time.Time
	took   time.Duration // how long the last answer took
}

func newTally(at page.Location, now *clock, drifts *drifts, finder *kit.Finder) *tally {
	y := &tally{at: at, clock: now, drifts: drifts}
	y.types = kit.NewList(kit.ListOptions[*store.TypeCount]{
		Columns: y.columns(), Finder: finder,
		Same: func(a, b *store.TypeCount) bool { return kindOfCount(a) == kindOfCount(b) },
	})
	y.sheet = sheet{list: &y.types.Table, allowed: countsAllowed()}
	y.list.SetUnread("")
	return y
}

// restart forgets what was counted.
func (y *tally) restart() {
	fresh := sheet{list: y.list, find: y.find, allowed: countsAllowed()}
	*y = tally{sheet: fresh, at: y.at, types: y.types, clock: y.clock, drifts: y.drifts, took: y.took}
	y.lay()
}

func (y *tally) busy() bool { return y.refused != "" && y.fault == "" && y.older() }

// ask asks for counts that are old, or has messages read on for them.
func (y *tally) ask(t *page.Turn, gen *uint64) {
	if !t.At.IsZero() && y.refused == "" {
		y.refused = "counts of a past moment are read"
	}
	if y.refused != "" {
		if y.due(t) {
			if y.look == nil {
				y.look = look.Types(y.at.Namespace, y.at.Category, t.At)
			}
			y.turn(t, gen, func(l *look.Look, r *lookReply) { r.counts = l.Tally().Counts() })
		}
		return
	}
	if y.asking != 0 || t.Now.Sub(y.asked) < max(countsEvery, countsShare*y.took) {
		return
	}
	*gen++
	y.asking, y.asked = *gen, t.Now
	at := y.at
	t.Ask(*gen, func(ctx context.Context, c *client.Client) (any, error) {
		began := time.Now()
		counts, err := c.In(at.Namespace).Types(ctx, at.Category)
		return countsReply{counts, time.Since(began)}, err
	})
}

type countsReply struct {
	counts store.TypeCounts
	took   time.Duration
}

// replied takes an answer, and reports whether there are counts with it.
func (y *tally) replied(t *page.Turn, msg page.Reply) bool {
	if msg.Gen == y.asking {
		y.asking = 0
		return y.tookCounts(t, msg)
	}
	// What a turn has read of the past is not new.
	steady := y.known && !y.older()
	r, ok := y.answered(msg, "this server can neither count types nor look up times")
	if ok {
		y.read = r.shown
		y.have(r.counts, steady, t.Now)
	}
	return ok
}

func (y *tally) tookCounts(t *page.Turn, msg page.Reply) bool {
	r, _ := msg.Value.(countsReply)
	y.took = r.took
	switch {
	case client.Unreachable(msg.Err):
	case client.NotOffered(msg.Err):
		y.refused, y.fault = "the server keeps no counts by type", "" // they are read, whatever failed before
	case msg.Err != nil:
		y.fault = msg.Err.Error()
	default:
		y.fault = ""
		// What the engine still counts is not new.
		y.have(r.counts, y.known && r.counts.Counted >= r.counts.Messages, t.Now)
		return true
	}
	return false
}

// have takes counts. What is more in steady ones has come since.
func (y *tally) have(counts store.TypeCounts, steady bool, now time.Time) {
	if steady {
		y.pulse.steady(counts.Types, now)
	} else {
		y.pulse.begin(counts.Types, now)
	}
	y.counts, y.known = counts, true
	y.lay()
}

// named is the first of the types that has a name.
func (y *tally) named(name string) (key kindOf, ok bool) {
	i := slices.IndexFunc(y.counts.Types, func(c store.TypeCount) bool { return c.Type == name })
	if i < 0 {
		return key, false
	}
	return kindOfCount(&y.counts.Types[i]), true
}

// fields is a look at the fields of a type.
func (y *tally) fields(key kindOf, until time.Time) *look.Look {
	var count store.TypeCount // of what was counted so far there may be more before it
	for i := range y.counts.Types {
		if kindOfCount(&y.counts.Types[i]) == key && y.refused == "" && y.counts.Counted >= y.counts.Messages {
			count = y.counts.Types[i]
		}
	}
	return look.Fields(y.at.Namespace, cmp.Or(y.at.Category, key.category), key.name, until, count)
}

// lay picks the types that the filter keeps, the most frequent first.
func (y *tally) lay() {
	var rows []*store.TypeCount
	needle := []byte(strings.ToLower(y.find))
	for i := range y.counts.Types {
		c := &y.counts.Types[i]
		if kit.ContainsFold([]byte(c.Type), needle) || kit.ContainsFold([]byte(c.Category), needle) {
			rows = append(rows, c)
		}
	}
	slices.SortStableFunc(rows, func(a, b *store.TypeCount) int { return cmp.Compare(b.Count, a.Count) })
	y.types.SetRows(rows)
}

// columns are those of the types. Types of one category have that in common.
func (y *tally) columns() []kit.Column[*store.TypeCount] {
	type count = *store.TypeCount
	byCount := kit.By(func(c count) int64 { return c.Count })
	byRate := kit.By(func(c count) float64 { r, _ := y.pulse.rate(kindOfCount(c)); return r })
	drift := func(t *page.Theme, c count) grid.Cell { return y.drifts.cell(t, kindOfCount(c), y.clock) }
	seen := kit.SinceWidth(y.clock.absolute)
	list := []kit.Column[count]{
		{Title: "type", Min: 16, Flex: 2, Max: 48, Name: true, Text: func(c count) string { return c.Type }},
		{Title: "category", Min: 10, Flex: 1, Max: 30, Name: true, Text: func(c count) string { return c.Category }, Muted: true},
		{
			Title: "count", Min: 10, Right: true, Order: byCount,
			Cell: func(t *page.Theme, c count) grid.Cell {
				return grid.Cell{Text: y.bound(t, "≥", ">=") + text.Count(c.Count)}
			},
		},
		{
			Title: "share", Min: 6, Right: true, Priority: 3, Order: byCount, Muted: true,
			Text: func(c count) string { return text.Share(float64(c.Count) / float64(max(y.counts.Counted, 1))) },
		},
		{Title: "rate", Min: 6, Right: true, Priority: 1, Cell: y.rate, Order: byRate},
		{Title: "past", Min: 10, Flex: 1, Max: 30, Priority: 5, Drawn: y.pastRates, Order: byRate},
		{Title: "drift", Min: 9, Priority: 4, Cell: drift, Order: kit.By(func(c count) int { return y.drifts.found[kindOfCount(c)] })},
		{
			Title: "last seen", Min: seen, Right: true, Priority: 2, Order: kit.By(func(c count) int64 { return c.Last.Position }), Muted: true,
			Text: func(c count) string { return y.clock.since(c.Last.Time) },
		},
		{
			Title: "first seen", Min: seen, Right: true, Priority: 6, Order: kit.By(func(c count) int64 { return c.First.Position }),
			Cell: func(t *page.Theme, c count) grid.Cell {
				return grid.Cell{Text: y.bound(t, "≤", "<=") + y.clock.since(c.First.Time), Pen: t.Muted}
			},
		},
	}
	if y.at.Category != "" {
		list = slices.Delete(list, 1, 2)
	}
	return list
}

// say has the list tell why it is empty.
func (y *tally) say(env *page.Env) {
	switch {
	case y.fault != "":
		y.list.SetUnread(y.fault)
	case !y.known:
		y.list.SetUnread(env.Pending("counting"))
	case y.find != "" && len(y.counts.Types) > 0:
		y.list.SetEmpty("none of " + text.Count(int64(len(y.counts.Types))) + " types match; esc clears the filter")
	case y.busy():
		y.list.SetUnread(env.Pending("reading"))
	default:
		y.list.SetEmpty("no messages here: " + env.Fill())
	}
}

// words say what the numbers are of.
func (y *tally) words(t *page.Theme, w, _ int) string {
	pen, said := t.Muted, ""
	c := &y.counts
	switch {
	case y.fault != "" && y.known:
		pen, said = t.Warn, y.fault
	case !y.known:
	case y.refused != "":
		said = y.progress(t, y.busy()) + ": " + y.refused
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
	if window := y.pulse.window(); window > 0 && y.clock.past.IsZero() {
		said += "; rates of the last " + text.Duration(window.Truncate(time.Second))
	}
	return pen.Paint(text.Fit(" "+text.Sanitize(said), w))
}

// rate is how fast messages of a type come; nobody knows that of the past.
func (y *tally) rate(t *page.Theme, c *store.TypeCount) grid.Cell {
	if rate, known := y.pulse.rate(kindOfCount(c)); known && y.clock.past.IsZero() {
		return grid.Cell{Text: text.PerSecond(rate)}
	}
	return grid.Cell{Text: t.Sym.Dash, Pen: t.Faint}
}

// pastRates draws the rates of the last looks.
func (y *tally) pastRates(t *page.Theme, c *store.TypeCount, w int) grid.Cell {
	if y.pulse.window() <= 0 || !y.clock.past.IsZero() {
		return grid.Cell{}
	}
	w = max(w, 1)
	values := y.pulse.line(kindOfCount(c), w)
	s := chart.Spark{Values: values, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks}
	if top := page.Max(values); top > 0 {
		s.Max = top * 8 / 7 // below the cell's edge, or rows would touch
	}
	return grid.Cell{Text: s.Line(w), Pen: t.Series[0]}
}

// partly reports whether the counts are of a part of the messages.
func (y *tally) partly() bool {
	return y.counts.Counted < y.counts.Messages || y.refused != "" && !y.read.Whole
}

// bound is the sign before what may be more, or less: of counts of a part of the messages.
func (y *tally) bound(t *page.Theme, sign, ascii string) string {
	switch {
	case !y.partly():
		return ""
	case t.Sym.ASCII:
		return ascii
	}
	return sign
}
