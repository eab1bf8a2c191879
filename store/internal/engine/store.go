package engine

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// Options tune a store. The zero value is ready for use.
type Options struct {
	Logger    *slog.Logger  // nil: logs nothing
	MaxOpen   int           // how many namespaces may be open at once (0: 64); those in use are never closed
	Interval  time.Duration // see Opening.Interval
	IdleClose time.Duration // how long an open namespace may go unused before it is closed (0: 5 minutes; negative: never)
	ReadOnly  bool          // change nothing
	Unlocked  bool          // with ReadOnly: look into a directory that another process holds
	InMemory  bool          // for Describe
	Format    Format        // of the data directory
	Follows   bool          // what is stored follows a log outside: see Store.Follow
	Uncounted bool          // count nothing by type: for benchmarks of what that costs
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxOpen <= 0 {
		o.MaxOpen = 64
	}
	if o.IdleClose == 0 {
		o.IdleClose = 5 * time.Minute
	}
	return o
}

// Store is an event store in one data directory. It implements store.Store and
// what of store's capabilities its backend offers.
type Store struct {
	backend  Backend
	files    filesys.Files
	dir      string
	options  Options
	logger   *slog.Logger
	events   events
	home     *home
	clock    atomic.Int64  // counts uses, to tell which handle was used last
	opened   atomic.Int64  // namespaces opened so far
	closings atomic.Int64  // and closed
	turns    chan struct{} // readers of the past take turns
	copying  sync.Map      // the names of checkpoints that are being made
	routines sync.WaitGroup

	// opening serialises what opens, makes and closes databases or changes the
	// registry's set of namespaces; it is taken after a handle's mutex and before mu.
	opening sync.Mutex

	mu      sync.RWMutex // guards what follows
	handles map[string]*handle
	open    map[*handle]struct{}
	closed  bool
	done    chan struct{} // closed by Close: waiting subscriptions end
}

var (
	_ store.Store        = (*Store)(nil)
	_ store.Importer     = (*Store)(nil)
	_ store.Verifier     = (*Store)(nil)
	_ store.Repairer     = (*Store)(nil)
	_ store.Checkpointer = (*Store)(nil)
	_ store.Reopener     = (*Store)(nil)
	_ store.Engine       = (*Store)(nil)
	_ store.Sectioned    = (*Store)(nil)
	_ store.Ailing       = (*Store)(nil)
	_ store.TokenKeeper  = (*Store)(nil)
	_ store.TypeCounter  = (*Store)(nil)
)

// Open opens the store in dir, making it if need be. It returns store.ErrLocked when
// another process holds dir, and a *store.DamagedError without a namespace when
// the registry is. A namespace that is damaged refuses by itself. The store
// owns the backend from here on, also when Open fails.
func Open(backend Backend, dir string, o Options) (*Store, error) {
	o = o.withDefaults()
	s := &Store{
		backend: backend, files: backend.Files(), dir: dir, options: o, logger: o.Logger,
		turns:   make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
		handles: map[string]*handle{}, open: map[*handle]struct{}{}, done: make(chan struct{}),
	}
	home, err := openHome(s.files, dir, s.homeOptions())
	if err != nil {
		return nil, errors.Join(err, backend.Close())
	}
	s.home = home
	for _, e := range home.entries() {
		h := newHandle(s, e)
		s.handles[e.ID] = h
		if err := home.identify(e); err != nil { // seen without opening it
			_ = h.refuseLocked(err) // nobody else has the handle yet; it is noted
		}
	}
	if o.IdleClose > 0 {
		goAs("engine", &s.routines, s.closeIdlers)
	}
	if !o.ReadOnly && !o.InMemory {
		goAs("engine", &s.routines, s.keepMarks)
	}
	return s, nil
}

func (s *Store) homeOptions() homeOptions {
	return homeOptions{Options: s.options, Engine: s.backend.Describe().Backend, Note: s.events.add}
}

// Describe names the engine and what its acknowledgements promise.
func (s *Store) Describe() store.Description {
	d := s.backend.Describe()
	d.Durability = "sync"
	if s.options.Interval > 0 {
		d.Durability = "interval " + s.options.Interval.String()
	}
	d.InMemory, d.ReadOnly = s.options.InMemory, s.options.ReadOnly
	return d
}

// Close waits for the calls under way, makes everything durable, notes what
// there is and lets go of the directory. Further calls return nil.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	handles := sortedHandles(maps.Values(s.handles))
	s.mu.Unlock()
	s.routines.Wait()
	var errs []error
	marks := map[string]Mark{}
	for _, h := range handles {
		m, err := h.shut()
		if m.Known {
			marks[h.id] = m
		}
		errs = append(errs, err)
	}
	if !s.options.ReadOnly && s.home.sound() == nil {
		if err := s.home.marks(marks); err != nil {
			errs = append(errs, fmt.Errorf("note what there is: %w", err))
		}
	}
	return errors.Join(append(errs, s.home.close(errors.Join(errs...) == nil), s.backend.Close())...)
}

// sortedHandles returns them by id.
func sortedHandles(handles iter.Seq[*handle]) []*handle {
	return slices.SortedFunc(handles, func(a, b *handle) int { return cmp.Compare(a.id, b.id) })
}

// all returns the handles of all namespaces, by id.
func (s *Store) all() ([]*handle, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, store.ErrClosed
	}
	return sortedHandles(maps.Values(s.handles)), nil
}

// openHandles returns the handles of the namespaces that are open, by id.
func (s *Store) openHandles() []*handle {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return sortedHandles(maps.Keys(s.open))
}

// note tells operators of something that happened to a namespace, and why if
// that is worth a word.
func (s *Store) note(id, kind, reason string) {
	s.events.add(store.EngineEvent{Namespace: id, Kind: kind, Reason: reason})
	s.logger.Debug("namespace "+kind, "namespace", id)
}
