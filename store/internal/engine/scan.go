package engine

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// yields takes what a read finds, as an iterator's yield does. It never gets an
// error from a read: that returns it.
type yields = func(store.Message, error) bool

// scan opens the namespace for one read and makes an iterator of it.
func (s *Store) scan(ctx context.Context, id string, check error, read func(*namespace, *Watch, yields) error) iter.Seq2[store.Message, error] {
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
		if err := read(ns, &Watch{ctx: ctx, gone: ns.h.gone}, yield); err != nil {
			yield(store.Message{}, err)
		}
	}
}

// ReadStream yields a stream's messages by position, borrowed.
func (s *Store) ReadStream(ctx context.Context, id string, q store.StreamQuery) iter.Seq2[store.Message, error] {
	return s.scan(ctx, id, q.Check(), func(ns *namespace, w *Watch, yield yields) error {
		return ns.readStream(w, q, ns.durable.Load(), yield)
	})
}

// readStream yields the stream's messages up to the global position bound, in
// turns. It returns nil once yield wants no more.
func (ns *namespace) readStream(w *Watch, q store.StreamQuery, bound int64, yield yields) error {
	return ns.inTurns(w, q.Limit, yield, func(limit int, v Visit) (int64, error) {
		q.Limit = limit
		return ns.db.ReadStream(w, q, bound, v)
	}, func(next int64) { q.Position = next })
}

// ReadCategory yields messages by global position, borrowed.
func (s *Store) ReadCategory(ctx context.Context, id string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	return s.scan(ctx, id, q.Check(), func(ns *namespace, w *Watch, yield yields) error {
		return ns.readCategory(w, q, ns.durable.Load(), yield)
	})
}

// readCategory yields the category's messages up to the global position bound,
// in turns. It returns nil once yield wants no more.
func (ns *namespace) readCategory(w *Watch, q store.CategoryQuery, bound int64, yield yields) error {
	if q.Category != "" && ns.categories.find(q.Category) == nil {
		return nil
	}
	return ns.inTurns(w, q.Limit, yield, func(limit int, v Visit) (int64, error) {
		q.Limit = limit
		return ns.db.ReadCategory(w, q, bound, v)
	}, func(next int64) { q.GlobalPosition = next })
}

// inTurns reads with one snapshot after another, so that a long scan pins none
// for long, whoever it waits for. Between the database and yield there is one
// call for each message and no more: it is what a page's time goes into.
func (ns *namespace) inTurns(w *Watch, limit int, yield yields, read func(limit int, v Visit) (int64, error), from func(int64)) error {
	if limit == 0 {
		return nil
	}
	seen, stopped := 0, false
	counting := func(m store.Message) bool {
		seen++
		stopped = !yield(m, nil)
		return !stopped
	}
	var long func()
	for {
		w.turn()
		next, err := read(limit, counting)
		if stopped {
			err = nil
		}
		if !errors.Is(err, ErrTurn) {
			if long != nil {
				long()
			}
			return err
		}
		if long == nil {
			long = ns.h.reads.begin()
		}
		from(next)
		if limit != store.NoLimit {
			limit -= seen
			seen = 0
		}
	}
}

// reads are the long reads under way: those that took more than a turn.
type reads struct {
	mu    sync.Mutex // guards began
	began map[*time.Time]struct{}
}

// begin notes a read and returns what ends it.
func (r *reads) begin() (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.began == nil {
		r.began = map[*time.Time]struct{}{}
	}
	one := new(time.Now())
	r.began[one] = struct{}{}
	return func() {
		r.mu.Lock()
		delete(r.began, one)
		r.mu.Unlock()
	}
}

// oldest is how long the oldest has been going on, 0 when there is none.
func (r *reads) oldest() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	var oldest time.Duration
	for began := range r.began {
		oldest = max(oldest, time.Since(*began))
	}
	return oldest
}
