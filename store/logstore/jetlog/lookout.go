package jetlog

import (
	"context"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

const (
	lookTime  = 2 * time.Second  // between two measurements
	wantedFor = 10 * time.Second // how long they go on after they were asked for last
)

// lookout measures the cluster in the background, and only while somebody asks what
// it found.
type lookout struct {
	mu      sync.Mutex // guards what follows
	wanted  time.Time  // when it was asked last
	running bool
	found   []store.Section

	before tally // its own goroutine's alone
}

// Sections returns what was measured last.
func (l *Log) Sections() []store.Section {
	o := &l.lookout
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wanted = time.Now()
	if !o.running {
		o.running = l.start(l.measurements)
	}
	return o.found
}

// measurements measures until nobody asks any more.
func (l *Log) measurements() {
	tick := time.NewTicker(lookTime)
	defer tick.Stop()
	l.lookout.before = l.counts.now()
	for {
		ctx, cancel := context.WithTimeout(l.done, lookTime)
		found := l.measure(ctx)
		cancel()
		l.lookout.mu.Lock()
		l.lookout.found = found
		l.lookout.mu.Unlock()
		select {
		case <-tick.C:
		case <-l.done.Done():
		}
		if l.lookout.rested(l.done.Err() != nil) {
			return
		}
	}
}

func (o *lookout) rested(closed bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.running = !closed && time.Since(o.wanted) < wantedFor
	return !o.running
}
