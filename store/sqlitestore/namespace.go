package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"github.com/evtui/evtui/store"
)

// namespace is an open namespace.
type namespace struct {
	h    *handle
	db   *database
	cats *categories
	head *heads
	ring *ring

	// durable is the last global position that readers may see.
	durable  atomic.Int64
	messages atomic.Int64
	streams  atomic.Int64
	lastTime atomic.Int64 // of the last message, Unix nanoseconds; 0 when empty

	since       time.Time
	commits     histogram // how long COMMIT took, the log's sync included
	payload     atomic.Int64
	checkpoints atomic.Int64

	failure  atomic.Pointer[store.PoisonedError]
	queue    *queue
	stop     chan struct{} // closed by close: ends the interval syncer
	routines sync.WaitGroup
}

// state is what a namespace's row of that name holds, as the committer
// assigned it.
type state struct {
	next     int64 // the next global position
	lastTime int64 // Unix nanoseconds; no message is older than the one before
	messages int64
	streams  int64
}

// openNamespace opens the namespace's file, unless its database is open, loads
// what is kept in memory and starts the goroutines.
func openNamespace(h *handle, parked *database) (ns *namespace, err error) {
	db := parked
	if db == nil {
		if db, err = h.database(); err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				err = errors.Join(err, db.close())
			}
		}()
	}
	ns = &namespace{
		h: h, db: db, cats: newCategories(), head: newHeads(), ring: newRing(), since: time.Now(),
		queue: newQueue(), stop: make(chan struct{}),
	}
	c, err := newCommitter(ns)
	if err != nil {
		return nil, err
	}
	// The ring is empty but the log is not: cursors below its head must read it.
	ns.ring.add(nil, c.state.next-1, false)
	ns.routines.Go(func() {
		actAs("commit")
		c.run()
	})
	if interval := h.store.options.Interval; interval > 0 && db.path != "" {
		ns.routines.Go(func() {
			actAs("commit")
			ns.syncEvery(interval)
		})
	}
	return ns, nil
}

// openApart opens a namespace on a goroutine of its own: what the driver and
// the committer start then does not carry the profile labels of the request
// that came first.
func openApart(h *handle, parked *database) (ns *namespace, err error) {
	var opening sync.WaitGroup
	opening.Go(func() {
		actAs("engine")
		ns, err = openNamespace(h, parked)
	})
	opening.Wait()
	return ns, err
}

// actAs labels the goroutine for profiles.
func actAs(actor string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("actor", actor)))
}

// load reads counts and categories.
func (ns *namespace) load() (state, error) {
	var s state
	err := ns.db.write.QueryRow(`SELECT next, last_time, messages, streams FROM state`).Scan(&s.next, &s.lastTime, &s.messages, &s.streams)
	if err != nil {
		return s, fmt.Errorf("read state: %w", err)
	}
	if err := ns.cats.load(ns.db.write); err != nil {
		return s, fmt.Errorf("read categories: %w", err)
	}
	ns.durable.Store(s.next - 1)
	ns.messages.Store(s.messages)
	ns.streams.Store(s.streams)
	// The state's last time can be later than the last message's, after an import.
	var last int64
	_, err = scanned(ns.db.write.QueryRow(`SELECT time FROM messages ORDER BY gpos DESC LIMIT 1`).Scan(&last))
	if err != nil {
		return s, fmt.Errorf("read last message: %w", err)
	}
	ns.lastTime.Store(last)
	return s, nil
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
			if err := syncFile(ns.db.path + "-wal"); err != nil {
				ns.poison(err)
			}
			synced = head
		}
	}
}

// syncFile syncs the log beside SQLite, which holds no locks on that file that
// closing it could drop.
func syncFile(path string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// close ends the goroutines. Nobody may use the namespace any more, and the
// caller closes the database, which syncs and empties the log.
func (ns *namespace) close() error {
	ns.queue.close()
	close(ns.stop)
	ns.routines.Wait()
	if ns.poisoned() == nil && ns.h.store.options.Interval > 0 && ns.db.path != "" {
		if err := syncFile(ns.db.path + "-wal"); err != nil {
			return fmt.Errorf("close namespace %q: %w", ns.h.id, err)
		}
	}
	return nil
}

// poison notes that a transaction or a sync failed. Nothing is acknowledged
// from here on.
func (ns *namespace) poison(err error) {
	p := &store.PoisonedError{Namespace: ns.h.id, Reason: reasonOf(err), Err: err}
	if ns.failure.CompareAndSwap(nil, p) {
		ns.h.failed.Store(true)
		ns.h.store.logger.Error("the namespace is poisoned", "namespace", ns.h.id, "reason", p.Reason, "error", err)
		ns.h.store.events.add(store.EngineEvent{Namespace: ns.h.id, Kind: store.EventPoisoned, Reason: p.Reason})
	}
}

// reasonOf is a failure in words that clients may see.
func reasonOf(err error) string {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return "sync failed"
	}
	switch failed.Code() & 0xff { // the rest tells finer
	case codeFull:
		return "disk full"
	case codeIO:
		return "writing or syncing failed"
	case codeCorrupt, codeNotADB:
		return "its file is damaged"
	}
	return "a transaction failed"
}

// SQLite's result codes, as sqlite.org/rescode.html lists them.
const (
	codeIO      = 10
	codeCorrupt = 11
	codeFull    = 13
	codeNotADB  = 26
)

// poisoned returns the error for callers once a transaction has failed, else nil.
func (ns *namespace) poisoned() error {
	if p := ns.failure.Load(); p != nil {
		return p
	}
	return nil
}

// summary returns the durable counts; it may be called after close.
func (ns *namespace) summary() (messages, streams int64, last time.Time) {
	return ns.messages.Load(), ns.streams.Load(), timeOf(ns.lastTime.Load())
}

// counts of a category.
type counts struct {
	streams, messages int64
	last              int64 // global position of its last message
}

// category is what the engine knows of one category. The committer owns
// assigned and group; everybody reads durable.
type category struct {
	name     string
	number   int64
	stored   bool // the database has it
	assigned counts
	group    uint64 // serial of the last group that touched it

	durable struct{ streams, messages, last atomic.Int64 }
}

func (c *category) publish(n counts) {
	c.durable.streams.Store(n.streams)
	c.durable.last.Store(n.last)
	c.durable.messages.Store(n.messages)
}

// categories holds all of a namespace's categories: there are few, and every
// write needs one.
type categories struct {
	mu     sync.RWMutex // guards what follows
	byName map[string]*category
	next   int64
}

func newCategories() *categories { return &categories{byName: map[string]*category{}, next: 1} }

func (cs *categories) find(name string) *category {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	return cs.byName[name]
}

// ensure returns the category, making it if need be. Only the committer calls
// it, with a name that it owns.
func (cs *categories) ensure(name string) *category {
	if c := cs.find(name); c != nil {
		return c
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := &category{name: name, number: cs.next}
	cs.byName[c.name] = c
	cs.next++
	return c
}

func (cs *categories) load(db *sql.DB) error {
	rows, err := db.Query(`SELECT number, name, streams, messages, last FROM categories`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		c := &category{stored: true}
		if err := rows.Scan(&c.number, &c.name, &c.assigned.streams, &c.assigned.messages, &c.assigned.last); err != nil {
			return err
		}
		c.publish(c.assigned)
		cs.byName[c.name] = c
		cs.next = max(cs.next, c.number+1)
	}
	return rows.Err()
}
