package sqlitestore

import (
	"context"
	"strings"
	"sync"

	"github.com/evtui/evtui/store"
)

// subscription is a cursor at a namespace's handle. While it waits it does
// not keep the namespace open.
type subscription struct {
	h     *handle
	q     store.SubscribeQuery
	epoch int64

	cursor int64 // everything up to this global position has been considered
	// next is the stream position to go on at and behind says that cursor is
	// not valid yet; only for streams.
	next   int64
	behind bool

	closing sync.Once
	closed  chan struct{}
}

// Subscribe opens a subscription. When the namespace is truncated, it goes on
// with the new messages from their start.
func (s *Store) Subscribe(_ context.Context, namespace string, q store.SubscribeQuery) (store.Subscription, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	ns, err := s.acquire(namespace)
	if err != nil {
		return nil, err
	}
	defer ns.h.release()
	sub := &subscription{h: ns.h, q: q, epoch: ns.h.epoch.Load(), closed: make(chan struct{})}
	ns.h.waiting.Add(1)
	if err := sub.start(ns); err != nil {
		_ = sub.Close()
		return nil, err
	}
	return sub, nil
}

// start sets the cursor to where the query begins.
func (sub *subscription) start(ns *namespace) error {
	durable := ns.durable.Load()
	switch {
	case sub.q.From != store.FromNow:
		sub.restart(sub.q.From)
	case sub.q.Stream == "":
		sub.cursor = durable
	default:
		_, version, err := ns.streamEnd(sub.q.Stream, durable)
		if err != nil {
			return err
		}
		sub.cursor, sub.next = durable, version+1
	}
	return nil
}

// restart goes on at an inclusive position.
func (sub *subscription) restart(from int64) {
	if sub.q.Stream != "" {
		sub.next, sub.behind = from, true
	} else {
		sub.cursor = from - 1
	}
}

// Next fills buf with what follows the cursor; see store.Subscription.
func (sub *subscription) Next(ctx context.Context, buf []store.Announcement) (int, error) {
	if len(buf) == 0 {
		return 0, &store.InvalidError{Field: "buf", Reason: "must have room for an announcement"}
	}
	for {
		rung := sub.h.bell.wait()
		n, err := sub.poll(ctx, buf)
		if n > 0 || err != nil {
			return n, err
		}
		select {
		case <-rung:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-sub.closed:
			return 0, store.ErrClosed
		case <-sub.h.gone:
			return 0, store.ErrNamespaceNotFound
		case <-sub.h.store.done:
			return 0, store.ErrClosed
		}
	}
}

// poll reads what there is, without waiting.
func (sub *subscription) poll(ctx context.Context, buf []store.Announcement) (int, error) {
	select {
	case <-sub.closed:
		return 0, store.ErrClosed
	default:
	}
	ns, err := sub.h.acquire()
	if err != nil {
		return 0, err
	}
	defer sub.h.release()
	if epoch := sub.h.epoch.Load(); epoch != sub.epoch {
		sub.epoch = epoch
		sub.restart(0)
	}
	if !sub.behind {
		n, cursor, ok := ns.ring.read(sub.cursor, sub.match, buf)
		if ok {
			sub.cursor = cursor
			if n > 0 {
				sub.next = buf[n-1].Position + 1
			}
			return n, nil
		}
		sub.behind = sub.q.Stream != ""
	}
	w := &watch{ctx: ctx, gone: sub.h.gone}
	if sub.q.Stream != "" {
		return sub.readStream(ns, w, buf)
	}
	return sub.readCategory(ns, w, buf)
}

func (sub *subscription) match(n news) bool {
	switch {
	case sub.q.Stream != "":
		if n.head.stream != sub.q.Stream || n.position < sub.next {
			return false
		}
	case sub.q.Category != "":
		if n.head.category.name != sub.q.Category {
			return false
		}
	}
	return sub.q.Group.IsZero() || n.head.cardinal && sub.q.Group.OwnsHash(n.head.hash)
}

func (sub *subscription) readStream(ns *namespace, w *watch, buf []store.Announcement) (int, error) {
	bound := ns.durable.Load()
	if !sub.q.Group.Owns(sub.q.Stream) {
		sub.cursor, sub.behind = bound, false
		return 0, nil
	}
	n := 0
	q := store.StreamQuery{Stream: sub.q.Stream, Position: sub.next, Limit: len(buf)}
	err := ns.readStream(w, q, "", bound, func(m store.Message) bool {
		buf[n] = announce(m)
		sub.next = m.Position + 1
		n++
		return true
	})
	if n < len(buf) && err == nil {
		sub.cursor, sub.behind = bound, false
	}
	return n, keep(n, err)
}

func (sub *subscription) readCategory(ns *namespace, w *watch, buf []store.Announcement) (int, error) {
	bound := ns.durable.Load()
	n := 0
	q := store.CategoryQuery{
		Category: sub.q.Category, GlobalPosition: sub.cursor + 1, Limit: len(buf), Group: sub.q.Group,
	}
	err := ns.readCategory(w, q, bound, func(m store.Message) bool {
		buf[n] = announce(m)
		sub.cursor = m.GlobalPosition
		n++
		return true
	})
	if n < len(buf) && err == nil {
		sub.cursor = max(sub.cursor, bound)
	}
	return n, keep(n, err)
}

// keep drops an error that came after announcements: they are delivered
// first, and the next call meets the error again.
func keep(n int, err error) error {
	if n > 0 {
		return nil
	}
	return err
}

func announce(m store.Message) store.Announcement {
	return store.Announcement{
		Stream: strings.Clone(m.Stream), Position: m.Position, GlobalPosition: m.GlobalPosition,
	}
}

// Close releases the subscription and ends a Next under way.
func (sub *subscription) Close() error {
	sub.closing.Do(func() {
		sub.h.waiting.Add(-1)
		close(sub.closed)
	})
	return nil
}
