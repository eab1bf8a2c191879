package client

import (
	"context"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// rowsHint is how many messages a page is expected to hold at most without
// growing.
const rowsHint = 1000

// parseRow reads one message: [id,type,position,globalPosition,data,metadata,time],
// with the stream after the id when it is not known. before is the row before,
// whose names are often the same.
func parseRow(s *scanner, known string, before *store.Message) store.Message {
	m := store.Message{Stream: known}
	s.expect('[')
	m.ID = s.id()
	s.expect(',')
	if known == "" {
		m.Stream = s.name(before.Stream)
		s.expect(',')
	}
	m.Type = s.name(before.Type)
	s.expect(',')
	m.Position = s.integer()
	s.expect(',')
	m.GlobalPosition = s.integer()
	s.expect(',')
	m.Data = s.raw() // null too, which is data where a database has it
	s.expect(',')
	m.Metadata = s.object()
	s.expect(',')
	m.Time = s.timestamp()
	s.expect(']')
	return m
}

// parseRows reads a page. Data and metadata point into answer.
func parseRows(answer []byte, known string, limit int) ([]store.Message, error) {
	s := &scanner{buf: answer}
	hint := rowsHint
	if limit >= 0 {
		hint = min(hint, limit)
	}
	rows := make([]store.Message, 0, min(hint, len(answer)/64))
	before := new(store.Message)
	s.expect('[')
	for s.more(']', len(rows) == 0) {
		if limit >= 0 && len(rows) == limit {
			return nil, tooLarge("more than the %d that were asked for", limit)
		}
		rows = append(rows, parseRow(s, known, before))
		before = &rows[len(rows)-1]
	}
	if err := s.end(); err != nil {
		return nil, err
	}
	return rows, nil
}

// parseOne reads a single row, or null, which is ErrMessageNotFound.
func parseOne(answer []byte, known string) (store.Message, error) {
	s := &scanner{buf: answer}
	if s.peek() == 'n' {
		if string(s.raw()) == "null" && s.end() == nil {
			return store.Message{}, store.ErrMessageNotFound
		}
		return store.Message{}, errAnswer
	}
	m := parseRow(s, known, new(store.Message))
	return m, s.end()
}

// MessageByID returns the message with the id, or store.ErrMessageNotFound.
func (c *Client) MessageByID(ctx context.Context, id store.ID) (store.Message, error) {
	m, err := c.one(ctx, newExchange("message.get", id.String()), "")
	if err != nil {
		return store.Message{}, fmt.Errorf("read message %s: %w", id, err)
	}
	return m, nil
}

// one makes a call that is answered with a message, and frees x.
func (c *Client) one(ctx context.Context, x *exchange, known string) (store.Message, error) {
	defer x.free()
	x.kind = messageAnswer
	if err := c.call(ctx, x, reading); err != nil {
		return store.Message{}, err
	}
	return parseOne(x.take(), known)
}

// PositionAt returns the global position of the first message whose time is t
// or later; one past the last message when all are older.
func (c *Client) PositionAt(ctx context.Context, t time.Time) (int64, error) {
	at, err := c.Seek(ctx, t)
	return at.GlobalPosition, err
}

// Sought is the place of a moment.
type Sought struct {
	GlobalPosition int64
	Approximate    bool // times are the writers' clocks and may run backwards
}

// Seek is PositionAt that says what the answer is worth.
func (c *Client) Seek(ctx context.Context, t time.Time) (Sought, error) {
	x, when := newExchange("ns.seek"), t.UTC().Format(time.RFC3339Nano)
	x.text("time", when)
	return c.sought(ctx, x, "seek "+when)
}

// Head returns the global position of the namespace's last message, 0 when it
// is empty.
func (c *Client) Head(ctx context.Context) (int64, error) {
	at, err := c.sought(ctx, newExchange("ns.head"), "read head")
	return at.GlobalPosition, err
}

// sought makes the call, frees x and reads {"globalPosition":g}.
func (c *Client) sought(ctx context.Context, x *exchange, doing string) (Sought, error) {
	var answer struct {
		GlobalPosition *int64 `json:"globalPosition"`
		Approximate    bool   `json:"approximate"`
	}
	err := c.decode(ctx, x, reading, &answer)
	if err == nil && answer.GlobalPosition == nil {
		err = errAnswer
	}
	if err != nil {
		return Sought{}, fmt.Errorf("%s: %w", doing, err)
	}
	return Sought{*answer.GlobalPosition, answer.Approximate}, nil
}
