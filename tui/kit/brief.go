package kit

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// briefBytes is what a message may have of data and metadata for a list to keep
// it whole. With it, a list of 1,200 rows holds 5 MB at most.
const briefBytes = 4 << 10

// Brief is a message as a list keeps it: whole while it is small, and else its
// fields, the beginning of its data and what the columns show of it. It owns its
// memory, so that keeping one does not keep the page that it came in.
type Brief struct {
	ID             store.ID
	Stream         string
	Type           string
	Position       int64
	GlobalPosition int64
	Time           time.Time
	Data           []byte // its first [DataBytes] at least
	Bytes          int    // of the whole data and metadata

	whole  *store.Message // nil: it must be read
	values []briefValue   // of the columns, where it is not whole
}

// briefValue is what a column shows of a message.
type briefValue struct {
	column string
	raw    []byte // at most one byte more than is drawn
	ok     bool
}

// NewBrief makes a row of a message, which shows the columns.
func NewBrief(m *store.Message, columns []filter.Column) *Brief {
	b := &Brief{
		ID: m.ID, Stream: strings.Clone(m.Stream), Type: strings.Clone(m.Type), Position: m.Position,
		GlobalPosition: m.GlobalPosition, Time: m.Time, Bytes: len(m.Data) + len(m.Metadata),
	}
	if b.Bytes <= briefBytes {
		whole := *m
		whole.Stream, whole.Type = b.Stream, b.Type
		whole.Data, whole.Metadata = bytes.Clone(m.Data), bytes.Clone(m.Metadata)
		b.whole, b.Data = &whole, whole.Data
		return b
	}
	b.Data = bytes.Clone(m.Data[:min(len(m.Data), DataBytes)])
	for _, c := range columns {
		if c.Document() {
			raw, ok := c.JSON(m)
			b.values = append(b.values, briefValue{c.String(), bytes.Clone(raw[:min(len(raw), DataBytes+1)]), ok})
		}
	}
	return b
}

// Whole returns the whole message, which is not to be changed; nil when it must
// be read.
func (b *Brief) Whole() *store.Message { return b.whole }

// Shows reports whether the row has what the columns show.
func (b *Brief) Shows(columns []filter.Column) bool {
	for _, c := range columns {
		if _, _, known := b.value(c); !known {
			return false
		}
	}
	return true
}

// Head is the message without its documents, where it is not whole.
func (b *Brief) Head() *store.Message {
	if b.whole != nil {
		return b.whole
	}
	return &store.Message{ID: b.ID, Stream: b.Stream, Type: b.Type, Position: b.Position, GlobalPosition: b.GlobalPosition, Time: b.Time}
}

// value is the JSON that a column shows, or the beginning of it; known is false
// where the row does not have it.
func (b *Brief) value(c filter.Column) (raw []byte, ok, known bool) {
	if b.whole != nil || !c.Document() {
		raw, ok = c.JSON(b.Head())
		return raw, ok, true
	}
	for _, v := range b.values {
		if v.column == c.String() {
			return v.raw, v.ok, true
		}
	}
	return nil, false, false
}

// Read returns the whole message, read from the server if need be. Only a
// message that the row keeps is shared with it.
func (b *Brief) Read(ctx context.Context, c *client.Client) (*store.Message, error) {
	if b.whole != nil {
		return b.whole, nil
	}
	list, err := c.ReadStream(ctx, client.StreamQuery{Stream: b.Stream, Position: b.Position, Limit: 1})
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0 || list[0].ID != b.ID:
		return nil, fmt.Errorf("read message %d of stream %q: it is no longer there", b.Position, b.Stream)
	}
	return &list[0], nil
}

// Text is what can be said of the row without reading the message: all that a
// search looks at while the message is whole.
func (b *Brief) Text() string {
	if b.whole != nil {
		return MessageText(b.whole)
	}
	return b.Stream + " " + b.Type + " " + strconv.FormatInt(b.Position, 10) + " " +
		strconv.FormatInt(b.GlobalPosition, 10) + " " + b.ID.String() + " " + string(b.Data)
}

// Compare orders two rows by a column that both show.
func (b *Brief) Compare(o *Brief, c filter.Column) int {
	if !c.Document() {
		return c.Compare(b.Head(), o.Head())
	}
	x, hasX, _ := b.value(c)
	y, hasY, _ := o.value(c)
	return filter.CompareJSON(x, y, hasX, hasY)
}

// GivenBriefs hands out what rows stand for, one whole message at a time.
func GivenBriefs(namespace string, rows []*Brief) MessagesOf {
	return func(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
		c = c.In(namespace)
		for _, b := range rows {
			m, err := b.Read(ctx, c)
			if err != nil {
				return err
			}
			looked.Add(1)
			if err := emit(m); err != nil {
				return err
			}
		}
		return nil
	}
}
