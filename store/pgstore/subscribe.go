package pgstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// slowest is how far a space that is quiet slows its polling down.
const slowest = 500 * time.Millisecond

// polling wakes the subscriptions of a space. Neither layout tells of what is
// written, so that one of them all looks, as long as somebody waits.
type polling struct {
	mu      sync.Mutex    // guards what follows
	changed chan struct{} // closed when there is something new, or an error to be seen
	waiters int
	running bool
	failed  error // why the last look failed; nil: it did not
}

// wait returns a channel that is closed when the head has moved on from what the
// caller saw, and a function to be called when it waits no more.
func (sp *space) wait(seen int64) (<-chan struct{}, func()) {
	p := &sp.polling
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	changed := p.changed
	if sp.settling.head() != seen {
		close(p.changed)
		p.changed = nil
		return changed, func() {}
	}
	p.waiters++
	if !p.running {
		p.failed, p.running = nil, sp.store.background(sp.poll)
	}
	return changed, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.waiters--
	}
}

// poll looks for what is new while somebody waits.
func (sp *space) poll() {
	ctx := sp.store.open
	least := sp.store.options.PollTime
	for pause := least; ; {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			sp.ring(true)
			return
		}
		before := sp.settling.head()
		head, err := sp.settle(ctx)
		sp.polling.mu.Lock()
		sp.polling.failed = err // for those who wait
		sp.polling.mu.Unlock()
		if pause = min(pause*3/2, max(slowest, least)); err != nil || head != before {
			pause = least
			sp.ring(false)
		}
		if sp.rested() {
			return
		}
	}
}

func (sp *space) ring(last bool) {
	p := &sp.polling
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
	if last {
		p.running = false
	}
}

// rested ends the polling when nobody waits.
func (sp *space) rested() bool {
	p := &sp.polling
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = p.waiters > 0
	return !p.running
}

// subscription is a cursor that polls.
type subscription struct {
	sp     *space
	query  store.SubscribeQuery
	where  string
	args   []argument
	column string
	next   int64 // position from which it goes on, in column

	closing sync.Once
	ended   chan struct{} // closed by Close
}

// Subscribe opens a subscription.
func (s *Store) Subscribe(ctx context.Context, namespace string, q store.SubscribeQuery) (store.Subscription, error) {
	sp, err := s.toRead(ctx, namespace, q.Check())
	if err != nil {
		return nil, err
	}
	sub := &subscription{sp: sp, query: q, column: "global_position", next: q.From, ended: make(chan struct{})}
	if q.Stream != "" {
		sub.column, sub.where, sub.args = "position", "stream_name = $1", []argument{words(q.Stream)}
		if !q.Group.IsZero() {
			sub.args = append(sub.args, number(int64(q.Group.Size)), number(int64(q.Group.Member)))
			sub.where += member(2, 3)
		}
	} else {
		sub.where, sub.args = sp.conditions(q.Category, "", q.Group)
	}
	if q.From != store.FromNow {
		return sub, nil
	}
	if q.Stream != "" {
		version, err := s.Version(ctx, namespace, q.Stream)
		sub.next = version + 1
		return sub, err
	}
	head, err := s.Head(ctx, namespace)
	sub.next = head + 1
	return sub, err
}

// errEnded is what a closed subscription answers.
var errEnded = errors.New("the subscription is closed")

// Next fills buf with what follows the cursor, and waits until there is something.
func (sub *subscription) Next(ctx context.Context, buf []store.Announcement) (int, error) {
	for {
		if err := sub.open(ctx); err != nil {
			return 0, err
		}
		head, err := sub.sp.seen(ctx)
		if err != nil {
			return 0, err
		}
		n, err := sub.read(ctx, head, buf)
		if n > 0 || err != nil {
			return n, err
		}
		changed, done := sub.sp.wait(head)
		select {
		case <-changed:
		case <-sub.ended:
		case <-sub.sp.store.open.Done():
		case <-ctx.Done():
			done()
			return 0, context.Cause(ctx)
		}
		done()
	}
}

// seen is the settled head as the polling knows it, or why it knows none; the first to
// come looks.
func (sp *space) seen(ctx context.Context) (int64, error) {
	if sp.schema == "" {
		return 0, nil
	}
	sp.polling.mu.Lock()
	running, failed := sp.polling.running, sp.polling.failed
	sp.polling.mu.Unlock()
	if running && failed != nil {
		return 0, failed
	}
	if running && sp.settling.head() > 0 {
		return sp.settling.head(), nil
	}
	return sp.settle(ctx)
}

// open returns why the subscription does not go on.
func (sub *subscription) open(ctx context.Context) error {
	select {
	case <-sub.ended:
		return errEnded
	default:
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	now, err := sub.sp.store.space(ctx, sub.sp.id)
	if err == nil && now != sub.sp {
		return store.ErrReplaced
	}
	return err
}

// read reads announcements up to the head.
func (sub *subscription) read(ctx context.Context, head int64, buf []store.Announcement) (n int, err error) {
	if sub.sp.schema == "" || len(buf) == 0 || sub.column == "global_position" && sub.next > head {
		return 0, nil
	}
	at := len(sub.args)
	sql := fmt.Sprintf(`SELECT stream_name, position, global_position FROM %s WHERE %s AND %s >= $%d AND global_position <= $%d ORDER BY %s LIMIT $%d`,
		sub.sp.table, sub.where, sub.column, at+1, at+2, sub.column, at+3)
	args := append(append([]argument{}, sub.args...), number(sub.next), number(head), number(int64(min(len(buf), pageRows))))
	err = sub.sp.ask(ctx, sql, args, func(r row) {
		buf[n] = store.Announcement{Stream: r.text(0), Position: r.int(1), GlobalPosition: r.int(2)}
		n++
	})
	if n == 0 || err != nil {
		if sub.column == "global_position" && err == nil {
			sub.next = head + 1 // nothing of it lies below
		}
		return 0, err
	}
	sub.next = buf[n-1].GlobalPosition + 1
	if sub.column == "position" {
		sub.next = buf[n-1].Position + 1
	}
	return n, nil
}

// Close releases the subscription.
func (sub *subscription) Close() error {
	sub.closing.Do(func() { close(sub.ended) })
	return nil
}
