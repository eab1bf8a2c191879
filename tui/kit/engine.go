package kit

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// How much is kept of the engine's events, and read at once.
const (
	FeedMost = 4096
	feedPage = 1000
)

// EngineFeed is what a page knows of the engine: its figures and its events.
// Each is asked for one question at a time. The zero value knows nothing yet.
type EngineFeed struct {
	Figures *store.EngineFigures // nil: none yet
	Tables  []store.Section      // what the engine measured, where it was asked for
	Events  []store.EngineEvent  // oldest first
	Refused string               // why there are no figures; "" when there are
	Mute    bool                 // there are no events either
	Told    bool                 // events were read, be there none
	Fault   string               // why the last question failed

	stops                map[string]struct{} // namespaces whose writes stand still
	after                uint64              // the event read last
	FiguresGen, EventGen uint64              // of the questions under way; 0: none
	FiguresAt, EventsAt  time.Time
	more                 bool // there are events left to read
	TablesGen            uint64
	tablesAt             time.Time
	noTables             bool // they are not offered
}

// FeedNews says what a reply brought.
type FeedNews struct {
	Mine    bool // the reply was the feed's
	Changed bool
	Events  int // how many were added
}

// AskFigures asks for figures when the last ones are older than every.
func (f *EngineFeed) AskFigures(t *page.Turn, gen *uint64, every time.Duration) {
	if f.Refused != "" || f.FiguresGen != 0 || t.Now.Sub(f.FiguresAt) < every {
		return
	}
	*gen++
	f.FiguresGen, f.FiguresAt = *gen, t.Now
	t.Ask(*gen, func(ctx context.Context, c *client.Client) (any, error) { return c.In("").EngineFigures(ctx) })
}

// AskTables asks for the engine's sections, as often.
func (f *EngineFeed) AskTables(t *page.Turn, gen *uint64, every time.Duration) {
	if f.noTables || f.TablesGen != 0 || t.Now.Sub(f.tablesAt) < every {
		return
	}
	*gen++
	f.TablesGen, f.tablesAt = *gen, t.Now
	t.Ask(*gen, func(ctx context.Context, c *client.Client) (any, error) { return c.In("").EngineSections(ctx) })
}

// AskEvents asks for what happened since, as often, and at once while there is
// more to read.
func (f *EngineFeed) AskEvents(t *page.Turn, gen *uint64, every time.Duration) {
	if f.Mute || f.EventGen != 0 || !f.more && t.Now.Sub(f.EventsAt) < every {
		return
	}
	*gen++
	f.EventGen, f.EventsAt = *gen, t.Now
	after := f.after
	t.Ask(*gen, func(ctx context.Context, c *client.Client) (any, error) {
		return c.In("").EngineEvents(ctx, after, feedPage)
	})
}

// Replied takes an answer, if it is one of the feed's.
func (f *EngineFeed) Replied(msg page.Reply) FeedNews {
	ofEvents := msg.Gen == f.EventGen
	switch {
	case msg.Gen == 0:
		return FeedNews{}
	case msg.Gen == f.FiguresGen:
		f.FiguresGen = 0
	case msg.Gen == f.EventGen:
		f.EventGen = 0
	case msg.Gen == f.TablesGen:
		f.TablesGen = 0
		return f.repliedTables(msg)
	default:
		return FeedNews{}
	}
	news := FeedNews{Mine: true}
	refused, mute, fault := f.Refused, f.Mute, f.Fault
	f.Fault = ""
	switch {
	case msg.Err != nil:
		f.failed(msg.Err, ofEvents)
	default:
		switch r := msg.Value.(type) {
		case store.EngineFigures:
			f.Figures, news.Changed = &r, true
		case []store.EngineEvent:
			news.Events = f.Add(r)
			news.Changed = !f.Told
			f.Told = true
		}
	}
	news.Changed = news.Changed || news.Events > 0 || refused != f.Refused || mute != f.Mute || fault != f.Fault
	return news
}

// repliedTables takes the engine's sections.
func (f *EngineFeed) repliedTables(msg page.Reply) FeedNews {
	switch list, ok := msg.Value.([]store.Section); {
	case msg.Err == nil && ok:
		f.Tables, f.Fault = list, ""
	case NoEngine(msg.Err) != "":
		f.noTables = true
	case !client.Unreachable(msg.Err):
		f.Fault = msg.Err.Error()
	}
	return FeedNews{Mine: true, Changed: true}
}

// failed sorts an error: some will not go away by asking again. A server whose
// engine shows nothing still tells of its own events.
func (f *EngineFeed) failed(err error, ofEvents bool) {
	f.more = false
	switch reason := NoEngine(err); {
	case client.Unreachable(err): // the shell tells
	case reason != "" && ofEvents:
		f.Mute = true
	case reason != "":
		f.Refused = reason
	default:
		f.Fault = err.Error()
	}
}

// NoEngine says why the engine cannot be looked into; "" for other errors.
func NoEngine(err error) string {
	switch {
	case client.NotOffered(err) || errors.Is(err, store.ErrNotOffered):
		return "not offered by this server or its engine"
	case client.Unauthorized(err):
		return "shown to the admin token only"
	}
	return ""
}

// Add takes the events that are newer than those read and returns how many.
func (f *EngineFeed) Add(events []store.EngineEvent) (added int) {
	f.more = len(events) >= feedPage
	for _, e := range events {
		if e.Seq > f.after {
			f.after = e.Seq
			f.Events = append(f.Events, e)
			f.note(&e)
			added++
		}
	}
	if over := len(f.Events) - FeedMost; over > 0 {
		f.Events = append([]store.EngineEvent(nil), f.Events[over:]...)
	}
	return added
}

// Stalled reports whether a namespace's writes stand still, by its last event
// of that kind.
func (f *EngineFeed) Stalled(namespace string) bool {
	_, stopped := f.stops[namespace]
	return stopped
}

// note keeps who stands still.
func (f *EngineFeed) note(e *store.EngineEvent) {
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

// Again lets the feed ask at once, also what was refused.
func (f *EngineFeed) Again() {
	f.FiguresAt, f.EventsAt, f.tablesAt, f.noTables = time.Time{}, time.Time{}, time.Time{}, false
	f.Refused, f.Mute, f.Fault = "", false, ""
}

// OfLimit is a figure with its limit, if there is one.
func OfLimit(n, limit int) string {
	if limit <= 0 {
		return strconv.Itoa(n)
	}
	return strconv.Itoa(n) + " of " + strconv.Itoa(limit)
}

// EngineEvery is how often the engine is looked at while its page is seen.
const EngineEvery = time.Second
