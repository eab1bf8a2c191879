package groups

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// maxGroupSize is the largest group that + leads to.
const maxGroupSize = 256

// distribution is how a category is divided among the members of a group of any size: what is
// scanned for that, what came of it, and the lists of members and of streams that move.
type distribution struct {
	members *kit.List[*wire.Member]
	moved   *kit.List[*wire.Move]

	category string // the one under the cursor, kept over refreshes
	size     int
	before   int       // the size before the last changes; 0: none
	resized  time.Time // when the size was changed last
	rested   bool      // the cursor stood still for a frame

	last  *wire.Distribution // of some category and size; nil: none yet
	of    scanID             // what last is of
	at    time.Time          // when its scan began
	rates memberRates
	scan  scan
	plain bool   // the server does not offer distributions: they are made here
	fault string // why the category, or the list of all, could not be counted
}

func newDistribution(search *kit.Finder) *distribution {
	d := &distribution{size: 4}
	d.members = kit.NewList(kit.ListOptions[*wire.Member]{
		Columns: d.memberColumns(), Finder: search, Same: func(a, b *wire.Member) bool { return a.Member == b.Member },
	})
	d.moved = kit.NewList(kit.ListOptions[*wire.Move]{Columns: movedColumns(), Finder: search, Fixed: true})
	return d
}

// restart begins again, with what was scanned if that is to be kept; the size stays.
func (d *distribution) restart(keep bool) {
	d.rates, d.scan, d.plain, d.fault, d.rested = memberRates{}, scan{}, false, "", false
	if !keep {
		d.category, d.last = "", nil
	}
}

// choose divides another category.
func (d *distribution) choose(category string) {
	d.category, d.rested = category, false
	d.last, d.scan, d.before, d.fault = nil, scan{}, 0, ""
}

// resize changes the group's size by n. Moves are counted from the size that
// stood before a run of changes in quick succession.
func (d *distribution) resize(now time.Time, n int) {
	size := min(max(d.size+n, 1), maxGroupSize)
	if size == d.size {
		return
	}
	if now.Sub(d.resized) > 2*time.Second || d.before == 0 {
		d.before = d.size
	}
	d.resized, d.size = now, size
	d.rested = true
}

// refresh scans again. A scan that was stopped goes on.
func (d *distribution) refresh() {
	d.fault, d.rested = "", true
	if d.scan.stopped && d.scan.cursor != "" {
		d.scan.stopped = false
		return
	}
	d.scan = scan{}
}

// current is what came for the size that was chosen; an older one, for another size or
// category, is not shown as if it were.
func (d *distribution) current() *wire.Distribution {
	if d.last == nil || d.last.Size != d.size || d.last.Category != d.category {
		return nil
	}
	return d.last
}

// moving is what the change of the group's size moves; nil when it was not changed, or
// is not known yet.
func (d *distribution) moving() *wire.Moves {
	if c := d.current(); c != nil && d.of.before > 0 && d.of.before == d.before && len(c.Moves) > 2 {
		return &c.Moves[2]
	}
	return nil
}

// show makes the rows of both lists.
func (d *distribution) show() {
	var members []*wire.Member
	if c := d.current(); c != nil {
		members = kit.Pointers(c.Members)
	}
	d.members.SetRows(members)
	var moves []*wire.Move
	if m := d.moving(); m != nil {
		moves = kit.Pointers(m.Top)
	}
	d.moved.SetRows(moves)
}

