package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// caughtUp is how long a subscription must have waited for something to
// announce until that is taken for having announced everything.
const caughtUp = time.Second

// subscription is one that is open.
type subscription struct {
	id        uint64
	namespace string
	q         store.SubscribeQuery
	since     time.Time
	remote    string
	ui        bool

	cursor  atomic.Int64 // global position of the last message announced; noCursor while not known
	sent    atomic.Int64 // announcements
	waiting atomic.Int64 // since when it waits for something to announce, in Unix nanoseconds; 0: it does not
}

// noCursor stands for a cursor that is not known: that of a subscription to a
// stream's past which has announced nothing yet.
const noCursor = -1

// subscriptions are those that are open.
type subscriptions struct {
	last    atomic.Uint64
	open    sync.Map     // by id: *subscription
	clients atomic.Int64 // those that are not the UI's
}

// list returns the open ones by id, of one namespace unless that is "".
func (s *subscriptions) list(namespace string) []*subscription {
	var list []*subscription
	for _, one := range s.open.Range {
		if sub := one.(*subscription); namespace == "" || sub.namespace == namespace {
			list = append(list, sub)
		}
	}
	slices.SortFunc(list, func(a, b *subscription) int { return cmp.Compare(a.id, b.id) })
	return list
}

// opened registers a subscription that begins; ended takes it out again. The cursor
// of one that starts with what is new is head, taken before it began.
func (s *Server) opened(r *http.Request, namespace string, q store.SubscribeQuery, head int64) *subscription {
	sub := &subscription{namespace: namespace, q: q, since: time.Now().UTC(), remote: r.RemoteAddr, ui: isUI(r)}
	switch {
	case q.From == store.FromNow:
		sub.cursor.Store(head)
	case q.Stream == "":
		sub.cursor.Store(max(q.From, 1) - 1)
	default:
		sub.cursor.Store(noCursor)
	}
	sub.id = s.subs.last.Add(1)
	s.subs.open.Store(sub.id, sub)
	if !sub.ui {
		s.subs.clients.Add(1)
	}
	if who, known := sub.member(); known {
		s.observed.sawSubscription(who, sub.next(), sub.remote, 1)
	}
	return sub
}

func (s *Server) ended(sub *subscription) {
	s.subs.open.Delete(sub.id)
	if !sub.ui {
		s.subs.clients.Add(-1)
	}
	if who, known := sub.member(); known {
		s.observed.sawSubscription(who, sub.next(), sub.remote, 0)
	}
}

// member returns whose subscription it is, if it is one of a consumer group
// and not the UI's.
func (s *subscription) member() (who member, known bool) {
	who = member{namespace: s.namespace, category: s.q.Category, group: s.q.Group}
	return who, !s.q.Group.IsZero() && s.q.Stream == "" && !s.ui
}

// next is the global position that it would announce next.
func (s *subscription) next() int64 { return s.cursor.Load() + 1 }

// announced notes what was sent.
func (s *subscription) announced(list []store.Announcement) {
	if len(list) > 0 {
		s.cursor.Store(list[len(list)-1].GlobalPosition)
		s.sent.Add(int64(len(list)))
	}
}

// hasWaited reports whether it has had nothing to announce for a while.
func (s *subscription) hasWaited(now time.Time) bool {
	since := s.waiting.Load()
	return since != 0 && now.UnixNano()-since >= int64(caughtUp)
}

// describe returns the subscription as engine.subscriptions tells it.
func (s *subscription) describe(ctx context.Context, h *heads) wire.Subscription {
	d := wire.Subscription{
		ID: s.id, Namespace: s.namespace, Kind: wire.KindAll, Member: s.q.Group.Member, Size: s.q.Group.Size,
		Sent: s.sent.Load(), Waiting: s.waiting.Load() != 0, Since: s.since, Remote: s.remote, UI: s.ui,
	}
	switch {
	case s.q.Stream != "":
		d.Kind, d.Name = wire.KindStream, s.q.Stream
	case s.q.Category != "":
		d.Kind, d.Name = wire.KindCategory, s.q.Category
	}
	cursor := s.cursor.Load()
	if cursor != noCursor {
		d.Cursor = &cursor
	}
	if s.hasWaited(time.Now()) {
		// Whatever lies beyond the cursor is not for it.
		d.Lag = new(int64)
		return d
	}
	if head, known := h.ofQuery(ctx, s.namespace, s.q); known && cursor != noCursor {
		lag := max(head-cursor, 0)
		d.Lag = &lag
	}
	return d
}
