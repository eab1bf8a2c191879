package sqlitestore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"

	"github.com/evtui/evtui/store"
)

// head is the end of one stream as the committer assigned it; readers must
// compare gpos with the durable head. Only the committer writes.
type head struct {
	stream   string // owned
	number   int64
	version  int64
	gpos     int64 // of the message at version
	time     int64 // of that message
	hash     int64
	cardinal bool // there is an id to hash
	stored   bool // the database has a row of it
	category *category
}

// headGeneration is how many heads each of the two generations holds.
const headGeneration = 16 << 10

// heads caches the streams that are being written, in two generations: when
// the young one is full it becomes the old one, and what is used moves up.
type heads struct {
	mu         sync.RWMutex // guards what follows; the committer alone writes
	young, old map[string]*head
}

func newHeads() *heads { return &heads{young: map[string]*head{}} }

// peek returns version and global position of a cached head.
func (hs *heads) peek(stream string) (version, gpos int64, ok bool) {
	hs.mu.RLock()
	defer hs.mu.RUnlock()
	h := hs.young[stream]
	if h == nil {
		h = hs.old[stream]
	}
	if h == nil {
		return 0, 0, false
	}
	return h.version, h.gpos, true
}

func (hs *heads) add(h *head) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	if len(hs.young) >= headGeneration {
		hs.old, hs.young = hs.young, make(map[string]*head, headGeneration)
	}
	hs.young[h.stream] = h
}

// advance moves a head on.
func (hs *heads) advance(h *head, version, gpos, time int64) {
	hs.mu.Lock()
	h.version, h.gpos, h.time = version, gpos, time
	hs.mu.Unlock()
}

// obtain returns the stream's head for the committer: from the group, the
// cache or the database.
func (c *committer) obtain(stream string) (*head, error) {
	hs := c.ns.head
	// The committer alone writes the maps, so it may read them without the lock.
	if h := hs.young[stream]; h != nil {
		return h, nil
	}
	// A group can touch more streams than the cache holds.
	h := cmp.Or(c.touched[stream], c.held[stream], hs.old[stream])
	if h == nil {
		var err error
		if h, err = c.loadHead(strings.Clone(stream)); err != nil {
			return nil, err
		}
	}
	hs.add(h)
	return h, nil
}

// loadHead reads a stream's row, or makes the head of a stream that has none.
func (c *committer) loadHead(stream string) (*head, error) {
	h := &head{stream: stream, version: store.NoStream}
	row := c.statement(c.sql.head).QueryRow(stream)
	stored, err := scanned(row.Scan(&h.number, &h.version, &h.gpos, &h.time))
	if err != nil {
		return nil, fmt.Errorf("look up stream: %w", err)
	}
	h.stored = stored
	if cardinal := store.CardinalID(stream); cardinal != "" {
		h.hash, h.cardinal = store.Hash(cardinal), true
	}
	h.category = c.ns.cats.ensure(store.Category(stream))
	return h, nil
}

// streamEnd finds a stream's number and its last message up to the bound (a
// global position). version is store.NoStream when there is none.
func (ns *namespace) streamEnd(stream string, bound int64) (number, version int64, err error) {
	var last int64
	found, err := ns.db.one(`SELECT number, version, last FROM streams WHERE name = ?`, []any{stream}, &number, &version, &last)
	if err != nil {
		return 0, 0, fmt.Errorf("look up stream: %w", err)
	}
	if !found {
		return 0, store.NoStream, nil
	}
	if last > bound {
		version, _, _, err = ns.endBefore(number, bound)
	}
	return number, version, err
}

// endBefore looks through a stream's messages for its end, where its row is
// ahead of the bound.
func (ns *namespace) endBefore(number, bound int64) (version, gpos, time int64, err error) {
	found, err := ns.db.one(`SELECT position, gpos, time FROM messages WHERE stream = ? AND gpos <= ? ORDER BY position DESC LIMIT 1`,
		[]any{number, bound}, &version, &gpos, &time)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("look up stream: %w", err)
	}
	if !found {
		version = store.NoStream
	}
	return version, gpos, time, nil
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
	_, version, err := ns.streamEnd(stream, durable)
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

// truth is a boolean as SQLite stores it.
func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// nullHash is the hash as it is stored: NULL for streams that no member owns.
func (h *head) nullHash() sql.NullInt64 { return sql.NullInt64{Int64: h.hash, Valid: h.cardinal} }
