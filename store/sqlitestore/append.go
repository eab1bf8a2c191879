package sqlitestore

import (
	"bytes"
	"context"
	"fmt"

	"github.com/evtui/evtui/store"
)

// Append stores w's events and returns once they are durable and readable.
// An append that has begun is not given up when ctx ends.
func (s *Store) Append(ctx context.Context, namespace string, w store.Write) (store.Appended, error) {
	if err := w.Check(); err != nil {
		return store.Appended{}, err
	}
	if err := ctx.Err(); err != nil {
		return store.Appended{}, err
	}
	ns, err := s.acquire(namespace)
	if err != nil {
		return store.Appended{}, err
	}
	defer ns.h.release()
	o := &op{write: w, done: make(chan struct{})}
	for i := range w.Events {
		o.size += len(w.Events[i].Data) + len(w.Events[i].Metadata)
	}
	ns.queue.put(o)
	<-o.done
	return o.result, o.err
}

// record is a message as it is stored. Its strings and bytes belong to whoever
// appends.
type record struct {
	gpos        int64
	position    int64
	time        int64
	given       bool // the id came from a client
	id          store.ID
	messageType string
	correlation string
	metadata    []byte
	data        []byte
}

// append checks one write against what is stored, the group's earlier writes
// included, and stores it. A write that is refused leaves nothing there.
func (c *committer) append(w *store.Write) (store.Appended, error) {
	if stored, found, err := c.retried(w); found || err != nil {
		return stored, err
	}
	h, err := c.obtain(w.Stream)
	if err != nil {
		return store.Appended{}, &brokenError{err: err}
	}
	if w.ExpectedVersion != store.AnyVersion && w.ExpectedVersion != h.version {
		return store.Appended{}, &store.ConflictError{Stream: h.stream, Expected: w.ExpectedVersion, Actual: h.version}
	}
	a := store.Appended{FirstPosition: h.version + 1, FirstGlobalPosition: c.state.next}
	for i := range w.Events {
		e := &w.Events[i]
		r := record{
			gpos: c.state.next, position: h.version + 1, time: c.state.lastTime, given: !e.ID.IsZero(), id: e.ID,
			messageType: e.Type, correlation: e.Correlation, metadata: e.Metadata, data: e.Data,
		}
		if !r.given {
			r.id = c.newID()
		}
		if err := c.put(h, &r); err != nil {
			return store.Appended{}, err
		}
	}
	a.LastPosition, a.LastGlobalPosition = h.version, c.state.next-1
	return a, nil
}

// retried decides whether w was stored already (protocol section 9.2): found
// with the first answer if it was, an IDConflictError if one of its ids
// belongs to anything else.
func (c *committer) retried(w *store.Write) (stored store.Appended, found bool, err error) {
	known := 0
	for i := range w.Events {
		id := w.Events[i].ID
		if id.IsZero() {
			continue
		}
		for j := range i { // twice in one write
			if w.Events[j].ID == id {
				return stored, false, &store.IDConflictError{ID: id}
			}
		}
		position, gpos, same, err := c.compare(id, w, i)
		if err != nil {
			return stored, false, &brokenError{err: err}
		}
		if gpos == 0 {
			continue
		}
		follows := known == 0 || position == stored.LastPosition+1
		if !same || !follows || known != i {
			return stored, false, &store.IDConflictError{ID: id}
		}
		if known == 0 {
			stored.FirstPosition, stored.FirstGlobalPosition = position, gpos
		}
		stored.LastPosition, stored.LastGlobalPosition = position, gpos
		known++
	}
	if known == 0 {
		return stored, false, nil
	}
	if known < len(w.Events) {
		return stored, false, &store.IDConflictError{ID: w.Events[0].ID}
	}
	return stored, true, nil
}

// compare looks an id up and tells where its message is (gpos 0: nowhere) and
// whether that is w's i-th event.
func (c *committer) compare(id store.ID, w *store.Write, i int) (position, gpos int64, same bool, err error) {
	e := &w.Events[i]
	var (
		stream      int64
		messageType string
		data        []byte
	)
	found, err := scanned(c.statement(c.sql.id).QueryRow(id[:]).Scan(&gpos, &position, &stream, &messageType, &data))
	if err != nil {
		return 0, 0, false, fmt.Errorf("look up id: %w", err)
	}
	if !found {
		return 0, 0, false, nil
	}
	h, err := c.obtain(w.Stream)
	if err != nil {
		return 0, 0, false, err
	}
	return position, gpos, stream == h.number && messageType == e.Type && bytes.Equal(data, e.Data), nil
}
