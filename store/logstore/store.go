package logstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/pebblestore"
)

// Options tune a store. The zero value is ready for use.
type Options struct {
	// Projection is how the pebblestore of this evtui is opened. Interval is how often it is
	// synced: losing its end costs no message, it is read from the log again. 0: a second.
	Projection pebblestore.Options
	// Memory has the projection in memory.
	Memory bool
	Logger *slog.Logger // nil: logs nothing
}

// Store is an event store over a log. It implements store.Store and, but for replacing
// content, making checkpoints and accepting older copies, all of store's capabilities.
//
// What is embedded reads; everything that writes is overridden here.
type Store struct {
	*pebblestore.Store
	log     Log
	logger  *slog.Logger
	reads   bool            // writes are refused, and nothing is followed
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	routine sync.WaitGroup

	calls calls

	refreshing sync.Mutex    // held by who compares the namespaces here with the log's
	looked     time.Time     // when that was done last; guarded by refreshing
	woken      chan struct{} // capacity 1: watch should compare

	mu     sync.RWMutex // guards what follows
	spaces map[string]*space
}

// space is a namespace that the log has, or that this evtui still has of it. It is
// not changed, but replaced.
type space struct {
	Namespace
	follower *follower // nil for a store that only reads, and where fault is set
	fault    *store.DamagedError
}

// What pebblestore does not offer; the rest comes with it.
var (
	_ store.Witness  = (*Store)(nil)
	_ store.Fresher  = (*Store)(nil)
	_ store.Noticing = (*Store)(nil)
)

// Connect opens the projection in dir, making it if need be, and follows the log from where it
// ends. It returns once it knows the log's namespaces. The log is connected to once the
// projection is this process's: who finds that locked does not wait for a log that cannot
// be reached. The store owns the log from then on, also when Connect fails. It returns
// an *OtherLogError when the projection is one of another log.
func Connect(ctx context.Context, connect func(context.Context) (Log, error), dir string, o Options) (*Store, error) {
	projection, err := openProjection(dir, o)
	if err != nil {
		return nil, fmt.Errorf("open this evtui's copy of the log: %w", err)
	}
	log, err := connect(ctx)
	if err != nil {
		return nil, errors.Join(err, projection.Close())
	}
	s := &Store{Store: projection, log: log, logger: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), reads: o.Projection.ReadOnly, spaces: map[string]*space{}, woken: make(chan struct{}, 1)}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if err := s.sameLog(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.refresh(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("ask the log for its namespaces: %w", err), s.Close())
	}
	s.routine.Go(func() {
		engine.ActAs("engine")
		s.watch()
	})
	return s, nil
}

func openProjection(dir string, o Options) (*pebblestore.Store, error) {
	p := o.Projection
	p.Follows = true
	p.Interval = cmp.Or(p.Interval, time.Second)
	if o.Memory {
		return pebblestore.OpenMemory(p)
	}
	return pebblestore.Open(dir, p)
}

// OtherLogError says that a projection is a copy of another log than the one that was opened:
// what this one holds of the namespace default is not what was copied.
type OtherLogError struct{ Log string } // the one that was opened, as Log.Place names it

func (e *OtherLogError) Error() string { return "this evtui's copy is not one of " + e.Log }

// sameLog makes sure that the log is the one that the projection follows. Every log has a namespace
// default, which only goes when somebody deletes it: where the copy has another one, the
// log is another, or has lost all that it held.
func (s *Store) sameLog(ctx context.Context) error {
	held, err := s.Store.Namespace(ctx, store.DefaultNamespace)
	if err != nil { // damaged, or not there: nothing speaks against it
		return nil //nolint:nilerr // see above
	}
	copied := identityOf(held)
	if copied == "" {
		return nil
	}
	list, err := s.log.Namespaces(ctx)
	if err != nil {
		return fmt.Errorf("ask the log for its namespaces: %w", err)
	}
	if slices.ContainsFunc(list, func(ns Namespace) bool { return ns.ID == store.DefaultNamespace && ns.Identity == copied }) {
		return nil
	}
	switch deleted, err := s.log.Deleted(ctx, copied); {
	case err != nil:
		return fmt.Errorf("ask the log whether %q was deleted: %w", store.DefaultNamespace, err)
	case deleted:
		return nil
	}
	return &OtherLogError{Log: s.log.Place()}
}

