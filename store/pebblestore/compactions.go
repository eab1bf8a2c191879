package pebblestore

import (
	"context"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store/internal/engine"
)

// compactions schedules one database's compactions. Pebble's own scheduler
// tries a compaction that fails again at once, for ever, and its goroutine
// stays when a database cannot be opened.
type compactions struct {
	db    pebble.DBForCompaction
	pause time.Duration // after the first failure
	poke  chan struct{} // capacity 1: grant should look again
	ended sync.WaitGroup
	over  context.Context // ended by stop: nothing may begin any more
	stop  context.CancelFunc

	mu       sync.Mutex // guards what follows
	running  int
	missed   bool      // somebody was turned away since grant looked
	failures int       // in a row
	resume   time.Time // nothing begins before
}

var (
	_ pebble.CompactionScheduler   = (*compactions)(nil)
	_ pebble.CompactionGrantHandle = (*compactions)(nil)
)

// longestCompactionPause bounds the pause between tries. By then a disk has
// most likely failed for good, or a table is damaged.
const longestCompactionPause = 10 * time.Second

func newCompactions(pause time.Duration) *compactions {
	over, stop := context.WithCancel(context.Background())
	return &compactions{pause: pause, poke: make(chan struct{}, 1), over: over, stop: stop}
}

// Register is called once, when the database is about to be open.
func (c *compactions) Register(_ int, db pebble.DBForCompaction) {
	c.db = db
	c.ended.Go(c.run)
}

// Unregister returns when nothing begins any more.
func (c *compactions) Unregister() { c.end() }

// end is Unregister for a database that could not be opened, too.
func (c *compactions) end() {
	c.mu.Lock() // whoever is asking has been answered then
	c.stop()
	c.mu.Unlock()
	c.ended.Wait()
}

// TrySchedule asks for leave. Who is turned away waits in the database, until
// grant finds it.
func (c *compactions) TrySchedule() (bool, pebble.CompactionGrantHandle) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over.Err() != nil || time.Now().Before(c.resume) || c.running >= c.db.GetAllowedWithoutPermission() {
		c.missed = true
		return false, nil
	}
	c.running++
	return true, c
}

// UpdateGetAllowedWithoutPermission is told that more may be allowed.
func (c *compactions) UpdateGetAllowedWithoutPermission() { c.signal() }

func (c *compactions) signal() {
	select {
	case c.poke <- struct{}{}:
	default:
	}
}

// Done gives a leave back. The other methods of a handle are for schedulers
// that count resources.
func (c *compactions) Done() {
	c.mu.Lock()
	c.running--
	c.mu.Unlock()
	c.signal()
}

func (c *compactions) Started()                                            {}
func (c *compactions) MeasureCPU(pebble.CompactionGoroutineKind)           {}
func (c *compactions) CumulativeStats(_ pebble.CompactionGrantHandleStats) {}

// result is told how a compaction ended; it must not wait.
func (c *compactions) result(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.failures = 0
		return
	}
	c.resume = time.Now().Add(min(c.pause<<min(c.failures, 16), longestCompactionPause))
	c.failures++
}

// run grants what waits, whenever that may have become possible.
func (c *compactions) run() {
	engine.ActAs("engine")
	again := time.NewTimer(time.Hour)
	defer again.Stop()
	for {
		select {
		case <-c.over.Done():
			return
		case <-c.poke:
		case <-again.C:
		}
		c.grant()
		c.mu.Lock()
		wait := time.Until(c.resume)
		c.mu.Unlock()
		if wait <= 0 {
			wait = time.Second // what is allowed may have changed unsaid
		}
		again.Reset(wait)
	}
}

func (c *compactions) grant() {
	for {
		c.mu.Lock()
		c.missed = false
		c.mu.Unlock()
		if allowed, _ := c.TrySchedule(); !allowed {
			return
		}
		waiting, _ := c.db.GetWaitingCompaction()
		if waiting && c.db.Schedule(c) {
			continue
		}
		c.mu.Lock()
		c.running--
		again := c.missed
		c.mu.Unlock()
		if !again {
			return
		}
	}
}
