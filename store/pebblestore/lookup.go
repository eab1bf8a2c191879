package pebblestore

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// End finds a stream's last message, not past the bound.
func (d *database) End(stream string, bound int64) (engine.End, error) {
	none := engine.End{Version: store.NoStream}
	if !d.sparse.Load() {
		// A stream that starts at 0 is not there unless its first entry is, and
		// for that question the filters have a cheap answer.
		there, err := d.has(appendStreamKey(make([]byte, 0, 64), stream, 0))
		if err != nil {
			return none, fmt.Errorf("look up stream: %w", err)
		}
		if !there {
			return none, nil
		}
	}
	it, err := d.streamIter(stream, 0)
	if err != nil {
		return none, err
	}
	defer func() { _ = it.Close() }()
	for it.Last(); it.Valid(); it.Prev() {
		e, err := entryAt(it)
		if err != nil {
			return none, fmt.Errorf("look up stream: %w", err)
		}
		if bound < 0 || e.gpos <= bound {
			return engine.End{Version: lastUint64(it.Key()), GlobalPosition: e.gpos, Time: e.nanos, TypeSum: e.sum, Typed: e.typed}, nil
		}
	}
	return none, it.Error()
}

// has reports whether a key is there.
func (d *database) has(key []byte) (bool, error) {
	_, closer, err := d.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, closer.Close()
}

// streamIter iterates over a stream's entries from a position on.
func (d *database) streamIter(stream string, from int64) (*pebble.Iterator, error) {
	n := streamKeyLen(stream)
	buf := make([]byte, 0, 2*n)
	lower := appendStreamKey(buf, stream, max(from, 0))
	upper := appendStreamPrefix(lower[n:n:2*n], stream)
	upper[len(upper)-1] = nameEnd + 1
	it, err := d.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return nil, fmt.Errorf("read stream: %w", err)
	}
	return it, nil
}

// ByID returns the global position of the message with a given id, 0 when
// there is none.
func (d *database) ByID(id store.ID) (int64, error) {
	value, closer, err := d.db.Get(appendIDKey(make([]byte, 0, idKeyLen), id))
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look up id: %w", err)
	}
	gpos, err := decodeGlobal(value)
	return gpos, errors.Join(err, closer.Close())
}

// Taken reports whether a message is at a position.
func (d *database) Taken(stream string, position int64) (bool, error) {
	key := appendGlobalKey(make([]byte, 0, globalKeyLen), position)
	if stream != "" {
		key = appendStreamKey(make([]byte, 0, streamKeyLen(stream)), stream, position)
	}
	taken, err := d.has(key)
	if err != nil {
		return false, fmt.Errorf("look up position: %w", err)
	}
	return taken, nil
}

// Next returns the first message at or after a global position.
func (d *database) Next(position int64) (found bool, at int64, written time.Time, err error) {
	_, upper := familyBounds(familyGlobal)
	lower := appendGlobalKey(make([]byte, 0, globalKeyLen), max(position, 0))
	it, err := d.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return false, 0, written, fmt.Errorf("seek position: %w", err)
	}
	defer func() { _ = it.Close() }()
	if !it.First() {
		return false, 0, written, it.Error()
	}
	at = lastUint64(it.Key())
	value, err := it.ValueAndErr()
	if err != nil {
		return false, 0, written, fmt.Errorf("seek position: %w", err)
	}
	category, err := decodeNumber(value)
	if err == nil {
		written, err = d.timeOf(category, at)
	}
	if err != nil {
		return false, 0, written, fmt.Errorf("read global position %d: %w", at, err)
	}
	return true, at, written, nil
}

// timeOf returns when a message was written.
func (d *database) timeOf(category uint32, gpos int64) (time.Time, error) {
	value, closer, err := d.db.Get(appendMessageKey(make([]byte, 0, messageKeyLen), category, gpos))
	if err != nil {
		return time.Time{}, err
	}
	written, err := recordTime(value)
	return written, errors.Join(err, closer.Close())
}
