package engine

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// Append stores w's events and returns once they are durable and readable.
func (s *Store) Append(ctx context.Context, namespace string, w store.Write) (store.Appended, error) {
	if err := w.Check(); err != nil {
		return store.Appended{}, err
	}
	h, err := s.handleOf(namespace)
	if err != nil {
		return store.Appended{}, err
	}
	ns, err := h.acquireToWrite(ctx)
	if err != nil {
		return store.Appended{}, err
	}
	defer h.release()
	o := newOp()
	o.write = w
	for i := range w.Events {
		o.size += len(w.Events[i].Data) + len(w.Events[i].Metadata)
	}
	var a store.Appended
	if err := ns.submit(ctx, o, &a); err != nil {
		return store.Appended{}, err
	}
	return a, nil
}

// Version returns the stream's last durable position, store.NoStream when it
// has none.
func (s *Store) Version(_ context.Context, id, stream string) (int64, error) {
	if err := store.CheckStreamName(stream); err != nil {
		return 0, err
	}
	return on(s, id, func(ns *namespace) (int64, error) { return ns.version(stream, ns.durable.Load()) })
}

func (ns *namespace) version(stream string, bound int64) (int64, error) {
	if version, position, ok := ns.heads.peek(stream); ok && position <= bound {
		return version, nil
	}
	end, err := ns.db.End(stream, bound)
	return end.Version, err
}

// Head returns the global position of the last durable message.
func (s *Store) Head(_ context.Context, id string) (int64, error) {
	return on(s, id, func(ns *namespace) (int64, error) { return ns.durable.Load(), nil })
}

// LastMessage returns the stream's newest message, of the given type unless
// that is "", owned by the caller.
func (s *Store) LastMessage(ctx context.Context, namespace, stream, messageType string) (store.Message, error) {
	q := store.StreamQuery{Stream: stream, Position: -1, Limit: store.NoLimit, Backward: true}
	if messageType == "" {
		q.Limit = 1
	}
	for m, err := range s.ReadStream(ctx, namespace, q) {
		if err != nil {
			return store.Message{}, err
		}
		if messageType == "" || m.Type == messageType {
			return m.Clone(), nil
		}
	}
	return store.Message{}, store.ErrMessageNotFound
}

// at visits the message at a global position, if there is one.
func (ns *namespace) at(position int64, visit func(store.Message)) (found bool, err error) {
	q := store.CategoryQuery{GlobalPosition: position, Limit: 1}
	_, err = ns.db.ReadCategory(NewWatch(context.Background()), q, position, func(m store.Message) bool {
		found = true
		visit(m)
		return false
	})
	return found, err
}

// MessageByID returns the message with the id, owned by the caller. Ids that
// clients gave have an index; those made here carry their time, which leads
// to the message.
func (s *Store) MessageByID(ctx context.Context, namespaceID string, id store.ID) (store.Message, error) {
	return on(s, namespaceID, func(ns *namespace) (m store.Message, err error) {
		bound, found := ns.durable.Load(), false
		position, err := ns.db.ByID(id)
		switch {
		case err != nil:
		case position == 0:
			m, found, err = ns.searchMadeID(ctx, id, bound)
		case position <= bound:
			found, err = ns.at(position, func(one store.Message) { m = one.Clone() })
		}
		if err == nil && !found {
			err = store.ErrMessageNotFound
		}
		return m, err
	})
}

// searchMadeID looks among the messages of the id's millisecond.
func (ns *namespace) searchMadeID(ctx context.Context, id store.ID, bound int64) (m store.Message, found bool, err error) {
	made, ok := id.Time()
	if !ok {
		return m, false, nil
	}
	from, err := ns.positionAt(made, bound)
	if err != nil {
		return m, false, err
	}
	q := store.CategoryQuery{GlobalPosition: from, Limit: store.NoLimit}
	err = ns.readCategory(&Watch{ctx: ctx, gone: ns.h.gone}, q, bound, func(one store.Message, _ error) bool {
		if one.ID == id {
			m, found = one.Clone(), true
		}
		return !found && one.Time.Before(made.Add(time.Millisecond))
	})
	return m, found, err
}

// PositionAt returns the global position of the first message whose time is t
// or later. It relies on times that do not run backwards, which imports of
// disordered times can break.
func (s *Store) PositionAt(_ context.Context, id string, t time.Time) (int64, error) {
	return on(s, id, func(ns *namespace) (int64, error) { return ns.positionAt(t, ns.durable.Load()) })
}

// positionAt is a binary search over the global positions up to bound, each
// probe rounded up to the next that is taken.
func (ns *namespace) positionAt(t time.Time, bound int64) (int64, error) {
	low, high := int64(1), bound+1 // the answer is in [low, high]
	answer := bound + 1
	for low < high {
		middle := low + (high-low)/2
		found, position, written, err := ns.db.Next(middle)
		switch {
		case err != nil:
			return 0, err
		case !found || position > bound:
			high = middle
		case written.Before(t):
			low = position + 1
		default:
			answer, high = position, middle
		}
	}
	return answer, nil
}

// Streams returns one page of streams by name.
func (s *Store) Streams(ctx context.Context, id string, q store.StreamsQuery) ([]store.Stream, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	return on(s, id, func(ns *namespace) ([]store.Stream, error) {
		if strings.IndexByte(q.Prefix, 0) >= 0 {
			return nil, nil // no name holds it
		}
		page, err := ns.db.Streams(&Watch{ctx: ctx, gone: ns.h.gone, whole: true}, q, ns.durable.Load())
		if errors.Is(err, store.ErrMessageNotFound) {
			err = nil
		}
		return page, err
	})
}

// Categories returns all categories by name, from memory.
func (s *Store) Categories(_ context.Context, id string) ([]store.CategoryCount, error) {
	return on(s, id, func(ns *namespace) ([]store.CategoryCount, error) { return ns.categories.list(), nil })
}

// CountCategories implements [store.CategoryCounter], from memory.
func (s *Store) CountCategories(_ context.Context, namespace string, names []string) ([]store.CategoryCount, store.CategoryTotals, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return nil, store.CategoryTotals{}, err
	}
	defer ns.h.release()
	list, totals := ns.categories.count(names)
	return list, totals, nil
}
