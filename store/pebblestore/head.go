package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// head is the end of one stream as the committer assigned it; readers must
// compare gpos with the durable head. Only the committer writes.
type head struct {
	stream   string // owned
	version  int64
	gpos     int64
	hash     int64
	flags    byte // flagCardinal or none
	category *category
}

// headGeneration is how many heads each of the two generations holds: some
// 6 MB in all for names of usual length.
const headGeneration = 16 << 10

// heads caches the streams that are being written, in two generations: when
// the young one is full it becomes the old one, and what is used moves up.
type heads struct {
	mu         sync.RWMutex // guards what follows; the committer alone writes
	young, old map[string]*head
}

func newHeads() *heads { return &heads{young: map[string]*head{}} }

func (hs *heads) find(stream string) *head {
	h := hs.young[stream]
	if h == nil {
		h = hs.old[stream]
	}
	return h
}

// peek returns version and global position of a cached head.
func (hs *heads) peek(stream string) (version, gpos int64, ok bool) {
	hs.mu.RLock()
	defer hs.mu.RUnlock()
	h := hs.find(stream)
	if h == nil {
		return 0, 0, false
	}
	return h.version, h.gpos, true
}

func (hs *heads) addLocked(h *head) {
	if len(hs.young) >= headGeneration {
		hs.old, hs.young = hs.young, make(map[string]*head, headGeneration)
	}
	hs.young[h.stream] = h
}

// advance moves a head on.
func (hs *heads) advance(h *head, version, gpos int64) {
	hs.mu.Lock()
	h.version, h.gpos = version, gpos
	hs.mu.Unlock()
}

// obtain returns the stream's head for the committer, from the cache or the
// database.
func (ns *namespace) obtain(stream string) (*head, error) {
	hs := ns.head
	// The committer alone writes the maps, so it may read them without the lock.
	if h := hs.young[stream]; h != nil {
		return h, nil
	}
	h := hs.old[stream]
	if h == nil {
		version, gpos, err := ns.lookupHead(stream, -1)
		if err != nil {
			return nil, err
		}
		h = &head{stream: strings.Clone(stream), version: version, gpos: gpos}
		if cardinal := store.CardinalID(stream); cardinal != "" {
			h.hash, h.flags = store.Hash(cardinal), flagCardinal
		}
		h.category = ns.cats.ensure(store.Category(stream))
	}
	hs.mu.Lock()
	hs.addLocked(h)
	hs.mu.Unlock()
	return h, nil
}

// lookupHead finds a stream's last entry in the database, not past the bound
// (a global position; -1: no bound).
func (ns *namespace) lookupHead(stream string, bound int64) (version, gpos int64, err error) {
	if !ns.sparse.Load() {
		// A stream that starts at 0 is not there unless its first entry is, and
		// for that question the filters have a cheap answer.
		_, closer, err := ns.db.Get(appendStreamKey(make([]byte, 0, 64), stream, 0))
		if errors.Is(err, pebble.ErrNotFound) {
			return store.NoStream, 0, nil
		}
		if err != nil {
			return 0, 0, fmt.Errorf("look up stream: %w", err)
		}
		if err := closer.Close(); err != nil {
			return 0, 0, fmt.Errorf("look up stream: %w", err)
		}
	}
	it, err := ns.streamIter(stream, 0)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = it.Close() }()
	for it.Last(); it.Valid(); it.Prev() {
		value, err := it.ValueAndErr()
		if err != nil {
			return 0, 0, fmt.Errorf("look up stream: %w", err)
		}
		gpos, _, err := decodeEntry(value)
		if err != nil {
			return 0, 0, fmt.Errorf("look up stream: %w", err)
		}
		if bound < 0 || gpos <= bound {
			return lastUint64(it.Key()), gpos, nil
		}
	}
	return store.NoStream, 0, it.Error()
}

// streamIter iterates over a stream's entries from a position on.
func (ns *namespace) streamIter(stream string, from int64) (*pebble.Iterator, error) {
	n := streamKeyLen(stream)
	buf := make([]byte, 0, 2*n)
	lower := appendStreamKey(buf, stream, max(from, 0))
	upper := appendStreamPrefix(lower[n:n:2*n], stream)
	upper[len(upper)-1] = nameEnd + 1
	it, err := ns.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return nil, fmt.Errorf("read stream: %w", err)
	}
	return it, nil
}

// Version returns the stream's last durable position, store.NoStream when it
// has none.
func (s *Store) Version(_ context.Context, namespace, stream string) (int64, error) {
	if err := store.CheckStreamName(stream); err != nil {
		return 0, err
	}
	ns, err := s.acquire(namespace)
	if err != nil {
		return 0, err
	}
	defer ns.h.release()
	durable := ns.durable.Load()
	if version, gpos, ok := ns.head.peek(stream); ok && gpos <= durable {
		return version, nil
	}
	version, _, err := ns.lookupHead(stream, durable)
	return version, err
}

// Head returns the global position of the last durable message.
func (s *Store) Head(_ context.Context, namespace string) (int64, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return 0, err
	}
	defer ns.h.release()
	return ns.durable.Load(), nil
}
