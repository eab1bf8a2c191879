package sqlitestore

import (
	"context"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// LastMessage returns the stream's newest message, of the given type unless
// that is "", owned by the caller.
func (s *Store) LastMessage(ctx context.Context, id, stream, messageType string) (store.Message, error) {
	q := store.StreamQuery{Stream: stream, Position: -1, Limit: 1, Backward: true}
	found := store.Message{}
	err := store.ErrMessageNotFound
	last := s.scan(ctx, id, q.Check(), func(ns *namespace, w *watch, v visit) error {
		return ns.readStream(w, q, messageType, ns.durable.Load(), v)
	})
	for m, e := range last {
		if err = e; err == nil {
			found = m.Clone()
		}
	}
	return found, err
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
	var gpos int64
	given, err := ns.db.one(`SELECT gpos FROM messages WHERE id = ? AND given = 1`, []any{id[:]}, &gpos)
	if err != nil {
		return store.Message{}, fmt.Errorf("look up id: %w", err)
	}
	until := time.Time{}
	if !given {
		made, ok := id.Time()
		if !ok {
			return store.Message{}, store.ErrMessageNotFound
		}
		if gpos, err = ns.positionAt(made, bound); err != nil {
			return store.Message{}, err
		}
		until = made.Add(time.Millisecond)
	}
	var found *store.Message
	q := store.CategoryQuery{GlobalPosition: gpos, Limit: store.NoLimit}
	if given {
		q.Limit = 1
	}
	err = ns.readCategory(&watch{ctx: ctx, gone: ns.h.gone}, q, bound, func(m store.Message) bool {
		if m.ID == id {
			owned := m.Clone()
			found = &owned
		}
		return found == nil && m.Time.Before(until)
	})
	if err == nil && found == nil {
		err = store.ErrMessageNotFound
	}
	if err != nil {
		return store.Message{}, err
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
	low, high := int64(1), bound+1 // the answer is in [low, high]
	answer := bound + 1
	for low < high {
		middle := low + (high-low)/2
		var gpos, at int64
		found, err := ns.db.one(`SELECT gpos, time FROM messages WHERE gpos >= ? AND gpos <= ? ORDER BY gpos LIMIT 1`,
			[]any{middle, bound}, &gpos, &at)
		switch {
		case err != nil:
			return 0, fmt.Errorf("seek time: %w", err)
		case !found:
			high = middle
		case time.Unix(0, at).Before(t):
			low = gpos + 1
		default:
			answer, high = gpos, middle
		}
	}
	return answer, nil
}
