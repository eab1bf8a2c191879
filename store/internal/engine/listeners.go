package engine

import (
	"sync"
	"sync/atomic"
)

// listeners are a namespace's subscriptions, by what they follow, so that a
// commit wakes those that it concerns and costs the others nothing.
type listeners struct {
	count atomic.Int64 // how many there are

	mu         sync.Mutex                 // guards what follows
	everything map[*subscription]struct{} // of the whole namespace
	members    map[*subscription]struct{} // of the whole namespace, those that follow a group's share
	byCategory map[string]map[*subscription]struct{}
	byStream   map[string]map[*subscription]struct{}
}

func (l *listeners) add(sub *subscription) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.Add(1)
	if l.everything == nil {
		l.everything, l.members = map[*subscription]struct{}{}, map[*subscription]struct{}{}
		l.byCategory, l.byStream = map[string]map[*subscription]struct{}{}, map[string]map[*subscription]struct{}{}
	}
	set, of := l.ofLocked(sub)
	if set == nil {
		set = map[*subscription]struct{}{}
		of[key(sub)] = set
	}
	set[sub] = struct{}{}
}

func (l *listeners) remove(sub *subscription) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.Add(-1)
	set, of := l.ofLocked(sub)
	delete(set, sub)
	if len(set) == 0 && of != nil {
		delete(of, key(sub))
	}
}

// ofLocked returns the set that a subscription belongs to, and the map that
// has that set; nil for the set of everything.
func (l *listeners) ofLocked(sub *subscription) (set map[*subscription]struct{}, of map[string]map[*subscription]struct{}) {
	switch {
	case sub.q.Stream != "":
		return l.byStream[sub.q.Stream], l.byStream
	case sub.q.Category != "":
		return l.byCategory[sub.q.Category], l.byCategory
	case !sub.q.Group.IsZero():
		return l.members, nil
	}
	return l.everything, nil
}

func key(sub *subscription) string {
	if sub.q.Stream != "" {
		return sub.q.Stream
	}
	return sub.q.Category
}

// wake wakes the subscriptions that the news concern, or all when the news are
// not complete.
func (l *listeners) wake(list []news, complete bool) {
	if l.count.Load() == 0 {
		return
	}
	if !complete {
		l.wakeAll()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for sub := range l.everything {
		sub.ring()
	}
	for i := range list {
		h := list[i].head
		if i > 0 && h == list[i-1].head {
			continue
		}
		l.wakeLocked(l.byStream[h.Stream], h)
		l.wakeLocked(l.byCategory[h.Category.Name], h)
		l.wakeLocked(l.members, h)
	}
}

func (l *listeners) wakeLocked(set map[*subscription]struct{}, h *Head) {
	for sub := range set {
		if sub.owns(h) {
			sub.ring()
		}
	}
}

// wakeAll has all subscriptions look.
func (l *listeners) wakeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, set := range []map[*subscription]struct{}{l.everything, l.members} {
		for sub := range set {
			sub.ring()
		}
	}
	for _, of := range []map[string]map[*subscription]struct{}{l.byCategory, l.byStream} {
		for _, set := range of {
			for sub := range set {
				sub.ring()
			}
		}
	}
}

// ring has the subscription look, now or when it waits next.
func (sub *subscription) ring() {
	select {
	case sub.wake <- struct{}{}:
	default:
	}
}
