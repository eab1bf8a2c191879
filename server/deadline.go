package server

import (
	"context"
	"sync"
	"time"
)

// deadline is a context that ends after a time. Unlike those of package context
// it serves one write after another: they allocate nothing and set no timer,
// since the one that was set for an earlier write looks again when it fires.
type deadline struct {
	over chan struct{} // closed when a write's time is up

	mu    sync.Mutex // guards what follows
	timer *time.Timer
	at    time.Time // of the write under way
	used  bool      // one is under way
	armed bool      // the timer will fire, not later than at
	up    bool      // over is closed
}

// begin returns a context that ends after the given time: d itself, or a new
// one where d is nil. It must end before the next begins.
func (d *deadline) begin(after time.Duration) *deadline {
	if d == nil {
		d = &deadline{over: make(chan struct{})}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at, d.used = time.Now().Add(after), true
	switch {
	case d.armed:
	case d.timer == nil:
		d.timer = time.AfterFunc(after, d.fire)
	default:
		d.timer.Reset(after)
	}
	d.armed = true
	return d
}

func (d *deadline) fire() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.armed = false
	if !d.used {
		return
	}
	if left := time.Until(d.at); left > 0 {
		d.armed = true
		d.timer.Reset(left)
		return
	}
	d.up = true
	close(d.over)
}

// end returns what the next write may begin with.
func (d *deadline) end() *deadline {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.used = false
	if d.up {
		return nil // it stays over
	}
	return d
}

// What follows makes it a context.Context.

func (d *deadline) Deadline() (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at, true
}

func (d *deadline) Done() <-chan struct{} { return d.over }

func (d *deadline) Err() error {
	select {
	case <-d.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func (d *deadline) Value(any) any { return nil }
