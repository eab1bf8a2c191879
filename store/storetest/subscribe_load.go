package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
)

func subscribeLoadCases() []testCase {
	return []testCase{
		{"SlowReaderLosesNothing", slowReader},
		{"OldMessagesWhileWritersWrite", oldAndNew},
		{"CancelledAllTheTime", cancelledAllTheTime},
		{"ManySubscriptions", manySubscriptions},
		{"NamespaceDeleted", subscribeDeleted},
	}
}

// load is what a number of writers append to the streams of category a.
type load struct{ writers, batches, size int }

// heavy makes a load that is lighter under the race detector.
func heavy(writers, batches, size int) load {
	if race.Enabled {
		batches = max(1, batches/10)
	}
	return load{writers, batches, size}
}

func (l load) total() int { return l.writers * l.batches * l.size }

// stream is where a writer appends one of its batches.
func (l load) stream(writer, batch int) string { return fmt.Sprintf("a-%d", (writer*7+batch)%97) }

// count tells how many messages go to the streams that are picked.
func (l load) count(pick func(stream string) bool) (n int) {
	for w := range l.writers {
		for i := range l.batches {
			if pick(l.stream(w, i)) {
				n += l.size
			}
		}
	}
	return n
}

// start starts the writers. The counter goes up with every acknowledgement.
func (e *env) start(g *errgroup.Group, l load, acknowledged *atomic.Int64) {
	for w := range l.writers {
		g.Go(func() error {
			list := events(l.size, "load")
			for i := range l.batches {
				write := store.Write{Stream: l.stream(w, i), Events: list, ExpectedVersion: store.AnyVersion}
				if _, err := e.store.Append(e.ctx, "n", write); err != nil {
					return fmt.Errorf("append under load: %w", err)
				}
				acknowledged.Add(int64(l.size))
			}
			return nil
		})
	}
}

// order checks announcements as they come: global positions rise, and each
// stream's positions are gapless from 0 on.
type order struct {
	global  int64
	streams map[string]int64
	dense   bool // global positions are gapless too
}

func (o *order) check(list []store.Announcement) error {
	for _, a := range list {
		if a.GlobalPosition <= o.global || o.dense && a.GlobalPosition != o.global+1 {
			return fmt.Errorf("announcement #%d follows #%d", a.GlobalPosition, o.global)
		}
		if next := o.streams[a.Stream]; a.Position != next {
			return fmt.Errorf("announcement of %s@%d, want @%d", a.Stream, a.Position, next)
		}
		o.global = a.GlobalPosition
		o.streams[a.Stream] = a.Position + 1
	}
	return nil
}

func newOrder(dense bool) *order { return &order{streams: map[string]int64{}, dense: dense} }

