package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// CreateNamespace makes an empty namespace, with its database.
func (s *Store) CreateNamespace(_ context.Context, spec store.NamespaceSpec) (store.Namespace, error) {
	if err := store.CheckNamespaceID(spec.ID); err != nil {
		return store.Namespace{}, err
	}
	h, err := s.create(spec)
	if err != nil {
		return store.Namespace{}, err
	}
	s.note(spec.ID, store.EventCreated, "")
	s.evict()
	return h.describe()
}

func (s *Store) create(spec store.NamespaceSpec) (*handle, error) {
	s.opening.Lock()
	defer s.opening.Unlock()
	if err := s.mayCreate(spec.ID); err != nil {
		return nil, err
	}
	e, err := s.home.create(entry{
		ID: spec.ID, Description: spec.Description, Metadata: spec.Metadata, CreatedAt: time.Now().UTC(),
		TokenHash: spec.TokenHash, Mark: Mark{Known: true},
	})
	if err != nil {
		return nil, fmt.Errorf("create namespace: %w", err)
	}
	h := newHandle(s, e)
	ns, err := openApart(h, e, true, nil)
	if err != nil {
		return nil, fmt.Errorf("create namespace: %w", errors.Join(err, s.home.remove(e)))
	}
	if m, known := ns.mark(); known {
		e.Mark, h.entry.Mark = m, m
	}
	if err := s.home.put(e); err != nil {
		return nil, fmt.Errorf("create namespace: %w", errors.Join(err, ns.close()))
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errors.Join(store.ErrClosed, ns.close())
	}
	s.mu.Unlock()
	h.openedLocked(ns) // nobody else has the handle yet
	h.lastUse.Store(s.clock.Add(1))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handles[spec.ID] = h
	return h, nil
}

func (s *Store) mayCreate(id string) error {
	s.mu.RLock()
	taken, closed := s.handles[id] != nil, s.closed
	s.mu.RUnlock()
	switch {
	case closed:
		return store.ErrClosed
	case s.options.ReadOnly:
		return store.ErrReadOnly
	case taken:
		return store.ErrNamespaceExists
	}
	return s.home.sound()
}