// closePatience is how long Close waits for writes under way. What they wait for may
// never come.
const closePatience = 5 * time.Second

// calls counts writes under way.
type calls struct {
	mu     sync.Mutex // guards closed, and beginning
	closed bool
	under  sync.WaitGroup
}

// begin counts one more. The caller calls under.Done.
func (c *calls) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return store.ErrClosed
	}
	c.under.Add(1)
	return nil
}

// close lets no more begin, and waits for those under way.
func (c *calls) close(patience time.Duration) {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	over := make(chan struct{})
	go func() {
		c.under.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-time.After(patience):
	}
}

// Close waits for the writes under way, ends the followers, closes the projection and
// the log.
func (s *Store) Close() error {
	s.calls.close(closePatience)
	s.stop()
	s.routine.Wait()
	for _, f := range s.followers() {
		f.end(store.ErrClosed)
	}
	return errors.Join(s.Store.Close(), s.log.Close())
}

// Describe says what the log promises of durability, and what the projection is.
func (s *Store) Describe() store.Description {
	d := s.Store.Describe()
	d.Backend, d.Durability, d.Shared, d.Counts = "nats", s.log.Durability(), true, store.CountsLagging
	return d
}

// space returns a namespace, or why it cannot be used.
func (s *Store) space(ctx context.Context, id string) (*space, error) {
	one, err := s.known(ctx, id)
	if err == nil && one.fault != nil {
		err = one.fault
	}
	return one, err
}

// followers are those of all namespaces that are followed.
func (s *Store) followers() []*follower {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []*follower
	for _, one := range s.spaces {
		if one.follower != nil {
			list = append(list, one.follower)
		}
	}
	return list
}

// followed is space for who writes.
func (s *Store) followed(ctx context.Context, id string) (*follower, error) {
	one, err := s.space(ctx, id)
	if err != nil {
		return nil, err
	}
	if one.follower == nil {
		return nil, store.ErrReadOnly
	}
	return one.follower, nil
}

// written is followed for a call that writes. The caller calls end.
func (s *Store) written(ctx context.Context, id string) (f *follower, end func(), err error) {
	if err := s.calls.begin(); err != nil {
		return nil, nil, err
	}
	if f, err = s.followed(ctx, id); err != nil {
		s.calls.under.Done()
		return nil, nil, err
	}
	return f, s.calls.under.Done, nil
}

// Fresh waits until what can be read here holds all that was acknowledged anywhere
// before the call.
func (s *Store) Fresh(ctx context.Context, namespace string) error {
	f, err := s.followed(ctx, namespace)
	if err != nil {
		return err
	}
	return f.catchUp(ctx)
}

// Damaged lists the namespaces that refuse every call, by id.
func (s *Store) Damaged() []*store.DamagedError {
	list := s.Store.Damaged()
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, one := range s.spaces {
		if one.fault != nil {
			list = append(list, one.fault)
		}
	}
	slices.SortFunc(list, func(a, b *store.DamagedError) int { return cmp.Compare(a.Namespace, b.Namespace) })
	return list
}

// Checkpoint is not offered: a copy of the projection would be no copy of the log.
func (s *Store) Checkpoint(context.Context, string) (store.Checkpoint, error) {
	return store.Checkpoint{}, &store.NotOfferedError{Instead: "a copy of this evtui's copy could not be put back into the cluster; evtui export writes what any store takes"}
}

// Reopen opens the projection of a namespace again, and goes on following.
func (s *Store) Reopen(ctx context.Context, namespace string) error {
	one, err := s.space(ctx, namespace)
	if err != nil {
		return err
	}
	if err := s.Store.Reopen(ctx, namespace); err != nil {
		return err
	}
	if one.follower != nil {
		nudge(one.follower.again)
	}
	return nil
}

// Witnessed returns what other evtui wrote since it was asked last.
func (s *Store) Witnessed() []store.Witnessed {
	var list []store.Witnessed
	for _, f := range s.followers() {
		if n := f.others.Swap(0); n > 0 {
			list = append(list, store.Witnessed{Namespace: f.id, Messages: n})
		}
	}
	return list
}
