package model

import (
	"context"
	"strings"

	"github.com/evtui/evtui/store"
)

// Subscription is what Subscribe returns: a cursor, which holds nothing but the
// next position.
type Subscription struct {
	model  *Store
	ns     *space
	query  store.SubscribeQuery
	next   int64 // the first position not looked at: of the stream for Stream, else global
	closed bool  // the model's mu guards it

	replaced int // replacements of the content before the subscription
}

// Subscribe implements [store.Store].
func (m *Store) Subscribe(ctx context.Context, namespace string, q store.SubscribeQuery) (store.Subscription, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return nil, err
	}
	next := q.From
	switch {
	case q.From == store.FromNow && q.Stream != "":
		next = ns.version(q.Stream) + 1
	case q.From == store.FromNow:
		next = ns.head() + 1
	}
	return &Subscription{model: m, ns: ns, query: q, next: next, replaced: ns.replaced}, nil
}

// Next implements [store.Subscription].
func (s *Subscription) Next(ctx context.Context, buf []store.Announcement) (int, error) {
	for {
		n, changed, err := s.look(buf)
		if n > 0 || err != nil || len(buf) == 0 {
			return n, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-changed:
		}
	}
}

// Look is Next that does not wait: it returns 0 when there is nothing now.
func (s *Subscription) Look(buf []store.Announcement) (int, error) {
	n, _, err := s.look(buf)
	return n, err
}

// look fills buf from what is stored now. The channel is closed at the next change.
func (s *Subscription) look(buf []store.Announcement) (int, <-chan struct{}, error) {
	s.model.mu.Lock()
	defer s.model.mu.Unlock()
	switch {
	case s.ns.deleted:
		return 0, nil, store.ErrNamespaceNotFound
	case s.model.closed || s.closed:
		return 0, nil, store.ErrClosed
	case s.ns.replaced != s.replaced:
		return 0, nil, store.ErrReplaced
	}
	if s.query.Stream != "" {
		return s.fillFromStream(buf), s.ns.changed, nil
	}
	n := 0
	for _, message := range from(s.ns.log, s.next) {
		if n == len(buf) {
			break
		}
		s.next = message.GlobalPosition + 1
		if s.query.Category != "" && store.Category(message.Stream) != s.query.Category ||
			!s.query.Group.Owns(message.Stream) {
			continue
		}
		buf[n] = announce(message)
		n++
	}
	return n, s.ns.changed, nil
}

func (s *Subscription) fillFromStream(buf []store.Announcement) int {
	n := 0
	if !s.query.Group.Owns(s.query.Stream) {
		return 0
	}
	for _, message := range s.ns.streams[s.query.Stream] {
		if n < len(buf) && message.Position >= s.next {
			buf[n] = announce(message)
			n++
			s.next = message.Position + 1
		}
	}
	return n
}

func announce(m *entry) store.Announcement {
	return store.Announcement{Stream: strings.Clone(m.Stream), Position: m.Position, GlobalPosition: m.GlobalPosition}
}

// Close implements [store.Subscription].
func (s *Subscription) Close() error {
	s.model.mu.Lock()
	defer s.model.mu.Unlock()
	s.closed = true
	s.ns.wake()
	return nil
}
