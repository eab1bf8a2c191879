package sqlitestore

import (
	"errors"
	"sync"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// backend keeps a SQLite database a namespace.
type backend struct {
	files   filesys.Files
	options Options
	memory  bool

	mu   sync.Mutex           // guards what follows
	held map[string]*database // in memory, by directory
}

var _ engine.Backend = (*backend)(nil)

// Describe names the engine. Names are compared by their bytes, and payloads
// are blobs.
func (b *backend) Describe() store.Description {
	return store.Description{Backend: "sqlite", Counts: store.CountsExact, Dense: true, NameOrder: "bytes", Verbatim: true}
}

// Files is the disk, or what stands for it in memory.
func (b *backend) Files() filesys.Files { return b.files }

func (b *backend) Open(o engine.Opening) (engine.Database, error) {
	d, err := b.open(o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// openMemory makes a database in memory, or takes back one that was closed. It
// drops those whose directory has been removed.
func (b *backend) openMemory(o engine.Opening) (*database, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for dir, d := range b.held {
		if !b.files.IsDir(dir) {
			delete(b.held, dir)
			_ = d.release() // it only gives memory back
		}
	}
	d := b.held[o.Dir]
	switch {
	case o.Create:
		d = &database{backend: b, opening: o}
		b.held[o.Dir] = d
		return d, d.fill()
	case d == nil:
		return nil, engine.Damaged(nil, "it was in memory, and is gone")
	}
	d.opening, d.failing = o, sync.Once{}
	return d, nil
}

// Close drops what is in memory.
func (b *backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, d := range b.held {
		errs = append(errs, d.release())
	}
	clear(b.held)
	return errors.Join(errs...)
}
