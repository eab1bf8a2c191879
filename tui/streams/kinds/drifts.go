package kinds

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// mostHeard is how many of a type's events of drift are kept, the newest.
const mostHeard = 8

// heard is an event of drift that the engine told of.
type heard struct {
	at    time.Time
	words string
}

// drifts are what is known of changes in the fields of the types.
type drifts struct {
	feed  kit.EngineFeed     // for its events of drift
	heard map[kindOf][]heard // those, newest first
	found map[kindOf]int     // how many changes the fields of a type showed when they were read
}

// hear sorts the engine's events of drift in a namespace by type.
func (d *drifts) hear(namespace string, now *clock) {
	d.heard = map[kindOf][]heard{}
	for i := len(d.feed.Events) - 1; i >= 0; i-- {
		e := &d.feed.Events[i]
		if e.Kind != store.EventDrift || e.Namespace != namespace || now.hides(e.Time) {
			continue
		}
		if key, words, ok := ofDrift(e.Reason); ok && len(d.heard[key]) < mostHeard {
			d.heard[key] = append(d.heard[key], heard{e.Time, words})
		}
	}
}

// took keeps how many changes the fields of a type show.
func (d *drifts) took(key kindOf, changes int) {
	if d.found == nil {
		d.found = map[kindOf]int{}
	}
	d.found[key] = changes
}

// cell says what is known of a type.
func (d *drifts) cell(t *page.Theme, key kindOf, now *clock) grid.Cell {
	changes, known := d.found[key]
	switch told := d.heard[key]; {
	case !known && len(told) > 0:
		return grid.Cell{Text: now.at(told[0].at), Pen: t.Warn}
	case !known:
		return grid.Cell{Text: "?", Pen: t.Faint} // nobody looked
	case changes == 0:
		return grid.Cell{Text: "none", Pen: t.Muted}
	}
	n := int64(changes)
	return grid.Cell{Text: text.Count(n) + " " + text.Plural(n, "change"), Pen: t.Warn}
}

// ofDrift takes apart what an event of drift says:
// type "Paid" in category "c": data.discount came.
func ofDrift(reason string) (key kindOf, words string, ok bool) {
	quoted := func(before string) (s string) {
		rest, found := strings.CutPrefix(reason, before)
		quote, err := strconv.QuotedPrefix(rest)
		if ok = found && err == nil; ok {
			s, err = strconv.Unquote(quote)
			ok, reason = err == nil, rest[len(quote):]
		}
		return s
	}
	if key.name = quoted("type "); !ok {
		return key, "", false
	}
	if key.category = quoted(" in category "); !ok {
		return key, "", false
	}
	words, ok = strings.CutPrefix(reason, ": ")
	return key, words, ok
}
