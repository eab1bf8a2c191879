package pebblestore

import (
	"runtime"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// op is one append or import on its way through the committer. Whoever made
// it waits at done; until then the committer borrows all that it points to.
type op struct {
	write   store.Write
	imports []store.ImportMessage // an import when not nil
	made    []bool                // of imports whose ids count as made here; nil: none does
	next    int64                 // of imports: the next global position, at least
	size    int                   // bytes of names and payloads
	cutting cutting               // of the events or imports, one each

	result store.Appended
	err    error
	done   chan struct{} // the acknowledger sends once; capacity 1
}

var ops = sync.Pool{New: func() any { return &op{done: make(chan struct{}, 1)} }}

func newOp() *op { return ops.Get().(*op) }

// free returns an op that has been answered.
func (o *op) free() {
	*o = op{done: o.done, cutting: o.cutting.empty()}
	ops.Put(o)
}

// cut takes the op's messages apart.
func (o *op) cut(s *shapes) {
	for i := range o.write.Events {
		e := &o.write.Events[i]
		o.cutting.add(s, e.Type, e.Metadata, e.Data)
	}
	for i := range o.imports {
		m := &o.imports[i]
		o.cutting.add(s, m.Type, m.Metadata, m.Data)
	}
}

// A group takes this much at most; what is left waits for the next one.
const (
	groupOps   = 2048
	groupBytes = 4 << 20
)

// eagerOps is how many ops must wait for the next group to be filled while one
// still syncs. Fewer had better wait for that sync's end: what comes
// meanwhile then shares their own sync, and the log is synced less often. From
// here on filling takes long enough to be worth doing at the same time.
const eagerOps = 32

// queue holds the ops that wait for the committer. Callers wait for their op,
// so it is never longer than they are many.
type queue struct {
	wake chan struct{} // capacity 1: take should look again

	patience *time.Timer // of take, for company

	mu      sync.Mutex // guards what follows
	waiting []*op
	syncing int // groups taken and not durable yet
	closed  bool
	company company
}

func newQueue() *queue {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &queue{wake: make(chan struct{}, 1), patience: t}
}

func (q *queue) put(o *op) {
	q.mu.Lock()
	q.waiting = append(q.waiting, o)
	look := q.readyLocked() || len(q.waiting) == 1 && q.syncing == 0 // the first waits for company with a clock
	q.mu.Unlock()
	if look {
		q.signal()
	}
}

func (q *queue) readyLocked() bool {
	n := len(q.waiting)
	return q.closed || n >= eagerOps || n > 0 && q.syncing == 0 && n >= q.company.expected
}

// synced tells the queue that a group that was taken is durable, or failed, and
// how many callers are about to be answered.
func (q *queue) synced(answered int) {
	q.mu.Lock()
	q.syncing--
	if q.syncing == 0 {
		q.company.synced(time.Now(), answered, len(q.waiting))
	}
	look := q.closed || len(q.waiting) > 0 && q.syncing == 0
	q.mu.Unlock()
	if look {
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

// quiet reports whether the group just taken is the only one on its way and
// too little waits for the next one to be worth overlapping.
func (q *queue) quiet() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.syncing == 1 && len(q.waiting) < eagerOps
}

// take waits for ops and moves a group's worth of them to into[:0]. It
// returns none once the queue is closed and empty.
func (q *queue) take(into []*op) []*op {
	for {
		q.gather()
		q.mu.Lock()
		n := 0
		if q.readyLocked() {
			n = q.groupLocked()
		}
		into = append(into[:0], q.waiting[:n]...)
		rest := copy(q.waiting, q.waiting[n:])
		clear(q.waiting[rest:])
		q.waiting = q.waiting[:rest]
		closed := q.closed
		if n > 0 {
			q.syncing++
			if q.syncing == 1 {
				q.company.began = time.Now()
			}
		}
		short := n == 0 && len(q.waiting) > 0 && q.syncing == 0
		patience := q.company.patience()
		more := q.readyLocked()
		q.mu.Unlock()
		if n > 0 || closed {
			if more {
				q.signal()
			}
			return into
		}
		if short {
			q.await(patience)
		} else {
			<-q.wake
		}
	}
}

// await waits for company; when it does not come, what is there goes alone.
func (q *queue) await(patience time.Duration) {
	q.patience.Reset(patience)
	select {
	case <-q.wake:
		q.patience.Stop()
	case <-q.patience.C:
		q.mu.Lock()
		q.company.missed()
		q.mu.Unlock()
	}
}

// gather gives way as long as that lets more ops come: callers that are ready to
// run get to queue theirs, and share this sync instead of asking for the next
// one. It costs a pass through the scheduler, where a sync costs tens of
// microseconds of processor time.
func (q *queue) gather() {
	for last := -1; ; {
		q.mu.Lock()
		n := len(q.waiting)
		q.mu.Unlock()
		if n <= last || n >= eagerOps {
			return
		}
		last = n
		runtime.Gosched()
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
