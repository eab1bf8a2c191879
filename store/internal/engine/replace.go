package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/evtui/evtui/store"
)

// replacement is other content for a namespace, in a directory beside its own.
// It implements store.Replacement.
type replacement struct {
	h     *handle // whose content it may become
	aside *handle // of its own, which nobody else finds
	ns    *namespace
	entry entry
	since Mark   // what the namespace held when it began
	old   string // the identity of that content
	over  bool   // committed or discarded
}

// beside makes an empty database beside the namespace's own.
func (h *handle) beside() (*replacement, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.besideLocked()
}

func (h *handle) besideLocked() (*replacement, error) {
	s := h.store
	s.opening.Lock()
	defer s.opening.Unlock()
	if h.deleted {
		return nil, s.absence()
	}
	if err := s.home.sound(); err != nil {
		return nil, err
	}
	e := h.entry
	e.Mark, e.Leaving, e.Accept = Mark{Known: true}, nil, false
	e, err := s.home.create(e)
	if err != nil {
		return nil, err
	}
	r := &replacement{h: h, aside: newHandle(s, e), entry: e}
	if r.ns, err = openApart(r.aside, e, true, nil); err != nil {
		return nil, errors.Join(err, s.home.remove(e))
	}
	return r, nil
}

// Replace begins to build other content for the namespace.
func (s *Store) Replace(ctx context.Context, namespace string) (store.Replacement, error) {
	h, err := s.handleOf(namespace)
	if err != nil {
		return nil, err
	}
	ns, err := h.acquireToWrite(ctx)
	if err != nil {
		return nil, err
	}
	since := ns.counted()
	h.mu.Lock()
	old := h.entry.Identity
	h.mu.Unlock()
	h.release()
	r, err := h.beside()
	if err != nil {
		return nil, fmt.Errorf("replace the content of %q: %w", namespace, err)
	}
	r.since, r.old = since, old
	return r, nil
}

// Import adds messages to the new content.
func (r *replacement) Import(ctx context.Context, messages []store.ImportMessage) error {
	if r.over {
		return store.ErrClosed
	}
	if err := CheckImports(messages); err != nil {
		return err
	}
	return r.ns.importBatch(ctx, messages)
}

// Commit checks the new content and puts it in the place of the old.
func (r *replacement) Commit(ctx context.Context) error {
	if r.over {
		return store.ErrClosed
	}
	if err := r.checked(ctx); err != nil {
		return err
	}
	h := r.h
	h.swapping.Store(true)
	defer h.swapping.Store(false)
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.drainLocked("its content is being replaced")
	defer h.liftBarLocked()
	if err == nil {
		err = r.unchangedLocked()
	}
	if err == nil {
		_, err = r.takeOverLocked(false)
	}
	if err != nil {
		return fmt.Errorf("replace the content of %q: %w", h.id, err)
	}
	h.replaced.Add(1)
	h.store.note(h.id, store.EventReplaced, "")
	h.listeners.wakeAll()
	return nil
}

// checked verifies the new content as far as the backend can.
func (r *replacement) checked(ctx context.Context) error {
	report, err := r.ns.db.Verify(&Watch{ctx: ctx, whole: true})
	if err == nil && len(report.Findings) > 0 {
		f := report.Findings[0]
		err = fmt.Errorf("the new content is not sound: %s: %s", f.Where, f.Detail)
	}
	return err
}

// unchangedLocked looks whether the namespace still holds what it did: the
// same content, of which counts only rise.
func (r *replacement) unchangedLocked() error {
	now := r.h.entry.Mark
	if r.h.entry.Identity != r.old || now.Head != r.since.Head || now.Messages != r.since.Messages {
		return store.ErrChanged
	}
	return nil
}

// takeOverLocked closes the new content and makes it the namespace's, in one
// write to the registry. The old one is deleted, or with keep put aside: it returns
// where. The namespace is closed by then.
func (r *replacement) takeOverLocked(keep bool) (kept string, err error) {
	h, s := r.h, r.h.store
	r.over = true
	if err := r.ns.close(); err != nil {
		return "", err
	}
	m, err := r.ns.ended()
	if err != nil {
		return "", err
	}
	r.entry.Mark = m
	r.entry.TokenHash, r.entry.Tokens = h.entry.TokenHash, h.entry.Tokens // which may have changed since it began
	s.opening.Lock()
	defer s.opening.Unlock()
	if kept, err = s.home.replace(h.entry, r.entry, keep); err != nil {
		return "", err
	}
	h.entry, h.written, h.dropped, h.damage = r.entry, m, nil, nil
	return kept, nil
}

// Discard gives the new content up.
func (r *replacement) Discard() error {
	r.h.mu.Lock()
	defer r.h.mu.Unlock()
	return r.discardLocked()
}

func (r *replacement) discardLocked() error {
	var err error
	if !r.over {
		r.over = true
		err = r.ns.close()
	}
	e := r.entry
	r.entry = entry{}
	if e.ID == "" || e.Identity == r.h.entry.Identity {
		return err // it was given up before, or is the namespace's content now
	}
	return errors.Join(err, r.h.store.home.remove(e))
}
