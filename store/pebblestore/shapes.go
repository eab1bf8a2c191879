package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store/pebblestore/shape"
)

// Bounds of what a namespace learns, and so of what it keeps in memory.
const (
	maxShapes     = 2048
	maxShapeBytes = 256 << 10 // of outlines together
	learnAfter    = 4         // messages with the same outline
	maxSightings  = 4096      // outlines that are watched for coming again
)

var errShape = errors.New("the shape of the message is missing")

// shapes are those that a namespace has learned. Only the committer adds to
// them; a shape is there before the first message that has it can be read, and
// its record is in the log before that message's.
type shapes struct {
	known atomic.Pointer[shapeTable]

	seed maphash.Seed
	mu   sync.Mutex // guards what follows
	seen map[uint64]uint8
}

// shapeTable is never changed: learning makes a new one.
type shapeTable struct {
	numbers map[string]uint32 // by outline
	all     []*shape.Shape    // by number; nil: no such shape
	bytes   int               // of outlines
}

func newShapes() *shapes {
	s := &shapes{seed: maphash.MakeSeed(), seen: map[uint64]uint8{}}
	s.known.Store(&shapeTable{numbers: map[string]uint32{}, all: []*shape.Shape{nil}})
	return s
}

// at returns the shape with a number, or nil.
func (s *shapes) at(number uint64) *shape.Shape {
	if s == nil {
		return nil
	}
	if all := s.known.Load().all; number < uint64(len(all)) {
		return all[number]
	}
	return nil
}

// find returns an outline's number, 0 if it is not known; again says that it
// came often enough to be learned.
func (s *shapes) find(outline []byte) (number uint32, again bool) {
	table := s.known.Load()
	if n, ok := table.numbers[string(outline)]; ok {
		return n, false
	}
	if table.full(outline) {
		return 0, false
	}
	hash := maphash.Bytes(s.seed, outline)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seen) >= maxSightings {
		clear(s.seen) // what is not seen again soon is not worth it
	}
	s.seen[hash]++
	if s.seen[hash] < learnAfter {
		return 0, false
	}
	delete(s.seen, hash)
	return 0, true
}

func (t *shapeTable) full(outline []byte) bool {
	return len(t.all) > maxShapes || t.bytes+len(outline) > maxShapeBytes
}

// learn gives an outline a number, and says whether that is a new one. It
// returns 0 when there is no room. Only the committer calls it.
func (s *shapes) learn(outline []byte) (number uint32, fresh bool) {
	table := s.known.Load()
	if n, ok := table.numbers[string(outline)]; ok {
		return n, false
	}
	if table.full(outline) {
		return 0, false
	}
	number = uint32(len(table.all))
	if err := s.add(number, outline); err != nil {
		return 0, false // Cut makes none that cannot be parsed; the message is stored whole
	}
	return number, true
}

// add makes a shape known under its number.
func (s *shapes) add(number uint32, outline []byte) error {
	if number == 0 || number > maxShapes {
		return errRecord
	}
	parsed, err := shape.Parse(outline)
	if err != nil {
		return err
	}
	table := s.known.Load()
	next := &shapeTable{
		numbers: maps.Clone(table.numbers), bytes: table.bytes + len(outline),
		all: append(table.all[:len(table.all):len(table.all)], make([]*shape.Shape, max(0, int(number)+1-len(table.all)))...),
	}
	next.numbers[string(outline)] = number
	next.all[number] = parsed
	s.known.Store(next)
	return nil
}

// load reads what the database has learned.
func (s *shapes) load(db pebble.Reader) error {
	lower, upper := familyBounds(familyShape)
	failed, err := scanRange(db, lower, upper, func(key, value []byte) error {
		number, err := numberOfShape(key)
		if err == nil {
			err = s.add(number, value)
		}
		if err != nil {
			return fmt.Errorf("shape %d: %w", number, err)
		}
		return nil
	})
	return errors.Join(failed, err)
}

// gather reads what can be read of a database that may be damaged, from both
// places where a shape is written.
func (s *shapes) gather(db pebble.Reader) error {
	for _, family := range []byte{familyShape, familyShapeAgain} {
		err := scanFamily(db, family, func(key, value []byte) error {
			if number, err := numberOfShape(key); err == nil && s.at(uint64(number)) == nil {
				_ = s.add(number, value) // what is damaged here may be whole there
			}
			return nil
		}, func(gap) {})
		if err != nil {
			return err
		}
	}
	return nil
}

func appendShapeKey(dst []byte, family byte, number uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, family), number)
}

func numberOfShape(key []byte) (uint32, error) {
	if len(key) != shapeKeyLen {
		return 0, errRecord
	}
	return binary.BigEndian.Uint32(key[1:]), nil
}
