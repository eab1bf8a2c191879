package pebblestore

import (
	"context"
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

	// gone ends what reads and waits when the namespace is deleted.
	gone     chan struct{}
	goneOnce sync.Once

	mu      sync.Mutex // guards what follows
	idle    sync.Cond  // told when users falls to 0
	entry   entry
	current *namespace // nil while closed
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
	if closed {
		return nil, store.ErrClosed
	}
	if h == nil {
		return nil, store.ErrNamespaceNotFound
	}
	return h, nil
}

// acquire returns the open namespace, opening it if need be. The caller must
// release it.
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

// release gives back what acquire returned.
func (h *handle) release() {
	h.mu.Lock()
	if h.users.Add(-1) == 0 {
		h.idle.Broadcast()
	}
	h.mu.Unlock()
}

// absence tells why a handle is of no more use. A deletion that the registry
// could not note is none: after a restart the namespace may be back.
func (s *Store) absence() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return store.ErrClosed
	}
	return s.reg.sound(store.ErrNamespaceNotFound)
}

// note tells operators of something that happened to a namespace, and why if
// that is worth a word.
func (s *Store) note(id, kind, reason string) {
	s.shared.events.add(store.EngineEvent{Namespace: id, Kind: kind, Reason: reason})
	s.logger.Debug("namespace "+kind, "namespace", id)
}

func (h *handle) dir() string { return filepath.Join(h.store.dir, "ns", h.entry.Dir) }

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
	ns, err := openApart(h, h.dir())
	if err != nil {
		return fmt.Errorf("open namespace: %w", err)
	}
	h.current = ns
	s.mu.Lock()
	s.open[h] = struct{}{}
	s.mu.Unlock()
	s.opened.Add(1)
	s.note(h.id, store.EventOpened, "")
	return nil
}

// closeLocked closes the namespace and notes its counts in the registry.
func (h *handle) closeLocked(why string) error {
	s := h.store
	ns := h.current
	if ns == nil {
		return nil
	}
	h.current = nil
	s.mu.Lock()
	delete(s.open, h)
	s.mu.Unlock()
	poisoned := ns.poisoned() != nil
	err := ns.close()
	s.closings.Add(1)
	s.note(h.id, store.EventClosed, why)
	if err != nil || poisoned || h.deleted {
		return err
	}
	h.entry.Dirty = false
	h.entry.Messages, h.entry.Streams, h.entry.LastActivity = ns.summary()
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
	return h.closeLocked("")
}

func (h *handle) liftBarLocked() {
	h.barred = false
	h.idle.Broadcast()
}

// shut closes the namespace for good, at the end of the store.
func (h *handle) shut() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.drainLocked()
	h.deleted = true // of no more use
	h.liftBarLocked()
	return err
}

// evict closes the namespaces used longest ago while more are open than may be.
func (s *Store) evict() {
	for range 4 { // a victim can be taken into use meanwhile
		victim := s.victim()
		if victim == nil {
			return
		}
		victim.closeIdle("made room for another")
	}
}

// closeIdle closes the namespace unless somebody uses it.
func (h *handle) closeIdle(why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users.Load() > 0 || h.barred || h.keptLocked() {
		return
	}
	if err := h.closeLocked(why); err != nil {
		h.store.logger.Error("close idle namespace", "namespace", h.id, "error", err)
	}
}

// keptLocked reports whether the namespace must not be closed behind the
// operator's back: opening it again would hide that its log failed, or could
// not be noted in a registry that failed.
func (h *handle) keptLocked() bool {
	return h.current != nil && h.current.poisoned() != nil || h.store.reg.failure.Load() != nil
}

// Reopen closes a namespace, whose log may have failed, and opens it again:
// what it holds then is what its files hold. It waits for the calls under way.
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
	if err := h.drainLocked(); err != nil {
		s.logger.Warn("close namespace to reopen it", "namespace", namespace, "error", err)
	}
	defer h.liftBarLocked()
	defer h.bell.ring()
	return h.openLocked()
}

// victim picks the idle open namespace used longest ago, nil while there is room.
func (s *Store) victim() *handle {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.open) <= s.shared.options.MaxOpen {
		return nil
	}
	var oldest *handle
	for h := range s.open {
		if h.users.Load() > 0 {
			continue
		}
		if oldest == nil || h.lastUse.Load() < oldest.lastUse.Load() {
			oldest = h
		}
	}
	return oldest
}

// bell wakes whoever waits for something new in a namespace.
type bell struct {
	mu sync.Mutex // guards ch
	ch chan struct{}
}

func (b *bell) init() { b.ch = make(chan struct{}) }

// wait returns a channel that the next ring closes. Take it before looking,
// so that nothing rings unheard between looking and waiting.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ch
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.ch)
	b.ch = make(chan struct{})
}
