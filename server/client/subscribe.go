package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/evtui/evtui/server/wire"
)

const (
	pokeEvent = "poke"
	endEvent  = "end"
	// silence is how long a subscription may be mute before the connection
	// counts as dead: three of the protocol's heartbeats of 15 s.
	silence = 45 * time.Second
	// ahead is how many announcements are read before they are asked for. What
	// is beyond stays in the connection, and then on the server.
	ahead = 1024
)

// Subscription is a cursor over announcements: each of what was subscribed to
// comes once, in order. One goroutine at a time calls Next; [Subscription.All]
// ranges over what comes.
type Subscription struct {
	arrived chan Announcement // the reader writes and closes it
	err     error             // why it was closed; read after that only
	cancel  context.CancelFunc
	done    chan struct{} // closed when the reader has ended
}

// Subscribe opens a subscription; ctx ends only the opening. The caller closes
// it.
func (c *Client) Subscribe(ctx context.Context, q SubscribeQuery) (*Subscription, error) {
	sub, err := c.subscribeTo(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return sub, nil
}

func (c *Client) subscribeTo(ctx context.Context, q SubscribeQuery) (*Subscription, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	query, addition := q.parameters()
	if !addition {
		return c.subscribe(ctx, query)
	}
	if err := c.mayName(ctx); err != nil {
		return nil, err
	}
	offers, err := c.offers(ctx)
	if err != nil {
		return nil, err
	}
	if offers == offersAdditions {
		sub, err := c.subscribe(ctx, query)
		if !coded(err, wire.InvalidRequest) {
			return sub, err
		}
		// An evtui from before there were these additions.
	}
	return c.subscribeOlder(ctx, q)
}

// parameters returns the query as /subscribe takes it, and whether only
// evtui's servers understand it so.
func (q SubscribeQuery) parameters() (v url.Values, addition bool) {
	v = url.Values{}
	switch {
	case q.Stream != "":
		v.Set("stream", q.Stream)
	case q.Category != "":
		v.Set("category", q.Category)
	case q.FromNow:
		v.Set("all", "true")
	default:
		v.Set("category", "")
		addition = true
	}
	switch {
	case !q.FromNow:
		v.Set("position", strconv.FormatInt(q.From, 10))
	case !v.Has("all"):
		v.Set("position", "now")
		addition = true
	}
	setGroup(v, q.Group)
	return v, addition
}

func setGroup(v url.Values, g Group) {
	if !g.IsZero() {
		v.Set("consumer", strconv.Itoa(g.Member))
		v.Set("size", strconv.Itoa(g.Size))
	}
}

func (c *Client) subscribe(ctx context.Context, query url.Values) (*Subscription, error) {
	if err := c.mayName(ctx); err != nil {
		return nil, err
	}
	// The stream outlives the opening, but not its values.
	long, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var body io.ReadCloser
	err := c.retry(ctx, reading, func() (err error) {
		body, err = c.openEvents(ctx, long, cancel, query)
		return err
	})
	if coded(err, wire.AuthRequired) && c.shared.token != "" {
		// A server that looks for the token only where browsers can put it.
		query.Set("token", c.shared.token)
		body, err = c.openEvents(ctx, long, cancel, query)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	sub := newSubscription(cancel)
	go sub.read(long, body, c.shared.limits.Event)
	return sub, nil
}

func newSubscription(cancel context.CancelFunc) *Subscription {
	return &Subscription{arrived: make(chan Announcement, ahead), cancel: cancel, done: make(chan struct{})}
}

// openEvents opens the event stream under the context long; cancel, which ends
// that, is called when ctx or the client's patience ends before it is open.
func (c *Client) openEvents(ctx, long context.Context, cancel func(), query url.Values) (io.ReadCloser, error) {
	opening := ctx
	if c.shared.timeout > 0 {
		var opened context.CancelFunc
		opening, opened = context.WithTimeout(ctx, c.shared.timeout)
		defer opened()
	}
	stop := context.AfterFunc(opening, cancel)
	defer stop()
	req, err := c.request(long, http.MethodGet, "/subscribe", query, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := c.do(ctx, req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, refusal(resp)
	}
	if !stop() {
		resp.Body.Close()
		return nil, transportError(ctx, opening.Err())
	}
	return resp.Body, nil
}

// Next fills buf with what has arrived, in order, waiting until there is at
// least one, and returns how many. It returns ctx's error when ctx ends first;
// the subscription stays usable then. It returns io.EOF once the server has
// ended the stream, an error that is Unreachable when the connection broke or
// fell silent, and [ErrClosed] after Close.
func (s *Subscription) Next(ctx context.Context, buf []Announcement) (int, error) {
	if len(buf) == 0 {
		return 0, nil
	}
	var n int
	select {
	case a, open := <-s.arrived:
		if !open {
			return 0, s.err
		}
		buf[0], n = a, 1
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	for n < len(buf) {
		select {
		case a, open := <-s.arrived:
			if !open {
				return n, nil
			}
			buf[n] = a
			n++
		default:
			return n, nil
		}
	}
	return n, nil
}

// Close ends the subscription and waits until it has. It may be called twice.
func (s *Subscription) Close() error {
	s.cancel()
	<-s.done
	return nil
}