// summary is what the distribution sums up to, in up to four lines.
func (d *distribution) summary(t *page.Theme, w int) []string {
	if d.category == "" {
		return nil
	}
	c := d.current()
	name := " " + t.Accent.Paint(text.Truncate(text.Sanitize(d.category), max(w/3, 8))) + "   " + t.Title.Paint(members(d.size))
	if c == nil {
		return []string{text.Fit(name+t.Muted.Paint("   counting"+t.Sym.Ellipsis), w)}
	}
	s := sharesOf(c)
	first := name + "   " + t.Muted.Paint(least(c)) + number(t, s.streams, "stream") + "   " + number(t, s.messages, "message")
	lines := []string{text.Fit(first, w), text.Fit(s.skewLine(t), w)}
	if line := d.moveLine(t); line != "" {
		lines = append(lines, text.Fit(line, w))
		if d.moving() != nil { // what was just asked, before what always stands there
			lines[1], lines[2] = lines[2], lines[1]
		}
	}
	notes := ""
	if !c.Complete {
		notes += t.Warn.Paint(fmt.Sprintf(" %s streams were counted so far: actual numbers may be higher  ", text.Count(c.Scanned)))
	}
	if n := c.Unassigned.Streams; n > 0 {
		notes += t.Warn.Paint(fmt.Sprintf(" %s %s without an id, with %s messages: no member reads them",
			text.Count(n), text.Plural(n, "stream"), text.Count(c.Unassigned.Messages)))
	}
	if notes != "" {
		lines = append(lines, text.Fit(notes, w))
	}
	return lines
}

// moveLine says what the last change of size moves, or what the next would.
func (d *distribution) moveLine(t *page.Theme) string {
	c := d.current()
	if c == nil || len(c.Moves) < 2 {
		return ""
	}
	all, least := sharesOf(c).streams, least(c)
	part := func(n int64) string {
		return least + text.Count(n) + " of " + text.Count(all) + " streams (" + text.Percent(float64(n), float64(all)) + ")"
	}
	if m := d.moving(); m != nil {
		return " " + t.Accent.Paint(strconv.Itoa(m.To)+" "+t.Sym.Arrow+" "+members(d.size)) + t.Muted.Paint(" moves ") + t.Title.Paint(part(m.Streams)) +
			t.Muted.Paint(", "+least+text.Count(m.Messages)+" messages")
	}
	line := t.Muted.Paint(" one member more would move ") + t.Text.Paint(part(c.Moves[0].Streams))
	if d.size > 1 {
		line += t.Muted.Paint(", one less ") + t.Text.Paint(text.Count(c.Moves[1].Streams))
	}
	return line
}

// least says so where the numbers come from a scan that saw not all.
func least(d *wire.Distribution) string {
	if d.Complete {
		return ""
	}
	return "at least "
}

func members(n int) string { return strconv.Itoa(n) + " " + text.Plural(int64(n), "member") }

// number is a count with its noun.
func number(t *page.Theme, n int64, noun string) string {
	return t.Title.Paint(text.Count(n)) + " " + t.Muted.Paint(text.Plural(n, noun))
}

// chips say how far a long scan of the category is and what it cost, how old is what came, and
// what it leaves out.
func (d *distribution) chips(now time.Time, category *store.CategoryCount, tab groupsTab) (chips []string) {
	if d.scan.tally != nil {
		chips = d.scan.chips(category)
		if c := d.current(); c != nil && c.Complete && now.Sub(d.at) >= 3*scanEvery {
			chips = append(chips, "as of "+text.Ago(d.at, now))
		}
	}
	if m := d.moving(); tab == tabMoves && m != nil && int64(len(m.Top)) < m.Streams {
		chips = append(chips, "the "+text.Count(int64(len(m.Top)))+" with most messages of "+text.Count(m.Streams))
	}
	if d.plain {
		chips = append(chips, "counted here: not offered by this server")
	}
	if d.fault != "" {
		chips = append(chips, d.fault)
	}
	return chips
}

// hottest names the streams with most messages of the member under the cursor,
// below the members in h lines: a line each where there is room, else one line for
// all of them, or none.
func (d *distribution) hottest(t *page.Theme, w, h int, line bool) []string {
	c := d.current()
	m, ok := d.members.Chosen()
	if c == nil || !ok {
		return nil
	}
	const heads = 1 // of the columns
	free := h - heads - len(c.Members)
	switch {
	case w >= 48 && free >= 4:
		return hottestList(t, m, w, min(free, len(m.Hottest)+1))
	case line:
		return []string{hottestLine(t, m, w)}
	}
	return nil
}

