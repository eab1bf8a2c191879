package pgstore

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// Store is a database that is looked into. Make it with Open.
type Store struct {
	guest     *guest
	options   Options
	layout    layout
	collation string
	standby   bool
	version   string          // of PostgreSQL
	open      context.Context // ends with Close
	stop      context.CancelFunc
	lookout   lookout
	working   sync.WaitGroup // what runs in the background

	mu     sync.Mutex        // guards what follows
	known  map[string]*space // by id
	read   time.Time         // when the registry was
	tokens tokenSight
	closed bool
}

var (
	_ store.Store     = (*Store)(nil)
	_ store.Sectioned = (*Store)(nil)
	_ store.Witness   = (*Store)(nil)
)

// Describe tells what the store is.
func (s *Store) Describe() store.Description {
	d := store.Description{
		Backend: "postgres", Durability: "read-only", ReadOnly: true, Shared: true, Counts: store.CountsExact, NameOrder: "bytes", Clocks: true,
	}
	if !s.byBytes() {
		d.NameOrder = s.collation
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sp := range s.known {
		if sp.counts.estimated() {
			d.Counts = store.CountsEstimated
		}
	}
	return d
}

// space returns a namespace.
func (s *Store) space(ctx context.Context, id string) (*space, error) {
	all, err := s.spaces(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, store.ErrClosed
	}
	sp := all[id]
	if sp == nil {
		return nil, store.ErrNamespaceNotFound
	}
	sp.asked = time.Now()
	return sp, nil
}

// ask asks about the space's table.
func (sp *space) ask(ctx context.Context, sql string, args []argument, each func(row)) error {
	return sp.explain(sp.store.guest.ask(ctx, sql, args, each))
}

// explain says of an error that it is about the space.
func (sp *space) explain(err error) error {
	if missing, ok := errors.AsType[*missingError](err); ok {
		return &store.DamagedError{Namespace: sp.id, Reason: missing.Error()}
	}
	if unavailable, ok := errors.AsType[*store.UnavailableError](err); ok {
		unavailable.Namespace = sp.id
	}
	return err
}

// Namespaces lists the namespaces by id.
func (s *Store) Namespaces(ctx context.Context) ([]store.Namespace, error) {
	all, err := s.spaces(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]store.Namespace, 0, len(all))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		n, err := all[id].describe(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

// Namespace describes one namespace.
func (s *Store) Namespace(ctx context.Context, id string) (store.Namespace, error) {
	sp, err := s.space(ctx, id)
	if err != nil {
		return store.Namespace{}, err
	}
	return sp.describe(ctx)
}

// describe fills in what is counted. What cannot be read is said in its place.
func (sp *space) describe(ctx context.Context) (store.Namespace, error) {
	sp.store.mu.Lock()
	n := sp.about
	sp.store.mu.Unlock()
	if sp.schema == "" {
		return n, nil
	}
	c, err := sp.count(ctx)
	switch {
	case errors.As(err, new(*store.DamagedError)):
		n.Fault, n.Damaged = err.Error(), true
	case errors.As(err, new(*store.UnavailableError)):
		n.Fault = err.Error()
	case err != nil:
		return n, err
	default:
		n.MessageCount, n.StreamCount, n.LastActivity, n.Estimated = c.messages, c.streams, c.newest, !c.exact
		n.Notice = sp.notice(c.unread)
	}
	return n, nil
}

// CreateNamespace is refused: this store only reads.
func (s *Store) CreateNamespace(context.Context, store.NamespaceSpec) (store.Namespace, error) {
	return store.Namespace{}, store.ErrReadOnly
}

// DeleteNamespace is refused: this store only reads.
func (s *Store) DeleteNamespace(context.Context, string) (int64, error) { return 0, store.ErrReadOnly }

// Append is refused: this store only reads.
func (s *Store) Append(context.Context, string, store.Write) (store.Appended, error) {
	return store.Appended{}, store.ErrReadOnly
}

// background runs something until it ends by itself, which it does soon after open has;
// false once the store is closed.
func (s *Store) background(run func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.working.Go(run)
	return true
}

// Close ends the connections.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	s.stop()
	s.working.Wait()
	s.guest.close()
	return nil
}
