package tui

import (
	"fmt"
	"strconv"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/grid"
)

// uneven is the skew from which on the largest member is pointed out.
const uneven = 1.25

// summary is what the distribution sums up to, in up to four lines.
func (p *groups) summary(w int) []string {
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
	first := name + "   " + t.Muted.Paint(least) + p.number(s.streams, "stream") + "   " + p.number(s.messages, "message")
	lines := []string{text.Fit(first, w), text.Fit(p.skewLine(s), w)}
	if line := p.moveLine(); line != "" {
		lines = append(lines, text.Fit(line, w))
		if p.moving.to > 0 { // what was just asked, before what always stands there
			lines[1], lines[2] = lines[2], lines[1]
		}
	}
	notes := ""
	if !d.Complete {
		notes += t.Warn.Paint(fmt.Sprintf(" the scan stopped after %s streams: numbers are at least these  ", text.Count(d.Scanned)))
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

func (p *groups) number(n int64, noun string) string {
	return p.theme.Title.Paint(text.Count(n)) + " " + p.theme.Muted.Paint(text.Plural(n, noun))
}

// skewLine compares the largest member with the mean.
func (p *groups) skewLine(s shares) string {
	t := p.theme
	if s.skew == 0 {
		return " " + t.Muted.Paint("nothing to share out")
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
func (p *groups) moveLine() string {
	t := p.theme
	if p.worked.category != p.key || p.place.category != p.key || len(p.place.streams) == 0 {
		return "" // it is being worked out
	}
	all, least := p.next.assigned, p.atLeast(p.complete())
	part := func(n int) string {
		return least + text.Count(int64(n)) + " of " + text.Count(int64(all)) + " streams (" + text.Percent(float64(n), float64(all)) + ")"
	}
	if m := p.moving; m.to > 0 {
		arrow := " → "
		if t.Sym.ASCII {
			arrow = " -> "
		}
		return " " + t.Accent.Paint(strconv.Itoa(m.from)+arrow+members(m.to)) + t.Muted.Paint(" moves ") + t.Title.Paint(part(len(m.moves))) +
			t.Muted.Paint(", "+p.atLeast(p.exact())+text.Count(m.messages)+" messages")
	}
	line := t.Muted.Paint(" a member more would move ") + t.Text.Paint(part(p.next.more))
	if p.size > 1 {
		line += t.Muted.Paint(", a member less ") + t.Text.Paint(text.Count(int64(p.next.less)))
	}
	return line
}

// memberRow is a line of the distribution.
func (p *groups) memberRow(row int, cells []grid.Cell) {
	row = p.order[row]
	t, m := p.theme, p.dist.Members[row]
	s := sharesOf(p.dist)
	cells[0].Text = strconv.Itoa(m.Member)
	bar := chart.Bar{
		Value: float64(m.Messages), Max: float64(p.dist.Members[s.largest].Messages),
		Pen: t.Series[0], TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII,
	}
	if row == s.largest && s.skew >= uneven {
		bar.Pen = t.Warn
	}
	cells[1] = grid.Cell{Text: bar.Line(p.members.Width(1)), Styled: true}
	cells[2].Text = text.Count(m.Messages)
	cells[3] = grid.Cell{Text: text.Percent(float64(m.Messages), float64(s.messages)), Pen: t.Muted}
	cells[4] = grid.Cell{Text: text.Count(m.Streams), Pen: t.Muted}
	cells[5] = grid.Cell{Text: text.Rate(p.rates.of(p.dist, row)), Pen: t.Muted}
	if len(m.Hottest) > 0 {
		hot := m.Hottest[0]
		cells[6] = grid.Cell{Text: hot.Stream, Pen: t.Muted}
		cells[7] = grid.Cell{Text: text.Count(hot.Messages), Pen: t.Muted}
	}
}