// hottestList is a head and, in h lines in all, a stream a line.
func hottestList(t *page.Theme, m *wire.Member, w, h int) []string {
	head := " hottest streams of member " + text.Count(int64(m.Member))
	if len(m.Hottest) == 0 {
		return []string{t.Muted.Paint(text.Fit(head+": it owns no stream", w))}
	}
	lines := []string{t.Muted.Paint(text.Fit(head, w))}
	name := min(44, w/2)
	for _, s := range m.Hottest[:min(len(m.Hottest), h-1)] {
		bar := chart.Bar{
			Value: float64(s.Messages), Max: float64(m.Hottest[0].Messages),
			Pen: t.Series[2], TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks,
		}
		line := " " + t.Text.Paint(text.Fit(text.Sanitize(s.Stream), name)) + " " + bar.Line(min(24, w-name-22)) +
			text.FitLeft(text.Count(s.Messages), 11) + t.Muted.Paint(text.FitLeft(text.Percent(float64(s.Messages), float64(m.Messages)), 7))
		lines = append(lines, text.Fit(line, w))
	}
	return lines
}

func hottestLine(t *page.Theme, m *wire.Member, w int) string {
	line := t.Muted.Paint(" hottest streams of member " + text.Count(int64(m.Member)) + ": ")
	for i, s := range m.Hottest[:min(len(m.Hottest), 3)] {
		if i > 0 {
			line += t.Muted.Paint(", ")
		}
		line += t.Text.Paint(text.Sanitize(s.Stream)) + " " + t.Muted.Paint(text.Count(s.Messages))
	}
	if len(m.Hottest) == 0 {
		line += t.Muted.Paint("it owns no stream")
	}
	return text.Fit(line, w)
}

// memberColumns are of the distribution.
func (d *distribution) memberColumns() []kit.Column[*wire.Member] {
	hottest := func(m *wire.Member) (s wire.StreamCount) {
		if len(m.Hottest) > 0 {
			s = m.Hottest[0]
		}
		return s
	}
	messages := func(m *wire.Member) int64 { return m.Messages }
	rate := func(m *wire.Member) float64 { return d.rates.of(d.last, m) }
	return []kit.Column[*wire.Member]{
		{Title: "member", Min: 6, Right: true, Text: func(m *wire.Member) string { return strconv.Itoa(m.Member) }, Order: kit.By(func(m *wire.Member) int { return m.Member })},
		{Title: "messages", Min: 8, Flex: 3, Max: 60, Drawn: d.memberBar, Order: kit.By(messages)},
		{Min: 11, Right: true, Count: messages},
		{
			Title: "share", Min: 6, Right: true, Muted: true, Order: kit.By(messages),
			Text: func(m *wire.Member) string {
				return text.Percent(float64(m.Messages), float64(sharesOf(d.last).messages))
			},
		},
		{Title: "streams", Min: 8, Right: true, Priority: 1, Muted: true, Count: func(m *wire.Member) int64 { return m.Streams }},
		{Title: "rate", Min: 9, Right: true, Priority: 2, Muted: true, Text: func(m *wire.Member) string { return text.Rate(rate(m)) }, Order: kit.By(rate)},
		{Title: "hottest stream", Min: 16, Flex: 2, Max: 44, Priority: 3, Muted: true, Text: func(m *wire.Member) string { return hottest(m).Stream }},
		{
			Min: 9, Right: true, Priority: 3, Muted: true, Order: kit.By(func(m *wire.Member) int64 { return hottest(m).Messages }),
			Text: func(m *wire.Member) string {
				if hottest(m).Stream == "" {
					return ""
				}
				return text.Count(hottest(m).Messages)
			},
		},
	}
}

