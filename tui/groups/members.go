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

// hottest names the streams with most messages of the member under the cursor,
// below the members: a line each where there is room, one line for all of them
// where there is little, none where there is not.
func (p *groups) hottest(w, h int) []string {
	d := p.current()
	m, ok := p.members.Chosen()
	if p.tab != tabMembers || d == nil || !ok {
		return nil
	}
	const heads = 1 // of the columns
	free := h - min(len(p.drawing().summary(w)), h/3) - heads - len(d.Members)
	switch {
	case w >= 48 && free >= 4:
		return p.drawing().hottestList(m, w, min(free, len(m.Hottest)+1))
	case p.open && h >= 12:
		return []string{p.drawing().hottestLine(m, w)}
	}
	return nil
}

// hottestList is a head and, in h lines in all, a stream a line.
func (p drawing) hottestList(m *wire.Member, w, h int) []string {
	t := p.theme
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

func (p drawing) hottestLine(m *wire.Member, w int) string {
	t := p.theme
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

// uneven is the skew from which on the largest member is pointed out.
const uneven = 1.25

// summary is what the distribution sums up to, in up to four lines.
func (p drawing) summary(w int) []string {
	t := p.theme
	if p.key == "" {
		return nil
	}
	d := p.current()
	name := " " + t.Accent.Paint(text.Truncate(text.Sanitize(p.key), max(w/3, 8))) + "   " + t.Title.Paint(members(p.size))
	if d == nil {
		return []string{text.Fit(name+t.Muted.Paint("   counting"+t.Sym.Ellipsis), w)}
	}
	s, least := sharesOf(d), p.atLeast(d.Complete)
	first := name + "   " + t.Muted.Paint(least) + number(&t, s.streams, "stream") + "   " + number(&t, s.messages, "message")
	lines := []string{text.Fit(first, w), text.Fit(p.skewLine(s), w)}
	if line := p.moveLine(); line != "" {
		lines = append(lines, text.Fit(line, w))
		if p.moving() != nil { // what was just asked, before what always stands there
			lines[1], lines[2] = lines[2], lines[1]
		}
	}
	notes := ""
	if !d.Complete {
		notes += t.Warn.Paint(fmt.Sprintf(" %s streams were counted so far: actual numbers may be higher  ", text.Count(d.Scanned)))
	}
	if n := d.Unassigned.Streams; n > 0 {
		notes += t.Warn.Paint(fmt.Sprintf(" %s %s without an id, with %s messages: no member reads them",
			text.Count(n), text.Plural(n, "stream"), text.Count(d.Unassigned.Messages)))
	}
	if notes != "" {
		lines = append(lines, text.Fit(notes, w))
	}
	return lines
}

// skewLine compares the largest member with the mean.
func (p drawing) skewLine(s shares) string {
	t := p.theme
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

// moveLine says what the last change of size moves, or what the next would.
func (p drawing) moveLine() string {
	t, d := p.theme, p.current()
	if d == nil || len(d.Moves) < 2 {
		return ""
	}
	all, least := sharesOf(d).streams, p.atLeast(d.Complete)
	part := func(n int64) string {
		return least + text.Count(n) + " of " + text.Count(all) + " streams (" + text.Percent(float64(n), float64(all)) + ")"
	}
	if m := p.moving(); m != nil {
		return " " + t.Accent.Paint(strconv.Itoa(m.To)+" "+t.Sym.Arrow+" "+members(p.size)) + t.Muted.Paint(" moves ") + t.Title.Paint(part(m.Streams)) +
			t.Muted.Paint(", "+least+text.Count(m.Messages)+" messages")
	}
	line := t.Muted.Paint(" one member more would move ") + t.Text.Paint(part(d.Moves[0].Streams))
	if p.size > 1 {
		line += t.Muted.Paint(", one less ") + t.Text.Paint(text.Count(d.Moves[1].Streams))
	}
	return line
}

// memberColumns are of the distribution.
func (p drawing) memberColumns() []kit.Column[*wire.Member] {
	hottest := func(m *wire.Member) (s wire.StreamCount) {
		if len(m.Hottest) > 0 {
			s = m.Hottest[0]
		}
		return s
	}
	messages := func(m *wire.Member) int64 { return m.Messages }
	rate := func(m *wire.Member) float64 { return p.rates.of(p.dist, m) }
	return []kit.Column[*wire.Member]{
		{Title: "member", Min: 6, Right: true, Text: func(m *wire.Member) string { return strconv.Itoa(m.Member) }, Order: kit.By(func(m *wire.Member) int { return m.Member })},
		{Title: "messages", Min: 8, Flex: 3, Max: 60, Drawn: p.memberBar, Order: kit.By(messages)},
		{Min: 11, Right: true, Count: messages},
		{
			Title: "share", Min: 6, Right: true, Muted: true, Order: kit.By(messages),
			Text: func(m *wire.Member) string {
				return text.Percent(float64(m.Messages), float64(sharesOf(p.dist).messages))
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
func (p drawing) memberBar(t *page.Theme, m *wire.Member, w int) grid.Cell {
	s := sharesOf(p.dist)
	bar := chart.Bar{
		Value: float64(m.Messages), Max: float64(p.dist.Members[s.largest].Messages),
		Pen: t.Series[0], TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks,
	}
	if m.Member == p.dist.Members[s.largest].Member && s.skew >= uneven {
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

// countColumns are of the list of categories.
func countColumns() []kit.Column[*store.CategoryCount] {
	return []kit.Column[*store.CategoryCount]{
		{Title: "category", Min: 10, Flex: 1, Text: func(c *store.CategoryCount) string { return c.Category }},
		{
			Title: "streams", Min: 9, Right: true, Priority: 1, Muted: true,
			Text:  func(c *store.CategoryCount) string { return text.About(c.StreamCount, c.Estimated) },
			Order: kit.By(func(c *store.CategoryCount) int64 { return c.StreamCount }),
		},
		{
			Title: "messages", Min: 12, Right: true, Priority: 2,
			Text:  func(c *store.CategoryCount) string { return text.About(c.MessageCount, c.Estimated) },
			Order: kit.By(func(c *store.CategoryCount) int64 { return c.MessageCount }),
		},
	}
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
