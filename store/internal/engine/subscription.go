package engine

import (
	"context"
	"runtime"
	"strings"
	"sync"

	"github.com/evtui/evtui/store"
)

// subscription is a cursor at a namespace's handle. While it waits it does
// not keep the namespace open.
type subscription struct {
	h        *handle
	q        store.SubscribeQuery
	epoch    int64
	replaced int64
	wake     chan struct{} // capacity 1: there may be something to read

	cursor int64 // everything up to this global position has been considered
	// next is the stream position to go on at and behind says that cursor is
	// not valid yet; only for streams.
	next   int64
	behind bool
	past   bool // it reads the past: much is still to be read

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
	h := ns.h
	defer h.release()
	sub := &subscription{
		h: h, q: q, epoch: h.epoch.Load(), replaced: h.replaced.Load(),
		wake: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	h.listeners.add(sub)
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
		return sub.measure(ns, durable)
	case sub.q.Stream == "":
		sub.cursor = durable
	default:
		version, err := ns.version(sub.q.Stream, durable)
		if err != nil {
			return err
		}
		sub.cursor, sub.next = durable, version+1
	}
	return nil
}

// longPast is how many messages are to be read, at most, without waiting for a turn.
const longPast = 256

// measure finds whether much is still to be read.
func (sub *subscription) measure(ns *namespace, durable int64) error {
	if sub.q.Stream == "" {
		sub.past = durable-sub.cursor > longPast
		return nil
	}
	version, err := ns.version(sub.q.Stream, durable)
	sub.past = version-sub.next > longPast
	return err
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
		n, err := sub.poll(ctx, buf)
		if n > 0 || err != nil {
			return n, err
		}
		if err := sub.await(ctx, sub.wake); err != nil {
			return 0, err
		}
	}
}

// await waits for a signal, or for what ends the subscription or the call.
func (sub *subscription) await(ctx context.Context, signal <-chan struct{}) error {
	select {
	case <-signal:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-sub.closed:
		return store.ErrClosed
	case <-sub.h.gone:
		return store.ErrNamespaceNotFound
	case <-sub.h.store.done:
		return store.ErrClosed
	}
}

// poll reads what there is, without waiting for more. Who reads the past waits
// for its turn.
func (sub *subscription) poll(ctx context.Context, buf []store.Announcement) (int, error) {
	select {
	case <-sub.closed:
		return 0, store.ErrClosed
	default:
	}
	if sub.past {
		end, err := sub.h.store.turn(ctx, sub.closed, sub.h.gone)
		if err != nil {
			return 0, err
		}
		defer end()
	}
	ns, err := sub.h.acquire()
	if err != nil {
		return 0, err
	}
	defer sub.h.release()
	if sub.h.replaced.Load() != sub.replaced {
		return 0, store.ErrReplaced
	}
	if epoch := sub.h.epoch.Load(); epoch != sub.epoch {
		sub.epoch = epoch
		sub.restart(0)
	}
	return sub.read(ctx, ns, buf)
}

// Turn waits until few enough others read the past; see store.Turner.
func (s *Store) Turn(ctx context.Context) (end func(), err error) { return s.turn(ctx, nil, nil) }

// turn is Turn for a subscription that may be closed, or whose namespace may go.
func (s *Store) turn(ctx context.Context, closed, gone <-chan struct{}) (end func(), err error) {
	select {
	case s.turns <- struct{}{}:
		return s.endTurn, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-gone:
		return nil, store.ErrNamespaceNotFound
	case <-closed:
		return nil, store.ErrClosed
	case <-s.done:
		return nil, store.ErrClosed
	}
}

func (s *Store) endTurn() {
	<-s.turns
	runtime.Gosched() // whoever writes, or reads little, goes first
}

func (sub *subscription) read(ctx context.Context, ns *namespace, buf []store.Announcement) (int, error) {
	if !sub.behind {
		n, cursor, ok := ns.ring.read(sub.cursor, sub.matches, buf)
		if ok {
			sub.cursor, sub.past = cursor, false
			if n > 0 {
				sub.next = buf[n-1].Position + 1
			}
			return n, nil
		}
		sub.behind = sub.q.Stream != ""
	}
	n, err := sub.readLog(&Watch{ctx: ctx, gone: sub.h.gone}, ns, buf)
	sub.past = n == len(buf)
	if n > 0 { // an error that came after announcements: the next call meets it again
		err = nil
	}
	return n, err
}

func (sub *subscription) matches(n news) bool {
	switch {
	case sub.q.Stream != "":
		if n.head.Stream != sub.q.Stream || n.position < sub.next {
			return false
		}
	case sub.q.Category != "":
		if n.head.Category.Name != sub.q.Category {
			return false
		}
	}
	return sub.owns(n.head)
}

func (sub *subscription) owns(h *Head) bool {
	return sub.q.Group.IsZero() || h.Cardinal && sub.q.Group.OwnsHash(h.Hash)
}

// readLog reads what the ring does not hold any more.
func (sub *subscription) readLog(w *Watch, ns *namespace, buf []store.Announcement) (n int, err error) {
	bound := ns.durable.Load()
	take := func(m store.Message, _ error) bool {
		buf[n] = announce(m)
		n++
		return true
	}
	switch {
	case sub.q.Stream == "":
		q := store.CategoryQuery{Category: sub.q.Category, GlobalPosition: sub.cursor + 1, Limit: len(buf), Group: sub.q.Group}
		if err = ns.readCategory(w, q, bound, take); n > 0 {
			sub.cursor = buf[n-1].GlobalPosition
		}
	case !sub.q.Group.Owns(sub.q.Stream):
		sub.cursor = bound
	default:
		sub.cursor = bound // once it is not behind any more
		err = ns.readStream(w, store.StreamQuery{Stream: sub.q.Stream, Position: sub.next, Limit: len(buf)}, bound, take)
		if n > 0 {
			sub.next = buf[n-1].Position + 1
		}
	}
	if n < len(buf) && err == nil {
		sub.cursor, sub.behind = max(sub.cursor, bound), false
	}
	return n, err
}

func announce(m store.Message) store.Announcement {
	return store.Announcement{
		Stream: strings.Clone(m.Stream), Position: m.Position, GlobalPosition: m.GlobalPosition,
	}
}

// Close releases the subscription and ends a Next under way.
func (sub *subscription) Close() error {
	sub.closing.Do(func() {
		sub.h.listeners.remove(sub)
		close(sub.closed)
	})
	return nil
}
