package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store/internal/engine"
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
// whoever appends. One that is shaped has its values for Data, and no Metadata.
type record struct {
	engine.Record
	flags  byte
	hash   int64
	stream string
	shape  uint32 // if flagged
}

// mark sets the flags that say which optional fields are there.
func (r *record) mark() {
	if r.Metadata != nil {
		r.flags |= flagMetadata
	}
	if r.Correlation != "" {
		r.flags |= flagCorrelation
	}
	if r.Given {
		r.flags |= flagClientID
	}
}

func uvarintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// size returns how many bytes encode fills.
func (r *record) size() int {
	n := recordFixedLen + uvarintLen(uint64(r.Position)) + uvarintLen(uint64(len(r.stream))) + len(r.stream)
	if r.flags&flagCorrelation != 0 {
		n += uvarintLen(uint64(len(r.Correlation))) + len(r.Correlation)
	}
	if r.flags&flagShaped != 0 {
		return n + uvarintLen(uint64(r.shape)) + len(r.Data)
	}
	if r.flags&flagMetadata != 0 {
		n += uvarintLen(uint64(len(r.Metadata))) + len(r.Metadata)
	}
	return n + uvarintLen(uint64(len(r.Type))) + len(r.Type) + len(r.Data)
}

// encode fills dst, which has exactly size bytes.
func (r *record) encode(dst []byte) {
	b := append(dst[:0], r.flags)
	b = binary.BigEndian.AppendUint64(b, uint64(r.hash))
	b = append(b, r.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time))
	b = binary.AppendUvarint(b, uint64(r.Position))
	if r.flags&flagShaped != 0 {
		b = binary.AppendUvarint(b, uint64(r.shape))
	}
	b = binary.AppendUvarint(b, uint64(len(r.stream)))
	if r.flags&flagShaped == 0 {
		b = binary.AppendUvarint(b, uint64(len(r.Type)))
	}
	if r.flags&flagCorrelation != 0 {
		b = binary.AppendUvarint(b, uint64(len(r.Correlation)))
	}
	if r.flags&(flagMetadata|flagShaped) == flagMetadata {
		b = binary.AppendUvarint(b, uint64(len(r.Metadata)))
	}
	b = append(b, r.stream...)
	if r.flags&flagShaped == 0 {
		b = append(b, r.Type...)
	}
	b = append(append(b, r.Correlation...), r.Metadata...)
	_ = append(b, r.Data...)
}

// Formats of a namespace. One that is written to gets the newest: an evtui
// that does not know shapes must not read their records for whole ones, and one
// that does not know counts by type must not leave wrong ones behind.
const (
	metaFormatWhole  = 1 // every record is whole
	metaFormatShaped = 2
	metaFormatTyped  = 3 // counts by type may be kept, which an import into the midst invalidates
	metaFormatNewest = metaFormatTyped
)

// metaLen is the most that the record under the M key takes.
const metaLen = 1 + 4*binary.MaxVarintLen64 + 1

// encodeMeta appends the record under the M key.
func encodeMeta(dst []byte, s engine.State) []byte {
	dst = append(dst, metaFormatNewest)
	for _, v := range [...]int64{s.Next, s.LastTime, s.Messages, s.Streams} {
		dst = binary.AppendVarint(dst, v)
	}
	if s.Sparse {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// decodeMeta reads the record under the M key. It returns an *engine.FormatError
// for one that is newer than this code.
func decodeMeta(b []byte) (engine.State, error) {
	var s engine.State
	if len(b) == 0 || b[0] < metaFormatWhole {
		return s, engine.Damaged(errRecord, "the counts cannot be read")
	}
	if b[0] > metaFormatNewest {
		return s, &engine.FormatError{What: "the namespace", Found: int(b[0]), Known: metaFormatNewest}
	}
	rest, err := decodeVarints(b[1:], &s.Next, &s.LastTime, &s.Messages, &s.Streams)
	if err != nil || len(rest) != 1 || rest[0] > 1 {
		return s, engine.Damaged(errRecord, "the counts cannot be read")
	}
	s.Sparse = rest[0] == 1
	return s, nil
}

// isNewer reports whether a namespace could not be read since it is of a format that
// is newer than this code.
func isNewer(err error) bool {
	_, newer := errors.AsType[*engine.FormatError](err)
	return newer
}

// readState reads the counts of a database. It returns pebble.ErrNotFound when there
// are none, and decodeMeta's errors.
func readState(db pebble.Reader) (engine.State, error) {
	value, closer, err := db.Get(metaKey)
	if err != nil {
		return engine.State{}, err
	}
	state, err := decodeMeta(value)
	return state, errors.Join(err, closer.Close())
}

// encodeCategory appends the record of a category.
func encodeCategory(dst []byte, number uint32, n engine.Counts) []byte {
	dst = binary.AppendVarint(dst, int64(number))
	dst = binary.AppendVarint(dst, n.Streams)
	dst = binary.AppendVarint(dst, n.Messages)
	return binary.AppendVarint(dst, n.Last)
}

func decodeCategory(name string, value []byte) (*engine.Category, error) {
	var number int64
	var n engine.Counts
	if _, err := decodeVarints(value, &number, &n.Streams, &n.Messages, &n.Last); err != nil {
		return nil, err
	}
	return &engine.Category{Name: name, Number: uint32(number), Counts: n}, nil
}

// loadCategories reads the categories of a database.
func loadCategories(db pebble.Reader) ([]*engine.Category, error) {
	var list []*engine.Category
	lower, upper := familyBounds(familyCategory)
	failed, err := scanRange(db, lower, upper, func(key, value []byte) error {
		c, err := decodeCategory(string(key[1:]), value)
		if err != nil {
			return fmt.Errorf("category %q: %w", key[1:], err)
		}
		list = append(list, c)
		return nil
	})
	return list, errors.Join(failed, err)
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

// entry is the value of an s entry.
type entry struct {
	gpos  int64
	nanos int64  // the message's time, Unix nanoseconds; 0: entries were written without it before
	sum   uint16 // see engine.TypeSum
	typed bool   // there is a sum: entries were written without it before format 3
}

// entryLen is the most that the value of an s entry takes.
const entryLen = binary.MaxVarintLen64 + 8 + 2

// encodeEntry appends the value of an s entry: where the message is, as
// encodeGlobal has it, its time (8, Unix nanoseconds), so that a list of streams
// tells their last activity without reading a message of each, and the sum of its
// type (2), so that a stream's last type is told in the same way.
func encodeEntry(dst []byte, gpos, nanos int64, sum uint16) []byte {
	dst = binary.BigEndian.AppendUint64(encodeGlobal(dst, gpos), uint64(nanos))
	return binary.BigEndian.AppendUint16(dst, sum)
}

// entryAt reads the s entry that an iterator stands at.
func entryAt(it *pebble.Iterator) (entry, error) {
	value, err := it.ValueAndErr()
	if err != nil {
		return entry{}, err
	}
	return decodeEntry(value)
}

// decodeEntry reads the value of an s entry, or of a g or u entry, which hold the
// global position, or the category's number, alone.
func decodeEntry(value []byte) (e entry, err error) {
	v, n := binary.Uvarint(value)
	if n <= 0 {
		return e, errRecord
	}
	e.gpos = int64(v)
	switch rest := value[n:]; len(rest) {
	case 0:
	case 10:
		e.sum, e.typed = binary.BigEndian.Uint16(rest[8:]), true
		fallthrough
	case 8:
		e.nanos = int64(binary.BigEndian.Uint64(rest))
	default:
		return entry{}, errRecord
	}
	return e, nil
}
