package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/evtui/evtui/store"
)

// handle stands for a namespace whether it is open or not. It outlives
// closings, so that subscriptions can wait at it without keeping it open.
type handle struct {
	store     *Store
	id        string
	tokens    atomic.Pointer[[]store.Token] // what entry says; changed under mu, read without
	listeners listeners
	reads     reads
	lastUse   atomic.Int64 // by Store.clock
	rested    atomic.Int64 // rounds of the janitor since the last use
	users     atomic.Int64 // calls under way; changed only under mu
	epoch     atomic.Int64 // counts truncations
	replaced  atomic.Int64 // counts replacements of its content
	swapping  atomic.Bool  // its content is being replaced: writes are refused

	// gone ends what reads and waits when the namespace is deleted.
	gone     chan struct{}
	goneOnce sync.Once

	mu      sync.Mutex // guards what follows
	idle    sync.Cond  // told when users falls to 0, and when the bar is lifted
	entry   entry
	current *namespace          // nil while closed
	damage  *store.DamagedError // it cannot be opened: what it held is not there
	dropped []Dropped           // at the last opening
	written Mark                // what the registry says already
	deleted bool
	barred  bool // no new users: someone waits to close it
}

func newHandle(s *Store, e entry) *handle {
	h := &handle{store: s, id: e.ID, entry: e, gone: make(chan struct{})}
	h.idle.L = &h.mu
	h.tokens.Store(new(e.tokens()))
	return h
}

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
// release its handle.
func (s *Store) acquire(id string) (*namespace, error) {
	h, err := s.handleOf(id)
	if err != nil {
		return nil, err
	}
	return h.acquire()
}

// on makes one call on the open namespace.
func on[T any](s *Store, id string, call func(*namespace) (T, error)) (result T, err error) {
	ns, err := s.acquire(id)
	if err != nil {
		return result, err
	}
	defer ns.h.release()
	return call(ns)
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

// acquireToWrite is acquire for who would change the namespace. It is the one
// place that asks whether the write was given up before it began.
func (h *handle) acquireToWrite(ctx context.Context) (*namespace, error) {
	if h.store.options.ReadOnly {
		return nil, store.ErrReadOnly
	}
	if ctx.Err() != nil {
		return nil, &store.UnavailableError{Namespace: h.id, Reason: "the write was given up before it began; nothing was stored"}
	}
	if h.swapping.Load() {
		return nil, &store.UnavailableError{Namespace: h.id, Reason: "its content is being replaced"}
	}
	ns, err := h.acquire()
	if err == nil && ns.place.Load() != nil && !h.store.options.Follows {
		h.release()
		return nil, errFollows
	}
	return ns, err
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

// absence says why a handle is of no more use. A deletion that the registry
// could not note is none: after a restart the namespace may be back.
func (s *Store) absence() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return store.ErrClosed
	}
	if err := s.home.sound(); err != nil {
		return err
	}
	return store.ErrNamespaceNotFound
}

// openLocked opens the namespace. What is known to have been there and is not
// makes it damaged, until somebody repairs it, accepts it, or asks again.
func (h *handle) openLocked() error {
	if h.damage != nil {
		return h.damage
	}
	s := h.store
	s.opening.Lock()
	defer s.opening.Unlock()
	err := s.home.identify(h.entry)
	var ns *namespace
	if err == nil {
		ns, err = openApart(h, h.entry, false, h.changingLocked)
	}
	if err != nil {
		return h.refuseLocked(err)
	}
	h.openedLocked(ns)
	return nil
}

// openedLocked makes an open namespace the current one.
func (h *handle) openedLocked(ns *namespace) {
	s := h.store
	h.current, h.dropped = ns, ns.db.Dropped()
	s.mu.Lock()
	s.open[h] = struct{}{}
	s.mu.Unlock()
	s.opened.Add(1)
	s.note(h.id, store.EventOpened, "")
	for _, d := range h.dropped {
		s.note(h.id, store.EventDropped, d.words())
		s.logger.Warn("the end of a log could not be read, and was left out", "namespace", h.id, "file", d.File, "offset", d.Offset, "bytes", d.Bytes)
	}
	ns.warnOfClock()
	if h.entry.Accept && !s.options.ReadOnly {
		h.entry.Accept = false
		h.entry.Mark, _ = ns.mark()
		if err := s.home.put(h.entry); err != nil {
			s.logger.Error("note that an older namespace was accepted", "namespace", h.id, "error", err)
		}
	}
}

// changingLocked notes, before the first change to the files of a namespace,
// that they are not any more what a clean stop left. Its counts stay a lower bound.
func (h *handle) changingLocked() error {
	if !h.entry.Mark.Clean {
		return nil
	}
	m := h.entry.Mark
	m.Clean, m.Files = false, nil
	for _, f := range h.entry.Mark.Files {
		if f.Sum != 0 { // what was written to it is still to be found there, until it is rotated away
			f.Size, f.Summed, f.Grows = f.Covered(), 0, true
			m.Files = append(m.Files, f)
		}
	}
	return h.noteLocked(m)
}

