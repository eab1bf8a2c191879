package sqlitestore

import (
	"errors"
	"sync"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// backend keeps a SQLite database a namespace.
type backend struct {
	files   engine.Files
	options Options
	memory  bool

	mu     sync.Mutex           // guards what follows
	parked map[string]*database // in memory, by directory: those that are closed
}

// Interfaces of the shared layer.
var (
	_ engine.Backend  = (*backend)(nil)
	_ engine.Salvager = (*backend)(nil)
)

// Describe names the engine. Names are compared by their bytes, and payloads
// are blobs.
func (b *backend) Describe() store.Description {
	return store.Description{Backend: "sqlite", Counts: store.CountsExact, Dense: true, NameOrder: "bytes", Verbatim: true}
}

// Files is the disk, or what stands for it in memory.
func (b *backend) Files() engine.Files { return b.files }

// Open opens a namespace's database.
func (b *backend) Open(o engine.Opening) (engine.Database, error) {
	d, err := b.open(o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// openMemory makes a database in memory, or takes back one that was closed.
func (b *backend) openMemory(d *database) (*database, error) {
	o := d.opening
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweepLocked()
	if !o.Create {
		d = b.parked[o.Dir]
		if d == nil {
			return nil, engine.Damaged(nil, "it was in memory, and is gone")
		}
		delete(b.parked, o.Dir)
		d.opening, d.failing = o, sync.Once{}
		return d, nil
	}
	err := d.openPools(b.options.Memory)
	if err == nil {
		err = d.makeTables()
	}
	if err != nil {
		return nil, errors.Join(err, d.release())
	}
	return d, nil
}

// park keeps a database that was closed in memory.
func (b *backend) park(d *database) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parked[d.opening.Dir] = d
	b.sweepLocked()
}

// sweepLocked drops the databases whose directory has been removed.
func (b *backend) sweepLocked() {
	for dir, d := range b.parked {
		if !b.files.IsDir(dir) {
			delete(b.parked, dir)
			_ = d.release() // it only gives memory back
		}
	}
}

// Close drops what is in memory.
func (b *backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, d := range b.parked {
		errs = append(errs, d.release())
	}
	clear(b.parked)
	return errors.Join(errs...)
}
