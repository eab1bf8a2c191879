package kit

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// FilterPrompt names the prompt of the events' filter.
const FilterPrompt = "filter"

// EventWeights is how many weights events have.
const EventWeights = 9

// EventSign is how an event is drawn: one cell, and how much it matters among
// others in the same cell.
type EventSign struct {
	sign, ascii rune
	Weight      int
	Pen         func(page.Theme) text.Pen
}

// SignOf returns an event's sign.
func SignOf(kind string) EventSign {
	bad := func(t page.Theme) text.Pen { return t.Bad }
	warn := func(t page.Theme) text.Pen { return t.Warn }
	good := func(t page.Theme) text.Pen { return t.Good }
	muted := func(t page.Theme) text.Pen { return t.Muted }
	series := func(n int) func(page.Theme) text.Pen { return func(t page.Theme) text.Pen { return t.Series[n] } }
	switch kind {
	case store.EventFlush:
		return EventSign{'▾', 'f', 1, series(2)}
	case store.EventCompact:
		return EventSign{'◆', 'c', 2, series(3)}
	case store.EventOpened, store.EventCreated:
		return EventSign{'+', '+', 3, good}
	case store.EventClosed, store.EventDeleted, store.EventTruncated:
		return EventSign{'-', '-', 3, muted}
	case wire.EventProfile:
		return EventSign{'◎', 'p', 4, series(0)}
	case store.EventStallEnd:
		return EventSign{'□', 'o', 5, warn}
	case store.EventDiskLow:
		return EventSign{'▲', 'D', 6, bad}
	case store.EventStall:
		return EventSign{'■', 'S', 7, bad}
	case store.EventDropped, store.EventUnknown:
		return EventSign{'△', 'd', 5, warn}
	case store.EventType, store.EventFollows:
		return EventSign{'☆', '*', 4, series(1)}
	case store.EventDrift:
		return EventSign{'◇', '?', 5, warn}
	case store.EventCutOff:
		return EventSign{'⊘', '!', 6, warn}
	case store.EventBack:
		return EventSign{'⊙', '=', 4, good}
	case store.EventReplaced:
		return EventSign{'±', '~', 4, warn}
	case store.EventPoisoned, store.EventDamaged:
		return EventSign{'✗', 'X', 8, bad}
	}
	return EventSign{'•', '.', 0, muted}
}

// Rune is the sign in a theme's symbols.
func (s EventSign) Rune(t page.Theme) rune {
	if t.Sym.ASCII {
		return s.ascii
	}
	return s.sign
}

// usualReason is what Pebble calls a compaction that keeps the tree in shape: a
// word that looks like a namespace and tells nothing.
const usualReason = "default"

// EventWords says what an event did, without its kind.
func EventWords(t page.Theme, e *store.EngineEvent) string {
	var parts []string
	if e.Kind == store.EventCompact {
		parts = append(parts, "L"+strconv.Itoa(e.FromLevel)+t.Sym.Arrow+"L"+strconv.Itoa(e.ToLevel))
	}
	if e.BytesIn > 0 || e.BytesOut > 0 {
		parts = append(parts, text.Bytes(float64(e.BytesIn))+" "+t.Sym.Arrow+" "+text.Bytes(float64(e.BytesOut)))
	}
	if e.Duration > 0 {
		parts = append(parts, "in "+ShortDuration(e.Duration))
	}
	if e.Error != "" {
		parts = append(parts, e.Error)
	}
	if e.Reason != "" && e.Reason != usualReason {
		parts = append(parts, e.Reason)
	}
	return strings.Join(parts, "  ")
}

// ShortDuration is text.Duration without the digits that nobody reads.
func ShortDuration(d time.Duration) string {
	if d >= time.Millisecond && d < time.Minute {
		d = d.Round(time.Millisecond / 10)
	}
	return text.Duration(d)
}
