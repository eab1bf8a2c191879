package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/pebblestore/shape"
)

// database is a namespace's open Pebble database.
type database struct {
	backend *backend
	id      string
	db      *pebble.DB
	files   *fence
	syncs   bool // each batch is synced; false with a durability interval
	dropped []engine.Dropped
	again   int64                   // bytes of the log that opening went through, which Pebble counts as written to it
	note    func(store.EngineEvent) // see engine.Opening.Note

	shapes *shapes
	sparse atomic.Bool // see engine.State.Sparse

	failure atomic.Pointer[failure]
	falls   atomic.Bool     // before failure is set
	whole   context.Context // ends when failure is set
	breaks  context.CancelFunc

	observed []observed    // by the number of a shape; the committer's
	before   []shape.Kinds // scratch of observe

	batches  sync.Pool // of *batch
	cuttings sync.Pool // of *cutting

	mu      sync.RWMutex // guards numbers
	numbers map[string]uint32
}

var _ engine.Database = (*database)(nil)

// failure is why nothing reaches the files any more.
type failure struct {
	reason string
	err    error
}

func (f *failure) Error() string { return fmt.Sprintf("%s: %v", f.reason, f.err) }

func (f *failure) Unwrap() error { return f.err }

func newDatabase(b *backend, o engine.Opening, on vfs.FS) *database {
	d := &database{
		backend: b, id: o.ID, syncs: o.Interval == 0, note: o.Note, shapes: newShapes(), numbers: map[string]uint32{},
	}
	d.batches.New = func() any { return &batch{of: d} }
	d.cuttings.New = func() any { return &cutting{of: d} }
	d.whole, d.breaks = context.WithCancel(context.Background())
	d.files = newFence(on, o.Dir, b.options.tablePause, func(reason string, err error) {
		d.falls.Store(true)
		if o.Failed != nil { // before failed tells: whoever meets the failure here must find its reason there
			o.Failed(reason, err)
		}
		d.failure.Store(&failure{reason, err})
		d.breaks()
	})
	return d
}

func (d *database) open(o *pebble.Options, dir string) (err error) {
	if d.db, err = pebble.Open(dir, o); err != nil {
		d.files.abandon()
		d.breaks()
		return err
	}
	if err := d.failed(); err != nil { // it is of no use then
		return errors.Join(err, d.abandon())
	}
	d.again = int64(d.db.Metrics().WAL.BytesWritten)
	return nil
}

// abandon closes a database that is of no use.
func (d *database) abandon() error {
	d.files.release()
	d.breaks()
	return d.db.Close()
}

// failed returns why the log failed, or nil. Pebble tells its logger of some
// failures, and nobody else.
func (d *database) failed() error {
	if f := d.failure.Load(); f != nil {
		return f
	}
	return nil
}

// broken reports whether the log failed, or is just failing: a batch may still be
// in use then.
func (d *database) broken() bool { return d.falls.Load() }

// Load reads counts, categories and shapes.
func (d *database) Load() (engine.Loaded, error) {
	var l engine.Loaded
	var err error
	l.State, err = readState(d.db)
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		l.State.Next = 1
		return l, d.mustBeEmpty()
	case isNewer(err):
		return l, err
	case err != nil:
		return l, engine.Damaged(err, "the counts cannot be read")
	}
	d.sparse.Store(l.State.Sparse)
	if l.Categories, err = loadCategories(d.db); err != nil {
		return l, engine.Damaged(err, "the categories cannot be read")
	}
	d.number(l.Categories)
	if err := d.shapes.load(d.db); err != nil {
		return l, engine.Damaged(err, "the shapes cannot be read")
	}
	l.Last, err = d.lastTime(l.State.Next - 1)
	return l, err
}

// Kept visits the records that the shared layer keeps.
func (d *database) Kept(visit func(key, value []byte) error) error {
	lower, upper := familyBounds(familyKept)
	failed, err := scanRange(d.db, lower, upper, func(key, value []byte) error { return visit(key[1:], value) })
	return errors.Join(failed, err)
}

// mustBeEmpty keeps a database whose meta record is gone from being taken for
// a new one: it would give its positions a second time.
func (d *database) mustBeEmpty() error {
	it, err := d.db.NewIter(nil)
	if err != nil {
		return fmt.Errorf("read meta: %w", err)
	}
	some := it.First()
	if err := it.Close(); err != nil {
		return engine.Damaged(err, "the counts cannot be read")
	}
	if some {
		return engine.Damaged(nil, "the counts are missing")
	}
	return nil
}

// lastTime finds when the last message was written; meta's own last time can
// be later, after an import.
func (d *database) lastTime(head int64) (time.Time, error) {
	_, at, written, err := d.Next(head)
	switch {
	case errors.Is(err, pebble.ErrNotFound), err == nil && at != head:
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, engine.Damaged(err, "the last message cannot be read")
	}
	return written, nil
}

// number remembers the numbers of categories.
func (d *database) number(list []*engine.Category) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range list {
		d.numbers[c.Name] = c.Number
		c.Stored = true
	}
}

// numberOf returns a category's number; found is false when the database has
// no such category.
func (d *database) numberOf(category string) (number uint32, found bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	number, found = d.numbers[category]
	return number, found
}

// Dropped says which bytes Open left out at the ends of logs.
func (d *database) Dropped() []engine.Dropped { return d.dropped }

// Sync makes what was applied durable.
func (d *database) Sync() error {
	if err := d.failed(); err != nil {
		return err
	}
	if err := d.db.LogData(nil, pebble.Sync); err != nil {
		d.files.fall("sync failed", err)
	}
	return d.failed()
}

// Close closes the database, with everything durable.
func (d *database) Close() error {
	var errs []error
	if !d.syncs && !d.files.readOnly {
		errs = append(errs, d.Sync())
	}
	d.files.release()
	defer d.breaks()
	err := d.db.Close()
	if err == nil {
		err = d.files.trim()
	}
	return errors.Join(append(errs, err)...)
}

// CopyTo writes a copy of the database: tables are linked, not copied, where
// the file system can.
func (d *database) CopyTo(ctx context.Context, dir string) error {
	if err := d.failed(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	// Pebble makes the directory by itself, or refuses.
	if err := d.backend.options.FS.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copy database: %w", err)
	}
	if err := d.db.Checkpoint(dir, pebble.WithFlushedWAL()); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	return d.failed()
}
