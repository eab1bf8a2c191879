package pebblestore

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// maxPosition bounds imported positions, so that counting on from them never
// overflows.
const maxPosition = 1 << 62

// Import stores messages with the positions, ids and times they carry, all or
// none. Their ids count as given by a client.
func (s *Store) Import(ctx context.Context, namespace string, messages []store.ImportMessage) error {
	if _, err := s.handleOf(namespace); err != nil {
		return err
	}
	for i := range messages {
		if err := checkImport(&messages[i]); err != nil {
			return &store.ImportError{Index: i, Err: err}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ns, err := s.acquire(namespace)
	if err != nil {
		return err
	}
	defer ns.h.release()
	if len(messages) == 0 {
		return ns.poisoned()
	}
	o := newOp()
	defer o.free()
	o.imports = messages
	o.cut(ns.shapes)
	ns.queue.put(o)
	<-o.done
	return o.err
}

func checkImport(m *store.ImportMessage) error {
	w := store.Write{
		Stream: m.Stream, ExpectedVersion: store.AnyVersion,
		Events: []store.Event{{Type: m.Type, Data: m.Data, Metadata: m.Metadata}},
	}
	if err := w.Check(); err != nil {
		return err
	}
	if m.Position < 0 || m.Position > maxPosition {
		return &store.InvalidError{Field: "position", Reason: fmt.Sprintf("must be from 0 to 2^62, got %d", m.Position)}
	}
	if m.GlobalPosition < 1 || m.GlobalPosition > maxPosition {
		return &store.InvalidError{Field: "global position", Reason: fmt.Sprintf("must be from 1 to 2^62, got %d", m.GlobalPosition)}
	}
	return nil
}

// importAll checks a whole import first, so that a failing one leaves nothing
// in the batch, and then stores it. It is alone in its group.
func (c *committer) importAll(g *group, o *op) error {
	check := importCheck{c: c, high: c.state.next - 1}
	heads := make([]*head, len(o.imports))
	for i := range o.imports {
		h, err := check.one(&o.imports[i])
		if err != nil {
			return &store.ImportError{Index: i, Err: err}
		}
		heads[i] = h
	}
	for i := range o.imports {
		m, h := &o.imports[i], heads[i]
		if m.Position != h.version+1 {
			c.state.sparse = true
		}
		r := record{
			flags: h.flags, hash: h.hash, id: m.ID, time: m.Time.UnixNano(), position: m.Position,
			stream: h.stream, messageType: m.Type, correlation: m.Correlation, metadata: m.Metadata, data: m.Data,
		}
		if m.ID.IsZero() {
			r.id = c.newID()
		} else if o.made == nil || !o.made[i] {
			r.flags |= flagClientID
		}
		r.mark()
		c.fit(g, &r, &o.cutting.cuts[i])
		c.state.lastTime = max(c.state.lastTime, r.time)
		c.put(g, h, &r, m.GlobalPosition)
	}
	c.state.next = max(c.state.next, o.next)
	return nil
}

// importCheck finds what is taken, in the database or earlier in the import.
// Sets are kept only for what does not simply rise.
type importCheck struct {
	c       *committer
	high    int64 // highest global position so far, stored or checked
	globals map[int64]struct{}
	ids     map[store.ID]struct{}
	streams map[string]*importedStream
}

// importedStream is what an import adds to one stream. It holds on to the
// head, which the cache may drop before the import writes to it.
type importedStream struct {
	head *head
	high int64
	set  map[int64]struct{} // what was added at or below high
}

func (ic *importCheck) one(m *store.ImportMessage) (*head, error) {
	if err := ic.global(m.GlobalPosition); err != nil {
		return nil, err
	}
	if err := ic.id(m.ID); err != nil {
		return nil, err
	}
	s, err := ic.stream(m.Stream)
	if err != nil {
		return nil, err
	}
	return s.head, ic.position(s, m.Position)
}

func (ic *importCheck) stream(name string) (*importedStream, error) {
	if s := ic.streams[name]; s != nil {
		return s, nil
	}
	h, err := ic.c.ns.obtain(name)
	if err != nil {
		return nil, err
	}
	if ic.streams == nil {
		ic.streams = map[string]*importedStream{}
	}
	s := &importedStream{head: h, high: h.version, set: map[int64]struct{}{}}
	ic.streams[h.stream] = s
	return s, nil
}

func (ic *importCheck) global(gpos int64) error {
	if ic.globals == nil {
		ic.globals = map[int64]struct{}{}
	}
	if gpos <= ic.high {
		if _, twice := ic.globals[gpos]; twice {
			return fmt.Errorf("global position %d: %w", gpos, store.ErrPositionExists)
		}
		if taken, err := ic.taken(appendGlobalKey(nil, gpos)); err != nil || taken {
			return errors.Join(err, takenError(taken, "global position", gpos))
		}
	}
	ic.globals[gpos] = struct{}{}
	ic.high = max(ic.high, gpos)
	return nil
}

func (ic *importCheck) id(id store.ID) error {
	if id.IsZero() {
		return nil
	}
	if ic.ids == nil {
		ic.ids = map[store.ID]struct{}{}
	}
	_, twice := ic.ids[id]
	ic.ids[id] = struct{}{}
	gpos, err := ic.c.ns.lookupID(id)
	if err == nil && (twice || gpos != 0) {
		err = &store.IDConflictError{ID: id}
	}
	return err
}

func (ic *importCheck) position(s *importedStream, position int64) error {
	if position <= s.high {
		if _, twice := s.set[position]; twice {
			return takenError(true, "position", position)
		}
		if taken, err := ic.taken(appendStreamKey(nil, s.head.stream, position)); err != nil || taken {
			return errors.Join(err, takenError(taken, "position", position))
		}
	}
	s.set[position] = struct{}{}
	s.high = max(s.high, position)
	return nil
}

func (ic *importCheck) taken(key []byte) (bool, error) {
	_, closer, err := ic.c.ns.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up position: %w", err)
	}
	return true, closer.Close()
}

func takenError(taken bool, what string, position int64) error {
	if !taken {
		return nil
	}
	return fmt.Errorf("%s %d: %w", what, position, store.ErrPositionExists)
}
