package pebblestore

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// families are the key families as operators know them.
var families = []struct {
	key  byte
	name string
}{
	{familyMessage, "messages"}, {familyGlobal, "global index"}, {familyStream, "stream index"}, {familyID, "id index"},
	{familyCategory, "categories"}, {familyMeta, "meta"}, {familyShape, "shapes"}, {familyShapeAgain, "shapes again"},
	{familyKept, "types"},
}

// familyName says what operators call a key family.
func familyName(family byte) string {
	for _, f := range families {
		if f.key == family {
			return f.name
		}
	}
	return fmt.Sprintf("unknown family %q", family)
}

// describeKey says in words what a key is for. names tells categories by
// number, as far as they are known.
func describeKey(key []byte, names map[uint32]string) string {
	if len(key) == 0 {
		return "the beginning"
	}
	switch family := key[0]; {
	case family == familyMessage && len(key) == messageKeyLen:
		category := "number " + strconv.Itoa(int(binary.BigEndian.Uint32(key[1:])))
		if name, ok := names[binary.BigEndian.Uint32(key[1:])]; ok {
			category = strconv.Quote(name)
		}
		return fmt.Sprintf("global position %d of category %s", lastUint64(key), category)
	case family == familyGlobal && len(key) == globalKeyLen:
		return fmt.Sprintf("global position %d", lastUint64(key))
	case family == familyStream && len(key) > 10:
		return fmt.Sprintf("position %d of stream %q", lastUint64(key), streamOfKey(key))
	case family == familyID && len(key) == idKeyLen:
		return "id " + hex.EncodeToString(key[1:])
	case family == familyCategory:
		return fmt.Sprintf("category %q", key[1:])
	case (family == familyShape || family == familyShapeAgain) && len(key) == shapeKeyLen:
		return "shape " + strconv.Itoa(int(binary.BigEndian.Uint32(key[1:])))
	case family == familyKept:
		return "counts by type"
	case family == familyMeta:
		return "the counts"
	default:
		return fmt.Sprintf("key %x", key)
	}
}

// gap is a run of keys that cannot be read, both ends excluded. An empty
// after reaches back to the family's beginning, an empty before to its end.
type gap struct {
	family        byte
	after, before []byte
	err           error
}

// finding tells of a gap; see describeKey.
func (g gap) finding(names map[uint32]string) store.Finding {
	from, to := "the beginning", "the end"
	if len(g.after) > 0 {
		from = "after " + describeKey(g.after, names)
	}
	if len(g.before) > 0 {
		to = "before " + describeKey(g.before, names)
	}
	family := familyName(g.family)
	return store.Finding{Where: family, Family: family, Keys: from + " to " + to, Detail: "cannot be read: " + oneLine(g.err)}
}

// oneLine is an error's text without what Pebble hangs below it.
func oneLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

// scanFamily visits a family's entries, borrowed, and goes on behind what it
// cannot read: that is told to torn, in order. visit may end it with an error.
func scanFamily(db pebble.Reader, family byte, visit func(key, value []byte) error, torn func(gap)) error {
	lower, upper := familyBounds(family)
	var last []byte
	for {
		failed, err := scanRange(db, lower, upper, func(key, value []byte) error {
			last = append(last[:0], key...)
			return visit(key, value)
		})
		if err != nil || failed == nil {
			return err
		}
		next, found := readableAfter(db, maxKey(last, lower), upper)
		torn(gap{family: family, after: bytes.Clone(last), before: next, err: failed})
		if !found {
			return nil
		}
		lower = next
	}
}

// scanRange visits what lies between the bounds. failed is what kept it from
// reading on; err is visit's.
func scanRange(db pebble.Reader, lower, upper []byte, visit func(key, value []byte) error) (failed, err error) {
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return err, nil
	}
	defer func() { _ = it.Close() }()
	for it.First(); it.Valid(); it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err, nil
		}
		if err := visit(it.Key(), value); err != nil {
			return nil, err
		}
	}
	return it.Error(), nil
}

// readableAfter finds the first key past bad, where reading fails, at which it
// succeeds again. Tables are read in blocks, so it looks ever farther away
// until it is past the bad one, and then closes in on its end.
func readableAfter(db pebble.Reader, bad, upper []byte) (key []byte, found bool) {
	first := func(at []byte) (key []byte, ok bool) {
		it, err := db.NewIter(&pebble.IterOptions{LowerBound: at, UpperBound: upper})
		if err != nil {
			return nil, false
		}
		defer func() { _ = it.Close() }()
		if it.First() {
			key = bytes.Clone(it.Key())
		}
		return key, it.Error() == nil
	}
	low, high, end := keyNumber(bad), keyNumber(upper), keyNumber(upper)
	for distance := big.NewInt(1); ; distance = new(big.Int).Lsh(distance, 1) {
		at := new(big.Int).Add(low, new(big.Int).Lsh(distance, 8*(keyNumberLen-messageKeyLen)))
		if at.Cmp(end) >= 0 {
			break
		}
		if _, ok := first(numberKey(at)); ok {
			high = at
			break
		}
		low = at
	}
	for {
		middle := new(big.Int).Add(low, high)
		middle.Rsh(middle, 1)
		if middle.Cmp(low) == 0 {
			break
		}
		if _, ok := first(numberKey(middle)); ok {
			high = middle
		} else {
			low = middle
		}
	}
	key, ok := first(numberKey(high))
	return key, ok && key != nil
}

// keyNumberLen is how many bytes of a key take part in looking for the end of
// what is damaged: all of a message's, and of a stream's name the beginning.
const keyNumberLen = 24

// keyNumber turns a key into a number, which can be counted on and halved.
func keyNumber(key []byte) *big.Int {
	var padded [keyNumberLen]byte
	copy(padded[:], key)
	return new(big.Int).SetBytes(padded[:])
}

// numberKey returns the shortest key of a number.
func numberKey(n *big.Int) []byte {
	var padded [keyNumberLen]byte
	return bytes.TrimRight(n.FillBytes(padded[:]), "\x00")
}
