package server

import (
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

const eventsKept = 4096

// journal is the one sequence of what happened: the engine's events, and those
// of the server between them. The sequence numbers are the journal's own. The
// engine's events are fetched when somebody asks, once a second by the sampler,
// and before the server adds one of its own, which keeps them in order.
type journal struct {
	engine store.Engine // nil: the engine tells of no events

	mu      sync.Mutex // guards what follows
	ring    []store.EngineEvent
	last    uint64 // sequence number of the newest event, 0 for none
	fetched uint64 // the engine's number of the newest one fetched
	// stalled are the namespaces whose writes stand still, by the events.
	stalled map[string]struct{}
}

// note adds an event of the server. Its time is now.
func (j *journal) note(e store.EngineEvent) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fetchLocked()
	e.Time = time.Now().UTC()
	j.addLocked(e)
}

// after returns up to limit events that follow the one with the sequence
// number seq, oldest first; never nil. A gap in the numbers says how many are
// no longer remembered.
func (j *journal) after(seq uint64, limit int) []store.EngineEvent {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fetchLocked()
	if j.last > eventsKept && seq < j.last-eventsKept {
		seq = j.last - eventsKept
	}
	list := []store.EngineEvent{}
	for ; seq < j.last && len(list) < limit; seq++ {
		if e := j.ring[seq%eventsKept]; e.Seq == seq+1 { // else the engine had lost it already
			list = append(list, e)
		}
	}
	return list
}

// stalls returns how many namespaces' writes stand still.
func (j *journal) stalls() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fetchLocked()
	return len(j.stalled)
}

func (j *journal) fetchLocked() {
	if j.engine == nil {
		return
	}
	for _, e := range j.engine.EngineEvents(j.fetched) {
		// What the engine forgot before it was fetched stays a gap here too.
		if lost := e.Seq - j.fetched - 1; j.fetched > 0 && lost > 0 {
			j.last += lost
		}
		j.fetched = e.Seq
		j.addLocked(e)
		switch e.Kind {
		case store.EventStall:
			j.stalled[e.Namespace] = struct{}{}
		case store.EventStallEnd, store.EventClosed, store.EventDeleted:
			delete(j.stalled, e.Namespace)
		}
	}
}

func (j *journal) addLocked(e store.EngineEvent) {
	j.last++
	e.Seq = j.last
	if j.ring == nil {
		j.ring = make([]store.EngineEvent, eventsKept)
	}
	j.ring[(e.Seq-1)%eventsKept] = e
}
