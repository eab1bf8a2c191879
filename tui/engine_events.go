package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// filterPrompt names the prompt of the events' filter.
const filterPrompt = "filter"

// eventWeights is how many weights events have.
const eventWeights = 9

// eventSign is how an event is drawn: one cell, and how much it matters among
// others in the same cell.
type eventSign struct {
	sign, ascii rune
	weight      int
	pen         func(page.Theme) text.Pen
}

// signOf returns an event's sign.
func signOf(kind string) eventSign {
	bad := func(t page.Theme) text.Pen { return t.Bad }
	warn := func(t page.Theme) text.Pen { return t.Warn }
	good := func(t page.Theme) text.Pen { return t.Good }
	muted := func(t page.Theme) text.Pen { return t.Muted }
	series := func(n int) func(page.Theme) text.Pen { return func(t page.Theme) text.Pen { return t.Series[n] } }
	switch kind {
	case store.EventFlush:
		return eventSign{'▾', 'f', 1, series(2)}
	case store.EventCompact:
		return eventSign{'◆', 'c', 2, series(3)}
	case store.EventOpened, store.EventCreated:
		return eventSign{'+', '+', 3, good}
	case store.EventClosed, store.EventDeleted, store.EventTruncated:
		return eventSign{'-', '-', 3, muted}
	case wire.EventProfile:
		return eventSign{'◎', 'p', 4, series(0)}
	case store.EventStallEnd:
		return eventSign{'□', 'o', 5, warn}
	case store.EventDiskLow:
		return eventSign{'▲', 'D', 6, bad}
	case store.EventStall:
		return eventSign{'■', 'S', 7, bad}
	case store.EventPoisoned:
		return eventSign{'✗', 'X', 8, bad}
	}
	return eventSign{'•', '.', 0, muted}
}

// rune is the sign in a theme's symbols.
func (s eventSign) rune(t page.Theme) rune {
	if t.Sym.ASCII {
		return s.ascii
	}
	return s.sign
}

// usualReason is what Pebble calls a compaction that keeps the tree in shape: a
// word that looks like a namespace and tells nothing.
const usualReason = "default"

// eventWords says what an event did, without its kind.
func eventWords(t page.Theme, e *store.EngineEvent) string {
	arrow := "→"
	if t.Sym.ASCII {
		arrow = "->"
	}
	var parts []string
	if e.Kind == store.EventCompact {
		parts = append(parts, "L"+strconv.Itoa(e.FromLevel)+arrow+"L"+strconv.Itoa(e.ToLevel))
	}
	switch {
	case e.BytesIn > 0 || e.BytesOut > 0:
		parts = append(parts, text.Bytes(float64(e.BytesIn))+" "+arrow+" "+text.Bytes(float64(e.BytesOut)))
	}
	if e.Duration > 0 {
		parts = append(parts, "in "+shortDuration(e.Duration))
	}
	if e.Error != "" {
		parts = append(parts, e.Error)
	}
	if e.Reason != "" && e.Reason != usualReason {
		parts = append(parts, e.Reason)
	}
	return strings.Join(parts, "  ")
}

// shortDuration is text.Duration without the digits that nobody reads.
func shortDuration(d time.Duration) string {
	if d >= time.Millisecond && d < time.Minute {
		d = d.Round(time.Millisecond / 10)
	}
	return text.Duration(d)
}

// eventColumns are the columns of the events' list; dated gives the time room
// for its day.
func eventColumns(dated bool) []grid.Column {
	clock := 8
	if dated {
		clock = 14
	}
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
	p.sift(len(p.feed.events))
}

// sift works out which events are listed; added says how many are new. A
// cursor that is not on the newest stays on its event.
func (p *enginePage) sift(added int) {
	all := p.feed.events
	atTop := p.events.Cursor() <= 0
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
	if dated := len(all) > 0 && len(text.Clock(all[0].Time, p.now)) > 8; dated != p.dated {
		p.dated = dated
		p.events.SetColumns(eventColumns(dated))
	}
	before, _ := p.events.Len()
	if !atTop && before > 0 {
		p.events.Shift(fresh)
	}
	p.events.SetLen(len(p.found), false)
	p.events.Changed()
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
func (p *enginePage) eventRow(row int, cells []grid.Cell) {
	t, e := p.theme, &p.feed.events[p.found[row]]
	sign := signOf(e.Kind)
	pen := sign.pen(t)
	cells[0] = grid.Cell{Text: text.Clock(e.Time, p.now), Pen: t.Muted}
	cells[1] = grid.Cell{Text: string(sign.rune(t)) + " " + e.Kind, Pen: pen}
	cells[2] = grid.Cell{Text: e.Namespace}
	cells[3] = grid.Cell{Text: eventWords(t, e), Pen: t.Muted}
}

// inWhich names the namespace of an event where those of several stand
// together.
func (p *enginePage) inWhich(e *store.EngineEvent) string {
	if !p.inPast() || e.Namespace == "" {
		return ""
	}
	return e.Namespace + "  "
}

// latest draws the newest events in exactly h lines: of the chosen namespace,
// or of all up to the time cursor.
func (p *enginePage) latest(w, h int) []string {
	t := p.theme
	title := " latest here"
	if p.inPast() {
		title = " latest then"
	}
	lines := []string{t.Title.Paint(text.Fit(title, w))}
	for i := len(p.feed.events) - 1; i >= 0 && len(lines) < h; i-- {
		e := &p.feed.events[i]
		if p.later(e) || !p.inPast() && e.Namespace != p.key {
			continue
		}
		sign := signOf(e.Kind)
		line := " " + t.Muted.Paint(text.Clock(e.Time, p.now)) + " " +
			sign.pen(t).Paint(text.Fit(string(sign.rune(t))+" "+text.Sanitize(e.Kind), 14)) + " " +
			t.Muted.Paint(text.Sanitize(p.inWhich(e)+eventWords(t, e)))
		lines = append(lines, text.Fit(line, w))
	}
	if len(lines) == 1 && h > 1 {
		lines = append(lines, t.Muted.Paint(text.Fit(" nothing that is remembered", w)))
	}
	return append(lines, blankLines(w, h-len(lines))...)
}
