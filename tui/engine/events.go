package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
)

// eventColumns are the columns of the events' list, whose times take so many cells.
func eventColumns(clock int) []grid.Column {
	return []grid.Column{
		{Title: "time", Min: clock},
		{Title: "event", Min: 13},
		{Title: "namespace", Min: 8, Flex: 1, Max: 32, Priority: 1},
		{Title: "what", Min: 16, Flex: 4, Wide: 160},
	}
}

// setFilter keeps the events that hold all words of the line; ns:NAME is one
// namespace's.
func (p *enginePage) setFilter(filter string) {
	p.filter = strings.TrimSpace(filter)
	p.found = nil
	p.events.SetLen(0, false)
	p.sift(len(p.feed.Events))
}

// sift works out which events are listed; added says how many are new. A
// cursor that is not on the newest stays on its event.
func (p *enginePage) sift(added int) {
	all := p.feed.Events
	atTop, chosen := p.events.Cursor() <= 0, p.chosenEvent()
	words := strings.Fields(strings.ToLower(p.filter))
	p.found = p.found[:0]
	fresh := 0
	for i := len(all) - 1; i >= 0; i-- {
		if !eventMatches(&all[i], words) || p.later(&all[i]) {
			continue
		}
		p.found = append(p.found, i)
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
		p.events.SetColumns(eventColumns(clock))
	}
	if p.eventsBy.On {
		kit.Sorted(p.eventsBy, p.found, func(a, b, column int) int { return compareEvents(&all[a], &all[b], column) })
	} else if before, _ := p.events.Len(); !atTop && before > 0 {
		p.events.Shift(fresh)
	}
	p.events.SetLen(len(p.found), false)
	p.events.Changed()
	p.stayOnEvent(chosen)
}

// chosenEvent is the number of the event under the cursor; 0: none.
func (p *enginePage) chosenEvent() uint64 {
	if row := p.events.Cursor(); row >= 0 && row < len(p.found) && p.found[row] < len(p.feed.Events) {
		return p.feed.Events[p.found[row]].Seq
	}
	return 0
}

// stayOnEvent puts the cursor back on an event in a list that is sorted: there
// the newest need not be the first.
func (p *enginePage) stayOnEvent(seq uint64) {
	if !p.eventsBy.On || seq == 0 {
		return
	}
	if row := slices.IndexFunc(p.found, func(i int) bool { return p.feed.Events[i].Seq == seq }); row >= 0 && row != p.events.Cursor() {
		p.events.Follow(row)
	}
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

// eventRow is a line of the events.
func (p drawing) eventRow(row int, cells []grid.Cell) {
	t, e := p.theme, &p.feed.Events[p.found[row]]
	sign := kit.SignOf(e.Kind)
	pen := sign.Pen(t)
	cells[0] = grid.Cell{Text: text.Clock(e.Time, p.now), Pen: t.Muted}
	cells[1] = grid.Cell{Text: string(sign.Rune(t)) + " " + e.Kind, Pen: pen}
	cells[2] = grid.Cell{Text: e.Namespace}
	cells[3] = grid.Cell{Text: kit.EventWords(t, e), Pen: t.Muted}
}

// inWhich names the namespace of an event where those of several stand
// together.
func (p drawing) inWhich(e *store.EngineEvent) string {
	if !p.inPast() || e.Namespace == "" {
		return ""
	}
	return e.Namespace + "  "
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
		sign := kit.SignOf(e.Kind)
		line := " " + t.Muted.Paint(text.Clock(e.Time, p.now)) + " " +
			sign.Pen(t).Paint(text.Fit(string(sign.Rune(t))+" "+text.Sanitize(e.Kind), 14)) + " " +
			t.Muted.Paint(text.Sanitize(p.inWhich(e)+kit.EventWords(t, e)))
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
	return append(lines, kit.BlankLines(w, h-len(lines))...)
}
