package engine

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// events are what the engine did, newest first, and the filter of their list.
type events struct {
	sight  *sight
	list   *kit.List[*store.EngineEvent]
	filter string
	clock  int // cells that their times take
}

func newEvents(sight *sight, search *kit.Finder) *events {
	v := &events{sight: sight}
	v.list = kit.NewList(kit.ListOptions[*store.EngineEvent]{
		Columns: v.columns(), Finder: search,
		Same: func(a, b *store.EngineEvent) bool { return a.Seq == b.Seq },
	})
	return v
}

func (v *events) columns() []kit.Column[*store.EngineEvent] {
	type event = store.EngineEvent
	return []kit.Column[*event]{
		{
			Title: "time", Min: max(v.clock, len(time.TimeOnly)), Muted: true,
			Text: func(e *event) string { return text.Clock(e.Time, v.sight.now) }, Order: kit.By(func(e *event) uint64 { return e.Seq }),
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

// keep keeps the events that hold all words of the line; ns:NAME is one
// namespace's.
func (v *events) keep(filter string) {
	v.filter = strings.TrimSpace(filter)
	v.list.Replace(nil)
	v.sift(len(v.sight.feed.Events))
}

// sift works out which events are listed; added says how many are new. A cursor
// on the newest stays on the newest, another one on its event.
func (v *events) sift(added int) {
	all := v.sight.feed.Events
	words := strings.Fields(strings.ToLower(v.filter))
	found := make([]*store.EngineEvent, 0, len(all))
	fresh := 0
	for i := len(all) - 1; i >= 0; i-- {
		if !eventMatches(&all[i], words) || v.sight.later(&all[i]) {
			continue
		}
		found = append(found, &all[i])
		if len(all)-i <= added {
			fresh++
		}
	}
	clock := len(time.TimeOnly)
	if len(all) > 0 { // the oldest takes most
		clock = len(text.Clock(all[0].Time, v.sight.now))
	}
	if clock != v.clock {
		v.clock = clock
		v.list.SetColumns(v.columns())
	}
	if v.list.Sorting.On { // the newest need not be the first
		v.list.SetRows(found)
		return
	}
	if v.list.Cursor() > 0 {
		v.list.Shift(fresh)
	}
	v.list.Replace(found)
}

// deleted reports whether the newest that is known of a namespace is its end.
func (v *events) deleted(id string) bool {
	for _, e := range slices.Backward(v.sight.feed.Events) {
		if e.Namespace == id {
			return e.Kind == store.EventDeleted
		}
	}
	return false
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

// none has the list say why there are none.
func (v *events) none() {
	switch f := &v.sight.feed; {
	case f.Mute:
		v.list.SetUnread("events are not offered by this server")
	case !f.Told:
		v.list.SetUnread(v.sight.pending("reading"))
	case v.filter != "" && len(f.Events) > 0:
		v.list.SetEmpty("none of " + text.Count(int64(len(f.Events))) + " events match; esc clears the filter")
	default:
		v.list.SetEmpty("no events yet")
	}
}

// latest draws the newest events in exactly h lines: of the chosen namespace, or in the
// past of all up to the time cursor.
func (v *events) latest(past bool, w, h int) []string {
	s := v.sight
	t := s.theme
	title := " latest here"
	if past {
		title = " latest then"
	}
	lines := []string{t.Title.Paint(text.Fit(title, w))}
	for i := len(s.feed.Events) - 1; i >= 0 && len(lines) < h; i-- {
		e := &s.feed.Events[i]
		if s.later(e) || !past && e.Namespace != s.key {
			continue
		}
		words := kit.EventWords(t, e)
		if past && e.Namespace != "" { // those of several stand together
			words = e.Namespace + "  " + words
		}
		sign := kit.SignOf(e.Kind)
		line := " " + t.Muted.Paint(text.Clock(e.Time, s.now)) + " " +
			sign.Pen(t).Paint(text.Fit(string(sign.Rune(t))+" "+text.Sanitize(e.Kind), 14)) + " " +
			t.Muted.Paint(text.Sanitize(words))
		lines = append(lines, text.Fit(line, w))
	}
	if len(lines) == 1 && h > 1 {
		none := " no events"
		switch {
		case s.feed.Mute:
			none = " events are not offered by this server"
		case !s.feed.Told:
			none = " " + s.pending("reading")
		}
		lines = append(lines, t.Muted.Paint(text.Fit(none, w)))
	}
	return kit.Filled(lines, w, h)
}
