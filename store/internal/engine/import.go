package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/evtui/evtui/store"
)

// MaxPosition bounds imported positions, so that counting on from them never
// overflows.
const MaxPosition = 1 << 62

// Import stores messages with the positions, ids and times they carry, all or
// none. Their ids count as given by a client.
func (s *Store) Import(ctx context.Context, namespace string, messages []store.ImportMessage) error {
	h, err := s.handleOf(namespace)
	if err != nil {
		return err
	}
	if err := CheckImports(messages); err != nil {
		return err
	}
	ns, err := h.acquireToWrite(ctx)
	if err != nil {
		return err
	}
	defer h.release()
	before := ns.ahead()
	err = ns.importBatch(ctx, messages)
	if before == "" {
		ns.warnOfClock()
	}
	return err
}

// CheckImports returns an *store.ImportError for the first message that no write would have stored.
func CheckImports(messages []store.ImportMessage) error {
	for i := range messages {
		if err := CheckImport(&messages[i]); err != nil {
			return &store.ImportError{Index: i, Err: err}
		}
	}
	return nil
}

// CheckImport returns an *store.InvalidError for a message that no write would
// have stored.
func CheckImport(m *store.ImportMessage) error {
	w := store.Write{
		Stream: m.Stream, ExpectedVersion: store.AnyVersion,
		Events: []store.Event{{Type: m.Type, Data: m.Data, Metadata: m.Metadata}},
	}
	if err := w.Check(); err != nil {
		return err
	}
	if m.Position < 0 || m.Position > MaxPosition {
		return &store.InvalidError{Field: "position", Reason: fmt.Sprintf("must be from 0 to 2^62, got %d", m.Position)}
	}
	if m.GlobalPosition < 1 || m.GlobalPosition > MaxPosition {
		return &store.InvalidError{Field: "global position", Reason: fmt.Sprintf("must be from 1 to 2^62, got %d", m.GlobalPosition)}
	}
	return nil
}

// importBatch stores messages that were checked.
func (ns *namespace) importBatch(ctx context.Context, messages []store.ImportMessage) error {
	if len(messages) == 0 {
		return ns.poisoned()
	}
	o := newOp()
	o.imports = messages
	return ns.submit(ctx, o, nil)
}

// importAll checks a whole import first, so that a failing one leaves nothing
// in the batch, and then stores it. It is alone in its group.
func (c *committer) importAll(g *group, o *op) error {
	check := newImportCheck(c)
	heads := make([]*Head, len(o.imports))
	for i := range o.imports {
		h, err := check.one(&o.imports[i])
		if err != nil {
			return &store.ImportError{Index: i, Err: err}
		}
		heads[i] = h
	}
	for i := range o.imports {
		m, h, r := &o.imports[i], heads[i], &c.record
		if m.Position != h.Version+1 {
			c.state.Sparse = true
		}
		*r = Record{
			ID: m.ID, Given: !m.ID.IsZero() && !o.madeHere(i), Time: m.Time.UnixNano(),
			Position: m.Position, GlobalPosition: m.GlobalPosition,
			Type: m.Type, Correlation: m.Correlation, Metadata: m.Metadata, Data: m.Data,
		}
		if m.ID.IsZero() {
			r.ID = c.newID()
		}
		c.state.LastTime = max(c.state.LastTime, r.Time)
		c.put(g, h, r, o, i)
	}
	c.state.Next = max(c.state.Next, o.next)
	return nil
}

// importCheck finds what is taken, in the database or earlier in the import.
type importCheck struct {
	c       *committer
	globals positions
	ids     map[store.ID]struct{}
	streams map[string]*importedStream
}

// importedStream is what an import adds to one stream. It holds on to the
// head, which the cache may drop before the import writes to it.
type importedStream struct {
	head *Head
	positions
}

// positions are those that an import takes, in a stream or globally.
type positions struct {
	what   string // for errors
	stream string // "": global positions
	high   int64  // the highest so far, stored or checked
	taken  map[int64]struct{}
}

func newImportCheck(c *committer) *importCheck {
	return &importCheck{
		c: c, globals: positions{what: "global position", high: c.state.Next - 1, taken: map[int64]struct{}{}},
		ids: map[store.ID]struct{}{}, streams: map[string]*importedStream{},
	}
}

func (ic *importCheck) one(m *store.ImportMessage) (*Head, error) {
	db := ic.c.ns.db
	if err := ic.globals.take(db, m.GlobalPosition); err != nil {
		return nil, err
	}
	if err := ic.id(m.ID); err != nil {
		return nil, err
	}
	s := ic.streams[m.Stream]
	if s == nil {
		h, err := ic.c.ns.obtain(m.Stream)
		if err != nil {
			return nil, err
		}
		s = &importedStream{h, positions{what: "position", stream: h.Stream, high: h.Version, taken: map[int64]struct{}{}}}
		ic.streams[h.Stream] = s
	}
	return s.head, s.take(db, m.Position)
}

func (ic *importCheck) id(id store.ID) error {
	if id.IsZero() {
		return nil
	}
	_, twice := ic.ids[id]
	ic.ids[id] = struct{}{}
	global, err := ic.c.ns.db.ByID(id)
	if err == nil && (twice || global != 0) {
		err = &store.IDConflictError{ID: id}
	}
	return err
}

// take takes a position. One that only rises needs no look-up.
func (p *positions) take(db Database, position int64) (err error) {
	if position <= p.high {
		_, taken := p.taken[position]
		if !taken {
			taken, err = db.Taken(p.stream, position)
		}
		if err == nil && taken {
			err = fmt.Errorf("%s %d: %w", p.what, position, store.ErrPositionExists)
		}
	}
	p.taken[position] = struct{}{}
	p.high = max(p.high, position)
	return err
}

// importing gathers messages for imports into a namespace that nobody else
// sees, such as the one that a repair builds.
type importing struct {
	ns       *namespace
	messages []store.ImportMessage
	made     []bool
	bytes    int
	next     int64 // the next global position, at least
}

// An import takes this much at most.
const importOps = 2000

// add takes a message, borrowed, with whether a client gave its id.
func (b *importing) add(ctx context.Context, m store.ImportMessage, given bool) error {
	m.Message = m.Message.Clone()
	m.Correlation = string([]byte(m.Correlation))
	b.messages, b.made = append(b.messages, m), append(b.made, !given)
	b.bytes += len(m.Data) + len(m.Metadata)
	if len(b.messages) == importOps || b.bytes > groupBytes {
		return b.flush(ctx)
	}
	return nil
}

func (b *importing) flush(ctx context.Context) error {
	if len(b.messages) == 0 {
		return nil
	}
	o := newOp()
	o.imports, o.made, o.next = b.messages, b.made, b.next
	*b = importing{ns: b.ns, next: b.next}
	err := b.ns.submit(ctx, o, nil)
	if _, ok := errors.AsType[*store.ImportError](err); ok {
		return fmt.Errorf("store the messages again: %w", err)
	}
	return err
}
