package tui

import (
	"context"
	"errors"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// How much is kept of the engine's events, and read at once.
const (
	feedMost = 4096
	feedPage = 1000
)

// engineFeed is what a page knows of the engine: its figures and its events.
// Each is asked for one question at a time. The zero value knows nothing yet.
type engineFeed struct {
	figures *store.EngineFigures // nil: none yet
	events  []store.EngineEvent  // oldest first
	refused string               // why there are no figures; "" when there are
	mute    bool                 // there are no events either
	fault   string               // why the last question failed

	stops                map[string]struct{} // namespaces whose writes stand still
	after                uint64              // the event read last
	figuresGen, eventGen uint64              // of the questions under way; 0: none
	figuresAt, eventsAt  time.Time
	more                 bool // there are events left to read
}

// feedNews says what a reply brought.
type feedNews struct {
	mine    bool // the reply was the feed's
	changed bool
	events  int // how many were added
}

// askFigures asks for figures when the last ones are older than every.
func (f *engineFeed) askFigures(t *page.Turn, gen *uint64, every time.Duration) {
	if f.refused != "" || f.figuresGen != 0 || t.Now.Sub(f.figuresAt) < every {
		return
	}
	*gen++
	f.figuresGen, f.figuresAt = *gen, t.Now
	t.Ask(*gen, func(ctx context.Context, c *client.Client) (any, error) { return c.In("").EngineFigures(ctx) })
}

// askEvents asks for what happened since, as often, and at once while there is
// more to read.
func (f *engineFeed) askEvents(t *page.Turn, gen *uint64, every time.Duration) {
	if f.mute || f.eventGen != 0 || !f.more && t.Now.Sub(f.eventsAt) < every {
		return
	}
	*gen++
	f.eventGen, f.eventsAt = *gen, t.Now
	after := f.after
	t.Ask(*gen, func(ctx context.Context, c *client.Client) (any, error) {
		return c.In("").EngineEvents(ctx, after, feedPage)
	})
}

// replied takes an answer, if it is one of the feed's.
func (f *engineFeed) replied(msg page.Reply) feedNews {
	ofEvents := msg.Gen == f.eventGen
	switch {
	case msg.Gen == 0:
		return feedNews{}
	case msg.Gen == f.figuresGen:
		f.figuresGen = 0
	case msg.Gen == f.eventGen:
		f.eventGen = 0
	default:
		return feedNews{}
	}
	news := feedNews{mine: true}
	refused, mute, fault := f.refused, f.mute, f.fault
	f.fault = ""
	switch {
	case msg.Err != nil:
		f.failed(msg.Err, ofEvents)
	default:
		switch r := msg.Value.(type) {
		case store.EngineFigures:
			f.figures, news.changed = &r, true
		case []store.EngineEvent:
			news.events = f.add(r)
		}
	}
	news.changed = news.changed || news.events > 0 || refused != f.refused || mute != f.mute || fault != f.fault
	return news
}

// failed sorts an error: some will not go away by asking again. A server whose
// engine shows nothing still tells of its own events.
func (f *engineFeed) failed(err error, ofEvents bool) {
	f.more = false
	switch reason := noEngine(err); {
	case client.Unreachable(err): // the shell tells
	case reason != "" && ofEvents:
		f.mute = true
	case reason != "":
		f.refused = reason
	default:
		f.fault = err.Error()
	}
}

// noEngine says why the engine cannot be looked into; "" for other errors.
func noEngine(err error) string {
	switch {
	case client.NotOffered(err) || errors.Is(err, store.ErrNotOffered):
		return "not offered by this server or its engine"
	case client.Unauthorized(err):
		return "shown to the admin token only"
	}
	return ""
}

// add takes the events that are newer than those read and returns how many.
func (f *engineFeed) add(events []store.EngineEvent) (added int) {
	f.more = len(events) >= feedPage
	for _, e := range events {
		if e.Seq > f.after {
			f.after = e.Seq
			f.events = append(f.events, e)
			f.note(&e)
			added++
		}
	}
	if over := len(f.events) - feedMost; over > 0 {
		f.events = append([]store.EngineEvent(nil), f.events[over:]...)
	}
	return added
}

// stalled reports whether a namespace's writes stand still, by its last event
// of that kind.
func (f *engineFeed) stalled(namespace string) bool {
	_, stopped := f.stops[namespace]
	return stopped
}

// note keeps who stands still.
func (f *engineFeed) note(e *store.EngineEvent) {
	switch e.Kind {
	case store.EventStall:
		if f.stops == nil {
			f.stops = map[string]struct{}{}
		}
		f.stops[e.Namespace] = struct{}{}
	case store.EventStallEnd, store.EventOpened, store.EventClosed, store.EventDeleted:
		delete(f.stops, e.Namespace)
	}
}

// again lets the feed ask at once, also what was refused.
func (f *engineFeed) again() {
	f.figuresAt, f.eventsAt = time.Time{}, time.Time{}
	f.refused, f.mute, f.fault = "", false, ""
}
