package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// namespace is an open namespace.
type namespace struct {
	h    *handle
	db   *pebble.DB
	cats *categories
	head *heads
	ring *ring

	shapes *shapes

	// durable is the last global position that readers may see.
	durable  atomic.Int64
	sparse   atomic.Bool // see meta.sparse
	messages atomic.Int64
	streams  atomic.Int64
	lastTime atomic.Int64 // of the last message, Unix nanoseconds; 0 when empty

	failure  atomic.Pointer[store.PoisonedError]
	whole    context.Context // ends when failure is set
	breaks   context.CancelFunc
	files    *fence
	queue    *queue
	stop     chan struct{} // closed by close: ends the interval syncer
	routines sync.WaitGroup
}

func openNamespace(h *handle, dir string) (*namespace, error) {
	ns := &namespace{
		h: h, cats: newCategories(), head: newHeads(), ring: newRing(), shapes: newShapes(),
		queue: newQueue(), stop: make(chan struct{}),
	}
	ns.whole, ns.breaks = context.WithCancel(context.Background())
	ns.files = h.store.shared.fence(dir, ns.fallen)
	var db *pebble.DB
	err := markFormat(ns.files, dir)
	if err == nil {
		db, err = pebble.Open(dir, h.store.shared.pebbleOptions(h.id, ns.files))
	}
	if err != nil {
		ns.files.abandon()
		ns.breaks()
		return nil, err
	}
	ns.db = db
	state, err := ns.load()
	if err == nil {
		err = ns.unharmed()
	}
	if err != nil {
		ns.files.release()
		ns.breaks()
		_ = db.Close()
		return nil, err
	}
	// The ring is empty but the log is not: cursors below its head must read it.
	ns.ring.add(nil, state.next-1, false)
	ns.run(state)
	return ns, nil
}

// openApart opens a namespace on a goroutine of its own: what Pebble starts
// then does not carry the profile labels of the request that came first.
func openApart(h *handle, dir string) (ns *namespace, err error) {
	var opening sync.WaitGroup
	opening.Go(func() {
		actAs("engine")
		ns, err = openNamespace(h, dir)
	})
	opening.Wait()
	return ns, err
}

// actAs labels the goroutine for profiles.
func actAs(actor string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("actor", actor)))
}

// load reads the counts and the category numbers.
func (ns *namespace) load() (meta, error) {
	state := meta{next: 1}
	value, closer, err := ns.db.Get(metaKey)
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		return state, ns.mustBeEmpty()
	case err != nil:
		return state, fmt.Errorf("read meta: %w", err)
	}
	state, err = decodeMeta(value)
	if err := errors.Join(err, closer.Close()); err != nil {
		return state, err
	}
	if err := ns.cats.load(ns.db); err != nil {
		return state, fmt.Errorf("read categories: %w", err)
	}
	if err := ns.shapes.load(ns.db); err != nil {
		return state, fmt.Errorf("read shapes: %w", err)
	}
	ns.durable.Store(state.next - 1)
	ns.sparse.Store(state.sparse)
	ns.messages.Store(state.messages)
	ns.streams.Store(state.streams)
	return state, ns.loadLastTime()
}

// mustBeEmpty keeps a database whose meta record is gone from being taken for
// a new one: it would give its positions a second time.
func (ns *namespace) mustBeEmpty() error {
	it, err := ns.db.NewIter(nil)
	if err != nil {
		return fmt.Errorf("read meta: %w", err)
	}
	some := it.First()
	if err := it.Close(); err != nil {
		return fmt.Errorf("read meta: %w", err)
	}
	if some {
		return errors.New("the meta record is missing; evtui verify --repair makes it anew")
	}
	return nil
}

// loadLastTime finds when the last message was written; meta's own last time
// can be later, after an import.
func (ns *namespace) loadLastTime() error {
	r := ns.reader()
	defer r.close()
	written, err := r.timeAt(ns.durable.Load())
	if errors.Is(err, store.ErrMessageNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read last message: %w", err)
	}
	ns.lastTime.Store(written.UnixNano())
	return nil
}

// run starts the committer and the acknowledger, and with a durability
// interval the syncer.
func (ns *namespace) run(state meta) {
	acks := make(chan *group)
	interval := ns.h.store.shared.options.Interval
	c := newCommitter(ns, state, interval == 0)
	ns.routines.Go(func() {
		actAs("commit")
		defer close(acks)
		c.run(acks)
	})
	ns.routines.Go(func() {
		actAs("commit")
		for g := range acks {
			ns.acknowledge(g)
			c.recycle(g)
		}
	})
	if interval > 0 {
		ns.routines.Go(func() {
			actAs("commit")
			ns.syncEvery(interval)
		})
	}
}

// syncEvery makes what was written durable, once in an interval.
func (ns *namespace) syncEvery(interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	synced := int64(-1)
	for {
		select {
		case <-ns.stop:
			return
		case <-tick.C:
		}
		if head := ns.durable.Load(); head != synced {
			if err := ns.db.LogData(nil, pebble.Sync); err != nil {
				ns.poison(err)
			}
			synced = head
		}
	}
}

// close ends the goroutines and closes the database. Nobody may use the
// namespace any more.
func (ns *namespace) close() error {
	ns.queue.close()
	close(ns.stop)
	ns.routines.Wait()
	if ns.poisoned() == nil && ns.h.store.shared.options.Interval > 0 {
		if err := ns.db.LogData(nil, pebble.Sync); err != nil {
			ns.poison(err)
		}
	}
	ns.files.release()
	defer ns.breaks()
	err := ns.db.Close()
	if err == nil {
		err = ns.files.trim()
	}
	if err != nil {
		return fmt.Errorf("close namespace %q: %w", ns.h.id, err)
	}
	return nil
}

// unharmed returns what befell the files while the database was being opened:
// it is of no use then.
func (ns *namespace) unharmed() error {
	if p := ns.failure.Load(); p != nil {
		return fmt.Errorf("%s: %w", p.Reason, p.Err)
	}
	return nil
}

// poison notes that the log failed. Nothing is acknowledged from here on, and
// nothing is written.
func (ns *namespace) poison(err error) { ns.files.fall("write failed", err) }

// fallen is told by the fence.
func (ns *namespace) fallen(reason string, err error) {
	ns.failure.Store(&store.PoisonedError{Namespace: ns.h.id, Reason: reason, Err: err})
	ns.breaks()
	s := ns.h.store
	s.shared.events.add(store.EngineEvent{Namespace: ns.h.id, Kind: store.EventPoisoned, Reason: reason})
	s.logger.Error("namespace poisoned", "namespace", ns.h.id, "reason", reason, "error", err)
}

// poisoned returns the error for callers once the log has failed, else nil.
func (ns *namespace) poisoned() error {
	if p := ns.failure.Load(); p != nil {
		return p
	}
	return nil
}

// summary returns the durable counts; it may be called after close.
func (ns *namespace) summary() (messages, streams int64, last time.Time) {
	messages, streams = ns.messages.Load(), ns.streams.Load()
	if t := ns.lastTime.Load(); t != 0 {
		last = time.Unix(0, t).UTC()
	}
	return messages, streams, last
}
