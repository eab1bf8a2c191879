package logstore

import (
	"context"
	"sync"
)

// lastSequences remembers the last sequences of the subjects that were met lately, in two
// generations.
type lastSequences struct {
	mu         sync.Mutex
	young, old map[string]uint64
}

// sequenceGeneration bounds each of the two: some 8 MB for names of usual length.
const sequenceGeneration = 64 << 10

func (l *lastSequences) put(subject string, sequence uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.young[subject]; ok && known >= sequence {
		return
	}
	if l.young == nil || len(l.young) >= sequenceGeneration {
		l.old, l.young = l.young, map[string]uint64{}
	}
	l.young[subject] = sequence
}

// set takes what the log itself said. It may be lower: 0 once the log dropped what
// was truncated.
func (l *lastSequences) set(subject string, sequence uint64) {
	l.mu.Lock()
	delete(l.young, subject)
	l.mu.Unlock()
	l.put(subject, sequence)
}

func (l *lastSequences) get(subject string) (uint64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sequence, ok := l.young[subject]
	if !ok {
		sequence, ok = l.old[subject]
	}
	return sequence, ok
}

// turns lets one append at a time go on with each stream: the log takes one at a time.
type turns struct {
	mu      sync.Mutex
	streams map[string]*turn
}

type turn struct {
	free  chan struct{} // holds one while nobody has the turn
	users int
}

// take waits for the stream's turn. The caller calls end. It returns ctx's error when
// that ends first.
func (t *turns) take(ctx context.Context, stream string) (end func(), err error) {
	t.mu.Lock()
	one := t.streams[stream]
	if one == nil {
		one = &turn{free: make(chan struct{}, 1)}
		one.free <- struct{}{}
		if t.streams == nil {
			t.streams = map[string]*turn{}
		}
		t.streams[stream] = one
	}
	one.users++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if one.users--; one.users == 0 {
			delete(t.streams, stream)
		}
	}
	select {
	case <-one.free:
		return func() { one.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, context.Cause(ctx)
	}
}
