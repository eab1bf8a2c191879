package engine

import (
	"sync"
	"sync/atomic"

	"github.com/evtui/evtui/store"
)

// listeners are a namespace's subscriptions, by what they follow, so that a
// commit wakes those that it concerns and costs the others nothing.
type listeners struct {
	count atomic.Int64 // how many there are

	mu      sync.Mutex // guards what follows
	byTopic map[topic]map[*subscription]struct{}
}

// topic is what subscriptions follow. Only streams and categories have names.
type topic struct {
	kind topicKind
	name string
}

type topicKind byte

const (
	everything topicKind = iota // the whole namespace
	members                     // a group's share of it
	ofCategory
	ofStream
)

func topicOf(q store.SubscribeQuery) topic {
	switch {
	case q.Stream != "":
		return topic{ofStream, q.Stream}
	case q.Category != "":
		return topic{ofCategory, q.Category}
	case !q.Group.IsZero():
		return topic{kind: members}
	}
	return topic{kind: everything}
}

func (l *listeners) add(sub *subscription) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.Add(1)
	if l.byTopic == nil {
		l.byTopic = map[topic]map[*subscription]struct{}{}
	}
	t := topicOf(sub.q)
	if l.byTopic[t] == nil {
		l.byTopic[t] = map[*subscription]struct{}{}
	}
	l.byTopic[t][sub] = struct{}{}
}

func (l *listeners) remove(sub *subscription) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.Add(-1)
	t := topicOf(sub.q)
	delete(l.byTopic[t], sub)
	if len(l.byTopic[t]) == 0 {
		delete(l.byTopic, t)
	}
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
	l.wakeLocked(topic{kind: everything}, nil)
	for i := range list {
		h := list[i].head
		if i > 0 && h == list[i-1].head {
			continue
		}
		l.wakeLocked(topic{ofStream, h.Stream}, h)
		l.wakeLocked(topic{ofCategory, h.Category.Name}, h)
		l.wakeLocked(topic{kind: members}, h)
	}
}

// wakeLocked wakes those of a topic that own the stream; for everything, it may be nil.
func (l *listeners) wakeLocked(t topic, h *Head) {
	for sub := range l.byTopic[t] {
		if sub.owns(h) {
			signal(sub.wake)
		}
	}
}

func (l *listeners) wakeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, set := range l.byTopic {
		for sub := range set {
			signal(sub.wake)
		}
	}
}
