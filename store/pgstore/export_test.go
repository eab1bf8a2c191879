package pgstore

import (
	"context"
	"time"

	"github.com/evtui/evtui/store"
)

// Rename gives the one namespace of a Message DB another id, for a suite that names
// its own.
func (s *Store) Rename(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.known[store.DefaultNamespace]
	delete(s.known, store.DefaultNamespace)
	sp.id, sp.about.ID = id, id
	s.known[id] = sp
}

// Asked has f told of each question, and how long its answer took once there was a
// connection. It must be set before the first.
func (s *Store) Asked(f func(sql string, took time.Duration)) { s.guest.took = f }

// Measure measures what the sections show, at once.
func (s *Store) Measure(ctx context.Context) []store.Section { return s.measure(ctx, s.watched()) }
