package logstore

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/evtui/evtui/store"
)

// A record is written so:
//
//	format, kind, token (16 bytes), part, parts
//	append:   stream, position of the record's first event, events
//	import:   messages, each with stream, position, global position and time
//	truncate: nothing
//	CRC-32C of the namespace's identity and of all of it
//
// Numbers are varints, names and payloads have their length before them; of metadata
// it is one more, so that 0 is none. Each part can be read by itself.
const recordFormat = 1

type recordKind byte

const (
	recordAppend   recordKind = 'a'
	recordImport   recordKind = 'i'
	recordTruncate recordKind = 't' // everything before is gone: positions begin again
)

// token tells a record from all others. It is the same when a record is sent again.
type token [16]byte

func newToken() (t token) {
	_, _ = rand.Read(t[:]) // it never fails (it would end the process) since Go 1.24
	return t
}

func (t token) String() string { return hex.EncodeToString(t[:]) }

// entry is a record, or one part of it.
type entry struct {
	of          string // the identity of the namespace that it was meant for
	kind        recordKind
	token       token
	part, parts int
	write       store.Write // its ExpectedVersion is the position before the record's first event
	made        []bool      // whose ids no client gave
	imports     []store.ImportMessage
}

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	errForeign = errors.New("it is no record of evtui")
	errSum     = errors.New("its checksum does not hold: it is damaged, or was meant for another namespace of this name")
	errFormat  = errors.New("it is of a newer format than this evtui reads")
	errCut     = errors.New("it ends too soon")
)

// partOverhead is what a part takes besides its events, and a subject and an id
// beside it in the log, at most.
const partOverhead = 64 + store.MaxStreamName + 3*store.MaxStreamName + 512

// encode writes the entry in parts of at most limit bytes, each event in one of them.
func (e *entry) encode(limit int) ([][]byte, error) {
	limit -= partOverhead
	var cuts []int
	size := 0
	for i := range e.count() {
		n := e.size(i)
		if n > limit {
			return nil, &store.InvalidError{Field: "data", Reason: fmt.Sprintf("of one message must be at most %d bytes here, with all that belongs to it: the log takes no more", limit)}
		}
		if size+n > limit {
			cuts, size = append(cuts, i), 0
		}
		size += n
	}
	cuts = append(cuts, e.count())
	if len(cuts) > maxParts {
		return nil, &store.InvalidError{Field: "events", Reason: fmt.Sprintf("must be at most %d MB together here: the log takes no more at once", maxParts*limit>>20)}
	}
	parts := make([][]byte, len(cuts))
	from := 0
	for i, to := range cuts {
		parts[i] = e.encodePart(i, len(cuts), from, to)
		from = to
	}
	return parts, nil
}

// maxParts is how many messages JetStream takes in one atomic batch.
const maxParts = 1000

func (e *entry) count() int { return len(e.write.Events) + len(e.imports) }

// size is what an event takes, at most.
func (e *entry) size(i int) int {
	const numbers = 16 + 8*binary.MaxVarintLen64
	if e.kind == recordImport {
		m := &e.imports[i]
		return numbers + len(m.Stream) + len(m.Type) + len(m.Correlation) + len(m.Data) + len(m.Metadata)
	}
	v := &e.write.Events[i]
	return numbers + len(v.Type) + len(v.Correlation) + len(v.Data) + len(v.Metadata)
}

func (e *entry) encodePart(part, parts, from, to int) []byte {
	size := partOverhead
	for i := from; i < to; i++ {
		size += e.size(i)
	}
	b := make([]byte, 0, size)
	b = append(b, recordFormat, byte(e.kind))
	b = append(b, e.token[:]...)
	b = binary.AppendUvarint(b, uint64(part))
	b = binary.AppendUvarint(b, uint64(parts))
	if e.kind == recordAppend {
		b = appendText(b, e.write.Stream)
		b = binary.AppendVarint(b, e.write.ExpectedVersion+1)
	}
	b = binary.AppendUvarint(b, uint64(to-from))
	for i := from; i < to; i++ {
		if e.kind == recordImport {
			b = appendImport(b, &e.imports[i])
		} else {
			b = appendEvent(b, &e.write.Events[i], e.made != nil && e.made[i])
		}
	}
	return binary.LittleEndian.AppendUint32(b, sum(e.of, b))
}

// sum is a part's checksum. What an evtui that did not notice yet sends to another namespace of
// the name it knows has a wrong one there.
func sum(of string, b []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(of), castagnoli), castagnoli, b)
}

