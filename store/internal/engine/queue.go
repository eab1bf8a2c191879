package engine

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// op is one append or import on its way through the committer. Whoever made
// it waits at done; what it points to is borrowed until its group is sealed.
type op struct {
	write    store.Write
	imports  []store.ImportMessage // an import when not nil
	made     []bool                // of imports, and entries of a log, whose ids count as made here; nil: none does
	next     int64                 // of imports: the next global position, at least
	counter  *counter              // lends its tally to the committer when not nil
	handover bool                  // with a counter: the committer goes on counting
	logged   *Logged               // an entry of a log outside when not nil
	size     int                   // bytes of payloads
	prepared Prepared

	result store.Appended
	err    error
	done   chan struct{} // the acknowledger sends once; capacity 1
}

var ops = sync.Pool{New: func() any { return &op{done: make(chan struct{}, 1)} }}

func newOp() *op { return ops.Get().(*op) }

// free returns an op that has been answered, or was never queued.
func (o *op) free() {
	if o.prepared != nil {
		o.prepared.Release()
	}
	*o = op{done: o.done}
	ops.Put(o)
}

// Len and At give the op's messages to Database.Prepare.
func (o *op) Len() int { return len(o.write.Events) + len(o.imports) }

func (o *op) At(i int) (messageType string, metadata, data []byte) {
	if o.imports != nil {
		m := &o.imports[i]
		return m.Type, m.Metadata, m.Data
	}
	e := &o.write.Events[i]
	return e.Type, e.Metadata, e.Data
}

// madeHere reports whether an event's id counts as made by an engine.
func (o *op) madeHere(i int) bool { return o.made != nil && o.made[i] }

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
	wake  chan struct{} // capacity 1: take should look again
	delay *time.Timer   // of take, for batching

	mu       sync.Mutex // guards what follows
	sealed   sync.Cond  // told when filling ends
	waiting  []*op
	filling  bool // the group taken last borrows what its ops point to
	syncing  int  // groups taken and not durable yet
	closed   bool
	batching batching
}

func newQueue() *queue {
	t := time.NewTimer(time.Hour)
	t.Stop()
	q := &queue{wake: make(chan struct{}, 1), delay: t}
	q.sealed.L = &q.mu
	return q
}

func (q *queue) put(o *op) {
	q.mu.Lock()
	q.waiting = append(q.waiting, o)
	look := q.readyLocked() || len(q.waiting) == 1 && q.syncing == 0 // the first waits with a clock
	q.mu.Unlock()
	if look {
		signal(q.wake)
	}
}

// withdraw takes an op back that no group has yet, and reports whether it did.
// Otherwise it returns once the op's group borrows nothing any more.
func (q *queue) withdraw(o *op) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, o); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		return true
	}
	for q.filling {
		q.sealed.Wait()
	}
	return false
}

// seal says that the group taken last borrows nothing any more.
func (q *queue) seal() {
	q.mu.Lock()
	q.filling = false
	q.sealed.Broadcast()
	q.mu.Unlock()
}

func (q *queue) readyLocked() bool {
	n := len(q.waiting)
	return q.closed || n >= eagerOps || n > 0 && q.syncing == 0 && n >= q.batching.expected
}

// synced tells the queue that a group that was taken is durable, or failed, and
// how many callers are about to be answered.
func (q *queue) synced(answered int) {
	q.mu.Lock()
	q.syncing--
	if q.syncing == 0 {
		q.batching.synced(time.Now(), answered, len(q.waiting))
	}
	look := q.closed || len(q.waiting) > 0 && q.syncing == 0
	q.mu.Unlock()
	if look {
		signal(q.wake)
	}
}

// signal has whoever waits at a channel of capacity 1 look, now or when it waits next.
func signal(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	signal(q.wake)
}

// quiet reports whether the group just taken is the only one on its way and
// too little waits for the next one to be worth overlapping.
func (q *queue) quiet() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.syncing == 1 && len(q.waiting) < eagerOps
}

// take waits for ops and moves a group's worth of them to into[:0]. It
// returns none once the queue is closed and empty. The caller seals the group.
func (q *queue) take(into []*op) []*op {
	for {
		q.gather()
		q.mu.Lock()
		n := 0
		if q.readyLocked() {
			n = q.groupLocked()
		}
		into = append(into[:0], q.waiting[:n]...)
		q.waiting = slices.Delete(q.waiting, 0, n)
		closed := q.closed
		if n > 0 {
			q.filling = true
			q.syncing++
			if q.syncing == 1 {
				q.batching.began = time.Now()
			}
		}
		short := n == 0 && len(q.waiting) > 0 && q.syncing == 0
		delay := q.batching.maxDelay()
		more := q.readyLocked()
		q.mu.Unlock()
		if n > 0 || closed {
			if more {
				signal(q.wake)
			}
			return into
		}
		if short {
			q.await(delay)
		} else {
			<-q.wake
		}
	}
}

// await waits for more ops; when they do not come, what is there goes alone.
func (q *queue) await(delay time.Duration) {
	q.delay.Reset(delay)
	select {
	case <-q.wake:
		q.delay.Stop()
	case <-q.delay.C:
		q.mu.Lock()
		q.batching.missed()
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
// import is a group by itself, and so is a tally: they look up what is already
// applied.
func (q *queue) groupLocked() int {
	bytes := 0
	for i, o := range q.waiting {
		if o.imports != nil || o.counter != nil {
			return max(i, 1)
		}
		bytes += o.size
		if i > 0 && (i == groupOps || bytes > groupBytes) {
			return i
		}
	}
	return len(q.waiting)
}
