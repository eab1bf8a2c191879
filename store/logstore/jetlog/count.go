package jetlog

import (
	"sync/atomic"
	"time"
)

// counter counts since the log was opened.
type counter struct{ n atomic.Uint64 }

func (c *counter) add() { c.n.Add(1) }

// counts are what became of calls.
type counts struct {
	publishes, conflicts, inFlight, unanswered, reconnects counter
}

// tally is what the counts were at a time.
type tally struct {
	at                                                     time.Time
	publishes, conflicts, inFlight, unanswered, reconnects uint64
}

func (c *counts) now() tally {
	return tally{
		at: time.Now(), publishes: c.publishes.n.Load(), conflicts: c.conflicts.n.Load(), inFlight: c.inFlight.n.Load(),
		unanswered: c.unanswered.n.Load(), reconnects: c.reconnects.n.Load(),
	}
}