func appendEvent(b []byte, v *store.Event, made bool) []byte {
	b = append(b, v.ID[:]...)
	if made {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return appendPayload(b, v.Type, v.Correlation, v.Data, v.Metadata)
}

func appendImport(b []byte, m *store.ImportMessage) []byte {
	b = append(b, m.ID[:]...)
	b = appendText(b, m.Stream)
	b = binary.AppendVarint(b, m.Position)
	b = binary.AppendVarint(b, m.GlobalPosition)
	b = binary.AppendVarint(b, m.Time.Unix())
	b = binary.AppendVarint(b, int64(m.Time.Nanosecond()))
	return appendPayload(b, m.Type, m.Correlation, m.Data, m.Metadata)
}

func appendPayload(b []byte, messageType, correlation string, data, metadata []byte) []byte {
	b = appendText(appendText(b, messageType), correlation)
	b = appendText(b, data)
	if metadata == nil {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(metadata))+1)
	return append(b, metadata...)
}

func appendText[T string | []byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// decode reads a part. Strings and bytes of the entry point into body.
func decode(of, subject string, body []byte) (*entry, error) {
	const head = 2 + len(token{})
	switch end := len(body) - crc32.Size; {
	case len(body) < head+crc32.Size:
		return nil, errForeign
	case body[0] == 0 || body[0] >= ' ':
		return nil, errForeign
	case body[0] > recordFormat:
		return nil, errFormat
	case binary.LittleEndian.Uint32(body[end:]) != sum(of, body[:end]):
		return nil, errSum
	default:
		r := reader{rest: body[head:end]}
		e := &entry{of: of, kind: recordKind(body[1])}
		copy(e.token[:], body[2:])
		r.entry(e)
		if r.cut || len(r.rest) > 0 {
			return nil, errCut
		}
		if want := e.subject(); want != subject {
			return nil, fmt.Errorf("it belongs to the subject %s", want)
		}
		return e, nil
	}
}

// subject is where the entry belongs.
func (e *entry) subject() string {
	if e.kind == recordAppend {
		return Subject(e.write.Stream)
	}
	return controlSubject
}

// reader takes a body apart.
type reader struct {
	rest []byte
	cut  bool // it ended too soon, or holds what it cannot
}

func (r *reader) entry(e *entry) {
	e.part, e.parts = r.number(maxParts), r.number(maxParts)
	if e.part >= e.parts {
		r.cut = true
	}
	if e.kind == recordAppend {
		e.write.Stream = r.text()
		e.write.ExpectedVersion = r.signed() - 1
	}
	n := r.number(len(r.rest) / 16)
	switch e.kind {
	case recordAppend:
		e.write.Events = make([]store.Event, n)
		for i := range e.write.Events {
			made := r.event(&e.write.Events[i])
			if made && e.made == nil {
				e.made = make([]bool, n)
			}
			if made {
				e.made[i] = true
			}
		}
	case recordImport:
		e.imports = make([]store.ImportMessage, n)
		for i := range e.imports {
			r.imported(&e.imports[i])
		}
	case recordTruncate:
		r.cut = r.cut || n > 0
	default:
		r.cut = true
	}
}

// event reads one event, and whether its id was made by evtui.
func (r *reader) event(v *store.Event) (made bool) {
	copy(v.ID[:], r.bytes(len(v.ID)))
	if flag := r.bytes(1); len(flag) == 1 {
		made = flag[0] == 1
	}
	v.Type, v.Correlation, v.Data, v.Metadata = r.payload()
	return made
}

func (r *reader) imported(m *store.ImportMessage) {
	copy(m.ID[:], r.bytes(len(m.ID)))
	m.Stream = r.text()
	m.Position, m.GlobalPosition = r.signed(), r.signed()
	seconds, nanos := r.signed(), r.signed()
	m.Time = time.Unix(seconds, nanos).UTC()
	m.Type, m.Correlation, m.Data, m.Metadata = r.payload()
}

func (r *reader) payload() (messageType, correlation string, data, metadata []byte) {
	messageType, correlation = r.text(), r.text()
	data = r.bytes(r.number(len(r.rest)))
	if n := r.number(len(r.rest) + 1); n > 0 {
		metadata = r.bytes(n - 1)
	}
	return messageType, correlation, data, metadata
}

func (r *reader) text() string { return string(r.bytes(r.number(len(r.rest)))) }

// bytes takes n bytes, capped so that nobody appends to what follows.
func (r *reader) bytes(n int) []byte {
	if n > len(r.rest) {
		r.cut, r.rest = true, nil
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// number reads one from 0 to most.
func (r *reader) number(most int) int {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > uint64(max(most, 0)) {
		r.cut, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

func (r *reader) signed() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.cut, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}
