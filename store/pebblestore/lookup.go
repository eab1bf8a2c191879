package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// LastMessage returns the stream's newest message, of the given type unless
// that is "", owned by the caller.
func (s *Store) LastMessage(ctx context.Context, namespace, stream, messageType string) (store.Message, error) {
	q := store.StreamQuery{Stream: stream, Position: -1, Limit: store.NoLimit, Backward: true}
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

// MessageByID returns the message with the id, owned by the caller. Ids that
// clients gave have an index; those made here carry their time, which leads
// to the message.
func (s *Store) MessageByID(ctx context.Context, namespace string, id store.ID) (store.Message, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return store.Message{}, err
	}
	defer ns.h.release()
	bound := ns.durable.Load()
	gpos, err := ns.lookupID(id)
	if err != nil {
		return store.Message{}, err
	}
	if gpos == 0 {
		return ns.searchMadeID(ctx, id, bound)
	}
	if gpos > bound {
		return store.Message{}, store.ErrMessageNotFound
	}
	r := ns.reader()
	defer r.close()
	m, err := r.at(gpos)
	return m.Clone(), err
}

// searchMadeID looks among the messages of the id's millisecond.
func (ns *namespace) searchMadeID(ctx context.Context, id store.ID, bound int64) (store.Message, error) {
	made, ok := id.Time()
	if !ok {
		return store.Message{}, store.ErrMessageNotFound
	}
	from, err := ns.positionAt(made, bound)
	if err != nil {
		return store.Message{}, err
	}
	var found *store.Message
	q := store.CategoryQuery{GlobalPosition: from, Limit: store.NoLimit}
	err = ns.readCategory(&watch{ctx: ctx, gone: ns.h.gone}, q, bound, func(m store.Message) bool {
		if m.ID == id {
			owned := m.Clone()
			found = &owned
		}
		return found == nil && m.Time.Before(made.Add(time.Millisecond))
	})
	if err != nil {
		return store.Message{}, err
	}
	if found == nil {
		return store.Message{}, store.ErrMessageNotFound
	}
	return *found, nil
}

// PositionAt returns the global position of the first message whose time is t
// or later. It relies on times that do not run backwards, which imports of
// disordered times can break.
func (s *Store) PositionAt(_ context.Context, namespace string, t time.Time) (int64, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return 0, err
	}
	defer ns.h.release()
	return ns.positionAt(t, ns.durable.Load())
}

// positionAt is a binary search over the global positions up to bound, each
// probe rounded up to the next that is taken.
func (ns *namespace) positionAt(t time.Time, bound int64) (int64, error) {
	lower, upper := familyBounds(familyGlobal)
	it, err := ns.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return 0, fmt.Errorf("seek time: %w", err)
	}
	defer func() { _ = it.Close() }()
	r := ns.reader()
	defer r.close()
	low, high := int64(1), bound+1 // the answer is in [low, high]
	for low < high {
		middle := low + (high-low)/2
		gpos := bound + 1
		if it.SeekGE(appendGlobalKey(make([]byte, 0, globalKeyLen), middle)) {
			gpos = lastUint64(it.Key())
		}
		if gpos > bound {
			high = middle
			continue
		}
		written, err := r.timeAt(gpos)
		if err != nil {
			return 0, fmt.Errorf("seek time at global position %d: %w", gpos, err)
		}
		if written.Before(t) {
			low = gpos + 1
		} else {
			high = middle
		}
	}
	return ns.nextTaken(it, low, bound)
}

// nextTaken rounds a position up to the next message's.
func (ns *namespace) nextTaken(it *pebble.Iterator, gpos, bound int64) (int64, error) {
	if it.SeekGE(appendGlobalKey(make([]byte, 0, globalKeyLen), gpos)) {
		return min(lastUint64(it.Key()), bound+1), nil
	}
	return bound + 1, it.Error()
}

// Streams returns one page of streams by name. Each costs a seek or two.
func (s *Store) Streams(ctx context.Context, namespace string, q store.StreamsQuery) ([]store.Stream, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	ns, err := s.acquire(namespace)
	if err != nil {
		return nil, err
	}
	defer ns.h.release()
	if strings.IndexByte(q.Prefix, nameEnd) >= 0 {
		return nil, nil // no name holds it, but every key does
	}
	lister, err := ns.listStreams(q)
	if err != nil {
		return nil, err
	}
	defer lister.close()
	page := make([]store.Stream, 0, min(q.Limit, 1000))
	w := &watch{ctx: ctx, gone: ns.h.gone}
	for len(page) < q.Limit {
		if err := w.check(); err != nil {
			return nil, err
		}
		one, err := lister.next()
		if errors.Is(err, store.ErrMessageNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		page = append(page, one)
	}
	return page, nil
}
