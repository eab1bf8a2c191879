package engine

import (
	"sort"
	"sync"

	"github.com/evtui/evtui/store"
)

// news is one message as subscriptions need it.
type news struct {
	head     *Head
	position int64
	global   int64
}

// ringSize is how many messages the ring remembers (128 KB).
const ringSize = 4096

// ring remembers the newest messages, so that subscriptions that keep up need
// not read the log. It covers all global positions in (low, high].
type ring struct {
	mu        sync.RWMutex // guards what follows
	entries   []news       // ringSize of them once there are any
	first     int          // index of the oldest
	count     int
	low, high int64
}

// add takes a group's news. Without complete the group holds messages that
// news does not, or below what was there, and the ring starts over.
func (r *ring) add(list []news, head int64, complete bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.high = head
	if !complete {
		r.low, r.count = head, 0
		return
	}
	if r.entries == nil {
		r.entries = make([]news, ringSize)
	}
	for _, n := range list {
		if r.count == ringSize {
			r.low = r.entries[r.first].global
			r.first = (r.first + 1) % ringSize
			r.count--
		}
		r.entries[(r.first+r.count)%ringSize] = n
		r.count++
	}
}

// read fills buf with what match accepts after the cursor and returns the
// moved cursor; ok is false when the ring does not reach back that far.
func (r *ring) read(cursor int64, match func(news) bool, buf []store.Announcement) (n int, moved int64, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if cursor < r.low {
		return 0, cursor, false
	}
	for i := r.after(cursor); i < r.count; i++ {
		e := r.entries[(r.first+i)%ringSize]
		if !match(e) {
			continue
		}
		if n == len(buf) {
			return n, buf[n-1].GlobalPosition, true
		}
		buf[n] = store.Announcement{Stream: e.head.Stream, Position: e.position, GlobalPosition: e.global}
		n++
	}
	return n, max(cursor, r.high), true
}

// after returns the index of the first entry past the cursor: entries are in
// order, so that it is a binary search.
func (r *ring) after(cursor int64) int {
	return sort.Search(r.count, func(i int) bool { return r.entries[(r.first+i)%ringSize].global > cursor })
}
