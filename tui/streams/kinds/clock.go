package kinds

import (
	"time"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
)

// clock is what time it is, which moment of the past is looked at, and how times are told.
type clock struct {
	now      time.Time
	past     time.Time // zero: live
	absolute bool
}

func (c *clock) at(moment time.Time) string { return text.Clock(moment, c.now) }

func (c *clock) since(moment time.Time) string { return kit.Since(moment, c.now, c.absolute) }

// hides reports whether something came only after the moment that is looked at.
func (c *clock) hides(moment time.Time) bool { return !c.past.IsZero() && moment.After(c.past) }

// seen says between which messages something was.
func (c *clock) seen(first, last fields.Place) string {
	return "from #" + text.Count(first.Global) + " (" + c.at(first.Time) + ") to #" + text.Count(last.Global) + " (" + c.at(last.Time) + "), of those read"
}
