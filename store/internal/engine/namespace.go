package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/store"
)

// namespace is an open namespace.
type namespace struct {
	h          *handle
	db         Database
	categories *categories
	heads      *heads
	ring       *ring

	// durable is the last global position that readers may see.
	durable  atomic.Int64
	messages atomic.Int64
	streams  atomic.Int64
	lastTime atomic.Int64 // of the last message, Unix nanoseconds; 0 when empty
	newest   atomic.Int64 // State.LastTime: no message that is appended is older

	synced  atomic.Pointer[Mark] // with an interval: what is known to be on disk
	failure atomic.Pointer[store.PoisonedError]
	whole   context.Context // ends when failure is set
	breaks  context.CancelFunc
	opened  time.Time

	tally   atomic.Pointer[tally] // nil where the database keeps none
	recount chan struct{}         // capacity 1: the tally began again
	place   atomic.Pointer[Place] // up to where a log outside was followed; nil: none is
	looking sync.Once             // a store that only reads counts once somebody asks

	uncountable atomic.Pointer[string] // why counting failed; nil: it did not

	news novelties

	counting     sync.WaitGroup  // the goroutine that counts what is stored
	countable    context.Context // ends it
	stopCounting context.CancelFunc

	queue    *queue
	stop     chan struct{} // closed by close: ends the interval syncer
	routines sync.WaitGroup
}

// openNamespace opens the database in the entry's directory and starts the
// goroutines. changing is told before the first change.
func openNamespace(h *handle, e entry, create bool, changing func() error) (*namespace, error) {
	s := h.store
	ns := &namespace{h: h, heads: newHeads(), ring: &ring{}, queue: newQueue(), stop: make(chan struct{}), opened: time.Now()}
	ns.recount = make(chan struct{}, 1)
	ns.countable, ns.stopCounting = context.WithCancel(context.Background())
	ns.whole, ns.breaks = context.WithCancel(context.Background())
	db, err := s.backend.Open(Opening{
		ID: h.id, Dir: s.home.dirOf(e), Create: create, ReadOnly: s.options.ReadOnly, Interval: s.options.Interval,
		Mark: e.Mark, Failed: ns.poison, Changing: changing, Note: s.events.add,
	})
	if err != nil {
		ns.breaks()
		return nil, err
	}
	ns.db = db
	loaded, err := db.Load()
	if err == nil {
		err = ns.loadPlace()
	}
	if err == nil && !e.Accept {
		err = e.Mark.Compare(loaded.State)
	}
	if p := ns.failure.Load(); err == nil && p != nil {
		err = fmt.Errorf("%s: %w", p.Reason, p.Err)
	}
	if err != nil {
		ns.breaks()
		return nil, errors.Join(err, db.Close())
	}
	ns.start(loaded)
	return ns, nil
}

// openApart opens a namespace on a goroutine of its own: what the engine
// starts then does not carry the profile labels of the request that came first.
func openApart(h *handle, e entry, create bool, changing func() error) (ns *namespace, err error) {
	var opening sync.WaitGroup
	goAs("engine", &opening, func() { ns, err = openNamespace(h, e, create, changing) })
	opening.Wait()
	return ns, err
}

// goAs starts a goroutine of the group, labelled for profiles.
func goAs(actor string, group *sync.WaitGroup, do func()) {
	group.Go(func() {
		ActAs(actor)
		do()
	})
}

// ActAs labels the goroutine for profiles.
func ActAs(actor string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("actor", actor)))
}

// start takes what was loaded, and starts the committer, the acknowledger, the
// goroutine that counts what is stored, and with a durability interval the syncer.
func (ns *namespace) start(loaded Loaded) {
	state := loaded.State
	ns.categories = newCategories(loaded.Categories)
	ns.durable.Store(state.Next - 1)
	ns.showCounts(state)
	if !loaded.Last.IsZero() {
		ns.lastTime.Store(loaded.Last.UnixNano())
	}
	// The ring is empty but the log is not: cursors below its head must read it.
	ns.ring.add(nil, state.Next-1, false)
	t := ns.openTally(state)
	if ns.h.store.options.ReadOnly {
		return
	}
	acks := make(chan *group)
	c := newCommitter(ns, state, t)
	if p := ns.place.Load(); p != nil {
		c.place = *p
	}
	goAs("commit", &ns.routines, func() {
		defer close(acks)
		c.run(acks)
	})
	goAs("commit", &ns.routines, func() {
		for g := range acks {
			ns.acknowledge(g)
			c.recycle(g)
		}
	})
	if t != nil {
		goAs("engine", &ns.counting, ns.countStored)
	}
	if interval := ns.h.store.options.Interval; interval > 0 {
		goAs("commit", &ns.routines, func() { ns.syncEvery(interval) })
	}
}

