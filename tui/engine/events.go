package engine

import (
	"cmp"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// eventColumns are of the list of events.
func (p drawing) eventColumns() []kit.Column[*store.EngineEvent] {
	type event = store.EngineEvent
	return []kit.Column[*event]{
		{
			Title: "time", Min: max(p.clock, len(time.TimeOnly)), Muted: true,
			Text: func(e *event) string { return text.Clock(e.Time, p.now) }, Order: kit.By(func(e *event) uint64 { return e.Seq }),
		},
		{Title: "event", Min: 13, Cell: kindCell, Order: kit.By(func(e *event) string { return e.Kind })},
		{Title: "namespace", Min: 8, Flex: 1, Max: 32, Priority: 1, Text: func(e *event) string { return e.Namespace }},
		{
			Title: "what", Min: 16, Flex: 4, Wide: 160,
			Cell: func(t *page.Theme, e *event) grid.Cell { return grid.Cell{Text: kit.EventWords(*t, e), Pen: t.Muted} },
			Order: func(a, b *event) int { // how much it did, then how long it took
				return cmp.Or(cmp.Compare(a.BytesOut, b.BytesOut), cmp.Compare(a.Duration, b.Duration), strings.Compare(a.Reason+a.Error, b.Reason+b.Error))
			},
		},
	}
}

func kindCell(t *page.Theme, e *store.EngineEvent) grid.Cell {
	sign := kit.SignOf(e.Kind)
	return grid.Cell{Text: string(sign.Rune(*t)) + " " + e.Kind, Pen: sign.Pen(*t)}
}

// setFilter keeps the events that hold all words of the line; ns:NAME is one
// namespace's.
func (p *enginePage) setFilter(filter string) {
	p.filter = strings.TrimSpace(filter)
	p.events.Replace(nil)
	p.sift(len(p.feed.Events))
}

// sift works out which events are listed; added says how many are new. A cursor
// on the newest stays on the newest, another one on its event.
func (p *enginePage) sift(added int) {
	all := p.feed.Events
	words := strings.Fields(strings.ToLower(p.filter))
	found := make([]*store.EngineEvent, 0, len(all))
	fresh := 0
	for i := len(all) - 1; i >= 0; i-- {
		if !eventMatches(&all[i], words) || p.later(&all[i]) {
			continue
		}
		found = append(found, &all[i])
		if len(all)-i <= added {
			fresh++
		}
	}
	clock := len(time.TimeOnly)
	if len(all) > 0 { // the oldest takes most
		clock = len(text.Clock(all[0].Time, p.now))
	}
	if clock != p.clock {
		p.clock = clock
		p.events.SetColumns(p.drawing().eventColumns())
	}
	if p.events.Sorting.On { // the newest need not be the first
		p.events.SetRows(found)
		return
	}
	if p.events.Cursor() > 0 {
		p.events.Shift(fresh)
	}
	p.events.Replace(found)
}

func eventMatches(e *store.EngineEvent, words []string) bool {
	for _, w := range words {
		if name, ok := strings.CutPrefix(w, "ns:"); ok {
			if !strings.EqualFold(e.Namespace, name) {
				return false
			}
			continue
		}
		if !strings.Contains(strings.ToLower(e.Kind+" "+e.Namespace+" "+e.Reason+" "+e.Error), w) {
			return false
		}
	}
	return true
}

// latest draws the newest events in exactly h lines: of the chosen namespace,
// or of all up to the time cursor.
func (p drawing) latest(w, h int) []string {
	t := p.theme
	title := " latest here"
	if p.inPast() {
		title = " latest then"
	}
	lines := []string{t.Title.Paint(text.Fit(title, w))}
	for i := len(p.feed.Events) - 1; i >= 0 && len(lines) < h; i-- {
		e := &p.feed.Events[i]
		if p.later(e) || !p.inPast() && e.Namespace != p.key {
			continue
		}
		words := kit.EventWords(t, e)
		if p.inPast() && e.Namespace != "" { // those of several stand together
			words = e.Namespace + "  " + words
		}
		sign := kit.SignOf(e.Kind)
		line := " " + t.Muted.Paint(text.Clock(e.Time, p.now)) + " " +
			sign.Pen(t).Paint(text.Fit(string(sign.Rune(t))+" "+text.Sanitize(e.Kind), 14)) + " " +
			t.Muted.Paint(text.Sanitize(words))
		lines = append(lines, text.Fit(line, w))
	}
	if len(lines) == 1 && h > 1 {
		none := " no events"
		switch {
		case p.feed.Mute:
			none = " events are not offered by this server"
		case !p.feed.Told:
			none = " " + p.pending("reading")
		}
		lines = append(lines, t.Muted.Paint(text.Fit(none, w)))
	}
	return kit.Filled(lines, w, h)
}
