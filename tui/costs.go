package tui

import (
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// costs measures what the UI takes of the processor: what its process does, where
// that does nothing else. In a process that serves as well nobody can tell whose
// a thread's time was.
type costs struct {
	own   func() time.Duration // processor time of this process; nil: it also serves
	used  time.Duration        // by since
	since time.Time
	mixed bool    // the process did something else as well when it was settled last
	share float64 // cores, in the last second; negative: not known
}

// settle works out the share of the time since it was last called. mixed says that
// the process does something else as well.
func (c *costs) settle(now time.Time, mixed bool) {
	before, since, was := c.used, c.since, c.mixed
	c.share, c.mixed = -1, mixed
	if c.own == nil {
		return
	}
	c.used, c.since = c.own(), now
	if passed := now.Sub(since); !mixed && !was && !since.IsZero() && passed > 0 && before > 0 {
		c.share = float64(c.used-before) / float64(passed)
	}
}

// shown stands behind the server's CPU: the UI's part of it where the server knows
// it, else what the UI's own process takes beside it.
func (c *costs) shown(live *page.Live) string {
	switch {
	case live.Sample.UICPU > 0:
		return " (ui " + percent(live.Sample.UICPU) + ")"
	case c.share >= 0:
		return ", ui " + percent(c.share)
	}
	return " (ui " + text.Unknown + ")"
}
