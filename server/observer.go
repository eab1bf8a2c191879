package server

import (
	"container/list"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

const (
	// maxSightings is how many members of consumer groups are remembered: about
	// 3 MB. The one heard of longest ago goes first.
	maxSightings = 10_000
	// onceFor is how long one is told of that was heard of only once: somebody who
	// tries a call out is no consumer.
	onceFor = 10 * time.Minute
	// goneFor is how long one is told of that came back, and then fell silent.
	goneFor = 24 * time.Hour
	// stays is how long a single subscription takes until its owner is a consumer.
	stays = time.Minute
)

// member names a member of a consumer group as the server sees it.
type member struct {
	namespace, category, correlation string
	group                            store.Group
}

// sighting is what is known of a member by what it asked for.
type sighting struct {
	member
	read     bool  // it has read the category, not only subscribed to it
	position int64 // the global position last asked for, inclusive
	given    int64 // the last message that it was handed out, 0 for none
	done     int64 // everything up to here is behind it: it found nothing more
	calls    int64
	first    time.Time // when it was heard of first
	at       time.Time
	from     string // address of the client
}

// once reports whether the member was heard of only once, and not for long: it did
// not come back, as a consumer does.
func (s *sighting) once() bool { return s.calls < 2 && s.at.Sub(s.first) < stays }

// gone reports whether nothing is to be told of the member any more.
func (s *sighting) gone(now time.Time) bool {
	silent := now.Sub(s.at)
	return silent > goneFor || s.once() && silent > onceFor
}

// observer remembers who was heard of. It takes its lock for a lookup and a
// few assignments, and allocates for newcomers only.
type observer struct {
	mu     sync.Mutex // guards what follows
	by     map[member]*list.Element
	recent *list.List // of *sighting, the newest first
}

// sawRead notes that a member asked for a page from a position on, and what it
// got.
func (o *observer) sawRead(who member, position, given, done int64, from string) {
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.findLocked(who, now)
	if !s.read || position < s.position {
		s.given, s.done = 0, 0 // it begins, or begins again
	}
	s.read, s.position = true, position
	s.given, s.done = max(s.given, given), max(s.done, done)
	s.calls++
	s.at, s.from = now, from
}

// sawSubscription notes that a member subscribed, or that its subscription
// ended. Where that stands counts as the member's position unless it reads as
// well: then what it reads says more than what was announced to it.
func (o *observer) sawSubscription(who member, position int64, from string, calls int64) {
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.findLocked(who, now)
	s.calls += calls
	s.at, s.from = now, from
	if !s.read {
		s.position = position
	}
}

// findLocked returns what is known of a member, who is the newest now.
func (o *observer) findLocked(who member, now time.Time) *sighting {
	if o.by == nil {
		o.by, o.recent = make(map[member]*list.Element), list.New()
	}
	if e := o.by[who]; e != nil {
		o.recent.MoveToFront(e)
		return e.Value.(*sighting)
	}
	if len(o.by) >= maxSightings {
		oldest := o.recent.Back()
		delete(o.by, oldest.Value.(*sighting).member)
		o.recent.Remove(oldest)
	}
	s := &sighting{member: who, first: now}
	o.by[who] = o.recent.PushFront(s)
	return s
}

// list returns copies of what is known, of one namespace and one category
// unless they are not given. all says that category "" is not a name. connected are
// those who have a subscription open, and so are heard of now.
func (o *observer) list(namespace, category string, all bool, connected map[member][]*subscription) []sighting {
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []sighting
	for who, e := range o.by {
		s := e.Value.(*sighting)
		if len(connected[who]) > 0 {
			s.at = now
		}
		if (namespace == "" || who.namespace == namespace) && (all || who.category == category) && !s.gone(now) {
			found = append(found, *s)
		}
	}
	return found
}

// forget drops what is known of a namespace that is deleted.
func (o *observer) forget(namespace string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for who, e := range o.by {
		if who.namespace == namespace {
			delete(o.by, who)
			o.recent.Remove(e)
		}
	}
}
