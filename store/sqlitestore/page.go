package sqlitestore

import (
	"database/sql"
	"fmt"
	"sync"

	"github.com/evtui/evtui/store"
)

// page is what one statement read: messages whose bytes lie in one buffer that
// the next page overwrites.
type page struct {
	messages []store.Message
	buffer   []byte
	size     int  // bytes of the messages
	cut      bool // large messages ended it before its limit

	// Of the row that is being scanned.
	gpos, position, time, given      integer
	id, metadata, data               blob
	messageType, correlation, stream text
	sum                              optional
	into                             []any // pointers to the above, in the order of columns
	in                               summed
	summer                           summer
}

// columns are what a page scans of messages m, before the stream's name.
const columns = `m.gpos, m.position, m.time, m.given, m.id, m.type, m.correlation, m.metadata, m.data, `

// sumColumn is a message's checksum, which files of format 1 have no column for.
func sumColumn(bare bool) string {
	if bare {
		return `NULL, `
	}
	return `m.sum, `
}

var pages = sync.Pool{New: func() any {
	p := &page{}
	p.into = []any{&p.gpos, &p.position, &p.time, &p.given, &p.id, &p.messageType, &p.correlation, &p.metadata, &p.data, &p.sum, &p.stream}
	return p
}}

func newPage() *page { return pages.Get().(*page) }

// free gives a page back, unless it has grown over what should be kept.
func (p *page) free() {
	clear(p.messages)
	if cap(p.buffer) <= 2*pageSize {
		pages.Put(p)
	}
}

// fill reads all rows, or as many as have room, and closes them. stream is of
// all rows unless it is "". Rows before a damaged one are kept.
func (p *page) fill(rows *sql.Rows, stream string) error {
	defer rows.Close()
	p.messages, p.buffer, p.size, p.cut = p.messages[:0], p.buffer[:0], 0, false
	for rows.Next() {
		if err := rows.Scan(p.into...); err != nil {
			return err
		}
		m, err := p.message(stream)
		if err != nil {
			return err
		}
		p.messages = append(p.messages, m)
		if p.size += len(m.Data) + len(m.Metadata); p.size >= pageSize {
			p.cut = true
			return nil
		}
	}
	return rows.Err()
}

// message checks the row that was scanned and keeps it.
func (p *page) message(stream string) (store.Message, error) {
	if stream == "" {
		stream = string(p.stream)
	}
	m := store.Message{
		Stream: stream, Type: string(p.messageType), Position: int64(p.position),
		GlobalPosition: int64(p.gpos), Time: unixTime(int64(p.time)),
	}
	if copy(m.ID[:], p.id.bytes) != len(m.ID) || !p.fits(stream) {
		return m, damagedMessage(m.GlobalPosition)
	}
	m.Data = p.keep(p.data.bytes)
	if !p.metadata.null {
		m.Metadata = p.keep(p.metadata.bytes)
	}
	return m, nil
}

// damagedMessage is what a read ends with at a message that is not as it was
// written.
func damagedMessage(global int64) error {
	return fmt.Errorf("message at global position %d is damaged", global)
}

// fits compares the row's checksum with what it is to cover. Messages that were
// written before there were any have none.
func (p *page) fits(stream string) bool {
	if p.sum.null {
		return true
	}
	p.in = summed{
		global: int64(p.gpos), position: int64(p.position), time: int64(p.time), given: p.given != 0, id: p.id.bytes,
		messageType: string(p.messageType), correlation: string(p.correlation), data: p.data.bytes,
	}
	if !p.metadata.null {
		if p.in.metadata = p.metadata.bytes; p.in.metadata == nil {
			p.in.metadata = []byte{}
		}
	}
	return p.sum.value == p.summer.sum(stream, &p.in)
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

// integer, text, blob and optional take a column as the driver has it, without the
// copies and conversions of database/sql.
type (
	integer int64
	text    string
	blob    struct {
		bytes []byte // the driver's, valid until the next row
		null  bool
	}
	optional struct {
		value int64
		null  bool
	}
)

// Scan implements sql.Scanner.
func (o *optional) Scan(src any) error {
	v, ok := src.(int64)
	if !ok && src != nil {
		return fmt.Errorf("want an integer, got %T", src)
	}
	o.value, o.null = v, src == nil
	return nil
}

// Scan implements sql.Scanner.
func (i *integer) Scan(src any) error {
	v, ok := src.(int64)
	if !ok {
		return fmt.Errorf("want an integer, got %T", src)
	}
	*i = integer(v)
	return nil
}

// Scan implements sql.Scanner.
func (t *text) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*t = text(v)
	case nil:
		*t = ""
	default:
		return fmt.Errorf("want a text, got %T", src)
	}
	return nil
}

// Scan implements sql.Scanner.
func (b *blob) Scan(src any) error {
	switch v := src.(type) {
	case []byte:
		b.bytes, b.null = v, false
	case nil:
		b.bytes, b.null = nil, true
	default:
		return fmt.Errorf("want a blob, got %T", src)
	}
	return nil
}
