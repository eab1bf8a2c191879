package engine

import (
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// eventsKept is how many engine events are remembered.
const eventsKept = 4096

// events remembers what the engine did last. Backends push into it while they
// hold locks of their own, so that it must neither wait nor call back.
type events struct {
	mu   sync.Mutex // guards what follows
	list []store.EngineEvent
	seq  uint64
}

func (e *events) add(one store.EngineEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seq++
	one.Seq = e.seq
	if one.Time.IsZero() {
		one.Time = time.Now().UTC()
	}
	if len(e.list) < eventsKept {
		e.list = append(e.list, one)
		return
	}
	e.list[(e.seq-1)%eventsKept] = one
}

// EngineEvents returns the events after the given sequence number, oldest first.
func (s *Store) EngineEvents(after uint64) []store.EngineEvent {
	e := &s.events
	e.mu.Lock()
	defer e.mu.Unlock()
	list := []store.EngineEvent{}
	for seq := max(after, e.seq-uint64(len(e.list))); seq < e.seq; seq++ {
		list = append(list, e.list[seq%eventsKept]) // of the number seq+1
	}
	return list
}
