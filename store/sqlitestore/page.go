package sqlitestore

import (
	"database/sql"
	"fmt"
	"sync"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// page is what one statement read: messages whose bytes lie in one buffer that
// the next page overwrites.
type page struct {
	row
	messages []store.Message
	buffer   []byte
	cut      bool // large messages ended it before its limit
}

// Pages begin small, for those who look at a few messages and stop, and end
// early at large messages, so that a read never holds much.
const (
	firstPage  = 32
	laterPage  = 256
	pageSize   = 512 << 10 // bytes
	sparsePage = 1024      // rows that a filtered page looks at
)

var pages = sync.Pool{New: func() any {
	p := &page{}
	p.into = p.pointers()
	return p
}}

// free gives a page back, unless it has grown over what should be kept.
func (p *page) free() {
	clear(p.messages)
	if cap(p.buffer) <= 2*pageSize {
		pages.Put(p)
	}
}

// fill reads all rows, or as many as have room, and closes them. stream is of
// all rows unless it is "". Rows before a damaged one are kept.
func (p *page) fill(rows *sql.Rows, stream, category string) error {
	defer rows.Close()
	size := 0
	p.buffer, p.cut = p.buffer[:0], false
	for rows.Next() {
		if err := rows.Scan(p.into...); err != nil {
			return err
		}
		if stream != "" {
			p.stream.text = stream
		}
		m, ok := p.message()
		if !ok || category != "" && store.Category(m.Stream) != category {
			return fmt.Errorf("message at global position %d is damaged", m.GlobalPosition)
		}
		m.Data = p.keep(m.Data)
		if m.Metadata != nil {
			m.Metadata = p.keep(m.Metadata)
		}
		p.messages = append(p.messages, m)
		if size += len(m.Data) + len(m.Metadata); size >= pageSize {
			p.cut = true
			return nil
		}
	}
	return rows.Err()
}

// keep copies bytes of the driver's into the buffer. When that has to grow,
// what was kept before stays where it was.
func (p *page) keep(b []byte) []byte {
	if p.buffer == nil || len(b) > cap(p.buffer)-len(p.buffer) {
		p.buffer = make([]byte, 0, max(16<<10, 2*cap(p.buffer), len(b)))
	}
	start := len(p.buffer)
	p.buffer = append(p.buffer, b...)
	return p.buffer[start:len(p.buffer):len(p.buffer)]
}

// row is a message as it is read.
type row struct {
	global, position, time, seal, id, messageType, correlation, metadata, data, stream column

	into   []any // pointers to the columns
	record engine.Record
	summer summer
}

func (r *row) pointers() []any {
	return []any{&r.global, &r.position, &r.time, &r.seal, &r.id, &r.messageType, &r.correlation, &r.metadata, &r.data, &r.stream}
}

// columns are those of a row for messages m, but for the stream's name. The seal
// holds the checksum and whether a client gave the id, for each column costs
// time. Messages that were written before there were checksums have -1; files of
// format 1 have no column for them.
func columns(bare bool) string {
	sum := `coalesce(m.sum, -1)`
	if bare {
		sum = `-1`
	}
	return `SELECT m.gpos, m.position, m.time, 2 * ` + sum + ` + m.given, m.id, m.type, m.correlation, m.metadata, m.data, `
}

// message is the row's, borrowed; ok is false when the checksum does not fit.
func (r *row) message() (m store.Message, ok bool) {
	in := &r.record
	*in = engine.Record{
		GlobalPosition: r.global.integer, Position: r.position.integer, Time: r.time.integer, Given: r.seal.integer&1 != 0,
		Type: r.messageType.text, Correlation: r.correlation.text, Metadata: r.metadata.blob, Data: r.data.blob,
	}
	if in.Metadata == nil && !r.metadata.null {
		in.Metadata = []byte{}
	}
	m = store.Message{
		Stream: r.stream.text, Type: in.Type, Position: in.Position, GlobalPosition: in.GlobalPosition, Time: unixTime(in.Time),
		Data: in.Data, Metadata: in.Metadata,
	}
	ok = copy(in.ID[:], r.id.blob) == len(in.ID) && (r.unsealed() || r.seal.integer>>1 == r.summer.sum(m.Stream, in))
	m.ID = in.ID
	return m, ok
}

// unsealed reports whether the message has no checksum.
func (r *row) unsealed() bool { return r.seal.integer < 0 }

// column takes a value as the driver has it, without the copies and
// conversions of database/sql. Bytes are valid until the next row.
type column struct {
	integer int64
	text    string
	blob    []byte
	null    bool
}

func (c *column) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		c.integer = v
	case string:
		c.text = v
	case []byte:
		c.blob, c.null = v, false
	case nil:
		c.text, c.blob, c.null = "", nil, true
	default:
		return fmt.Errorf("a column holds %T", src)
	}
	return nil
}
