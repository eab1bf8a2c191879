package pgstore

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

const (
	// measureLooks is at how many looks at what others wrote the lookout measures the
	// server.
	measureLooks = 5
	// wantedFor is how long the lookout goes on after it was asked last.
	wantedFor = 10 * time.Second
	// watchedMost is how many namespaces it looks after at once: those that were asked
	// for last, in watchedFor.
	watchedMost = 8
	watchedFor  = time.Minute
)

// lookout measures the server and counts what others write, in the background and
// only while somebody asks what it found.
type lookout struct {
	mu      sync.Mutex // guards what follows
	wanted  time.Time  // when it was asked last
	running bool
	found   []store.Section
	written map[written]int64

	server serverSight // its own goroutine's alone
}

type written struct{ namespace, category string }

// Sections returns what the lookout measured last.
func (s *Store) Sections() []store.Section {
	s.want()
	s.lookout.mu.Lock()
	defer s.lookout.mu.Unlock()
	return s.lookout.found
}

// Witnessed returns what others wrote since it was asked last.
func (s *Store) Witnessed() []store.Witnessed {
	s.want()
	l := &s.lookout
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]store.Witnessed, 0, len(l.written))
	for of, n := range l.written {
		list = append(list, store.Witnessed{Namespace: of.namespace, Category: of.category, Messages: n})
	}
	clear(l.written)
	return list
}

// want has the lookout go on, and start when it does not run.
func (s *Store) want() {
	l := &s.lookout
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted = time.Now()
	if !l.running {
		l.running = s.background(s.look)
	}
}

// look looks until nobody asks any more.
func (s *Store) look() {
	ctx := s.open
	tick := time.NewTicker(s.options.LookTime)
	defer tick.Stop()
	for looks := 0; ; looks++ {
		watched := s.watched()
		for _, sp := range watched {
			s.lookout.add(sp.id, sp.grow(ctx))
		}
		if looks%measureLooks == 0 {
			found := s.measure(ctx, watched)
			s.lookout.mu.Lock()
			s.lookout.found = found
			s.lookout.mu.Unlock()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		if s.lookout.rested(ctx.Err() != nil) {
			return
		}
	}
}

// rested ends the lookout when nobody asks, or the store is closed.
func (l *lookout) rested(closed bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = !closed && time.Since(l.wanted) < wantedFor
	return !l.running
}

// mostWritten is how many categories are told apart between two questions.
const mostWritten = 1000

func (l *lookout) add(namespace string, grown map[string]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.written == nil {
		l.written = map[written]int64{}
	}
	for category, n := range grown {
		of := written{namespace, category}
		if _, known := l.written[of]; !known && len(l.written) >= mostWritten {
			of.category = ""
		}
		l.written[of] += n
	}
}

// watched are the namespaces that somebody asked for lately, the latest first.
func (s *Store) watched() []*space {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*space
	for _, sp := range s.known {
		if sp.schema != "" && (len(s.known) <= watchedMost || time.Since(sp.asked) < watchedFor) {
			list = append(list, sp)
		}
	}
	slices.SortFunc(list, func(a, b *space) int { return cmp.Or(b.asked.Compare(a.asked), cmp.Compare(a.id, b.id)) })
	return list[:min(len(list), watchedMost)]
}
