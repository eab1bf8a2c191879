package model

import (
	"context"

	"github.com/evtui/evtui/store"
)

// replacement is content that nobody sees yet.
type replacement struct {
	model *Store
	ns    *space // whose content it may become
	since int    // its changes when the replacement began
	aside *space
	over  bool
}

// Replace implements [store.Importer].
func (m *Store) Replace(ctx context.Context, namespace string) (store.Replacement, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return nil, err
	}
	r := &replacement{model: m, ns: ns, since: ns.changes, aside: &space{}}
	r.aside.clear()
	return r, nil
}

// Import implements [store.Replacement].
func (r *replacement) Import(ctx context.Context, messages []store.ImportMessage) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.over {
		return store.ErrClosed
	}
	return r.aside.importAll(messages)
}

// Commit implements [store.Replacement].
func (r *replacement) Commit(ctx context.Context) error {
	r.model.mu.Lock()
	defer r.model.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.over || r.model.closed:
		return store.ErrClosed
	case r.ns.deleted:
		return store.ErrNamespaceNotFound
	case r.ns.changes != r.since:
		return store.ErrChanged
	}
	r.over = true
	r.ns.log, r.ns.streams, r.ns.byID = r.aside.log, r.aside.streams, r.aside.byID
	r.ns.replaced++
	r.ns.wrote()
	return nil
}

// Discard implements [store.Replacement].
func (r *replacement) Discard() error {
	r.over = true
	return nil
}
