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
	e.ID = c.idFor(e.ID)
	a, err := c.write(ctx, stream, e, expect)
	if err != nil {
		return Appended{}, appendError(stream, e.ID, err)
	}
	return a, nil
}

func (c *Client) write(ctx context.Context, stream string, e Event, expect Expect) (a Appended, err error) {
	if err := expect.check(); err != nil {
		return a, err
	}
	x := newExchange("stream.write", stream)
	defer x.free()
	x.comma()
	if x.body, err = appendEvent(x.body, &e, false); err != nil {
		return a, err
	}
	x.writeOptions(e.ID, expect)
	if err = c.call(ctx, x, kindOfWrite(!e.ID.IsZero())); err != nil {
		return a, err
	}
	s := &scanner{buf: x.reply}
	a.FirstPosition, a.FirstGlobalPosition = written(s, "position", "globalPosition", (*scanner).integer)
	a.LastPosition, a.LastGlobalPosition = a.FirstPosition, a.FirstGlobalPosition
	return a, s.end()
}

func (x *exchange) writeOptions(id ID, expect Expect) {
	if !id.IsZero() {
		x.optional().id(id)
	}
	if expect.set {
		x.optional().num("expectedVersion", expect.version)
	}
}

// Append appends all of w's events, all or none, with stream.append, which only
// evtui's servers offer. Its errors are those of Write.
func (c *Client) Append(ctx context.Context, w Write) (Appended, error) {
	a, err := c.appendAll(ctx, w)
	if err != nil {
		var first store.ID
		if len(w.Events) > 0 {
			first = w.Events[0].ID
		}
		return Appended{}, appendError(w.Stream, first, err)
	}
	return a, nil
}

func (c *Client) appendAll(ctx context.Context, w Write) (a Appended, err error) {
	if err := w.Expect.check(); err != nil {
		return a, err
	}
	x := newExchange("stream.append", w.Stream)
	defer x.free()
	x.body = append(x.body, ',', '[')
	allHaveIDs := len(w.Events) > 0
	for i, e := range w.Events {
		if i > 0 {
			x.comma()
		}
		e.ID = c.idFor(e.ID)
		allHaveIDs = allHaveIDs && !e.ID.IsZero()
		if x.body, err = appendEvent(x.body, &e, true); err != nil {
			return a, fmt.Errorf("event %d: %w", i, err)
		}
	}
	x.body = append(x.body, ']')
	x.writeOptions(ID{}, w.Expect)
	if err := c.call(ctx, x, kindOfWrite(allHaveIDs)); err != nil {
		return a, err
	}
	s := &scanner{buf: x.reply}
	positions, globals := written(s, "positions", "globalPositions", (*scanner).pair)
	a.FirstPosition, a.LastPosition = positions[0], positions[1]
	a.FirstGlobalPosition, a.LastGlobalPosition = globals[0], globals[1]
	return a, s.end()
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
	answer, err := c.readStream(ctx, q)
	rows, err := parsePage(answer, err, q.Stream, limitOf(q.Limit))
	if err != nil {
		return rows, fmt.Errorf("read stream %q: %w", q.Stream, err)
	}
	return rows, nil
}

// readStream returns the page as it came; one that is cut comes with errCut.
func (c *Client) readStream(ctx context.Context, q StreamQuery) ([]byte, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	x := newExchange("stream.get", q.Stream)
	defer x.free()
	if q.Before > 0 {
		x.optional().num("position", q.Before-1)
	} else {
		x.number("position", q.Position)
	}
	x.number("globalPosition", q.GlobalPosition)
	x.page(limitOf(q.Limit), q.Backward)
	x.flag("fresh", c.fresh)
	return c.readPage(ctx, x, q.Backward, q.MaxBytes)
}

// page adds what all reads have in common.
func (x *exchange) page(limit int, backward bool) {
	x.optional().num("batchSize", int64(limit))
	x.flag("backward", backward)
	x.kind, x.rows = pageAnswer, limit
}

// LastMessage returns the stream's newest message, of the given type unless
// that is "", or store.ErrMessageNotFound.
func (c *Client) LastMessage(ctx context.Context, stream, messageType string) (store.Message, error) {
	x := newExchange("stream.last", stream)
	x.text("type", messageType)
	x.flag("fresh", c.fresh)
	m, err := c.one(ctx, x, stream)
	if err != nil {
		return store.Message{}, fmt.Errorf("read last of %q: %w", stream, err)
	}
	return m, nil
}

// Version returns the stream's last position, store.NoStream when it has none.
func (c *Client) Version(ctx context.Context, stream string) (int64, error) {
	x := newExchange("stream.version", stream)
	defer x.free()
	x.flag("fresh", c.fresh)
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
