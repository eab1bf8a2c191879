package page

import (
	"time"

	"github.com/evtui/evtui/internal/text"
)

// AtMsg says that Env.At changed. Every pane gets it, shown or not.
type AtMsg struct{}

// SetAt puts the time cursor on a second of the past, for all pages; the zero
// time is live again. It takes hold once Update returns: with an [AtMsg].
func (t *Turn) SetAt(at time.Time) { t.effects.At = &at }

// Second returns the second that is shown: the one under the time cursor, else
// the newest. known is false where there is no sample of it.
func (e *Env) Second() (x Second, known bool) {
	if e.Past == nil {
		return Second{}, false
	}
	if e.At.IsZero() {
		return e.Past.Before(0)
	}
	before, known := e.Past.Locate(e.At)
	if !known {
		return Second{}, false
	}
	return e.Past.Before(before)
}

// AsOf names the second under the time cursor, with its day if that is not
// today's.
func (e *Env) AsOf() string { return text.Clock(e.At, e.Now) }

// AsOfMessages is AsOf for what was looked up among the messages by their times: where
// these are the writers' clocks, about then.
func (e *Env) AsOfMessages() string {
	if e.Live.Info.Clocks {
		return "≈ " + e.AsOf()
	}
	return e.AsOf()
}
