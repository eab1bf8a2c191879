package jetlog

import (
	"sync/atomic"
	"time"
)

// What is counted since the log was opened: what became of calls.
const (
	publishes = iota
	conflicts
	inFlight
	unanswered
	reconnects

	counters
)

type counts [counters]atomic.Uint64

// tally is what the counts were at a time.
type tally struct {
	at time.Time
	n  [counters]uint64
}

func (c *counts) now() tally {
	t := tally{at: time.Now()}
	for i := range c {
		t.n[i] = c[i].Load()
	}
	return t
}
