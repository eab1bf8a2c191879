package pgstore

import "github.com/evtui/evtui/store"

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
