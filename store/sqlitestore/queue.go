package sqlitestore

import (
	"runtime"
	"sync"

	"github.com/evtui/evtui/store"
)

// op is one append or import on its way through the committer. Whoever made
// it waits at done; until then the committer borrows all that it points to.
type op struct {
	write   store.Write
	imports []store.ImportMessage // an import when not nil
	size    int                   // bytes of payloads

	result store.Appended
	err    error
	done   chan struct{} // the committer closes it
}

// A group takes this much at most; what is left waits for the next one.
const (
	groupOps   = 2048
	groupBytes = 4 << 20
)

// queue holds the ops that wait for the committer. Callers wait for their op,
// so it is never longer than they are many.
type queue struct {
	wake chan struct{} // capacity 1: take should look again

	mu      sync.Mutex // guards what follows
	waiting []*op
	closed  bool
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

func (q *queue) put(o *op) {
	q.mu.Lock()
	q.waiting = append(q.waiting, o)
	q.mu.Unlock()
	q.signal()
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take waits for ops and moves a group's worth of them to into[:0]. It
// returns none once the queue is closed and empty.
func (q *queue) take(into []*op) []*op {
	for {
		q.gather()
		q.mu.Lock()
		n := q.groupLocked()
		into = append(into[:0], q.waiting[:n]...)
		rest := copy(q.waiting, q.waiting[n:])
		clear(q.waiting[rest:])
		q.waiting = q.waiting[:rest]
		closed := q.closed
		q.mu.Unlock()
		if n > 0 || closed {
			return into
		}
		<-q.wake
	}
}

// gather gives way as long as that lets more ops come: callers that were just
// answered get to queue their next op, and share this group's sync instead of
// waiting for the next one's.
func (q *queue) gather() {
	for last := 0; ; {
		q.mu.Lock()
		n := len(q.waiting)
		q.mu.Unlock()
		if n <= last || n >= groupOps {
			return
		}
		last = n
		runtime.Gosched()
	}
}

// groupLocked counts how many of the waiting ops fit into one group. An
// import is a group by itself: it is checked as a whole before it is stored.
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