// memberBar is a member's share of the largest's.
func (d *distribution) memberBar(t *page.Theme, m *wire.Member, w int) grid.Cell {
	s := sharesOf(d.last)
	bar := chart.Bar{
		Value: float64(m.Messages), Max: float64(d.last.Members[s.largest].Messages),
		Pen: t.Series[0], TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks,
	}
	if m.Member == d.last.Members[s.largest].Member && s.skew >= uneven {
		bar.Pen = t.Warn
	}
	return grid.Cell{Text: bar.Line(w), Styled: true}
}

// memberRates are how fast the members' shares grow, by the difference of two
// distributions of the same category and size.
type memberRates struct {
	category string
	messages []int64 // at the last look
	at       time.Time
	rates    []float64 // a second; NaN: not known
}

// look takes a distribution. Counts of an unfinished scan tell no rate.
func (r *memberRates) look(now time.Time, d *wire.Distribution) {
	elapsed := now.Sub(r.at).Seconds()
	same := r.category == d.Category && len(r.messages) == len(d.Members) && elapsed > 0
	before := r.messages
	r.category, r.at = d.Category, now
	r.messages, r.rates = make([]int64, len(d.Members)), make([]float64, len(d.Members))
	for i, m := range d.Members {
		r.messages[i], r.rates[i] = m.Messages, math.NaN()
		if same && d.Complete && m.Messages >= before[i] {
			r.rates[i] = float64(m.Messages-before[i]) / elapsed
		}
	}
}

// of is a member's rate, NaN when it is not known.
func (r *memberRates) of(d *wire.Distribution, m *wire.Member) float64 {
	i := slices.IndexFunc(d.Members, func(o wire.Member) bool { return o.Member == m.Member })
	if i < 0 || r.category != d.Category || len(r.rates) != len(d.Members) {
		return math.NaN()
	}
	return r.rates[i]
}

// movedColumns are of the streams that move: out of the size that stood before into the one
// that is shown.
func movedColumns() []kit.Column[*wire.Move] {
	return []kit.Column[*wire.Move]{
		{Title: "stream", Min: 12, Flex: 1, Max: 60, Text: func(m *wire.Move) string { return m.Stream }},
		{Title: "from", Min: 5, Right: true, Muted: true, Text: func(m *wire.Move) string { return strconv.Itoa(m.To) }},
		{Title: "to", Min: 5, Right: true, Text: func(m *wire.Move) string { return strconv.Itoa(m.From) }},
		{Title: "messages", Min: 11, Right: true, Priority: 1, Muted: true, Count: func(m *wire.Move) int64 { return m.Messages }},
	}
}

// uneven is the skew from which on the largest member is pointed out.
const uneven = 1.25

// shares sums a distribution up.
type shares struct {
	streams, messages int64 // that belong to a member
	largest           int   // the member with most messages
	mean              float64
	skew              float64 // largest over mean; 0 when there is nothing
}

func sharesOf(d *wire.Distribution) shares {
	var s shares
	for i, m := range d.Members {
		s.streams += m.Streams
		s.messages += m.Messages
		if m.Messages > d.Members[s.largest].Messages {
			s.largest = i
		}
	}
	if len(d.Members) > 0 && s.messages > 0 {
		s.mean = float64(s.messages) / float64(len(d.Members))
		s.skew = float64(d.Members[s.largest].Messages) / s.mean
	}
	return s
}

// skewLine compares the largest member with the mean.
func (s shares) skewLine(t *page.Theme) string {
	if s.skew == 0 {
		return " " + t.Muted.Paint("nothing to distribute")
	}
	pen, word := t.Good, "even"
	if s.skew >= uneven {
		pen, word = t.Warn, "uneven"
	}
	return " " + t.Muted.Paint("skew ") + pen.Paint(strconv.FormatFloat(s.skew, 'f', 2, 64)+" "+word) +
		t.Muted.Paint("   largest is member ") + t.Title.Paint(strconv.Itoa(s.largest)) +
		t.Muted.Paint(", mean "+text.Short(s.mean)+" messages")
}
