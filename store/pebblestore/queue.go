package pebblestore

import (
	"sync"

	"github.com/evtui/evtui/store"
)

// op is one append or import on its way through the committer. Whoever made
// it waits at done; until then the committer borrows all that it points to.
type op struct {
	write   store.Write
	imports []store.ImportMessage // an import when not nil
	size    int                   // bytes of names and payloads

	result store.Appended
	err    error
	done   chan struct{} // the acknowledger sends once; capacity 1
}

var ops = sync.Pool{New: func() any { return &op{done: make(chan struct{}, 1)} }}

func newOp() *op { return ops.Get().(*op) }

// free returns an op that has been answered.
func (o *op) free() {
	*o = op{done: o.done}
	ops.Put(o)
}

// A group takes this much at most; what is left waits for the next one.
const (
	groupOps   = 2048
	groupBytes = 4 << 20
)

// queue holds the ops that wait for the committer. Callers wait for their op,
// so it is never longer than they are many.
type queue struct {
	wake chan struct{} // capacity 1: something waits, or the queue was closed

	mu      sync.Mutex // guards what follows
	waiting []*op
	closed  bool
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

func (q *queue) put(o *op) {
	q.mu.Lock()
	first := len(q.waiting) == 0
	q.waiting = append(q.waiting, o)
	q.mu.Unlock()
	if first {
		q.signal()
	}
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}

// take waits for ops and moves a group's worth of them to into[:0]. It
// returns none once the queue is closed and empty.
func (q *queue) take(into []*op) []*op {
	for {
		q.mu.Lock()
		n := q.groupLocked()
		into = append(into[:0], q.waiting[:n]...)
		rest := copy(q.waiting, q.waiting[n:])
		clear(q.waiting[rest:])
		q.waiting = q.waiting[:rest]
		closed := q.closed
		q.mu.Unlock()
		if rest > 0 {
			q.signal()
		}
		if n > 0 || closed {
			return into
		}
		<-q.wake
	}
}

// groupLocked counts how many of the waiting ops fit into one group. An
// import is a group by itself: it looks up what is already applied.
func (q *queue) groupLocked() int {
	bytes := 0
	for i, o := range q.waiting {
		if o.imports != nil {
			return max(i, 1)
		}
		bytes += o.size
		if i > 0 && (i == groupOps || bytes > groupBytes) {
			return i
		}
	}
	return len(q.waiting)
}
