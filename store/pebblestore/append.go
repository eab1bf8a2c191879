package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

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
	o := newOp()
	defer o.free()
	o.write = w
	for i := range w.Events {
		o.size += len(w.Events[i].Data) + len(w.Events[i].Metadata)
	}
	o.cut(ns.shapes)
	ns.queue.put(o)
	<-o.done
	return o.result, o.err
}

// append checks one write against what is stored and what the group holds,
// and puts it into the batch. An op that fails leaves nothing there.
func (c *committer) append(g *group, o *op) (store.Appended, error) {
	w := &o.write
	if stored, found, err := c.retried(w); found || err != nil {
		return stored, err
	}
	h, err := c.ns.obtain(w.Stream)
	if err != nil {
		return store.Appended{}, err
	}
	if w.ExpectedVersion != store.AnyVersion && w.ExpectedVersion != h.version {
		return store.Appended{}, &store.ConflictError{Stream: h.stream, Expected: w.ExpectedVersion, Actual: h.version}
	}
	a := store.Appended{FirstPosition: h.version + 1, FirstGlobalPosition: c.state.next}
	for i := range w.Events {
		e := &w.Events[i]
		r := record{
			flags: h.flags, hash: h.hash, id: e.ID, time: c.state.lastTime, position: h.version + 1,
			stream: h.stream, messageType: e.Type, correlation: e.Correlation, metadata: e.Metadata, data: e.Data,
		}
		if e.ID.IsZero() {
			r.id = c.newID()
		} else {
			r.flags |= flagClientID
			c.ids[e.ID] = pendingID{op: o, event: i, position: r.position, gpos: c.state.next}
		}
		r.mark()
		c.fit(g, &r, &o.cutting.cuts[i])
		c.put(g, h, &r, c.state.next)
	}
	a.LastPosition, a.LastGlobalPosition = h.version, c.state.next-1
	return a, nil
}

// mark sets the flags that say which optional fields are there.
func (r *record) mark() {
	if r.metadata != nil {
		r.flags |= flagMetadata
	}
	if r.correlation != "" {
		r.flags |= flagCorrelation
	}
}

// pendingID is a given id of the current group, which the database does not
// show yet.
type pendingID struct {
	op       *op
	event    int
	position int64
	gpos     int64
}

// retried decides whether w was stored already (protocol section 9.2): found
// with the first answer if it was, an IDConflictError if one of its ids
// belongs to anything else.
func (c *committer) retried(w *store.Write) (stored store.Appended, found bool, err error) {
	known, given := 0, 0
	for i := range w.Events {
		id := w.Events[i].ID
		if id.IsZero() {
			continue
		}
		given++
		for j := range i { // twice in one write
			if w.Events[j].ID == id {
				return stored, false, &store.IDConflictError{ID: id}
			}
		}
		position, gpos, same, err := c.compare(id, w, i)
		if err != nil {
			return stored, false, err
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
	if p, ok := c.ids[id]; ok {
		first := &p.op.write.Events[p.event]
		same = p.op.write.Stream == w.Stream && first.Type == e.Type && bytes.Equal(first.Data, e.Data)
		return p.position, p.gpos, same, nil
	}
	gpos, err = c.ns.lookupID(id)
	if err != nil || gpos == 0 {
		return 0, 0, false, err
	}
	r := c.ns.reader()
	defer r.close()
	m, err := r.at(gpos)
	if err != nil {
		return 0, 0, false, fmt.Errorf("read the message of id %s: %w", id, err)
	}
	same = m.Stream == w.Stream && m.Type == e.Type && bytes.Equal(m.Data, e.Data)
	return m.Position, gpos, same, nil
}

// lookupID returns the global position of the message with a given id, 0 when
// there is none.
func (ns *namespace) lookupID(id store.ID) (int64, error) {
	value, closer, err := ns.db.Get(appendIDKey(make([]byte, 0, idKeyLen), id))
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look up id: %w", err)
	}
	gpos, err := decodeGlobal(value)
	return gpos, errors.Join(err, closer.Close())
}
