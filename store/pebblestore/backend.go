package pebblestore

import (
	"runtime"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// backend is what all databases of a store have in common.
type backend struct {
	options Options
	cache   *pebble.Cache
	tables  *pebble.FileCache
	opened  atomic.Pointer[store.CacheFigures] // of tables, as of the last look at a database
}

var (
	_ engine.Backend = (*backend)(nil)
	_ engine.Shared  = (*backend)(nil)
)

func newBackend(o Options) *backend {
	return &backend{
		options: o,
		cache:   pebble.NewCache(o.CacheBytes),
		tables:  pebble.NewFileCache(max(1, min(4, runtime.GOMAXPROCS(0))), tablesFor(filesys.FileLimit())),
	}
}

// Describe names the engine and what its numbers are worth.
func (b *backend) Describe() store.Description {
	return store.Description{
		Backend: "pebble", Counts: store.CountsExact, Dense: true, NameOrder: "bytes", Verbatim: true,
	}
}

// Files is where the data directory lies.
func (b *backend) Files() filesys.Files { return files{b.options.FS} }

// Close releases the caches.
func (b *backend) Close() error {
	b.tables.Unref()
	b.cache.Unref()
	return nil
}

// Open opens a namespace's database. Before Pebble may write, and so delete
// what its manifest does not name, all that the mark says is looked for.
func (b *backend) Open(o engine.Opening) (engine.Database, error) {
	var found survey
	if !o.Create {
		var err error
		if found, err = b.check(o); err != nil {
			return nil, err
		}
	}
	if o.Changing != nil && !o.ReadOnly {
		if err := o.Changing(); err != nil {
			return nil, err
		}
	}
	on := b.options.FS
	if found.unborn && o.ReadOnly { // what was never made is empty
		on, o.ReadOnly = vfs.NewMem(), false
	}
	d, err := b.open(o, on, o.Create || found.unborn)
	if err != nil {
		return nil, err
	}
	d.dropped = found.dropped
	return d, nil
}

// open opens a database that was checked, or makes it.
func (b *backend) open(o engine.Opening, on vfs.FS, create bool) (*database, error) {
	d := newDatabase(b, o, on)
	if create && !o.ReadOnly {
		if err := markFormat(d.files, o.Dir); err != nil {
			d.files.abandon()
			d.breaks()
			return nil, err
		}
	}
	d.files.growing.resume(o.Mark.Files, func(name string) bool {
		_, err := on.Stat(on.PathJoin(o.Dir, name))
		return err == nil
	})
	options := b.pebbleOptions(d.id, d.files, o.Note)
	options.ReadOnly = o.ReadOnly
	options.ErrorIfExists, options.ErrorIfNotExists = create, !create
	if err := d.open(options, o.Dir); err != nil {
		return nil, damageOf(o.Dir, err)
	}
	return d, nil
}

// SharedFigures fills in the caches.
func (b *backend) SharedFigures(f *store.EngineFigures) {
	m := b.cache.Metrics()
	f.BlockCache = store.CacheFigures{
		Size: m.Size, Capacity: b.options.CacheBytes, Count: m.Count, Hits: m.Hits, Misses: m.Misses,
	}
	if opened := b.opened.Load(); opened != nil {
		f.FileCache = *opened
	}
}