// slowReader reads so that two thirds of what is written are always still
// before it: 100,000 messages, and not one may be lost.
func slowReader(e *env) {
	writers := heavy(8, 250, 50)
	total := writers.total()
	e.namespace("n")
	sub := e.subscribe("n", store.SubscribeQuery{From: store.FromNow})
	var acknowledged atomic.Int64
	var g errgroup.Group
	// Before the writers: opened after the last of them it would wait for good.
	progress := e.subscribe("n", store.SubscribeQuery{From: store.FromNow})
	e.start(&g, writers, &acknowledged)
	seen, written := newOrder(true), int64(0)
	for got := 0; got < total; {
		list, err := nextOf(e.ctx, sub, min(500, total-got), 33)
		if err != nil {
			e.t.Fatalf("next: %v after %d announcements", err, got+len(list))
		}
		if err := seen.check(list); err != nil {
			e.t.Fatal(err)
		}
		got += len(list)
		if ahead := int64(min(total, 3*got)); ahead > written {
			if written, err = awaitPosition(e.ctx, progress, ahead); err != nil {
				e.t.Fatalf("wait for the writers: %v", err)
			}
		}
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	if head, err := e.store.Head(e.ctx, "n"); err != nil || head != int64(total) {
		e.t.Errorf("head: got %d, %v, want %d", head, err, total)
	}
	e.nothingMore(sub, "n", "a-0", "the slow reader")
}

// awaitPosition reads a subscription until it announces global position g or a
// later one, and returns which.
func awaitPosition(ctx context.Context, sub store.Subscription, g int64) (int64, error) {
	buf := make([]store.Announcement, 1000)
	for {
		n, err := sub.Next(ctx, buf)
		if err != nil {
			return 0, err
		}
		if last := buf[n-1].GlobalPosition; last >= g || ctx.Err() != nil {
			return last, ctx.Err()
		}
	}
}

// oldAndNew opens subscriptions of every kind at 0 on 50,000 messages while
// writers write.
func oldAndNew(e *env) {
	old, young := heavy(4, 25, 500), heavy(4, 100, 10)
	e.namespace("n")
	var acknowledged atomic.Int64
	var g errgroup.Group
	e.start(&g, old, &acknowledged)
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	e.start(&g, young, &acknowledged)
	expect := func(q store.SubscribeQuery, dense bool, list *[]store.Announcement) {
		pick := func(stream string) bool {
			return q.Group.Owns(stream) && (q.Stream == "" || q.Stream == stream)
		}
		n, sub := old.count(pick)+young.count(pick), e.subscribe("n", q)
		g.Go(func() (err error) {
			if *list, err = nextOf(e.ctx, sub, n, 777); err != nil {
				return fmt.Errorf("subscription %+v: %w after %d announcements", q, err, len(*list))
			}
			if err := newOrder(dense).check(*list); err != nil {
				return fmt.Errorf("subscription %+v: %w", q, err)
			}
			return nil
		})
	}
	var all, category, stream []store.Announcement
	expect(store.SubscribeQuery{}, true, &all)
	expect(store.SubscribeQuery{Category: "a"}, true, &category)
	expect(store.SubscribeQuery{Stream: "a-3"}, false, &stream)
	members := make([][]store.Announcement, 3)
	for i := range members {
		expect(store.SubscribeQuery{Category: "a", Group: store.Group{Member: i, Size: len(members)}}, false, &members[i])
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	e.same(announced(all), places(e.everything("n")), "subscription to all")
	together := 0
	for i, list := range members {
		group := store.Group{Member: i, Size: len(members)}
		read := e.readCategory("n", store.CategoryQuery{Category: "a", Group: group, Limit: store.NoLimit})
		e.same(announced(list), places(read), "member %d", i)
		together += len(list)
	}
	if want := old.total() + young.total(); together != want {
		e.t.Errorf("the members saw %d messages together, want %d", together, want)
	}
}

// cancelledAllTheTime ends the context of Next at any moment while messages
// come in: none may get lost between the cursor and the caller.
func cancelledAllTheTime(e *env) {
	writers := load{4, 500, 2}
	total := writers.total()
	e.namespace("n")
	sub := e.subscribe("n", store.SubscribeQuery{Category: "a"})
	var acknowledged atomic.Int64
	var g errgroup.Group
	e.start(&g, writers, &acknowledged)
	random, cancelNow := rand.New(rand.NewPCG(1, 2)), make(chan context.CancelFunc, 100)
	g.Go(func() error {
		for cancel := range cancelNow {
			cancel()
		}
		return nil
	})
	seen, got, cancelled := newOrder(true), 0, 0
	buf := make([]store.Announcement, 5)
	for got < total {
		ctx, cancel := context.WithCancel(e.ctx)
		if random.IntN(3) > 0 {
			cancelNow <- cancel
		}
		n, err := sub.Next(ctx, buf)
		if err != nil {
			cancelled++
			if ctx.Err() == nil || e.ctx.Err() != nil {
				e.t.Fatalf("next: %v after %d announcements", err, got)
			}
		}
		cancel()
		if err := seen.check(buf[:n]); err != nil {
			e.t.Fatalf("%v, after %d cancelled calls", err, cancelled)
		}
		got += n
	}
	close(cancelNow)
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	e.nothingMore(sub, "n", "a-1", "a subscription that was cancelled all the time")
}

func manySubscriptions(e *env) {
	const subscriptions = 300
	writers := load{4, 50, 2}
	e.namespace("n")
	var g errgroup.Group
	for i := range subscriptions {
		sub := e.subscribe("n", store.SubscribeQuery{Category: "a", From: store.FromNow})
		g.Go(func() error {
			list, err := nextOf(e.ctx, sub, writers.total(), i%20+1)
			if err != nil {
				return fmt.Errorf("subscription %d: %w after %d announcements", i, err, len(list))
			}
			return newOrder(true).check(list)
		})
	}
	var acknowledged atomic.Int64
	e.start(&g, writers, &acknowledged)
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
}
