package pebblestore

import (
	"context"
	"fmt"
	"iter"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// visit is told of each message of a scan, borrowed, and says whether to go on.
type visit func(store.Message) bool

// scan opens the namespace for one read and turns the read's visits into an iterator.
func (s *Store) scan(ctx context.Context, id string, check error, read func(*namespace, *watch, visit) error) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		if check != nil {
			yield(store.Message{}, check)
			return
		}
		ns, err := s.acquire(id)
		if err != nil {
			yield(store.Message{}, err)
			return
		}
		defer ns.h.release()
		stopped := false
		err = read(ns, &watch{ctx: ctx, gone: ns.h.gone}, func(m store.Message) bool {
			stopped = !yield(m, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(store.Message{}, err)
		}
	}
}

// watch ends long scans when their caller or their namespace goes away.
type watch struct {
	ctx   context.Context
	gone  <-chan struct{}
	steps int
}

// check is called once a step and looks every 64th time.
func (w *watch) check() error {
	w.steps++
	if w.steps&63 != 0 {
		return nil
	}
	select {
	case <-w.gone:
		return store.ErrNamespaceNotFound
	default:
		return w.ctx.Err()
	}
}

// ReadStream yields a stream's messages by position, borrowed.
func (s *Store) ReadStream(ctx context.Context, id string, q store.StreamQuery) iter.Seq2[store.Message, error] {
	return s.scan(ctx, id, q.Check(), func(ns *namespace, w *watch, v visit) error {
		return ns.readStream(w, q, ns.durable.Load(), v)
	})
}

// readStream visits the stream's messages up to the global position bound.
func (ns *namespace) readStream(w *watch, q store.StreamQuery, bound int64, v visit) error {
	cat := ns.cats.find(store.Category(q.Stream))
	if cat == nil || q.Limit == 0 {
		return nil
	}
	it, err := ns.streamIter(q.Stream, streamStart(q))
	if err != nil {
		return err
	}
	defer func() { _ = it.Close() }()
	messages, err := ns.openCursor(cat.number)
	if err != nil {
		return err
	}
	defer func() { _ = messages.it.Close() }()
	out := decoder{shapes: ns.shapes}
	left := q.Limit
	for ok := streamFirst(it, q); ok; ok = advance(it, q.Backward) {
		if err := w.check(); err != nil {
			return err
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return fmt.Errorf("read stream: %w", err)
		}
		gpos, _, err := decodeEntry(value)
		if err != nil {
			return fmt.Errorf("read stream: %w", err)
		}
		if gpos > bound || outOfRange(q, gpos) {
			continue
		}
		if value, err = messages.fetch(gpos); err != nil {
			return fmt.Errorf("read stream at global position %d: %w", gpos, err)
		}
		m, _, err := out.decode(value, gpos)
		if err != nil {
			return fmt.Errorf("read stream at global position %d: %w", gpos, err)
		}
		if !v(m) {
			return nil
		}
		if left--; left == 0 {
			return nil
		}
	}
	return it.Error()
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

// ReadCategory yields messages by global position, borrowed.
func (s *Store) ReadCategory(ctx context.Context, id string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	return s.scan(ctx, id, q.Check(), func(ns *namespace, w *watch, v visit) error {
		return ns.readCategory(w, q, ns.durable.Load(), v)
	})
}

// readCategory visits the category's messages up to the global position bound.
func (ns *namespace) readCategory(w *watch, q store.CategoryQuery, bound int64, v visit) error {
	from, to := q.GlobalPosition, bound
	if q.Backward {
		from = 1
		if q.GlobalPosition >= 1 {
			to = min(to, q.GlobalPosition)
		}
	}
	from = max(from, 1)
	if q.Limit == 0 || from > to {
		return nil
	}
	if q.Category == "" {
		return ns.readAll(w, q, from, to, v)
	}
	cat := ns.cats.find(q.Category)
	if cat == nil {
		return nil
	}
	lower := appendMessageKey(make([]byte, 0, 2*messageKeyLen), cat.number, from)
	upper := appendMessageKey(lower[messageKeyLen:messageKeyLen], cat.number, to+1)
	fetch := func(it *pebble.Iterator, gpos int64) ([]byte, error) { return it.ValueAndErr() }
	return ns.readRange(w, q, lower, upper, fetch, v)
}

// readAll visits the whole namespace's messages, category by category as the
// g family orders them.
func (ns *namespace) readAll(w *watch, q store.CategoryQuery, from, to int64, v visit) error {
	lower := appendGlobalKey(make([]byte, 0, 2*globalKeyLen), from)
	upper := appendGlobalKey(lower[globalKeyLen:globalKeyLen], to+1)
	r := ns.reader()
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
	return ns.readRange(w, q, lower, upper, fetch, v)
}

// readRange visits what the keys between lower and upper lead to, filtered.
func (ns *namespace) readRange(w *watch, q store.CategoryQuery, lower, upper []byte,
	fetch func(*pebble.Iterator, int64) ([]byte, error), v visit,
) error {
	it, err := ns.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return fmt.Errorf("read category: %w", err)
	}
	defer func() { _ = it.Close() }()
	var ok bool
	if q.Backward {
		ok = it.Last()
	} else {
		ok = it.First()
	}
	out := decoder{shapes: ns.shapes}
	left := q.Limit
	for ; ok; ok = advance(it, q.Backward) {
		if err := w.check(); err != nil {
			return err
		}
		gpos := lastUint64(it.Key())
		value, err := fetch(it, gpos)
		if err != nil {
			return fmt.Errorf("read category at global position %d: %w", gpos, err)
		}
		if !owned(value, q.Group) {
			continue
		}
		p, err := parse(value, gpos)
		if err != nil {
			return fmt.Errorf("read category at global position %d: %w", gpos, err)
		}
		if q.Correlation != "" && p.correlation != q.Correlation {
			continue
		}
		m, err := out.message(&p)
		if err != nil {
			return fmt.Errorf("read category at global position %d: %w", gpos, err)
		}
		if !v(m) {
			return nil
		}
		if left--; left == 0 {
			return nil
		}
	}
	return it.Error()
}
