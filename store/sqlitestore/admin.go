package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// CreateNamespace makes an empty namespace. Its database is made on first use.
func (s *Store) CreateNamespace(_ context.Context, spec store.NamespaceSpec) (store.Namespace, error) {
	if err := store.CheckNamespaceID(spec.ID); err != nil {
		return store.Namespace{}, err
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	s.mu.RLock()
	taken, closed := s.handles[spec.ID] != nil, s.closed
	s.mu.RUnlock()
	if closed {
		return store.Namespace{}, store.ErrClosed
	}
	if taken {
		return store.Namespace{}, store.ErrNamespaceExists
	}
	e := entry{
		ID: spec.ID, File: s.reg.newFile(spec.ID), Description: spec.Description, Metadata: spec.Metadata,
		CreatedAt: time.Now().UTC(), TokenHash: spec.TokenHash,
	}
	if err := s.reg.put(e); err != nil {
		return store.Namespace{}, fmt.Errorf("create namespace: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.Namespace{}, store.ErrClosed
	}
	s.handles[spec.ID] = newHandle(s, e)
	s.note(e.ID, store.EventCreated)
	return e.namespace(), nil
}

// DeleteNamespace removes a namespace and all that it holds. Reads under way
// end with store.ErrNamespaceNotFound.
func (s *Store) DeleteNamespace(_ context.Context, id string) (int64, error) {
	h, err := s.handleOf(id)
	if err != nil {
		return 0, err
	}
	ns, err := h.acquire() // the true count is the open namespace's
	if err != nil {
		return 0, err
	}
	defer h.bell.ring()
	h.goneOnce.Do(func() { close(h.gone) })
	h.release()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.deleted {
		return 0, store.ErrNamespaceNotFound
	}
	h.deleted = true
	err = errors.Join(h.drainLocked(), h.dropLocked())
	defer h.liftBarLocked()
	if err != nil {
		s.logger.Warn("close deleted namespace", "namespace", id, "error", err)
	}
	messages, _, _ := ns.summary()
	s.opening.Lock()
	err = s.reg.remove(id)
	s.opening.Unlock()
	if err != nil {
		return 0, fmt.Errorf("delete namespace: %w", err)
	}
	s.mu.Lock()
	delete(s.handles, id)
	s.mu.Unlock()
	s.note(id, store.EventDeleted)
	if err := h.removeFiles(h.path()); err != nil {
		return messages, fmt.Errorf("delete namespace's files: %w", err)
	}
	return messages, nil
}

func (h *handle) removeFiles(path string) error {
	if path == "" {
		return nil
	}
	return removeDatabase(path)
}

// Truncate replaces the namespace's database by an empty one. Readers under
// way end first; subscriptions go on with the new messages from the start.
func (s *Store) Truncate(_ context.Context, id string) error {
	h, err := s.handleOf(id)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.deleted {
		return s.absence()
	}
	err = h.drainLocked()
	defer h.liftBarLocked()
	if err != nil {
		return fmt.Errorf("truncate namespace: %w", err)
	}
	if h.deleted { // while this waited
		return s.absence()
	}
	old, fresh := h.path(), h.entry
	s.opening.Lock()
	fresh.File = s.reg.newFile(id)
	fresh.Messages, fresh.Streams, fresh.LastActivity, fresh.Dirty = 0, 0, time.Time{}, false
	err = s.reg.put(fresh)
	s.opening.Unlock()
	if err != nil {
		return fmt.Errorf("truncate namespace: %w", err)
	}
	h.entry = fresh
	h.epoch.Add(1)
	s.note(id, store.EventTruncated)
	h.bell.ring()
	if err := errors.Join(h.dropLocked(), h.removeFiles(old)); err != nil {
		return fmt.Errorf("truncate namespace: remove old files: %w", err)
	}
	return nil
}

// Namespaces lists all namespaces by id. Only those that a crash left without
// counts are opened for it.
func (s *Store) Namespaces(context.Context) ([]store.Namespace, error) {
	s.mu.RLock()
	handles := make([]*handle, 0, len(s.handles))
	for _, h := range s.handles {
		handles = append(handles, h)
	}
	closed := s.closed
	s.mu.RUnlock()
	if closed {
		return nil, store.ErrClosed
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
	sortNamespaces(list)
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
	h.mu.Lock()
	e, ns, deleted := h.entry, h.current, h.deleted
	h.mu.Unlock()
	if deleted {
		return store.Namespace{}, h.store.absence()
	}
	n := e.namespace()
	n.Open = ns != nil
	if ns == nil && e.Dirty {
		opened, err := h.acquire()
		switch {
		case errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrNamespaceNotFound):
			return n, err
		case err != nil: // its counts are old, but the others are well
			h.store.logger.Error("describe namespace", "namespace", h.id, "error", err)
			n.Fault = "cannot be opened"
			return n, nil
		}
		defer h.release()
		ns = opened
	}
	if ns != nil {
		n.MessageCount, n.StreamCount, n.LastActivity = ns.summary()
		if p := ns.failure.Load(); p != nil {
			n.Fault = "poisoned: " + p.Reason
		}
	}
	return n, nil
}

// TokenHash returns the SHA-256 of the namespace's token.
func (s *Store) TokenHash(id string) ([32]byte, error) {
	h, err := s.handleOf(id)
	if err != nil {
		return [32]byte{}, err
	}
	return h.token, nil
}
