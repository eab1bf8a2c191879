package server

import (
	"context"
	"time"
)

// deadline is a context that ends after a time. Unlike those of package context
// it serves one write after another, which then cost no allocation.
type deadline struct {
	timer *time.Timer
	at    time.Time
	over  chan struct{} // closed by the timer
}

// begin returns a context that ends after the given time: d itself, or a new
// one where d is nil. It must end before the next begins.
func (d *deadline) begin(after time.Duration) *deadline {
	at := time.Now().Add(after)
	if d == nil {
		over := make(chan struct{})
		return &deadline{timer: time.AfterFunc(after, func() { close(over) }), at: at, over: over}
	}
	d.at = at
	d.timer.Reset(after)
	return d
}

// end stops the clock, and returns what the next write may begin with.
func (d *deadline) end() *deadline {
	if !d.timer.Stop() {
		return nil // it is over, and stays over
	}
	return d
}

// Deadline is part of context.Context.
func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

// Done is part of context.Context.
func (d *deadline) Done() <-chan struct{} { return d.over }

// Err is part of context.Context.
func (d *deadline) Err() error {
	select {
	case <-d.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// Value is part of context.Context.
func (d *deadline) Value(any) any { return nil }
