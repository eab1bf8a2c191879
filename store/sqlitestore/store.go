package sqlitestore

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/evtui/evtui/store"
)

// ErrLocked is returned by Open when another process holds the data directory.
var ErrLocked = errors.New("data directory is in use by another process")

// Store is an event store in one data directory, or in memory. It implements
// store.Store and store.Engine.
type Store struct {
	dir      string // "": in memory
	options  Options
	logger   *slog.Logger
	lock     *os.File // nil in memory
	events   events
	clock    atomic.Int64 // counts uses, to tell which handle was used last
	opened   atomic.Int64 // namespaces opened so far
	closings atomic.Int64 // and closed
	routines sync.WaitGroup

	// opening serialises what writes to the registry; it is taken after a
	// handle's mutex and before mu.
	opening sync.Mutex

	mu      sync.RWMutex // guards what follows
	reg     *registry
	handles map[string]*handle
	open    map[*handle]struct{}
	closed  bool
	done    chan struct{} // closed by Close: waiting subscriptions end
}

var (
	_ store.Store  = (*Store)(nil)
	_ store.Engine = (*Store)(nil)
)

// Open opens the store in dir, making it if need be (directories 0700, files
// 0600). It returns ErrLocked when another process holds dir.
func Open(dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	if err := makeDirs(filepath.Join(dir, "ns")); err != nil {
		return nil, err
	}
	lock, err := lockDirectory(dir)
	if err != nil {
		return nil, err
	}
	s := newStore(dir, o)
	s.lock = lock
	if err := s.load(filepath.Join(dir, RegistryFile)); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.removeStrays()
	s.start()
	return s, nil
}

// OpenMemory opens an empty store that lives in memory only.
func OpenMemory(o Options) (*Store, error) {
	s := newStore("", o)
	if err := s.load(""); err != nil {
		return nil, err
	}
	s.start()
	return s, nil
}

func newStore(dir string, o Options) *Store {
	o = o.withDefaults()
	return &Store{
		dir: dir, options: o, logger: o.Logger,
		handles: map[string]*handle{}, open: map[*handle]struct{}{}, done: make(chan struct{}),
	}
}

func (s *Store) load(registry string) error {
	reg, entries, err := openRegistry(registry)
	if err != nil {
		return err
	}
	s.reg = reg
	for _, e := range entries {
		s.handles[e.ID] = newHandle(s, e)
	}
	return nil
}

func (s *Store) start() {
	if s.options.IdleClose > 0 {
		s.routines.Go(s.closeIdlers)
	}
}

// removeStrays deletes files that no entry names: what a crash in the middle
// of a deletion left.
func (s *Store) removeStrays() {
	known := map[string]bool{}
	for _, h := range s.handles {
		for _, suffix := range sidecars() {
			known[h.entry.File+suffix] = true
		}
	}
	files, err := os.ReadDir(filepath.Join(s.dir, "ns"))
	if err != nil {
		s.logger.Warn("list namespaces", "error", err)
		return
	}
	for _, f := range files {
		if known[f.Name()] || !strings.Contains(f.Name(), fileEnd) {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, "ns", f.Name())); err != nil {
			s.logger.Warn("remove what a deleted namespace left", "file", f.Name(), "error", err)
		}
	}
}

// Describe names the engine and what its acknowledgements promise.
func (s *Store) Describe() store.Description {
	d := store.Description{Backend: "sqlite", Durability: "sync", InMemory: s.dir == ""}
	if s.options.Interval > 0 {
		d.Durability = "interval " + s.options.Interval.String()
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
		errs = append(errs, h.shut())
	}
	if err := s.reg.db.close(); err != nil {
		errs = append(errs, fmt.Errorf("close registry: %w", err))
	}
	if s.lock != nil {
		if err := s.lock.Close(); err != nil {
			errs = append(errs, fmt.Errorf("unlock data directory: %w", err))
		}
	}
	return errors.Join(errs...)
}
