package server

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// pokesAtOnce is how many announcements are written and flushed together when
// a subscription has that many to tell.
const pokesAtOnce = 256

// sseHeaders are those of every event stream.
func sseHeaders(h http.Header) {
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no") // or nginx would hold events back
}

// serveSubscribe answers GET /subscribe: a poke for each matching message, as
// the store announces it. It ends when the client goes or the server stops;
// when the namespace is deleted, its token ends or the store fails, the last line is a comment
// `: end {"error":…}`, which existing clients pass over as any comment.
func (s *Server) serveSubscribe(w http.ResponseWriter, r *http.Request) error {
	query, err := queryOf(r)
	if err != nil {
		return err
	}
	granted, err := s.authorize(r, query.Get("token"))
	if err != nil {
		return err
	}
	if err := s.enter(r, &s.load.subscriptions, s.cfg.Limits.Subscriptions, "subscriptions"); err != nil {
		return err
	}
	defer s.load.subscriptions.Add(-1)
	ctx, cancel := s.untilStopped(r.Context())
	defer cancel()
	// Taken before it begins, so that its cursor is never said to be further
	// than it is.
	head, err := s.cfg.Store.Head(ctx, granted.namespace)
	if err != nil {
		return err
	}
	q, err := subscribeQuery(query, head)
	if err != nil {
		return err
	}
	s.labels.set("subscribe", granted.namespace, q.Category+store.Category(q.Stream), isUI(r))
	sub, err := s.cfg.Store.Subscribe(ctx, granted.namespace, q)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Close() }() // there is nobody left to tell
	entry := s.opened(r, granted.namespace, q, head)
	defer s.ended(entry)

	sseHeaders(w.Header())
	p := &pokes{s: s, w: w, out: http.NewResponseController(w), entry: entry, granted: granted, checked: time.Now()}
	_ = p.out.SetReadDeadline(time.Time{})
	if p.send([]byte(": ready\n\n")) == nil {
		p.run(ctx, sub)
	}
	return nil
}

// untilStopped derives a context that also ends when the server stops.
func (s *Server) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	release := context.AfterFunc(s.stopping, cancel)
	return ctx, func() { release(); cancel() }
}

// pokes writes the events of one subscription.
type pokes struct {
	s     *Server
	w     http.ResponseWriter
	out   *http.ResponseController
	entry *subscription
	buf   []byte

	granted scope     // to whom
	checked time.Time // when that was last seen to hold
}

// run tells what sub announces until ctx ends, sub fails or the client is
// gone. Next waits no longer than the heartbeat, so a silent subscription
// still says that it lives.
func (p *pokes) run(ctx context.Context, sub store.Subscription) {
	announcements := make([]store.Announcement, pokesAtOnce)
	// Whoever waits goes on waiting over a heartbeat.
	p.entry.waiting.Store(time.Now().UnixNano())
	for {
		wait, cancel := context.WithTimeout(ctx, p.s.cfg.Limits.Heartbeat)
		n, err := sub.Next(wait, announcements)
		cancel()
		if err == nil {
			p.entry.waiting.Store(0)
		}
		p.buf = p.buf[:0]
		for i := range announcements[:n] {
			p.buf = appendPoke(p.buf, &announcements[i])
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return
		case errors.Is(err, context.DeadlineExceeded):
			p.buf = append(p.buf, ": still here\n\n"...)
		default:
			p.end(err)
			return
		}
		if err := p.recheck(ctx); err != nil {
			p.end(err)
			return
		}
		if p.send(p.buf) != nil {
			return
		}
		if err == nil {
			p.entry.announced(announcements[:n])
			p.entry.waiting.Store(time.Now().UnixNano())
		}
		if !p.entry.ui {
			p.s.figures.announced.Add(int64(n))
		}
	}
}

// recheck looks, once a heartbeat, whether the token still holds: one that was
// revoked, or whose time is over, ends its subscriptions.
func (p *pokes) recheck(ctx context.Context) error {
	if time.Since(p.checked) < p.s.cfg.Limits.Heartbeat {
		return nil
	}
	p.checked = time.Now()
	return p.s.holds(ctx, p.granted)
}

// end says in a comment why the subscription is over.
func (p *pokes) end(err error) {
	f, unknown := faultOf("subscribe", err)
	if unknown {
		p.s.log.Error("subscription failed", "error", err.Error())
	}
	p.buf = append(appendFault(append(p.buf, ": end "...), f), "\n\n"...)
	_ = p.send(p.buf)
}

