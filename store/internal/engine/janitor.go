package engine

import (
	"iter"
	"time"
)

// idleRounds is how many rounds of the janitor make up Options.IdleClose.
const idleRounds = 4

// closeIdlers is the janitor: it closes namespaces that have gone unused.
// Subscriptions wait at the handle and do not count as use.
func (s *Store) closeIdlers() {
	for range ticks(max(s.options.IdleClose/idleRounds, time.Millisecond), s.done) {
		for _, h := range s.openHandles() {
			if h.rested.Add(1) > idleRounds {
				h.closeIdle("unused for a while")
			}
		}
	}
}

// ticks yields once in an interval, until done is closed.
func ticks(interval time.Duration, done <-chan struct{}) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case at := <-tick.C:
				if !yield(at) {
					return
				}
			}
		}
	}
}

// markEvery is how often what was written is noted outside of the log: damage to
// what lies before is found at the next opening.
const markEvery = time.Second

// keepMarks notes what the namespaces hold that were written to.
func (s *Store) keepMarks() {
	for range ticks(markEvery, s.done) {
		s.markOpen()
	}
}

// markOpen notes what the open namespaces hold, in one write to the registry.
// A namespace cannot be closed meanwhile: its last mark would be overwritten.
func (s *Store) markOpen() {
	if s.home.sound() != nil {
		return
	}
	marks := map[string]Mark{}
	var held []*handle
	for _, h := range s.openHandles() {
		ns := h.borrow()
		if ns == nil {
			continue
		}
		held = append(held, h)
		m, known := ns.mark()
		h.mu.Lock()
		if known && (m.Head != h.written.Head || m.Messages != h.written.Messages) {
			marks[h.id] = m
			h.entry.Mark, h.written = m, m
		}
		h.mu.Unlock()
	}
	if len(marks) > 0 {
		if err := s.home.marks(marks); err != nil {
			s.logger.Error("note what the namespaces hold", "error", err)
		}
	}
	for _, h := range held {
		h.release()
	}
}
