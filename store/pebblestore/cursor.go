package pebblestore

import (
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// cursor fetches messages of one category by global position. Neighbours are
// reached by a step, others by a seek.
type cursor struct {
	it       *pebble.Iterator
	category uint32
	at       int64 // where the iterator stands; 0: nowhere
	near     bool  // the last step found what was wanted
	key      [messageKeyLen]byte
}

// stepReach is how far away a message may be for a step to be tried first.
const stepReach = 4

func (d *database) openCursor(category uint32) (*cursor, error) {
	c := &cursor{category: category, near: true}
	lower := appendMessageKey(make([]byte, 0, 2*messageKeyLen), category, 0)
	upper := appendMessageKey(lower[messageKeyLen:messageKeyLen], category+1, 0)
	it, err := d.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	c.it = it
	return c, nil
}

// fetch returns the record at gpos, borrowed until the next call.
// store.ErrMessageNotFound means that there is none.
func (c *cursor) fetch(gpos int64) ([]byte, error) {
	if !c.step(gpos) {
		c.it.SeekGE(appendMessageKey(c.key[:0], c.category, gpos))
	}
	if !c.it.Valid() {
		c.at = 0
		if err := c.it.Error(); err != nil {
			return nil, fmt.Errorf("read message: %w", err)
		}
		return nil, store.ErrMessageNotFound
	}
	c.at = lastUint64(c.it.Key())
	if c.at != gpos {
		return nil, store.ErrMessageNotFound
	}
	value, err := c.it.ValueAndErr()
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	return value, nil
}

// step tries the neighbour in gpos's direction and tells whether that was it.
func (c *cursor) step(gpos int64) bool {
	distance := gpos - c.at
	if c.at == 0 || !c.near && (distance > stepReach || distance < -stepReach) {
		return false
	}
	valid := distance == 0
	switch {
	case distance > 0:
		valid = c.it.Next()
	case distance < 0:
		valid = c.it.Prev()
	}
	c.near = valid && lastUint64(c.it.Key()) == gpos
	return c.near
}

// maxCursors is how many categories a reader keeps open at once.
const maxCursors = 32

// reader reads messages by global position alone. One goroutine uses it, and
// closes it.
type reader struct {
	of      *database
	cursors map[uint32]*cursor
}

func (d *database) reader() *reader {
	return &reader{of: d, cursors: map[uint32]*cursor{}}
}

func (r *reader) close() {
	for _, c := range r.cursors {
		_ = c.it.Close() // errors were seen by fetch
	}
	clear(r.cursors)
}

// fetch returns the record of a message whose category is known.
func (r *reader) fetch(category uint32, gpos int64) ([]byte, error) {
	c := r.cursors[category]
	if c == nil {
		if len(r.cursors) >= maxCursors {
			r.close()
		}
		var err error
		if c, err = r.of.openCursor(category); err != nil {
			return nil, err
		}
		r.cursors[category] = c
	}
	return c.fetch(gpos)
}

// decodeNumber reads a category's number from a g entry.
func decodeNumber(value []byte) (uint32, error) {
	v, n := binary.Uvarint(value)
	if n <= 0 || n != len(value) || v > 1<<32-2 {
		return 0, errRecord
	}
	return uint32(v), nil
}
