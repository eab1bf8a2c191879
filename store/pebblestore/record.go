package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/evtui/evtui/store"
)

// Flags of a message record's first byte.
const (
	flagMetadata    = 1 << iota // metadata is there (else null)
	flagCorrelation             // a correlation category is there
	flagClientID                // the id came from a client and has a u entry
	flagCardinal                // the stream has a cardinal id
	flagShaped                  // type, metadata and data are a shape's, around values
)

// A record is: flags, hash of the cardinal id (8), id (16), time (8, Unix
// nanoseconds), then as uvarints position and the lengths of stream, type,
// correlation (if flagged), metadata (if flagged), then those bytes, then the data.
// One that is shaped has instead: as uvarints position, the number of its shape,
// the lengths of stream and correlation (if flagged), then those bytes, then the
// values of metadata and data.
const recordFixedLen = 1 + 8 + 16 + 8

var errRecord = errors.New("record is damaged")

// record is a message as it goes into a batch. Its strings and bytes belong to
// whoever appends.
type record struct {
	flags       byte
	hash        int64
	id          store.ID
	time        int64
	position    int64
	stream      string
	messageType string
	correlation string
	metadata    []byte
	data        []byte

	shape  uint32 // if flagged
	values []byte
}

func uvarintLen(v uint64) int {
	n := 1
	for v >= 0x80 {
		v >>= 7
		n++
	}
	return n
}

// size returns how many bytes encode fills.
func (r *record) size() int {
	n := recordFixedLen + uvarintLen(uint64(r.position)) + uvarintLen(uint64(len(r.stream))) + len(r.stream)
	if r.flags&flagCorrelation != 0 {
		n += uvarintLen(uint64(len(r.correlation))) + len(r.correlation)
	}
	if r.flags&flagShaped != 0 {
		return n + uvarintLen(uint64(r.shape)) + len(r.values)
	}
	if r.flags&flagMetadata != 0 {
		n += uvarintLen(uint64(len(r.metadata))) + len(r.metadata)
	}
	return n + uvarintLen(uint64(len(r.messageType))) + len(r.messageType) + len(r.data)
}

// encode fills dst, which has exactly size bytes.
func (r *record) encode(dst []byte) {
	b := append(dst[:0], r.flags)
	b = binary.BigEndian.AppendUint64(b, uint64(r.hash))
	b = append(b, r.id[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.time))
	b = binary.AppendUvarint(b, uint64(r.position))
	if r.flags&flagShaped != 0 {
		b = binary.AppendUvarint(b, uint64(r.shape))
	}
	b = binary.AppendUvarint(b, uint64(len(r.stream)))
	if r.flags&flagShaped == 0 {
		b = binary.AppendUvarint(b, uint64(len(r.messageType)))
	}
	if r.flags&flagCorrelation != 0 {
		b = binary.AppendUvarint(b, uint64(len(r.correlation)))
	}
	if r.flags&(flagMetadata|flagShaped) == flagMetadata {
		b = binary.AppendUvarint(b, uint64(len(r.metadata)))
	}
	b = append(b, r.stream...)
	if r.flags&flagShaped == 0 {
		b = append(b, r.messageType...)
	}
	if r.flags&flagCorrelation != 0 {
		b = append(b, r.correlation...)
	}
	if r.flags&flagShaped != 0 {
		_ = append(b, r.values...)
		return
	}
	b = append(b, r.metadata...)
	_ = append(b, r.data...)
}

// meta is the record under the M key.
type meta struct {
	next     int64 // the next global position
	lastTime int64 // Unix nanoseconds; no message is older than the one before
	messages int64
	streams  int64
	sparse   bool // an import left streams that do not start at position 0
}

// Formats of a namespace. One that is written to gets the newest: an evtui
// that does not know shapes must not read their records for whole ones.
const (
	metaFormatWhole  = 1 // every record is whole
	metaFormatShaped = 2
)

func (m meta) encode() []byte {
	b := []byte{metaFormatShaped}
	for _, v := range []int64{m.next, m.lastTime, m.messages, m.streams} {
		b = binary.AppendVarint(b, v)
	}
	if m.sparse {
		return append(b, 1)
	}
	return append(b, 0)
}

func decodeMeta(b []byte) (meta, error) {
	var m meta
	if len(b) == 0 || b[0] != metaFormatWhole && b[0] != metaFormatShaped {
		return m, fmt.Errorf("namespace has a format that this evtui does not know")
	}
	rest, err := decodeVarints(b[1:], &m.next, &m.lastTime, &m.messages, &m.streams)
	if err != nil || len(rest) != 1 {
		return m, fmt.Errorf("meta: %w", errRecord)
	}
	m.sparse = rest[0] == 1
	return m, nil
}

func decodeVarints(b []byte, into ...*int64) ([]byte, error) {
	for _, p := range into {
		v, n := binary.Varint(b)
		if n <= 0 {
			return nil, errRecord
		}
		*p, b = v, b[n:]
	}
	return b, nil
}

func encodeGlobal(dst []byte, gpos int64) []byte { return binary.AppendUvarint(dst, uint64(gpos)) }

func decodeGlobal(value []byte) (int64, error) {
	v, n := binary.Uvarint(value)
	if n <= 0 || n != len(value) {
		return 0, errRecord
	}
	return int64(v), nil
}

// encodeEntry appends the value of an s entry: where the message is, as
// encodeGlobal has it, and its time (8, Unix nanoseconds), so that a list of
// streams tells their last activity without reading a message of each.
func encodeEntry(dst []byte, gpos, nanos int64) []byte {
	return binary.BigEndian.AppendUint64(encodeGlobal(dst, gpos), uint64(nanos))
}

// decodeEntry reads the value of an s entry. The time is 0 where there is none:
// entries were written without it before.
func decodeEntry(value []byte) (gpos, nanos int64, err error) {
	v, n := binary.Uvarint(value)
	switch rest := len(value) - n; {
	case n <= 0 || rest != 0 && rest != 8:
		return 0, 0, errRecord
	case rest == 8:
		nanos = int64(binary.BigEndian.Uint64(value[n:]))
	}
	return int64(v), nanos, nil
}
