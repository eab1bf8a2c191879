package overview

import (
	"slices"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/kit"
)

const laneLabel = "events"

// lane is what the engine did, on the time axis of the charts above, and a line
// that says it in words: the event under the time cursor, else how many of each
// kind there are.
func (d *overviewDrawing) lane(c *chart.LineChart, w, height int) []string {
	events := d.onAxis(c.Slots)
	words := d.explained(c, events, w, height)
	if words == "" {
		words = d.laneLegend(events, w)
	}
	return []string{c.Lane(laneLabel, d.marks(events, c.Slots), w, height), text.Fit(words, w)}
}

// marks are the signs of the events, of each second the weightiest, and the
// weightiest of all at the end, where they cover others in their cell.
func (d *overviewDrawing) marks(events []store.EngineEvent, slots int) []chart.Mark {
	var signs []kit.EventSign
	var names []string // of signs: there are few kinds, and thousands of events
	var drawn []chart.Mark
	seconds := make([]uint8, slots) // 1 + index of the sign that stands there; 0: none
	counts := make([]int, kit.EventWeights)
	k := -1
	for i := range events {
		e := &events[i]
		if k < 0 || names[k] != e.Kind { // one kind often comes many times in a row
			k = slices.Index(names, e.Kind)
		}
		if k < 0 {
			k = len(names)
			sign := kit.SignOf(e.Kind)
			names, signs = append(names, e.Kind), append(signs, sign)
			drawn = append(drawn, chart.Mark{Sign: sign.Rune(d.theme), Pen: sign.Pen(d.theme)})
		}
		at := &seconds[d.secondsBefore(e)]
		if *at == 0 || signs[*at-1].Weight <= signs[k].Weight {
			*at = uint8(min(k, 254)) + 1
		}
		counts[signs[k].Weight]++
	}
	marks := make([]chart.Mark, 0, min(len(events), slots))
	for weight, n := range counts {
		for before := slots - 1; n > 0 && before >= 0; before-- {
			if k := seconds[before]; k > 0 && signs[k-1].Weight == weight {
				mark := drawn[k-1]
				mark.Before = before
				marks = append(marks, mark)
			}
		}
	}
	return marks
}

// onAxis returns the events of the seconds that the axis shows, oldest first.
func (d *overviewDrawing) onAxis(slots int) []store.EngineEvent {
	all := d.page.feed.Events
	first := len(all)
	for first > 0 && d.secondsBefore(&all[first-1]) < slots {
		first--
	}
	return all[first:]
}

// secondsBefore is in which second of the charts an event was, counted back
// from the newest: a sample tells of the second that ends with it.
func (d *overviewDrawing) secondsBefore(e *store.EngineEvent) int {
	return int(max(d.newest-e.Time.UnixNano(), 0) / int64(time.Second))
}

// explained says what happened in the cell of the time cursor, the weightiest
// of it in full; "" when nothing did or there is no cursor.
func (d *overviewDrawing) explained(c *chart.LineChart, events []store.EngineEvent, w, height int) string {
	if c.Cursor < 0 {
		return ""
	}
	var most *store.EngineEvent
	here := 0
	near := c.Slots/max(w/2, 1) + 1 // slots further off stand in another cell
	for i := range events {
		e := &events[i]
		before := d.secondsBefore(e)
		if max(before-c.Cursor, c.Cursor-before) > near || !c.Shares(c.Cursor, before, w, height) {
			continue
		}
		here++
		if most == nil || kit.SignOf(e.Kind).Weight >= kit.SignOf(most.Kind).Weight {
			most = e
		}
	}
	if most == nil {
		return ""
	}
	t, sign := d.theme, kit.SignOf(most.Kind)
	line := " " + t.Muted.Paint(most.Time.In(d.zone).Format("15:04:05")) + " " +
		sign.Pen(t).Paint(string(sign.Rune(t))+" "+text.Sanitize(laneNoun(most.Kind, 1))) + " "
	if most.Namespace != "" {
		line += t.Title.Paint(text.Sanitize(most.Namespace)) + " "
	}
	line += t.Text.Paint(text.Sanitize(kit.EventWords(t, most)))
	if here > 1 {
		line += t.Muted.Paint("  and " + strconv.Itoa(here-1) + " more")
	}
	return line
}

// laneKinds are the kinds that the legend counts, in its order.
func laneKinds() []string {
	return []string{
		store.EventPoisoned, store.EventDamaged, store.EventStall, store.EventDiskLow, store.EventCutOff, store.EventBack, store.EventDrift,
		store.EventDropped, store.EventUnknown, store.EventReplaced, store.EventFlush, store.EventCompact,
		store.EventType, store.EventFollows,
		store.EventOpened, store.EventClosed, wire.EventProfile, store.EventCreated, store.EventDeleted, store.EventTruncated, store.EventStallEnd,
	}
}

// laneLegend counts what is on the axis, kind by kind.
func (d *overviewDrawing) laneLegend(events []store.EngineEvent, w int) string {
	t := d.theme
	switch {
	case d.page.feed.Mute:
		return t.Muted.Paint(text.Fit(" events are not offered by this server", w))
	case !d.page.feed.Told:
		return t.Muted.Paint(text.Fit(" "+d.env.Pending("reading events"), w))
	}
	kinds := laneKinds()
	counts := make([]int64, len(kinds))
	k := -1
	for i := range events {
		if k < 0 || kinds[k] != events[i].Kind {
			k = slices.Index(kinds, events[i].Kind)
		}
		if k >= 0 {
			counts[k]++
		}
	}
	line, used := " ", 1
	for k, kind := range kinds {
		n := counts[k]
		if n == 0 {
			continue
		}
		sign := kit.SignOf(kind)
		words := " " + text.Count(n) + " " + laneNoun(kind, n)
		if used+1+len(words)+3 > w {
			break
		}
		line += sign.Pen(t).Paint(string(sign.Rune(t))) + t.Muted.Paint(words) + "   "
		used += 1 + len(words) + 3
	}
	if used == 1 {
		return t.Muted.Paint(text.Fit(" no flush, compaction, stall, open or close in "+spanName(spans()[d.page.span]), w))
	}
	return line
}

func laneNoun(kind string, n int64) string {
	switch kind {
	case store.EventFlush, store.EventCompact, store.EventStall, store.EventType, store.EventFollows, wire.EventProfile:
		return text.Plural(n, kind)
	case store.EventPoisoned:
		return "WAL failed"
	case store.EventDiskLow: // the ailment "disk low" has a threshold of its own
		return text.Plural(n, "disk space warning")
	}
	return kind // opened, closed, created …
}