func (ns *namespace) showCounts(s State) {
	ns.messages.Store(s.Messages)
	ns.streams.Store(s.Streams)
	ns.newest.Store(s.LastTime)
}

// syncEvery makes what was written durable, once in an interval.
func (ns *namespace) syncEvery(interval time.Duration) {
	synced := int64(-1)
	for range ticks(interval, ns.stop) {
		if m := ns.counted(); m.Head != synced && ns.poisoned() == nil {
			if err := ns.db.Sync(); err != nil {
				ns.poison("sync failed", err)
				return
			}
			ns.synced.Store(&m)
			synced = m.Head
		}
	}
}

// counted is what readers see now. Each number is one that was true: they only rise.
func (ns *namespace) counted() Mark {
	return Mark{Known: true, Head: ns.durable.Load(), Messages: ns.messages.Load(), Streams: ns.streams.Load()}
}

// mark returns what is on disk now, and whether anything is known.
func (ns *namespace) mark() (Mark, bool) {
	m := ns.counted()
	if ns.h.store.options.Interval > 0 {
		synced := ns.synced.Load()
		if synced == nil {
			return Mark{}, false
		}
		m = *synced
	}
	files, err := ns.db.Extent(false)
	if err != nil || ns.poisoned() != nil {
		return Mark{}, false
	}
	m.Files = files
	return m, true
}

// close ends the goroutines and closes the database. Nobody may use the
// namespace any more.
func (ns *namespace) close() error {
	ns.stopCounting()
	ns.counting.Wait() // first: it queues what it counted
	ns.queue.close()
	close(ns.stop)
	ns.routines.Wait()
	if ns.poisoned() == nil && ns.h.store.options.Interval > 0 && !ns.h.store.options.ReadOnly {
		if err := ns.db.Sync(); err != nil {
			ns.poison("sync failed", err)
		}
	}
	defer ns.breaks()
	if err := ns.db.Close(); err != nil {
		return fmt.Errorf("close namespace %q: %w", ns.h.id, err)
	}
	return nil
}

// poison notes that the log failed: nothing is acknowledged from here on. The backend
// and the committer call it; the first one counts.
func (ns *namespace) poison(reason string, err error) {
	p := &store.PoisonedError{Namespace: ns.h.id, Reason: reason, Err: err}
	if !ns.failure.CompareAndSwap(nil, p) {
		return
	}
	ns.breaks()
	s := ns.h.store
	s.events.add(store.EngineEvent{Namespace: ns.h.id, Kind: store.EventPoisoned, Reason: reason})
	s.logger.Error("namespace poisoned", "namespace", ns.h.id, "reason", reason, "error", err)
}

// poisoned returns the error for callers once the log has failed, else nil.
func (ns *namespace) poisoned() error {
	if p := ns.failure.Load(); p != nil {
		return p
	}
	return nil
}

// uncertain is what writes are told that were under way when the log failed.
func (ns *namespace) uncertain() error {
	p := ns.failure.Load()
	return &store.UncertainError{Namespace: ns.h.id, Reason: "its log failed meanwhile: " + p.Reason, Err: p}
}

// lastActivity is a last message's time, given in Unix nanoseconds; zero for 0.
func lastActivity(nanoseconds int64) (t time.Time) {
	if nanoseconds != 0 {
		t = time.Unix(0, nanoseconds).UTC()
	}
	return t
}

// submit queues an op and waits for its answer. It frees the op.
func (ns *namespace) submit(ctx context.Context, o *op, result *store.Appended) error {
	o.prepared = ns.db.Prepare(o)
	ns.queue.put(o)
	select {
	case <-o.done:
	case <-ctx.Done():
		if ns.queue.withdraw(o) {
			o.free()
			return &store.UnavailableError{Namespace: ns.h.id, Reason: "the write waited for its turn until it was given up; nothing was stored"}
		}
		select {
		case <-o.done:
		default:
			// The committer still has the op, which it will answer unheard.
			return &store.UncertainError{Namespace: ns.h.id, Reason: "it was given up before it was durable", Err: context.Cause(ctx)}
		}
	}
	err := o.err
	if result != nil {
		*result = o.result
	}
	o.free()
	return err
}
