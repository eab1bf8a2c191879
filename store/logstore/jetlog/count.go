package jetlog

import "sync/atomic"

// counter counts since the log was opened.
type counter struct{ n atomic.Uint64 }

func (c *counter) add() { c.n.Add(1) }

// counts are what became of calls.
type counts struct {
	publishes, conflicts, inFlight, unanswered, reconnects counter
}
