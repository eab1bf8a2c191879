package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/evtui/evtui/store"
)

// handle stands for a namespace whether it is open or not. It outlives
// closings, so that subscriptions can wait at it without keeping it open.
type handle struct {
	store   *Store
	id      string
	token   [32]byte // SHA-256 of the namespace's token
	bell    bell
	waiting atomic.Int64 // subscriptions there are
	epoch   atomic.Int64 // counts truncations
	lastUse atomic.Int64 // by Store.clock
	rested  atomic.Int64 // rounds of the janitor since the last use
	users   atomic.Int64 // calls under way; changed only under mu
	failed  atomic.Bool  // the open namespace is poisoned

	// gone ends what reads and waits when the namespace is deleted.
	gone     chan struct{}
	goneOnce sync.Once

	mu      sync.Mutex // guards what follows
	idle    sync.Cond  // told when users falls to 0, and when the bar is lifted
	entry   entry
	current *namespace // nil while closed
	parked  *database  // in memory: the data of a closed namespace
	deleted bool
	barred  bool // no new users: someone waits to close it
}

func newHandle(s *Store, e entry) *handle {
	h := &handle{store: s, id: e.ID, token: e.TokenHash, entry: e, gone: make(chan struct{})}
	h.idle.L = &h.mu
	h.bell.init()
	return h
}

// handleOf finds a namespace's handle.
func (s *Store) handleOf(id string) (*handle, error) {
	s.mu.RLock()
	h, closed := s.handles[id], s.closed
	s.mu.RUnlock()
	switch {
	case closed:
		return nil, store.ErrClosed
	case h == nil:
		return nil, store.ErrNamespaceNotFound
	}
	return h, nil
}

// acquire returns the open namespace, opening it if need be. The caller must
// release its handle.
func (s *Store) acquire(id string) (*namespace, error) {
	h, err := s.handleOf(id)
	if err != nil {
		return nil, err
	}
	return h.acquire()
}

func (h *handle) acquire() (*namespace, error) {
	h.mu.Lock()
	for h.barred {
		h.idle.Wait()
	}
	if h.deleted {
		h.mu.Unlock()
		return nil, h.store.absence()
	}
	if h.current == nil {
		if err := h.openLocked(); err != nil {
			h.mu.Unlock()
			return nil, err
		}
		defer h.store.evict()
	}
	h.users.Add(1)
	ns := h.current
	h.mu.Unlock()
	h.lastUse.Store(h.store.clock.Add(1))
	h.rested.Store(0)
	return ns, nil
}

// borrow returns the namespace if it is open already, without counting as a
// use that keeps it open. The caller must release its handle.
func (h *handle) borrow() *namespace {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.current == nil || h.barred || h.deleted {
		return nil
	}
	h.users.Add(1)
	return h.current
}

// release gives back what acquire or borrow returned.
func (h *handle) release() {
	h.mu.Lock()
	if h.users.Add(-1) == 0 {
		h.idle.Broadcast()
	}
	h.mu.Unlock()
}

// absence tells why a handle is of no more use.
func (s *Store) absence() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return store.ErrClosed
	}
	return store.ErrNamespaceNotFound
}

// path is the namespace's file, "" in memory.
func (h *handle) path() string {
	if h.store.dir == "" {
		return ""
	}
	return filepath.Join(h.store.dir, "ns", h.entry.File)
}

func (h *handle) openLocked() error {
	s := h.store
	s.opening.Lock()
	defer s.opening.Unlock()
	if !h.entry.Dirty {
		h.entry.Dirty = true
		if err := s.reg.put(h.entry); err != nil {
			return fmt.Errorf("open namespace: %w", err)
		}
	}
	ns, err := openApart(h, h.parked)
	if err != nil {
		return fmt.Errorf("open namespace: %w", err)
	}
	h.current, h.parked = ns, nil
	h.failed.Store(false)
	s.mu.Lock()
	s.open[h] = struct{}{}
	s.mu.Unlock()
	s.opened.Add(1)
	s.note(h.id, store.EventOpened)
	return nil
}

func (h *handle) database() (*database, error) {
	o := h.store.options
	return openDatabase(h.path(), databaseOptions{
		schema: namespaceSchema, application: namespaceApplication, interval: o.Interval > 0,
		writeCache: o.Memory / 24, readCache: o.Memory / 96,
	})
}

// closeLocked closes the namespace and notes its counts in the registry.
func (h *handle) closeLocked() error {
	s := h.store
	ns := h.current
	if ns == nil {
		return nil
	}
	h.current = nil
	s.mu.Lock()
	delete(s.open, h)
	s.mu.Unlock()
	err := ns.close()
	if h.store.dir == "" && !h.deleted {
		h.parked = ns.db
	} else {
		err = errors.Join(err, ns.db.close())
	}
	s.closings.Add(1)
	s.note(h.id, store.EventClosed)
	if err != nil || ns.poisoned() != nil || h.deleted {
		return err
	}
	h.entry.Dirty = false
	h.entry.Messages, h.entry.Streams, h.entry.LastActivity = ns.summary()
	s.opening.Lock()
	defer s.opening.Unlock()
	if err := s.reg.put(h.entry); err != nil {
		return fmt.Errorf("close namespace: %w", err)
	}
	return nil
}

// drainLocked keeps new users out, waits until nobody uses the namespace,
// and closes it. The bar stays: the caller lifts it.
func (h *handle) drainLocked() error {
	for h.barred {
		h.idle.Wait()
	}
	h.barred = true
	for h.users.Load() > 0 {
		h.idle.Wait()
	}
	return h.closeLocked()
}

func (h *handle) liftBarLocked() {
	h.barred = false
	h.idle.Broadcast()
}

// dropLocked closes what is kept of a namespace in memory.
func (h *handle) dropLocked() error {
	if h.parked == nil {
		return nil
	}
	db := h.parked
	h.parked = nil
	return db.close()
}

// Reopen closes a namespace, whose log may have failed, and opens it again:
// what it holds then is what its file holds. It waits for the calls under way.
func (s *Store) Reopen(_ context.Context, namespace string) error {
	h, err := s.handleOf(namespace)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.deleted {
		return s.absence()
	}
	err = h.drainLocked()
	defer h.bell.ring()
	defer h.liftBarLocked()
	if err != nil {
		s.logger.Warn("close namespace to reopen it", "namespace", namespace, "error", err)
	}
	if h.deleted { // while this waited
		return s.absence()
	}
	return h.openLocked()
}

// shut closes the namespace for good, at the end of the store.
func (h *handle) shut() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := errors.Join(h.drainLocked(), h.dropLocked())
	h.deleted = true // of no more use
	h.liftBarLocked()
	return err
}
