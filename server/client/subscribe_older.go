package client

import (
	"context"
	"errors"
	"net/url"

	"github.com/evtui/evtui/store"
)

// olderNews is how many announcements are taken at once.
const olderNews = 200

// subscribeOlder does what q says against a server that has no position=now,
// or cannot replay a whole namespace.
func (c *Client) subscribeOlder(ctx context.Context, q SubscribeQuery) (*Subscription, error) {
	if !q.FromNow {
		return c.replayed(ctx, q)
	}
	if err := c.skipStored(ctx, &q); err != nil {
		return nil, err
	}
	query, _ := q.parameters()
	return c.subscribe(ctx, query)
}

// skipStored has q begin after what is stored.
func (c *Client) skipStored(ctx context.Context, q *SubscribeQuery) (err error) {
	var last int64
	if q.Stream != "" {
		last, err = c.Version(ctx, q.Stream)
	} else if last, err = c.Head(ctx); NotOffered(err) {
		last, err = c.searchHead(ctx)
	}
	q.From, q.FromNow = last+1, false
	return err
}

// searchHead finds the namespace's head by reads that return one message at
// most: about twice the digits of the head in binary.
func (c *Client) searchHead(ctx context.Context) (head int64, err error) {
	beyond := int64(-1) // nothing lies there or after it; -1: not found yet
	for step := int64(1); beyond < 0 || head+1 < beyond; {
		from := head + step
		if beyond >= 0 {
			from = head + (beyond-head+1)/2
		}
		page, err := c.ReadCategory(ctx, CategoryQuery{GlobalPosition: from, Limit: 1})
		switch {
		case err != nil:
			return 0, err
		case len(page) == 0:
			beyond = from
		case page[0].GlobalPosition < from:
			return 0, errAnswer
		default:
			head = page[0].GlobalPosition
			step = min(2*step, 1<<61)
		}
	}
	return head, nil
}

// replayed is a subscription to the whole namespace that reads what is stored,
// and goes on with what all=true announces.
func (c *Client) replayed(ctx context.Context, q SubscribeQuery) (*Subscription, error) {
	query := url.Values{"all": {"true"}}
	setGroup(query, q.Group)
	// Opened first, so that nothing falls between the two.
	live, err := c.subscribe(ctx, query)
	if err != nil {
		return nil, err
	}
	long, cancel := context.WithCancel(context.WithoutCancel(ctx))
	sub := newSubscription(cancel)
	r := &replay{client: c, live: live, to: sub, next: max(q.From, 1), group: q.Group}
	go r.run(long)
	return sub, nil
}

// replay is the goroutine behind replayed.
type replay struct {
	client *Client
	live   *Subscription
	to     *Subscription
	next   int64 // global position of what is not announced yet
	group  Group
}

func (r *replay) run(ctx context.Context) {
	defer close(r.to.done)
	defer close(r.to.arrived)
	defer func() { _ = r.live.Close() }() // always nil
	err := r.stored(ctx)
	news := make([]Announcement, olderNews)
	for err == nil {
		var n int
		if n, err = r.live.Next(ctx, news); err == nil {
			err = r.announced(ctx, news[:n])
		}
	}
	if errors.Is(err, context.Canceled) {
		err = store.ErrClosed
	}
	r.to.err = err
}

// stored announces what can be read, from next on.
func (r *replay) stored(ctx context.Context) error {
	for m, err := range r.client.Category(ctx, CategoryQuery{GlobalPosition: r.next, Group: r.group}) {
		if err != nil {
			return err
		}
		if m.GlobalPosition < r.next {
			return errAnswer
		}
		a := Announcement{Stream: m.Stream, Position: m.Position, GlobalPosition: m.GlobalPosition}
		if err := r.announce(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// announced passes on what came live. Where something may lie between, which
// a server that drops announcements never tells, it is read.
func (r *replay) announced(ctx context.Context, news []Announcement) error {
	for _, a := range news {
		var err error
		switch {
		case a.GlobalPosition == r.next:
			err = r.announce(ctx, a)
		case a.GlobalPosition > r.next:
			err = r.stored(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) announce(ctx context.Context, a Announcement) error {
	select {
	case r.to.arrived <- a:
		r.next = a.GlobalPosition + 1
		return nil
	case <-ctx.Done():
		return store.ErrClosed
	}
}
