package sqlitestore

import (
	"sync"
	"time"
)

// idleRounds is how many rounds of the janitor make up Options.IdleClose.
const idleRounds = 4

// closeIdlers is the janitor: it closes namespaces that have gone unused.
// Subscriptions wait at the handle and do not count as use.
func (s *Store) closeIdlers() {
	actAs("engine")
	tick := time.NewTicker(max(s.options.IdleClose/idleRounds, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		s.mu.RLock()
		idle := make([]*handle, 0, len(s.open))
		for h := range s.open {
			if h.rested.Add(1) > idleRounds {
				idle = append(idle, h)
			}
		}
		s.mu.RUnlock()
		for _, h := range idle {
			h.closeIdle()
		}
	}
}

// evict closes the namespaces used longest ago while more are open than may be.
func (s *Store) evict() {
	for range 4 { // a victim can be taken into use meanwhile
		victim := s.victim()
		if victim == nil {
			return
		}
		victim.closeIdle()
	}
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
		if h.users.Load() > 0 || h.failed.Load() {
			continue
		}
		if oldest == nil || h.lastUse.Load() < oldest.lastUse.Load() {
			oldest = h
		}
	}
	return oldest
}

// closeIdle closes the namespace unless somebody uses it.
func (h *handle) closeIdle() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users.Load() > 0 || h.barred || h.current != nil && h.current.poisoned() != nil {
		return // what failed stays in sight until somebody opens it again
	}
	if err := h.closeLocked(); err != nil {
		h.store.logger.Error("close idle namespace", "namespace", h.id, "error", err)
	}
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