// send writes and flushes. It waits for a slow reader as long as it takes: the
// subscription is a cursor, which falls behind and catches up. Only when the
// server stops may it no longer wait.
func (p *pokes) send(b []byte) error {
	stop := context.AfterFunc(p.s.stopping, func() {
		_ = p.out.SetWriteDeadline(time.Now().Add(time.Second))
	})
	defer stop()
	if _, err := p.w.Write(b); err != nil {
		return err
	}
	return p.out.Flush()
}

func appendPoke(dst []byte, a *store.Announcement) []byte {
	dst = append(dst, `event: poke`+"\n"+`data: {"stream":`...)
	dst = rawjson.AppendString(dst, a.Stream)
	dst = strconv.AppendInt(append(dst, `,"position":`...), a.Position, 10)
	dst = strconv.AppendInt(append(dst, `,"globalPosition":`...), a.GlobalPosition, 10)
	return append(dst, "}\n\n"...)
}

// queryOf reads the query of a request's address. What net/url passes over in
// silence is refused: a position that is not read would be none.
func queryOf(r *http.Request) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("query", "is malformed: %v", err)
	}
	return query, nil
}

// nowPosition as the parameter position begins with what is written next.
const nowPosition = "now"

// subscribeQuery reads what a subscription is to announce, in a namespace whose
// last message has the global position head.
func subscribeQuery(query url.Values, head int64) (q store.SubscribeQuery, err error) {
	all, err := subscribedTo(query, &q)
	if err != nil {
		return q, err
	}
	switch position := query.Get("position"); position {
	case "":
	case nowPosition:
		q.From = store.FromNow
	default:
		if q.From, err = intParameter(query, "position", math.MinInt64, math.MaxInt64); err != nil {
			return q, err
		}
		q.From = max(q.From, 0) // a negative position means from the start
	}
	if all && q.From <= head {
		// EventoDB's clients say position=0 at each reconnect, and want no past.
		q.From = store.FromNow
	}
	q.Group, err = groupParameter(query)
	return q, err
}

// subscribedTo reads which stream or category is named; neither is the whole
// namespace, and all says that it is named all, which never replays.
func subscribedTo(query url.Values, q *store.SubscribeQuery) (all bool, err error) {
	if all, err = boolParameter(query, "all"); err != nil {
		return all, err
	}
	// Of a name that stands twice Get sees the first only.
	streams, categories := named(query["stream"]), named(query["category"])
	count := len(streams) + len(categories)
	if all {
		count++
	}
	switch {
	case count == 0 && query.Has("category"):
		return false, nil // the empty category is the whole namespace, as for category.get
	case count != 1:
		return all, invalid("query", "must name exactly one of stream, category and all=true")
	case len(streams) == 1:
		q.Stream = streams[0]
		err = store.CheckStreamName(q.Stream)
	case len(categories) == 1:
		q.Category = categories[0]
		err = store.CheckCategory(q.Category)
	}
	return all, err
}

// named returns the values that are not empty.
func named(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

func groupParameter(query url.Values) (store.Group, error) {
	hasMember, hasSize := query.Get("consumer") != "", query.Get("size") != ""
	if !hasMember && !hasSize {
		return store.Group{}, nil
	}
	if !hasMember || !hasSize {
		return store.Group{}, invalid("consumer", "needs size, and size needs consumer")
	}
	member, err := intParameter(query, "consumer", 0, maxGroupSize-1)
	if err != nil {
		return store.Group{}, err
	}
	size, err := intParameter(query, "size", 1, maxGroupSize)
	if err != nil {
		return store.Group{}, err
	}
	return groupOf("consumer", member, size)
}

func intParameter(query url.Values, name string, low, high int64) (int64, error) {
	n, err := strconv.ParseInt(query.Get(name), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (n < low || n > high):
		return 0, outOfRange(name, query.Get(name), low, high)
	case err != nil:
		return 0, invalid(name, "must be an integer, got %q", query.Get(name))
	}
	return n, nil
}

// boolParameter reads true or false; absent and empty mean false.
func boolParameter(query url.Values, name string) (bool, error) {
	switch text := query.Get(name); text {
	case "", "false", "0":
		return false, nil
	case "true", "1":
		return true, nil
	default:
		return false, invalid(name, "must be true or false, got %q", text)
	}
}
