package engine

import (
	"strings"
	"sync"

	"github.com/evtui/evtui/store"
)

// Head is the end of one stream as the committer assigned it; readers must
// compare its global position with the durable head. Only the committer writes.
type Head struct {
	Stream   string // owned
	Version  int64
	Position int64 // global, of the message at Version
	Time     int64 // of that message, Unix nanoseconds
	Hash     int64 // of the cardinal id
	Cardinal bool  // there is one
	Category *Category
	Ref      int64 // the backend's own

	last   *kind // of the message at lastAt, in the tally that was the committer's then
	lastAt int64

	// What the database said of the last message when the head was made.
	loadedAt int64  // its position
	typeSum  uint16 // see End
	typed    bool
}

// headGeneration is how many heads each of the two generations holds: some
// 6 MB in all for names of usual length. It is more than a group of writes
// touches, so that what a group has changed is always found here.
const headGeneration = 16 << 10

// heads caches the streams that are being written, in two generations: when
// the young one is full it becomes the old one, and what is used moves up.
type heads struct {
	mu         sync.RWMutex // guards what follows; the committer alone writes
	young, old map[string]*Head
}

func newHeads() *heads { return &heads{young: map[string]*Head{}} }

// peek returns version and global position of a cached head.
func (hs *heads) peek(stream string) (version, position int64, ok bool) {
	hs.mu.RLock()
	defer hs.mu.RUnlock()
	h := hs.young[stream]
	if h == nil {
		h = hs.old[stream]
	}
	if h == nil {
		return 0, 0, false
	}
	return h.Version, h.Position, true
}

func (hs *heads) add(h *Head) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	if len(hs.young) >= headGeneration {
		hs.old, hs.young = hs.young, make(map[string]*Head, headGeneration)
	}
	hs.young[h.Stream] = h
}

func (hs *heads) advance(h *Head, r *Record) {
	hs.mu.Lock()
	h.Version, h.Position, h.Time = r.Position, r.GlobalPosition, r.Time
	hs.mu.Unlock()
}

// obtain returns the stream's head for the committer, from the cache or the
// database.
func (ns *namespace) obtain(stream string) (*Head, error) {
	hs := ns.heads
	// The committer alone writes the maps, so it may read them without the lock.
	if h := hs.young[stream]; h != nil {
		return h, nil
	}
	h := hs.old[stream]
	if h == nil {
		end, err := ns.db.End(stream, -1)
		if err != nil {
			return nil, err
		}
		h = &Head{Stream: strings.Clone(stream), Version: end.Version, Position: end.GlobalPosition, Time: end.Time, Ref: end.Ref}
		h.loadedAt, h.typeSum, h.typed = end.Version, end.TypeSum, end.Typed
		if cardinal := store.CardinalID(stream); cardinal != "" {
			h.Hash, h.Cardinal = store.Hash(cardinal), true
		}
		h.Category = ns.categories.ensure(store.Category(stream))
	}
	hs.add(h)
	return h, nil
}
