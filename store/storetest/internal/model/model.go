package model

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// Store is an engine in memory. It implements [store.Store], [store.Importer],
// [store.TypeCounter] and [store.Verifier]. Make it with New.
type Store struct {
	now func() time.Time

	mu         sync.Mutex // guards everything below
	closed     bool
	namespaces map[string]*space
}

// space is one namespace; the Store's mu guards it.
type space struct {
	spec      store.NamespaceSpec
	tokens    []store.Token // the one of spec first
	createdAt time.Time
	deleted   bool
	changes   int           // counts writes of every kind
	replaced  int           // counts replacements
	changed   chan struct{} // closed and replaced at every change, to wake subscriptions

	log     []*entry            // by global position
	streams map[string][]*entry // by position
	byID    map[store.ID]*entry
}

// entry is a message as it is stored; it is never changed.
type entry struct {
	store.Message
	correlation string
}

var (
	_ store.Store    = (*Store)(nil)
	_ store.Importer = (*Store)(nil)
	_ store.Verifier = (*Store)(nil)

	_ store.TokenKeeper = (*Store)(nil)
	_ store.TypeCounter = (*Store)(nil)
)

// New returns an empty store, which tells the time by now. It holds no
// namespace, not even the default one.
func New(now func() time.Time) *Store {
	return &Store{now: now, namespaces: map[string]*space{}}
}

// Reopen returns an open store that goes on with what m held.
func (m *Store) Reopen() *Store {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Store{now: m.now, namespaces: m.namespaces}
}

// Describe says that this is the model.
func (m *Store) Describe() store.Description {
	return store.Description{
		Backend: "model", Durability: "none", InMemory: true,
		Counts: store.CountsExact, Dense: true, NameOrder: "bytes", Verbatim: true,
	}
}

// CreateNamespace implements [store.Store].
func (m *Store) CreateNamespace(ctx context.Context, spec store.NamespaceSpec) (store.Namespace, error) {
	if err := errors.Join(ctx.Err(), store.CheckNamespaceID(spec.ID)); err != nil {
		return store.Namespace{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return store.Namespace{}, store.ErrClosed
	}
	if m.namespaces[spec.ID] != nil {
		return store.Namespace{}, store.ErrNamespaceExists
	}
	spec.Metadata = slices.Clone(spec.Metadata)
	ns := &space{spec: spec, createdAt: m.now().Round(0).UTC(), changed: make(chan struct{})}
	ns.tokens = []store.Token{{Hash: spec.TokenHash, CreatedAt: ns.createdAt}}
	ns.clear()
	m.namespaces[spec.ID] = ns
	return ns.describe(), nil
}

// DeleteNamespace implements [store.Store].
func (m *Store) DeleteNamespace(ctx context.Context, id string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, id)
	if err != nil {
		return 0, err
	}
	delete(m.namespaces, id)
	ns.deleted = true
	ns.wake()
	return int64(len(ns.log)), nil
}

// Namespaces implements [store.Store].
func (m *Store) Namespaces(ctx context.Context) ([]store.Namespace, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, store.ErrClosed
	}
	list := []store.Namespace{}
	for _, ns := range m.namespaces {
		list = append(list, ns.describe())
	}
	slices.SortFunc(list, func(a, b store.Namespace) int { return cmp.Compare(a.ID, b.ID) })
	return list, ctx.Err()
}

// Namespace implements [store.Store].
func (m *Store) Namespace(ctx context.Context, id string) (store.Namespace, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, id)
	if err != nil {
		return store.Namespace{}, err
	}
	return ns.describe(), nil
}

// TokenHash implements [store.Store].
func (m *Store) TokenHash(ctx context.Context, id string) ([32]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, id)
	if err != nil {
		return [32]byte{}, err
	}
	return ns.tokens[0].Hash, nil
}

// Tokens implements [store.TokenKeeper].
func (m *Store) Tokens(ctx context.Context, id string) ([]store.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, id)
	if err != nil {
		return nil, err
	}
	return ns.tokens, nil
}

// ChangeTokens implements [store.TokenKeeper].
func (m *Store) ChangeTokens(ctx context.Context, id string, change func([]store.Token) ([]store.Token, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, id)
	if err != nil {
		return err
	}
	tokens, err := change(slices.Clone(ns.tokens))
	if err == nil {
		err = store.CheckTokens(tokens)
	}
	if err == nil {
		ns.tokens = slices.Clone(tokens)
	}
	return err
}

// Close implements [store.Store].
func (m *Store) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for _, ns := range m.namespaces {
		ns.wake()
	}
	return nil
}

// findLocked returns the namespace that a call names, or why it cannot be had.
func (m *Store) findLocked(ctx context.Context, id string) (*space, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m.namespaceLocked(id)
}

// findToWriteLocked is findLocked for who would change the namespace.
func (m *Store) findToWriteLocked(ctx context.Context, id string) (*space, error) {
	if ctx.Err() != nil && !m.closed {
		return nil, &store.UnavailableError{Namespace: id, Reason: "the write was given up before it began"}
	}
	return m.namespaceLocked(id)
}

func (m *Store) namespaceLocked(id string) (*space, error) {
	if m.closed {
		return nil, store.ErrClosed
	}
	ns := m.namespaces[id]
	if ns == nil {
		return nil, store.ErrNamespaceNotFound
	}
	return ns, nil
}

// clear forgets all messages.
func (ns *space) clear() {
	ns.log = nil
	ns.streams = map[string][]*entry{}
	ns.byID = map[store.ID]*entry{}
}

// wrote notes a write and lets every subscription look at it.
func (ns *space) wrote() {
	ns.changes++
	ns.wake()
}

// wake lets every subscription look again.
func (ns *space) wake() {
	close(ns.changed)
	ns.changed = make(chan struct{})
}

func (ns *space) describe() store.Namespace {
	n := store.Namespace{
		ID:           ns.spec.ID,
		Description:  ns.spec.Description,
		Metadata:     slices.Clone(ns.spec.Metadata),
		CreatedAt:    ns.createdAt,
		MessageCount: int64(len(ns.log)),
		StreamCount:  int64(len(ns.streams)),
		Open:         true,
	}
	if len(ns.log) > 0 {
		n.LastActivity = ns.log[len(ns.log)-1].Time
	}
	return n
}

// head is the global position of the last message, 0 when there is none.
func (ns *space) head() int64 {
	if len(ns.log) == 0 {
		return 0
	}
	return ns.log[len(ns.log)-1].GlobalPosition
}

// version is the stream's last position.
func (ns *space) version(stream string) int64 {
	messages := ns.streams[stream]
	if len(messages) == 0 {
		return store.NoStream
	}
	return messages[len(messages)-1].Position
}