// noteLocked writes a mark to the registry.
func (h *handle) noteLocked(m Mark) error {
	before := h.entry.Mark
	h.entry.Mark, h.written = m, m
	err := h.store.home.marks(map[string]Mark{h.id: m})
	if err == nil {
		return nil
	}
	if before.Clean { // the registry may still say so: nothing may change before it was told
		h.entry.Mark = before
	}
	return fmt.Errorf("note what namespace %q holds: %w", h.id, err)
}

// refuseLocked turns the reason why a namespace cannot be opened into the error for
// callers, and remembers damage.
func (h *handle) refuseLocked(err error) error {
	damage, ok := errors.AsType[*DamageError](err)
	if !ok {
		h.store.logger.Error("open namespace", "namespace", h.id, "error", err)
		return fmt.Errorf("open namespace: %w", err)
	}
	h.damage = &store.DamagedError{Namespace: h.id, Reason: damage.Reason, Err: damage.Err}
	h.store.note(h.id, store.EventDamaged, damage.Reason)
	h.store.logger.Error("namespace damaged", "namespace", h.id, "reason", damage.Reason, "error", damage.Err)
	return h.damage
}

// closeLocked closes the namespace and notes in the registry what it holds.
func (h *handle) closeLocked(why string) error {
	m, err := h.endLocked(why)
	if err != nil || !m.Known {
		return err
	}
	return h.noteLocked(m)
}

// endLocked closes the namespace and returns the mark of its clean end, which
// is not Known when there is none.
func (h *handle) endLocked(why string) (Mark, error) {
	s := h.store
	ns := h.current
	if ns == nil {
		return Mark{}, nil
	}
	h.current = nil
	s.mu.Lock()
	delete(s.open, h)
	s.mu.Unlock()
	poisoned := ns.poisoned() != nil
	err := ns.close()
	s.closings.Add(1)
	s.note(h.id, store.EventClosed, why)
	if err != nil || poisoned || ns.poisoned() != nil || h.deleted || s.options.ReadOnly {
		return Mark{}, err
	}
	h.entry.LastActivity = lastActivity(ns.lastTime.Load())
	return ns.ended()
}

// ended is the mark of a namespace that was closed.
func (ns *namespace) ended() (Mark, error) {
	files, err := ns.db.Extent(true)
	if err != nil {
		return Mark{}, fmt.Errorf("list files of namespace %q: %w", ns.h.id, err)
	}
	m := ns.counted()
	m.Clean, m.Files = true, files
	m.LastTime = ns.lastTime.Load()
	return m, nil
}

// barLocked keeps new users out and waits until nobody uses the namespace.
func (h *handle) barLocked() {
	for h.barred {
		h.idle.Wait()
	}
	h.barred = true
	for h.users.Load() > 0 {
		h.idle.Wait()
	}
}

// drainLocked keeps new users out, waits until nobody uses the namespace,
// and closes it. The bar stays: the caller lifts it. What the handle says may
// have changed meanwhile: it returns why it is of no more use.
func (h *handle) drainLocked(why string) error {
	h.barLocked()
	if h.deleted {
		return h.store.absence()
	}
	return h.closeLocked(why)
}

func (h *handle) liftBarLocked() {
	h.barred = false
	h.idle.Broadcast()
}

// shut closes the namespace for good, at the end of the store, and returns the
// mark that is still to be noted.
func (h *handle) shut() (Mark, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.barLocked()
	m, err := h.endLocked("")
	h.deleted = true // of no more use
	h.liftBarLocked()
	return m, err
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
	return h.current != nil && h.current.poisoned() != nil || h.store.home.sound() != nil
}

// Reopen closes a namespace, whose log may have failed or that is damaged, and
// opens it again: what it holds then is what its files hold. It waits for the
// calls under way.
func (s *Store) Reopen(_ context.Context, namespace string) error {
	h, err := s.handleOf(namespace)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	err = h.drainLocked("reopened")
	defer h.liftBarLocked()
	if h.deleted {
		return s.absence()
	}
	if err != nil {
		s.logger.Warn("close namespace to reopen it", "namespace", namespace, "error", err)
	}
	h.damage = nil
	defer h.listeners.wakeAll()
	return h.openLocked()
}

// victim picks the idle open namespace used longest ago, nil while there is room.
func (s *Store) victim() *handle {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.open) <= s.options.MaxOpen {
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

func (d Dropped) words() string {
	return fmt.Sprintf("%d bytes at the end of %s, from byte %d on, held no whole record", d.Bytes, d.File, d.Offset)
}
