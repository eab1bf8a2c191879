package tui

import (
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/chart"
)

// hottestShown is how many of a member's hottest streams are asked for.
const hottestShown = 8

// hottest names the streams with most messages of the member under the cursor,
// below the members: a line each where there is room, one line for all of them
// where there is little, none where there is not.
func (p *groups) hottest(w, h int) []string {
	d, row := p.current(), p.members.Cursor()
	if p.tab != tabMembers || d == nil || row < 0 || row >= len(p.order) {
		return nil
	}
	m := &d.Members[p.order[row]]
	const heads = 2 // the tabs' line and the columns' heads
	free := h - min(len(p.summary(w)), h/3) - heads - len(d.Members) - 1
	switch {
	case w >= 48 && free >= 4:
		return p.hottestList(m, w, min(free, len(m.Hottest)+1))
	case p.open && h >= 12:
		return []string{p.hottestLine(m, w)}
	}
	return nil
}

// hottestList is a head and, in h lines in all, a stream a line.
func (p *groups) hottestList(m *wire.Member, w, h int) []string {
	t := p.theme
	head := " hottest of member " + text.Count(int64(m.Member))
	if len(m.Hottest) == 0 {
		return []string{t.Muted.Paint(text.Fit(head+": it owns no stream", w))}
	}
	lines := []string{t.Muted.Paint(text.Fit(head, w))}
	name := min(44, w/2)
	for _, s := range m.Hottest[:min(len(m.Hottest), h-1)] {
		bar := chart.Bar{
			Value: float64(s.Messages), Max: float64(m.Hottest[0].Messages),
			Pen: t.Series[2], TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII,
		}
		line := " " + t.Text.Paint(text.Fit(text.Sanitize(s.Stream), name)) + " " + bar.Line(min(24, w-name-22)) +
			text.FitLeft(text.Count(s.Messages), 11) + t.Muted.Paint(text.FitLeft(text.Percent(float64(s.Messages), float64(m.Messages)), 7))
		lines = append(lines, text.Fit(line, w))
	}
	return lines
}

func (p *groups) hottestLine(m *wire.Member, w int) string {
	t := p.theme
	line := t.Muted.Paint(" hottest of member " + text.Count(int64(m.Member)) + ": ")
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
