package pebblestore

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
)

// ErrLocked is returned by Open when another process holds the data directory.
var ErrLocked = errors.New("data directory is in use by another process")

// Store is an event store in one data directory. It implements store.Store.
type Store struct {
	dir      string
	inMemory bool
	shared   *shared
	logger   *slog.Logger
	lock     *pebble.Lock
	clock    atomic.Int64 // counts uses, to tell which handle was used last
	opened   atomic.Int64 // namespaces opened so far
	closings atomic.Int64 // and closed
	routines sync.WaitGroup

	// opening serialises opens and evictions; it is taken after a handle's
	// mutex and before mu.
	opening sync.Mutex

	mu      sync.RWMutex // guards what follows
	reg     *registry
	handles map[string]*handle
	open    map[*handle]struct{}
	closed  bool
	done    chan struct{} // closed by Close: waiting subscriptions end
}

var _ store.Store = (*Store)(nil)

// Open opens the store in dir, making it if need be (directories 0700). It
// returns ErrLocked when another process holds dir.
func Open(dir string, o Options) (*Store, error) {
	return open(dir, o.withDefaults(), false)
}

// OpenMemory opens an empty store that lives in memory only.
func OpenMemory(o Options) (*Store, error) {
	o.FS = vfs.NewMem()
	return open("evtui", o.withDefaults(), true)
}

func open(dir string, o Options, inMemory bool) (*Store, error) {
	if err := makeDirs(o.FS, filepath.Join(dir, "ns")); err != nil {
		return nil, err
	}
	lock, err := pebble.LockDirectory(dir, o.FS)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("lock data directory: %w", err)
		}
		if errors.Is(err, syscall.EAGAIN) {
			return nil, ErrLocked // which says it all
		}
		return nil, fmt.Errorf("%w: %w", ErrLocked, err)
	}
	s := &Store{
		dir: dir, inMemory: inMemory, shared: newShared(o), logger: o.Logger, lock: lock,
		handles: map[string]*handle{}, open: map[*handle]struct{}{}, done: make(chan struct{}),
	}
	reg, entries, err := openRegistry(filepath.Join(dir, "registry"), s.shared)
	if err != nil {
		s.shared.close()
		_ = lock.Close()
		return nil, err
	}
	s.reg = reg
	for _, e := range entries {
		s.handles[e.ID] = newHandle(s, e)
	}
	s.removeStrays()
	if o.IdleClose > 0 {
		s.routines.Go(s.closeIdlers)
	}
	return s, nil
}

// removeStrays deletes directories that no entry names: what a crash in the
// middle of a deletion left.
func (s *Store) removeStrays() {
	known := map[string]bool{}
	for _, h := range s.handles {
		known[h.entry.Dir], known[h.entry.Aside] = true, true
	}
	root := filepath.Join(s.dir, "ns")
	names, err := s.shared.options.FS.List(root)
	if err != nil {
		s.logger.Warn("list namespaces", "error", err)
		return
	}
	for _, name := range names {
		if known[name] || strings.Contains(name, damagedMark) {
			continue
		}
		if err := s.shared.options.FS.RemoveAll(filepath.Join(root, name)); err != nil {
			s.logger.Warn("remove what a deleted namespace left", "directory", name, "error", err)
		}
	}
}

// Describe names the engine and what its acknowledgements promise.
func (s *Store) Describe() store.Description {
	d := store.Description{Backend: "pebble", Durability: "sync", InMemory: s.inMemory}
	if s.shared.options.Interval > 0 {
		d.Durability = "interval " + s.shared.options.Interval.String()
	}
	return d
}

// Close waits for the calls under way, makes everything durable and lets go
// of the directory. Further calls return nil.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	handles := make([]*handle, 0, len(s.handles))
	for _, h := range s.handles {
		handles = append(handles, h)
	}
	s.mu.Unlock()
	s.routines.Wait()
	var errs []error
	for _, h := range handles {
		if err := h.shut(); err != nil {
			errs = append(errs, err)
		}
	}
	if err := s.reg.close(); err != nil {
		errs = append(errs, fmt.Errorf("close registry: %w", err))
	}
	s.shared.close()
	if err := s.lock.Close(); err != nil {
		errs = append(errs, fmt.Errorf("unlock data directory: %w", err))
	}
	return errors.Join(errs...)
}
