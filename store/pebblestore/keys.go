package pebblestore

import (
	"encoding/binary"

	"github.com/evtui/evtui/store"
)

// The key families.
const (
	familyMeta     = 'M'
	familyCategory = 'c'
	familyGlobal   = 'g'
	familyShape    = 'h'
	familyKept     = 'k' // see engine.Batch.Keep
	familyMessage  = 'm'
	familyStream   = 's'
	familyID       = 'u'
	// A shape is needed for all messages that have it, so it is written twice, in
	// places that one damaged block does not hold together.
	familyShapeAgain = 'z'
)

const (
	globalKeyLen  = 1 + 8
	messageKeyLen = 1 + 4 + 8
	idKeyLen      = 1 + 16
	shapeKeyLen   = 1 + 4
	// nameEnd closes a stream's name; it sorts before all that a name may hold.
	nameEnd = 0x00
)

var metaKey = []byte{familyMeta}

func appendGlobalKey(dst []byte, gpos int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, familyGlobal), uint64(gpos))
}

func appendMessageKey(dst []byte, category uint32, gpos int64) []byte {
	dst = binary.BigEndian.AppendUint32(append(dst, familyMessage), category)
	return binary.BigEndian.AppendUint64(dst, uint64(gpos))
}

func appendStreamPrefix(dst []byte, stream string) []byte {
	dst = append(dst, familyStream)
	dst = append(dst, stream...)
	return append(dst, nameEnd)
}

func appendStreamKey(dst []byte, stream string, position int64) []byte {
	return binary.BigEndian.AppendUint64(appendStreamPrefix(dst, stream), uint64(position))
}

func streamKeyLen(stream string) int { return len(stream) + 1 + 1 + 8 }

func appendIDKey(dst []byte, id store.ID) []byte {
	return append(append(dst, familyID), id[:]...)
}

// lastUint64 reads the integer that ends a key of the g, m and s families.
func lastUint64(key []byte) int64 {
	return int64(binary.BigEndian.Uint64(key[len(key)-8:]))
}

// streamOfKey returns the name in a key of the s family, borrowed.
func streamOfKey(key []byte) []byte { return key[1 : len(key)-9] }

// familyBounds returns the range that holds a whole family.
func familyBounds(family byte) (lower, upper []byte) {
	return []byte{family}, []byte{family + 1}
}

func uint32At(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
