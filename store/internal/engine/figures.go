package engine

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/evtui/evtui/store"
)

// EngineFigures returns the figures of all open namespaces.
func (s *Store) EngineFigures() store.EngineFigures {
	s.mu.RLock()
	f := store.EngineFigures{Known: len(s.handles), MaxOpen: s.options.MaxOpen}
	s.mu.RUnlock()
	f.Opened, f.Closed = s.opened.Load(), s.closings.Load()
	f.Namespaces = []store.NamespaceFigures{}
	for ns := range s.borrowed() {
		f.Namespaces = append(f.Namespaces, ns.figures())
	}
	if shared, ok := s.backend.(Shared); ok {
		shared.SharedFigures(&f)
	}
	return f
}

// borrowed yields the open namespaces, by id, each borrowed while it is looked at.
func (s *Store) borrowed() iter.Seq[*namespace] {
	return func(yield func(*namespace) bool) {
		for _, h := range s.openHandles() {
			if ns := h.borrow(); ns != nil { // else it was closed meanwhile
				more := yield(ns)
				h.release()
				if !more {
					return
				}
			}
		}
	}
}

func (ns *namespace) figures() store.NamespaceFigures {
	f := store.NamespaceFigures{
		ID: ns.h.id, Messages: ns.messages.Load(), Subscriptions: ns.h.listeners.count.Load(),
		Uptime: time.Since(ns.opened), OldestRead: ns.h.reads.oldest(),
	}
	if p := ns.failure.Load(); p != nil {
		f.Poisoned, f.PoisonedBy = true, p.Reason
	}
	ns.db.Figures(&f)
	return f
}

// Storage measures where the namespace's bytes lie.
func (s *Store) Storage(ctx context.Context, id string) (store.Storage, error) {
	return on(s, id, func(ns *namespace) (store.Storage, error) {
		found, err := ns.db.Storage(ctx)
		found.Messages = ns.messages.Load()
		if err != nil {
			err = fmt.Errorf("measure storage: %w", err)
		}
		return found, err
	})
}

// Flush moves what is only in the log and in memory into the database's tables.
func (s *Store) Flush(ctx context.Context, namespace string) error {
	return s.change(ctx, namespace, "flush", Database.Flush)
}

// Compact writes the database in its densest form. It ends early, with what is
// done so far kept, when ctx does.
func (s *Store) Compact(ctx context.Context, namespace string) error {
	return s.change(ctx, namespace, "compact", Database.Compact)
}

func (s *Store) change(ctx context.Context, id, what string, do func(Database, context.Context) error) error {
	if s.options.ReadOnly {
		return store.ErrReadOnly
	}
	ns, err := s.acquire(id)
	if err != nil {
		return err
	}
	defer ns.h.release()
	if err = ns.poisoned(); err == nil {
		until, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(ns.whole, cancel)() // what cannot be written is tried for ever
		err = do(ns.db, until)
		if poisoned := ns.poisoned(); poisoned != nil {
			err = poisoned
		} else if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
