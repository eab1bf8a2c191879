package tui

import (
	"time"

	"github.com/evtui/evtui/tui/page"
)

// costs measures what the UI's own work takes: the time on the clock that the
// event loop spends updating and drawing. It leaves out what other goroutines
// do for the UI (decoding replies, writing to the terminal), so that it is
// shown as about so much.
type costs struct {
	spent time.Duration // since
	since time.Time
	share float64 // of a core, in the last second; negative: not known yet
}

// spend adds the time from start to now.
func (c *costs) spend(start, now time.Time) { c.spent += now.Sub(start) }

// settle works out the share of the time since it was last called.
func (c *costs) settle(now time.Time) {
	c.share = -1
	if passed := now.Sub(c.since); !c.since.IsZero() && passed > 0 {
		c.share = float64(c.spent) / float64(passed)
	}
	c.spent, c.since = 0, now
}

// shown is the UI's part of the header's CPU: what the server knows, else
// about what the event loop took. "" before anything is known.
func (c *costs) shown(live *page.Live) string {
	switch {
	case live.Sample.UICPU > 0:
		return percent(live.Sample.UICPU)
	case c.since.IsZero() || c.share < 0:
		return ""
	}
	return "~" + percent(c.share)
}
