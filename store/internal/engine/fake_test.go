package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// fakeBackend keeps databases in memory that are as simple as can be. Tests
// hold up or fail what they want to look at.
type fakeBackend struct {
	files filesys.Files

	onSync func() error // before a batch is durable; nil: at once
	onRead func()       // before a scan

	mu        sync.Mutex // guards what follows
	databases map[string]*fakeDatabase
	opened    int
}

var _ Backend = (*fakeBackend)(nil)

func newFake() *fakeBackend {
	return &fakeBackend{files: filesys.NewMemory(), databases: map[string]*fakeDatabase{}}
}

func (b *fakeBackend) Describe() store.Description {
	return store.Description{Backend: "fake", Dense: true}
}
func (b *fakeBackend) Files() filesys.Files { return b.files }
func (b *fakeBackend) Close() error         { return nil }

func (b *fakeBackend) Open(o Opening) (Database, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opened++
	if o.Create {
		b.databases[o.Dir] = &fakeDatabase{b: b, state: State{Next: 1}}
		if err := writeWhole(b.files, o.Dir, "database", nil); err != nil {
			return nil, err
		}
	}
	d := b.databases[o.Dir]
	if d == nil || !exists(b.files, b.files.Join(o.Dir, "database")) {
		return nil, Damaged(nil, "the database is missing")
	}
	if o.Changing != nil {
		if err := o.Changing(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// fakeDatabase holds messages by global position.
type fakeDatabase struct {
	b *fakeBackend

	mu    sync.RWMutex // guards what follows
	state State
	list  []store.Message
	given map[store.ID]int64
}

func (d *fakeDatabase) Load() (Loaded, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	l := Loaded{State: d.state}
	byName, streams := map[string]*Category{}, map[string]bool{}
	for _, m := range d.list {
		name := store.Category(m.Stream)
		c := byName[name]
		if c == nil {
			c = &Category{Name: name, Number: uint32(len(byName) + 1)}
			byName[name] = c
			l.Categories = append(l.Categories, c)
		}
		if !streams[m.Stream] {
			streams[m.Stream] = true
			c.Counts.Streams++
		}
		c.Counts.Messages++
		c.Counts.Last, l.Last = m.GlobalPosition, m.Time
	}
	return l, nil
}

func (d *fakeDatabase) Dropped() []Dropped        { return nil }
func (d *fakeDatabase) Prepare(Messages) Prepared { return nil }
func (d *fakeDatabase) Begin() (Batch, error)     { return &fakeBatch{d: d}, nil }

func (d *fakeDatabase) End(stream string, bound int64) (End, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	end := End{Version: store.NoStream}
	for _, m := range d.list {
		if m.Stream == stream && (bound < 0 || m.GlobalPosition <= bound) {
			end = End{Version: m.Position, GlobalPosition: m.GlobalPosition, Time: m.Time.UnixNano()}
		}
	}
	return end, nil
}

func (d *fakeDatabase) ByID(id store.ID) (int64, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.given[id], nil
}

func (d *fakeDatabase) Taken(stream string, position int64) (bool, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.ContainsFunc(d.list, func(m store.Message) bool {
		return stream == "" && m.GlobalPosition == position || m.Stream == stream && m.Position == position
	}), nil
}

func (d *fakeDatabase) Next(position int64) (bool, int64, time.Time, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, m := range d.list {
		if m.GlobalPosition >= position {
			return true, m.GlobalPosition, m.Time, nil
		}
	}
	return false, 0, time.Time{}, nil
}

func (d *fakeDatabase) ReadStream(w *Watch, q store.StreamQuery, bound int64, v Visit) (int64, error) {
	return d.scan(w, q.Limit, bound, v, func(m store.Message) (int64, bool) {
		return m.Position, m.Stream == q.Stream && m.Position >= q.Position && m.GlobalPosition >= q.GlobalPosition
	})
}

func (d *fakeDatabase) ReadCategory(w *Watch, q store.CategoryQuery, bound int64, v Visit) (int64, error) {
	return d.scan(w, q.Limit, bound, v, func(m store.Message) (int64, bool) {
		return m.GlobalPosition, m.GlobalPosition >= q.GlobalPosition && (q.Category == "" || store.Category(m.Stream) == q.Category)
	})
}

func (d *fakeDatabase) scan(w *Watch, limit int, bound int64, v Visit, match func(store.Message) (int64, bool)) (int64, error) {
	if d.b.onRead != nil {
		d.b.onRead()
	}
	d.mu.RLock()
	list := d.list
	d.mu.RUnlock()
	for _, m := range list {
		at, ok := match(m)
		if !ok || m.GlobalPosition > bound {
			continue
		}
		if limit == 0 {
			return 0, nil
		}
		if err := w.Step(); err != nil {
			return at, err
		}
		if limit--; !v(m) {
			return 0, nil
		}
	}
	return 0, nil
}

func (d *fakeDatabase) Streams(*Watch, store.StreamsQuery, int64) ([]store.Stream, error) {
	return nil, errors.ErrUnsupported
}

func (d *fakeDatabase) Extent(bool) ([]FileMark, error) {
	return []FileMark{{Name: "database", Grows: true}}, nil
}
func (d *fakeDatabase) Sync() error  { return nil }
func (d *fakeDatabase) Close() error { return nil }

// What the fake does not have.

func (b *fakeBackend) Salvage(context.Context, Opening) (Salvage, error) {
	return nil, store.ErrNotOffered
}

func (d *fakeDatabase) Kept(func(key, value []byte) error) error { return nil }
func (d *fakeDatabase) Verify(*Watch) (store.VerifyReport, error) {
	return store.VerifyReport{}, nil
}
func (d *fakeDatabase) CopyTo(context.Context, string) error { return store.ErrNotOffered }
func (d *fakeDatabase) Figures(*store.NamespaceFigures)      {}
func (d *fakeDatabase) Sections() []store.Section            { return nil }
func (d *fakeDatabase) Storage(context.Context) (store.Storage, error) {
	return store.Storage{}, store.ErrNotOffered
}
func (d *fakeDatabase) Flush(context.Context) error   { return store.ErrNotOffered }
func (d *fakeDatabase) Compact(context.Context) error { return store.ErrNotOffered }

func (b *fakeBatch) Keep(key, value []byte) error { return nil }
func (b *fakeBatch) Forget() error                { return nil }

// fakeBatch is what a group adds.
type fakeBatch struct {
	d     *fakeDatabase
	state State
	list  []store.Message
	given []store.ID
}

func (b *fakeBatch) Put(h *Head, m *Record, _ Prepared, _ int) error {
	b.list = append(b.list, store.Message{
		ID: m.ID, Stream: h.Stream, Type: m.Type, Position: m.Position, GlobalPosition: m.GlobalPosition, Time: time.Unix(0, m.Time).UTC(),
		Data: m.Data, Metadata: m.Metadata,
	})
	if m.Given {
		b.given = append(b.given, m.ID)
	} else {
		b.given = append(b.given, store.ID{})
	}
	return nil
}

func (b *fakeBatch) Seal(state State, _ []*Category) error {
	b.state = state
	for i := range b.list {
		b.list[i] = b.list[i].Clone() // afterwards nothing of what Put was given is needed
	}
	return nil
}

func (b *fakeBatch) Apply() error {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if b.d.given == nil {
		b.d.given = map[store.ID]int64{}
	}
	for i, m := range b.list {
		if !b.given[i].IsZero() {
			b.d.given[m.ID] = m.GlobalPosition
		}
	}
	b.d.list, b.d.state = append(b.d.list, b.list...), b.state
	return nil
}

func (b *fakeBatch) Sync() error {
	if b.d.b.onSync == nil {
		return nil
	}
	return b.d.b.onSync()
}

func (b *fakeBatch) Close() error { return nil }

// bubble runs a test in a bubble of its own. Ops go back to a pool, and their
// channels belong to the bubble that they were made in.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	fresh := func() { ops = sync.Pool{New: func() any { return &op{done: make(chan struct{}, 1)} }} }
	fresh()
	defer fresh()
	synctest.Test(t, test)
}

// fakeStore is a store on a fake, with helpers.
type fakeStore struct {
	*Store
	t *testing.T
	b *fakeBackend
}

func openFake(t *testing.T, b *fakeBackend, o Options) *fakeStore {
	t.Helper()
	o.Uncounted = true // the fake keeps no records
	s, err := Open(b, "data", o)
	mustDo(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &fakeStore{Store: s, t: t, b: b}
}

func (s *fakeStore) create(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		_, err := s.CreateNamespace(s.t.Context(), store.NamespaceSpec{ID: id})
		mustDo(s.t, err)
	}
}

// append appends n events to a stream.
func (s *fakeStore) append(id, stream string, n int) error {
	return s.appendIn(s.t.Context(), id, stream, n)
}

func (s *fakeStore) appendIn(ctx context.Context, id, stream string, n int) error {
	_, err := s.Append(ctx, id, writeOf(stream, n))
	return err
}

func writeOf(stream string, n int) store.Write {
	w := store.Write{Stream: stream, ExpectedVersion: store.AnyVersion}
	for i := range n {
		w.Events = append(w.Events, store.Event{Type: "T", Data: fmt.Appendf(nil, `{"n":%d}`, i)})
	}
	return w
}

func (s *fakeStore) mustAppend(id, stream string, n int) {
	s.t.Helper()
	mustDo(s.t, s.append(id, stream, n))
}

func (s *fakeStore) subscribe(id string, q store.SubscribeQuery) *subscription {
	s.t.Helper()
	sub, err := s.Subscribe(s.t.Context(), id, q)
	mustDo(s.t, err)
	s.t.Cleanup(func() { _ = sub.Close() })
	return sub.(*subscription)
}

func (s *fakeStore) handle(id string) *handle {
	s.t.Helper()
	h, err := s.handleOf(id)
	mustDo(s.t, err)
	return h
}

// openIDs lists the namespaces that are open.
func (s *fakeStore) openIDs() []string {
	var list []string
	for _, h := range s.openHandles() {
		list = append(list, h.id)
	}
	slices.Sort(list)
	return list
}

// gate holds syncs up until they are let through.
type gate struct {
	waiting atomic.Int64
	results chan error
}

func newGate() *gate { return &gate{results: make(chan error)} }

// let has the sync that is held up, or comes soon, end so.
func (g *gate) let(err error) {
	select {
	case g.results <- err:
	case <-time.After(time.Minute):
		panic("nobody syncs")
	}
}

func (g *gate) pass() error {
	g.waiting.Add(1)
	defer g.waiting.Add(-1)
	return <-g.results
}
