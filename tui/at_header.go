package tui

import (
	"math"
	"time"

	"github.com/evtui/evtui/internal/text"
)

// cursorFigures say that the header is of the past, and what it was then.
func (a *app) cursorFigures() []figure {
	t, sign := a.env.Theme, "◂ "
	if t.Sym.ASCII {
		sign = "< "
	}
	ago := text.Duration(max(a.env.Now.Sub(a.env.At), 0).Truncate(time.Second))
	out := []figure{
		{" " + sign + "at " + a.env.AsOf() + " ", t.Chip, 0},
		{ago + " ago", t.Warn, 3},
	}
	x, known := a.env.Second()
	if !known {
		return append(out, figure{"no sample of then", t.Muted, 5})
	}
	out = append(out,
		figure{steady(text.Count(int64(x.Appends+0.5)), 6) + " w/s", t.Accent, 2},
		figure{steady(text.Count(int64(x.Reads+0.5)), 6) + " r/s", t.Accent, 4})
	if !math.IsNaN(x.P99) {
		out = append(out, figure{"p99 " + steady(text.Nanos(x.P99), 7), t.Accent, 4})
	}
	return append(out, figure{"cpu " + steady(percent(x.CPU), 4), t.Muted, 6})
}

// costs measures what the UI's own work takes: the time on the clock that the
// event loop spends updating and drawing. It leaves out what other goroutines
// do for the UI (decoding replies, writing to the terminal), so that it is
// shown as about so much.
type costs struct {
	spent time.Duration // since
	since time.Time
	share float64 // of a core, in the last second; negative: not known yet
}

// spend adds the time since start, for a defer.
func (a *app) spend(start time.Time) { a.costs.spent += a.now().Sub(start) }

// settle works out the share of the time since it was last called.
func (c *costs) settle(now time.Time) {
	c.share = -1
	if passed := now.Sub(c.since); !c.since.IsZero() && passed > 0 {
		c.share = float64(c.spent) / float64(passed)
	}
	c.spent, c.since = 0, now
}

// uiShare is the UI's part of the header's CPU: what the server knows, else
// about what the event loop took. "" before anything is known.
func (a *app) uiShare() string {
	switch {
	case a.env.Live.Sample.UICPU > 0:
		return percent(a.env.Live.Sample.UICPU)
	case a.costs.since.IsZero() || a.costs.share < 0:
		return ""
	}
	return "~" + percent(a.costs.share)
}
