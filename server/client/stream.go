package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/evtui/evtui/store"
)

// Write appends one event to the stream with stream.write. It returns an error
// behind which errors.As finds a [*ConflictError] when the stream does not end
// where expect says.
func (c *Client) Write(ctx context.Context, stream string, e Event, expect Expect) (Appended, error) {
	if err := expect.check(); err != nil {
		return Appended{}, fmt.Errorf("append to %q: %w", stream, err)
	}
	e.ID = c.idFor(e.ID)
	x := newExchange("stream.write")
	defer x.free()
	x.str(stream)
	x.comma()
	var err error
	if x.body, err = appendEvent(x.body, &e, false); err != nil {
		return store.Appended{}, fmt.Errorf("append to %q: %w", stream, err)
	}
	x.body = appendWriteOptions(x.body, e.ID, expect)
	if err = c.call(ctx, x, kindOfWrite(!e.ID.IsZero())); err != nil {
		return store.Appended{}, appendError(stream, e.ID, err)
	}
	var a store.Appended
	s := &scanner{buf: x.reply}
	a.FirstPosition, a.FirstGlobalPosition = written(s, "position", "globalPosition", (*scanner).integer)
	if err := s.end(); err != nil {
		return store.Appended{}, fmt.Errorf("append to %q: %w", stream, err)
	}
	a.LastPosition, a.LastGlobalPosition = a.FirstPosition, a.FirstGlobalPosition
	return a, nil
}

func appendWriteOptions(dst []byte, id ID, expect Expect) []byte {
	if id.IsZero() && !expect.set {
		return dst
	}
	f := openFields(dst)
	if !id.IsZero() {
		f.id(id)
	}
	if expect.set {
		f.num("expectedVersion", expect.version)
	}
	return f.closeObject()
}

// Append appends all of w's events, all or none, with stream.append, which only
// evtui's servers offer. Its errors are those of Write.
func (c *Client) Append(ctx context.Context, w Write) (Appended, error) {
	if err := w.Expect.check(); err != nil {
		return Appended{}, fmt.Errorf("append to %q: %w", w.Stream, err)
	}
	x := newExchange("stream.append")
	defer x.free()
	x.str(w.Stream)
	x.body = append(x.body, ',', '[')
	allHaveIDs := len(w.Events) > 0
	for i, e := range w.Events {
		if i > 0 {
			x.comma()
		}
		e.ID = c.idFor(e.ID)
		allHaveIDs = allHaveIDs && !e.ID.IsZero()
		var err error
		if x.body, err = appendEvent(x.body, &e, true); err != nil {
			return store.Appended{}, fmt.Errorf("append to %q: event %d: %w", w.Stream, i, err)
		}
	}
	x.body = append(x.body, ']')
	x.body = appendWriteOptions(x.body, ID{}, w.Expect)
	if err := c.call(ctx, x, kindOfWrite(allHaveIDs)); err != nil {
		var first store.ID
		if len(w.Events) > 0 {
			first = w.Events[0].ID
		}
		return store.Appended{}, appendError(w.Stream, first, err)
	}
	var a store.Appended
	s := &scanner{buf: x.reply}
	positions, globals := written(s, "positions", "globalPositions", (*scanner).pair)
	a.FirstPosition, a.LastPosition = positions[0], positions[1]
	a.FirstGlobalPosition, a.LastGlobalPosition = globals[0], globals[1]
	if err := s.end(); err != nil {
		return store.Appended{}, fmt.Errorf("append to %q: %w", w.Stream, err)
	}
	return a, nil
}

// idFor returns the event's id, or one that the client makes for it.
func (c *Client) idFor(given store.ID) store.ID {
	if given.IsZero() && c.shared.retries.MakeIDs {
		return store.NewID(time.Now())
	}
	return given
}

func kindOfWrite(allHaveIDs bool) callKind {
	if allHaveIDs {
		return keyed
	}
	return writing
}

// appendError remembers in the server's error what the append was for.
func appendError(stream string, id store.ID, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.stream, e.id = stream, id
	}
	return fmt.Errorf("append to %q: %w", stream, err)
}

// ReadStream returns a page of the stream's messages; an unknown stream's is
// empty. A server takes limits up to 10000, or [NoLimit]. [Client.Stream] reads
// all of them, page by page.
func (c *Client) ReadStream(ctx context.Context, q StreamQuery) ([]Message, error) {
	if err := q.check(); err != nil {
		return nil, fmt.Errorf("read stream %q: %w", q.Stream, err)
	}
	if q.Backward {
		if err := c.needs(ctx, "reading backward"); err != nil {
			return nil, fmt.Errorf("read stream %q: %w", q.Stream, err)
		}
	}
	x := newExchange("stream.get")
	defer x.free()
	x.str(q.Stream)
	f := openFields(x.body)
	switch {
	case q.Before > 0:
		f.num("position", q.Before-1)
	case q.Position > 0:
		f.num("position", q.Position)
	}
	if q.GlobalPosition > 0 {
		f.num("globalPosition", q.GlobalPosition)
	}
	f.page(limitOf(q.Limit), q.Backward)
	f.fresh(c.fresh)
	x.body = f.closeObject()
	x.kind, x.rows, x.most = pageAnswer, limitOf(q.Limit), q.MaxBytes
	answer, err := x.page(c.call(ctx, x, reading))
	rows, err := parsePage(answer, err, q.Stream, limitOf(q.Limit))
	if err != nil {
		return rows, fmt.Errorf("read stream %q: %w", q.Stream, err)
	}
	return rows, nil
}

// page adds what all reads have in common.
func (f *fields) page(limit int, backward bool) {
	f.num("batchSize", int64(limit))
	if backward {
		f.key("backward")
		f.dst = append(f.dst, "true"...)
	}
}

// fresh asks for what was acknowledged anywhere, see [Client.Fresh].
func (f *fields) fresh(wanted bool) {
	if wanted {
		f.key("fresh")
		f.dst = append(f.dst, "true"...)
	}
}

// LastMessage returns the stream's newest message, of the given type unless
// that is "", or store.ErrMessageNotFound.
func (c *Client) LastMessage(ctx context.Context, stream, messageType string) (store.Message, error) {
	x := newExchange("stream.last")
	defer x.free()
	x.kind = messageAnswer
	x.str(stream)
	if messageType != "" || c.fresh {
		f := openFields(x.body)
		if messageType != "" {
			f.str("type", messageType)
		}
		f.fresh(c.fresh)
		x.body = f.closeObject()
	}
	if err := c.call(ctx, x, reading); err != nil {
		return store.Message{}, fmt.Errorf("read last of %q: %w", stream, err)
	}
	m, err := parseOne(x.take(), stream)
	if err != nil {
		return store.Message{}, fmt.Errorf("read last of %q: %w", stream, err)
	}
	return m, nil
}

// Version returns the stream's last position, store.NoStream when it has none.
func (c *Client) Version(ctx context.Context, stream string) (int64, error) {
	x := newExchange("stream.version")
	defer x.free()
	x.str(stream)
	if c.fresh {
		f := openFields(x.body)
		f.fresh(true)
		x.body = f.closeObject()
	}
	if err := c.call(ctx, x, reading); err != nil {
		return 0, fmt.Errorf("read version of %q: %w", stream, err)
	}
	if string(x.reply) == "null" {
		return store.NoStream, nil
	}
	version, err := strconv.ParseInt(string(x.reply), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read version of %q: %w", stream, errAnswer)
	}
	return version, nil
}