// DeleteNamespace removes a namespace and all that it holds, one that is
// damaged too: there is no other way to give it up. Reads under way
// end with store.ErrNamespaceNotFound.
func (s *Store) DeleteNamespace(_ context.Context, id string) (int64, error) {
	h, err := s.handleOf(id)
	if err != nil {
		return 0, err
	}
	if s.options.ReadOnly {
		return 0, store.ErrReadOnly
	}
	ns, err := h.acquire() // the true count is the open namespace's
	if _, damaged := errors.AsType[*store.DamagedError](err); err != nil && !damaged {
		return 0, err
	}
	defer h.listeners.wakeAll()
	h.goneOnce.Do(func() { close(h.gone) })
	if ns != nil {
		h.release()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.deleted {
		return 0, store.ErrNamespaceNotFound
	}
	h.deleted = true
	h.barLocked()
	if err := h.closeLocked(""); err != nil {
		s.logger.Warn("close deleted namespace", "namespace", id, "error", err)
	}
	defer h.liftBarLocked()
	messages := h.entry.Mark.Messages
	if ns != nil {
		messages = ns.messages.Load() // also after close
	}
	s.opening.Lock()
	err = s.home.remove(h.entry)
	s.opening.Unlock()
	if err != nil {
		s.undelete(h)
		return 0, fmt.Errorf("delete namespace: %w", err)
	}
	s.mu.Lock()
	delete(s.handles, id)
	s.mu.Unlock()
	s.note(id, store.EventDeleted, "")
	return messages, nil
}

// undelete puts another handle in the place of one whose namespace could not be
// deleted. Where the registry failed it is not known whether it was: the handle stays.
func (s *Store) undelete(h *handle) {
	if s.home.sound() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handles[h.id] = newHandle(s, h.entry)
}

// Truncate replaces the namespace's database by an empty one. Readers under
// way end first; subscriptions go on with the new messages from the start.
func (s *Store) Truncate(_ context.Context, id string) error {
	h, err := s.handleOf(id)
	if err != nil {
		return err
	}
	if s.options.ReadOnly {
		return store.ErrReadOnly
	}
	fresh, err := h.beside()
	if err != nil {
		return fmt.Errorf("truncate namespace: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	err = h.drainLocked("truncated")
	defer h.liftBarLocked()
	if h.damage != nil {
		err = h.damage
	}
	if err == nil {
		_, err = fresh.takeOverLocked(false)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("truncate namespace: %w", err), fresh.discardLocked())
	}
	h.epoch.Add(1)
	s.note(id, store.EventTruncated, "")
	h.listeners.wakeAll()
	return nil
}

// Namespaces lists all namespaces by id. Only those that a crash left without
// counts are opened for it.
func (s *Store) Namespaces(context.Context) ([]store.Namespace, error) {
	handles, err := s.all()
	if err != nil {
		return nil, err
	}
	list := make([]store.Namespace, 0, len(handles))
	for _, h := range handles {
		n, err := h.describe()
		if errors.Is(err, store.ErrNamespaceNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

// Namespace describes one namespace.
func (s *Store) Namespace(_ context.Context, id string) (store.Namespace, error) {
	h, err := s.handleOf(id)
	if err != nil {
		return store.Namespace{}, err
	}
	return h.describe()
}

func (h *handle) describe() (store.Namespace, error) {
	n, dirty, err := h.described()
	if err != nil || !dirty {
		return n, err
	}
	ns, err := h.acquire()
	var damaged *store.DamagedError
	switch {
	case errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrNamespaceNotFound):
		return n, err
	case errors.As(err, &damaged):
		n.Fault, n.Damaged = "damaged: "+damaged.Reason, true
		return n, nil
	case err != nil: // its counts are old, but the others are well
		h.store.logger.Error("describe namespace", "namespace", h.id, "error", err)
		n.Fault = "cannot be opened"
		return n, nil
	}
	defer h.release()
	ns.describe(&n)
	return n, nil
}

// described is what is known without opening the namespace; dirty says that
// this is not all.
func (h *handle) described() (n store.Namespace, dirty bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, ns := h.entry, h.current
	if h.deleted {
		return n, false, h.store.absence()
	}
	n = store.Namespace{
		ID: e.ID, Description: e.Description, Metadata: e.Metadata, CreatedAt: e.CreatedAt,
		MessageCount: e.Mark.Messages, StreamCount: e.Mark.Streams, LastActivity: lastActivity(e.Mark.LastTime),
	}
	for _, d := range h.dropped {
		n.Notice = d.words()
	}
	switch {
	case h.damage != nil:
		n.Fault, n.Damaged = "damaged: "+h.damage.Reason, true
	case ns != nil:
		ns.describe(&n)
	default:
		dirty = !e.Mark.Clean
	}
	return n, dirty, nil
}

// describe fills in what an open namespace knows.
func (ns *namespace) describe(n *store.Namespace) {
	n.Open = true
	n.MessageCount, n.StreamCount, n.LastActivity = ns.messages.Load(), ns.streams.Load(), lastActivity(ns.lastTime.Load())
	if p := ns.failure.Load(); p != nil {
		n.Fault = "poisoned: " + p.Reason
	}
	if ahead := ns.ahead(); ahead != "" {
		n.Notice = ahead
	}
}

// ahead says that the namespace's clock stands in the future, "" when it does
// not: no message is older than the one before, so that one imported line, or a
// clock that was wrong for a moment, pins all times until then.
func (ns *namespace) ahead() string {
	last := time.Unix(0, ns.newest.Load())
	if time.Until(last) <= clockTolerance {
		return ""
	}
	return fmt.Sprintf("its clock stands at %s, in the future: messages that are written before then get that time", last.UTC().Format(time.RFC3339))
}

func (ns *namespace) warnOfClock() {
	if ahead := ns.ahead(); ahead != "" {
		ns.h.store.logger.Warn("the namespace's clock stands in the future", "namespace", ns.h.id, "notice", ahead)
	}
}

// clockTolerance is how far ahead of the clock a namespace's last time may be
// without a word: clocks are set back by a little now and then.
const clockTolerance = time.Minute

// Damaged lists the namespaces that refuse every call, by id.
func (s *Store) Damaged() []*store.DamagedError {
	handles, err := s.all()
	if err != nil {
		return nil
	}
	var list []*store.DamagedError
	for _, h := range handles {
		h.mu.Lock()
		if h.damage != nil && !h.deleted {
			list = append(list, h.damage)
		}
		h.mu.Unlock()
	}
	return list
}
