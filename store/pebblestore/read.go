package pebblestore

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// ReadStream visits a stream's messages by position, up to the global position
// bound.
func (d *database) ReadStream(w *engine.Watch, q store.StreamQuery, bound int64, v engine.Visit) (next int64, err error) {
	category, found := d.numberOf(store.Category(q.Stream))
	if !found || q.Limit == 0 {
		return 0, nil
	}
	it, err := d.streamIter(q.Stream, streamStart(q))
	if err != nil {
		return 0, err
	}
	defer func() { _ = it.Close() }()
	messages, err := d.openCursor(category)
	if err != nil {
		return 0, err
	}
	defer func() { _ = messages.it.Close() }()
	out := decoder{shapes: d.shapes}
	left := q.Limit
	for ok := streamFirst(it, q); ok; ok = advance(it, q.Backward) {
		if err := w.Step(); err != nil {
			return lastUint64(it.Key()), err
		}
		e, err := entryAt(it)
		if err != nil {
			return 0, fmt.Errorf("read stream: %w", err)
		}
		gpos := e.gpos
		if gpos > bound || outOfRange(q, gpos) {
			continue
		}
		value, err := messages.fetch(gpos)
		if err != nil {
			return 0, fmt.Errorf("read stream at global position %d: %w", gpos, err)
		}
		m, _, err := out.decode(value, gpos)
		if err != nil {
			return 0, fmt.Errorf("read stream at global position %d: %w", gpos, err)
		}
		if !v(m) {
			return 0, nil
		}
		if left--; left == 0 {
			return 0, nil
		}
	}
	return 0, it.Error()
}

func streamStart(q store.StreamQuery) int64 {
	if q.Backward {
		return 0
	}
	return q.Position
}

// streamFirst positions the iterator at the first entry a query asks for.
func streamFirst(it *pebble.Iterator, q store.StreamQuery) bool {
	if !q.Backward {
		return it.First()
	}
	if q.Position < 0 || q.Position+1 < 0 {
		return it.Last()
	}
	return it.SeekLT(appendStreamKey(make([]byte, 0, streamKeyLen(q.Stream)), q.Stream, q.Position+1))
}

func outOfRange(q store.StreamQuery, gpos int64) bool {
	if q.Backward {
		return q.GlobalPosition >= 1 && gpos > q.GlobalPosition
	}
	return gpos < q.GlobalPosition
}

func advance(it *pebble.Iterator, backward bool) bool {
	if backward {
		return it.Prev()
	}
	return it.Next()
}

// ReadCategory visits a category's messages by global position, up to bound.
func (d *database) ReadCategory(w *engine.Watch, q store.CategoryQuery, bound int64, v engine.Visit) (next int64, err error) {
	from, to := q.GlobalPosition, bound
	if q.Backward {
		from = 1
		if q.GlobalPosition >= 1 {
			to = min(to, q.GlobalPosition)
		}
	}
	from = max(from, 1)
	if q.Limit == 0 || from > to {
		return 0, nil
	}
	if q.Category == "" {
		return d.readAll(w, q, from, to, v)
	}
	number, found := d.numberOf(q.Category)
	if !found {
		return 0, nil
	}
	lower := appendMessageKey(make([]byte, 0, 2*messageKeyLen), number, from)
	upper := appendMessageKey(lower[messageKeyLen:messageKeyLen], number, to+1)
	fetch := func(it *pebble.Iterator, gpos int64) ([]byte, error) { return it.ValueAndErr() }
	return d.readRange(w, q, lower, upper, fetch, v)
}

// readAll visits the whole namespace's messages, category by category as the
// g family orders them.
func (d *database) readAll(w *engine.Watch, q store.CategoryQuery, from, to int64, v engine.Visit) (int64, error) {
	lower := appendGlobalKey(make([]byte, 0, 2*globalKeyLen), from)
	upper := appendGlobalKey(lower[globalKeyLen:globalKeyLen], to+1)
	r := d.reader()
	defer r.close()
	fetch := func(it *pebble.Iterator, gpos int64) ([]byte, error) {
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, err
		}
		category, err := decodeNumber(value)
		if err != nil {
			return nil, err
		}
		return r.fetch(category, gpos)
	}
	return d.readRange(w, q, lower, upper, fetch, v)
}

// readRange visits what the keys between lower and upper lead to, filtered.
func (d *database) readRange(w *engine.Watch, q store.CategoryQuery, lower, upper []byte,
	fetch func(*pebble.Iterator, int64) ([]byte, error), v engine.Visit,
) (next int64, err error) {
	it, err := d.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return 0, fmt.Errorf("read category: %w", err)
	}
	defer func() { _ = it.Close() }()
	ok := it.First()
	if q.Backward {
		ok = it.Last()
	}
	out := decoder{shapes: d.shapes}
	left := q.Limit
	for ; ok; ok = advance(it, q.Backward) {
		gpos := lastUint64(it.Key())
		if err := w.Step(); err != nil {
			return gpos, err
		}
		value, err := fetch(it, gpos)
		if err != nil {
			return 0, fmt.Errorf("read category at global position %d: %w", gpos, err)
		}
		if !owned(value, q.Group) {
			continue
		}
		p, err := parse(value, gpos)
		if err != nil {
			return 0, fmt.Errorf("read category at global position %d: %w", gpos, err)
		}
		if q.Correlation != "" && p.correlation != q.Correlation {
			continue
		}
		m, err := out.message(&p)
		if err != nil {
			return 0, fmt.Errorf("read category at global position %d: %w", gpos, err)
		}
		if !v(m) {
			return 0, nil
		}
		if left--; left == 0 {
			return 0, nil
		}
	}
	return 0, it.Error()
}
