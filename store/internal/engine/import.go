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
	check := importCheck{c: c, high: c.state.Next - 1}
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
	head *Head
	high int64
	set  map[int64]struct{}
}

func (ic *importCheck) one(m *store.ImportMessage) (*Head, error) {
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
	s := &importedStream{head: h, high: h.Version, set: map[int64]struct{}{}}
	ic.streams[h.Stream] = s
	return s, nil
}

func (ic *importCheck) global(position int64) error {
	if ic.globals == nil {
		ic.globals = map[int64]struct{}{}
	}
	if position <= ic.high {
		_, twice := ic.globals[position]
		if err := ic.taken(twice, "", position, "global position"); err != nil {
			return err
		}
	}
	ic.globals[position] = struct{}{}
	ic.high = max(ic.high, position)
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
	global, err := ic.c.ns.db.ByID(id)
	if err == nil && (twice || global != 0) {
		err = &store.IDConflictError{ID: id}
	}
	return err
}

func (ic *importCheck) position(s *importedStream, position int64) error {
	if position <= s.high {
		_, twice := s.set[position]
		if err := ic.taken(twice, s.head.Stream, position, "position"); err != nil {
			return err
		}
	}
	s.set[position] = struct{}{}
	s.high = max(s.high, position)
	return nil
}

// taken returns an error when a position is taken: twice says that the import
// itself has it already.
func (ic *importCheck) taken(twice bool, stream string, position int64, what string) error {
	if !twice {
		taken, err := ic.c.ns.db.Taken(stream, position)
		if err != nil {
			return err
		}
		twice = taken
	}
	if twice {
		return fmt.Errorf("%s %d: %w", what, position, store.ErrPositionExists)
	}
	return nil
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
	var at *store.ImportError
	if errors.As(err, &at) {
		return fmt.Errorf("store the messages again: %w", err)
	}
	return err
}
