package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"

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
	o := &op{imports: messages, done: make(chan struct{})}
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

// importAll checks a whole import first, so that a refused one leaves nothing,
// neither in the transaction nor in the caches, and then stores it. It is
// alone in its group.
func (c *committer) importAll(o *op) error {
	check := importCheck{
		c: c, globals: map[int64]struct{}{}, ids: map[store.ID]struct{}{}, positions: map[place]struct{}{},
	}
	heads := make([]*head, len(o.imports))
	for i := range o.imports {
		h, broken, err := check.one(&o.imports[i])
		if broken != nil {
			return &brokenError{err: broken}
		}
		if err != nil {
			return &store.ImportError{Index: i, Err: err}
		}
		heads[i] = h
	}
	for i := range o.imports {
		m := &o.imports[i]
		r := record{
			gpos: m.GlobalPosition, position: m.Position, time: m.Time.UnixNano(), given: !m.ID.IsZero(), id: m.ID,
			messageType: m.Type, correlation: m.Correlation, metadata: m.Metadata, data: m.Data,
		}
		if !r.given {
			r.id = c.newID()
		}
		c.state.lastTime = max(c.state.lastTime, r.time)
		if err := c.put(heads[i], &r); err != nil {
			return err
		}
	}
	return nil
}

// importCheck finds what is taken, in the database or earlier in the import.
type importCheck struct {
	c         *committer
	globals   map[int64]struct{}
	ids       map[store.ID]struct{}
	positions map[place]struct{}
}

// place is a position in a stream.
type place struct {
	stream   string
	position int64
}

// one looks at one message: broken is a failure of the database, err a reason
// to refuse it.
func (ic *importCheck) one(m *store.ImportMessage) (h *head, broken, err error) {
	c, at := ic.c, place{m.Stream, m.Position}
	_, taken := ic.globals[m.GlobalPosition]
	if !taken && m.GlobalPosition < c.state.next {
		taken, broken = c.exists(c.sql.gpos, m.GlobalPosition)
	}
	switch {
	case broken != nil:
		return nil, broken, nil
	case taken:
		return nil, nil, fmt.Errorf("global position %d: %w", m.GlobalPosition, store.ErrPositionExists)
	}
	if taken, broken = ic.knows(m.ID); broken != nil {
		return nil, broken, nil
	}
	if taken {
		return nil, nil, &store.IDConflictError{ID: m.ID}
	}
	if h, broken = c.obtain(m.Stream); broken != nil {
		return nil, broken, nil
	}
	if _, taken = ic.positions[at]; !taken && m.Position <= h.version {
		taken, broken = c.exists(c.sql.position, h.number, m.Position)
	}
	switch {
	case broken != nil:
		return nil, broken, nil
	case taken:
		return nil, nil, fmt.Errorf("position %d: %w", m.Position, store.ErrPositionExists)
	}
	ic.globals[m.GlobalPosition], ic.ids[m.ID], ic.positions[at] = struct{}{}, struct{}{}, struct{}{}
	// The head must be the same when the message is stored: a cache of many
	// streams may have dropped it by then.
	c.held[h.stream] = h
	return h, nil, nil
}

// knows reports whether an id that was given is taken.
func (ic *importCheck) knows(id store.ID) (taken bool, broken error) {
	if id.IsZero() {
		return false, nil
	}
	if _, taken = ic.ids[id]; taken {
		return true, nil
	}
	return ic.c.exists(ic.c.sql.taken, id[:])
}

func (c *committer) exists(s *sql.Stmt, args ...any) (bool, error) {
	var one int
	return scanned(c.statement(s).QueryRow(args...).Scan(&one))
}
