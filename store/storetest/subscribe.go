package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

func subscribeCases() []testCase {
	return []testCase{
		{"From", subscribeFrom},
		{"FromNow", subscribeFromNow},
		{"WakesTheWaiting", subscribeWakes},
		{"ReadableWhenAnnounced", readableWhenAnnounced},
		{"SmallBuffer", subscribeSmallBuffer},
		{"Groups", subscribeGroups},
		{"Imported", subscribeImported},
		{"Isolation", subscribeIsolation},
		{"CancelledContext", subscribeCancelled},
		{"Close", subscribeClose},
		{"StoreClosed", subscribeStoreClosed},
		{"IllegalArguments", subscribeIllegal},
	}
}

// subscribe opens a subscription that is closed when the case ends.
func (e *env) subscribe(namespace string, q store.SubscribeQuery) store.Subscription {
	e.t.Helper()
	sub, err := e.store.Subscribe(e.ctx, namespace, q)
	if err != nil {
		e.t.Fatalf("subscribe %+v: %v", q, err)
	}
	e.t.Cleanup(func() { _ = sub.Close() })
	return sub
}

// next waits for n announcements.
func (e *env) next(sub store.Subscription, n int) []store.Announcement {
	e.t.Helper()
	list, err := nextOf(e.ctx, sub, n, 100)
	if err != nil {
		e.t.Fatalf("next: %v after %d of %d announcements", err, len(list), n)
	}
	return list
}

// nextOf waits for n announcements, at most size at once.
func nextOf(ctx context.Context, sub store.Subscription, n, size int) ([]store.Announcement, error) {
	list := make([]store.Announcement, 0, n)
	buf := make([]store.Announcement, size)
	for len(list) < n {
		got, err := sub.Next(ctx, buf[:min(size, n-len(list))])
		list = append(list, buf[:got]...)
		if err != nil {
			return list, err
		}
		if got == 0 {
			return list, errors.New("returned nothing, and no error")
		}
	}
	return list, nil
}

// nothingMore checks that the subscription has no more to give: what is
// announced next is the message that is appended now. The subscription must
// be one that this stream's messages go to.
func (e *env) nothingMore(sub store.Subscription, namespace, stream, what string) {
	e.t.Helper()
	a := e.append(namespace, stream, event("last"))
	want := fmt.Sprintf("#%d %s@%d", a.FirstGlobalPosition, stream, a.FirstPosition)
	e.same(announced(e.next(sub, 1)), []string{want}, "%s: the next announcement", what)
}

func subscribeFrom(e *env) {
	e.namespace("n")
	e.fill("n", "a-1", "b-1", "a-1", "a-2", "ab-1", "a-1", "a")
	every := []string{"#1 a-1@0", "#2 b-1@0", "#3 a-1@1", "#4 a-2@0", "#5 ab-1@0", "#6 a-1@2", "#7 a@0"}
	a := []string{"#1 a-1@0", "#3 a-1@1", "#4 a-2@0", "#6 a-1@2", "#7 a@0"}
	stream := []string{"#1 a-1@0", "#3 a-1@1", "#6 a-1@2"}
	type open struct {
		q    store.SubscribeQuery
		want []string
		sub  store.Subscription
	}
	cases := []*open{
		{q: store.SubscribeQuery{}, want: every},
		{q: store.SubscribeQuery{From: 1}, want: every},
		{q: store.SubscribeQuery{From: 4}, want: every[3:]},
		{q: store.SubscribeQuery{From: 8}, want: nil},
		{q: store.SubscribeQuery{Category: "a"}, want: a},
		{q: store.SubscribeQuery{Category: "a", From: 2}, want: a[1:]},
		{q: store.SubscribeQuery{Category: "a", From: 7}, want: a[4:]},
		{q: store.SubscribeQuery{Stream: "a-1"}, want: stream},
		{q: store.SubscribeQuery{Stream: "a-1", From: 1}, want: stream[1:]},
		{q: store.SubscribeQuery{Stream: "a-1", From: 3}, want: nil},
	}
	e.alsoReopened(func() {
		for _, c := range cases {
			c.sub = e.subscribe("n", c.q)
			e.same(announced(e.next(c.sub, len(c.want))), c.want, "subscription %+v", c.q)
		}
	})
	for _, c := range cases {
		e.nothingMoreOf(c.sub, c.q)
	}
}

// nothingMoreOf is nothingMore for one subscription among others: it skips what
// was appended to ask the others.
func (e *env) nothingMoreOf(sub store.Subscription, q store.SubscribeQuery) {
	e.t.Helper()
	head, err := e.store.Head(e.ctx, "n")
	if err != nil {
		e.t.Fatal(err)
	}
	for skip := int64(8); skip <= head; skip++ {
		if got := e.next(sub, 1)[0]; got.GlobalPosition != skip || got.Stream != "a-1" {
			e.t.Errorf("subscription %+v: got %v, want #%d", q, announced([]store.Announcement{got}), skip)
			return
		}
	}
	e.nothingMore(sub, "n", "a-1", fmt.Sprintf("subscription %+v", q))
}

func subscribeFromNow(e *env) {
	e.namespace("n")
	subs := map[string]store.Subscription{}
	open := func(when string) {
		for _, q := range []store.SubscribeQuery{{From: store.FromNow}, {Category: "a", From: store.FromNow}, {Stream: "a-1", From: store.FromNow}} {
			subs[fmt.Sprintf("%+v, opened %s", q, when)] = e.subscribe("n", q)
		}
	}
	open("on nothing")
	e.fill("n", "a-1", "a-1", "a-1")
	for what, sub := range subs {
		e.same(announced(e.next(sub, 3)), []string{"#1 a-1@0", "#2 a-1@1", "#3 a-1@2"}, "subscription %s", what)
	}
	open("on three")
	later := e.subscribe("n", store.SubscribeQuery{Stream: "a-1", From: 5})
	ahead := e.subscribe("n", store.SubscribeQuery{Category: "a", From: 6})
	e.fill("n", "a-1", "a-1", "a-1")
	for what, sub := range subs {
		e.same(announced(e.next(sub, 3)), []string{"#4 a-1@3", "#5 a-1@4", "#6 a-1@5"}, "subscription %s", what)
	}
	e.same(announced(e.next(later, 1)), []string{"#6 a-1@5"}, "subscription to a position that was ahead")
	e.same(announced(e.next(ahead, 1)), []string{"#6 a-1@5"}, "subscription to a global position that was ahead")
}

// subscribeWakes has Next waiting before there is anything to announce.
func subscribeWakes(e *env) {
	e.namespace("n")
	sub := e.subscribe("n", store.SubscribeQuery{Category: "a", From: store.FromNow})
	results := make(chan []string)
	go func() {
		for range 50 {
			list, err := nextOf(e.ctx, sub, 1, 1)
			results <- answer(err, announced(list)...)
		}
	}()
	for i := range int64(50) {
		e.append("n", "b-1", event("not for it"))
		a := e.append("n", "a-1", event("x"))
		want := fmt.Sprintf("#%d a-1@%d", a.FirstGlobalPosition, i)
		e.same(<-results, []string{want}, "a waiting Next")
	}
}

func readableWhenAnnounced(e *env) {
	e.namespace("n")
	sub := e.subscribe("n", store.SubscribeQuery{From: store.FromNow})
	const count = 300
	done := e.inBackground(func() error {
		for i := range count {
			if _, err := e.put("n", fmt.Sprintf("a-%d", i%5), event("x")); err != nil {
				return err
			}
		}
		return nil
	})
	for range count {
		a := e.next(sub, 1)[0]
		want := announced([]store.Announcement{a})
		e.same(places(e.readStream("n", store.StreamQuery{Stream: a.Stream, Position: a.Position, Limit: 1})), want, "stream read of what was announced")
		q := store.CategoryQuery{Category: "a", GlobalPosition: a.GlobalPosition, Limit: 1}
		e.same(places(e.readCategory("n", q)), want, "category read of what was announced")
		if v, err := e.store.Version(e.ctx, "n", a.Stream); err != nil || v < a.Position {
			e.t.Errorf("version of %q is %d, %v after %v was announced", a.Stream, v, err, want)
		}
		if head, err := e.store.Head(e.ctx, "n"); err != nil || head < a.GlobalPosition {
			e.t.Errorf("head is %d, %v after %v was announced", head, err, want)
		}
	}
	if err := <-done; err != nil {
		e.t.Errorf("append: %v", err)
	}
}

// inBackground runs f on a goroutine of its own; the channel gets its error.
func (e *env) inBackground(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

func subscribeSmallBuffer(e *env) {
	e.namespace("n")
	for _, size := range []int{1, 2, 3, 7, 64} {
		sub := e.subscribe("n", store.SubscribeQuery{Stream: "a-1", From: store.FromNow})
		a := e.append("n", "a-1", events(40, "x")...)
		list, err := nextOf(e.ctx, sub, 40, size)
		if err != nil {
			e.t.Fatalf("next: %v", err)
		}
		for i, got := range list {
			if got.Position != a.FirstPosition+int64(i) || got.GlobalPosition != a.FirstGlobalPosition+int64(i) {
				e.t.Errorf("buffer of %d: announcement %d is %v", size, i, announced(list[i:i+1]))
			}
		}
	}
}

// groupAgrees checks that a subscription from the start announces just what a
// group read gives.
func (e *env) groupAgrees(namespace, category string, group store.Group) int {
	e.t.Helper()
	read := e.readCategory(namespace, store.CategoryQuery{Category: category, Group: group, Limit: store.NoLimit})
	sub := e.subscribe(namespace, store.SubscribeQuery{Category: category, Group: group})
	e.same(announced(e.next(sub, len(read))), places(read), "subscription of %+v to category %q", group, category)
	return len(read)
}

func subscribeGroups(e *env) {
	e.namespace("n")
	owned := 0
	for i := range 200 {
		e.append("n", fmt.Sprintf("a-%d", i%40), events(i%3+1, "x")...)
		owned += i%3 + 1
	}
	e.fill("n", "a", "a-", "a-+x", "b-1", "a-7+retry")
	for _, category := range []string{"a", ""} {
		for _, size := range []int{1, 2, 5} {
			total := 0
			for member := range size {
				total += e.groupAgrees("n", category, store.Group{Member: member, Size: size})
			}
			want := owned + 1
			if e.harness.EmptyIDs {
				want += 2
			}
			if category == "" {
				want++
			}
			if total != want {
				e.t.Errorf("%d members of category %q own %d messages, want %d", size, category, total, want)
			}
		}
	}
}

func subscribeImported(e *env) {
	e.namespace("n")
	now := e.subscribe("n", store.SubscribeQuery{From: store.FromNow})
	category := e.subscribe("n", store.SubscribeQuery{Category: "a", From: store.FromNow})
	stream := e.subscribe("n", store.SubscribeQuery{Stream: "a-1", From: 1})
	e.importAll("n", sampleImport())
	e.same(announced(e.next(now, 5)), []string{"#3 a-1@0", "#4 b-1@0", "#10 a-1@1", "#11 a@0", "#1000 a-1@2"}, "imported, all")
	e.same(announced(e.next(category, 4)), []string{"#3 a-1@0", "#10 a-1@1", "#11 a@0", "#1000 a-1@2"}, "imported, category")
	e.same(announced(e.next(stream, 2)), []string{"#10 a-1@1", "#1000 a-1@2"}, "imported, stream")
	for _, sub := range []store.Subscription{now, category, stream} {
		a := e.append("n", "a-1", event("x"))
		for {
			if got := e.next(sub, 1)[0]; got.GlobalPosition == a.FirstGlobalPosition {
				break
			} else if got.GlobalPosition <= 1000 || got.GlobalPosition > a.FirstGlobalPosition {
				e.t.Fatalf("after an import: got %v, want #%d", announced([]store.Announcement{got}), a.FirstGlobalPosition)
			}
		}
	}
}

func subscribeIsolation(e *env) {
	e.namespace("one")
	e.namespace("two")
	sub := e.subscribe("one", store.SubscribeQuery{})
	e.fill("two", "a-1", "a-1")
	e.fill("one", "a-1")
	e.same(announced(e.next(sub, 1)), []string{"#1 a-1@0"}, "subscription beside another namespace")
	e.fill("two", "a-1", "a-1")
	e.nothingMore(sub, "one", "a-1", "subscription beside another namespace")
}

func subscribeCancelled(e *env) {
	e.namespace("n")
	sub := e.subscribe("n", store.SubscribeQuery{})
	buf := make([]store.Announcement, 10)
	for round := range int64(20) {
		ctx, cancel := context.WithCancel(e.ctx)
		waiting := e.inBackground(func() error {
			n, err := sub.Next(ctx, buf)
			if n > 0 {
				return fmt.Errorf("announced %v, which are old", announced(buf[:n]))
			}
			return err
		})
		if round%2 == 0 { // let it come to rest first, now and then
			select {
			case err := <-waiting:
				e.t.Fatalf("next with nothing to announce: %v", err)
			case <-time.After(time.Millisecond):
			}
		}
		cancel()
		e.is(<-waiting, context.Canceled, "next with a cancelled context")
		e.nothingMore(sub, "n", "a-1", "subscription after a cancelled Next")
	}
	short, cancel := context.WithTimeout(e.ctx, time.Millisecond)
	defer cancel()
	_, err := sub.Next(short, buf)
	e.is(err, context.DeadlineExceeded, "next until a deadline")
	e.nothingMore(sub, "n", "a-1", "subscription after a deadline")
	// The context of Subscribe is for opening only.
	opening, cancel := context.WithCancel(e.ctx)
	sub2, err := e.store.Subscribe(opening, "n", store.SubscribeQuery{From: store.FromNow})
	if err != nil {
		e.t.Fatalf("subscribe: %v", err)
	}
	defer func() { _ = sub2.Close() }()
	cancel()
	e.nothingMore(sub2, "n", "a-1", "subscription whose opening context has ended")
}

func subscribeDeleted(e *env) {
	e.namespace("n")
	e.fill("n", "a-1", "a-1")
	waiting := e.subscribe("n", store.SubscribeQuery{From: store.FromNow})
	behind := e.subscribe("n", store.SubscribeQuery{})
	e.next(behind, 1)
	ended := e.inBackground(func() error {
		_, err := waiting.Next(e.ctx, make([]store.Announcement, 1))
		return err
	})
	if _, err := e.store.DeleteNamespace(e.ctx, "n"); err != nil {
		e.t.Fatalf("delete with open subscriptions: %v", err)
	}
	e.is(<-ended, store.ErrNamespaceNotFound, "a waiting Next, when its namespace is deleted")
	e.namespace("n")
	e.fill("n", "a-1", "a-1", "a-1", "a-1")
	for range 2 {
		for what, sub := range map[string]store.Subscription{"waiting": waiting, "behind": behind} {
			_, err := sub.Next(e.ctx, make([]store.Announcement, 1))
			e.is(err, store.ErrNamespaceNotFound, "a subscription (%s) to a namespace that was deleted and made again", what)
		}
	}
	sub := e.subscribe("n", store.SubscribeQuery{From: 4})
	e.same(announced(e.next(sub, 1)), []string{"#4 a-1@3"}, "a subscription to a namespace made again")
	for _, sub := range []store.Subscription{waiting, behind} {
		if err := sub.Close(); err != nil {
			e.t.Errorf("close a subscription that ended: %v", err)
		}
	}
}

func subscribeClose(e *env) {
	e.namespace("n")
	e.fill("n", "a-1")
	sub := e.subscribe("n", store.SubscribeQuery{})
	for range 2 {
		if err := sub.Close(); err != nil {
			e.t.Errorf("close: %v", err)
		}
	}
	if n, err := sub.Next(e.ctx, make([]store.Announcement, 1)); err == nil {
		e.t.Errorf("next after close: got %d and no error", n)
	}
	for range 1000 { // none of these must be left behind
		sub, err := e.store.Subscribe(e.ctx, "n", store.SubscribeQuery{})
		if err != nil {
			e.t.Fatalf("subscribe: %v", err)
		}
		if err := sub.Close(); err != nil {
			e.t.Fatalf("close: %v", err)
		}
	}
	if e.harness.Seed != nil {
		return // nothing can be deleted
	}
	if n, err := e.store.DeleteNamespace(e.ctx, "n"); err != nil || n != 1 {
		e.t.Errorf("delete after subscriptions were closed: got %d, %v", n, err)
	}
}

func subscribeStoreClosed(e *env) {
	e.namespace("n")
	e.fill("n", "a-1")
	sub := e.subscribe("n", store.SubscribeQuery{From: store.FromNow})
	idle := e.subscribe("n", store.SubscribeQuery{})
	ended := e.inBackground(func() error {
		_, err := sub.Next(e.ctx, make([]store.Announcement, 1))
		return err
	})
	e.close()
	e.is(<-ended, store.ErrClosed, "a waiting Next, when the store is closed")
	_, err := idle.Next(e.ctx, make([]store.Announcement, 1))
	e.is(err, store.ErrClosed, "Next after the store was closed")
	for _, s := range []store.Subscription{sub, idle} {
		if err := s.Close(); err != nil {
			e.t.Errorf("close a subscription after its store: %v", err)
		}
	}
}

func subscribeIllegal(e *env) {
	e.namespace("n")
	for _, q := range []store.SubscribeQuery{
		{Stream: "a-1", Category: "a"},
		{Category: "a-1"},
		{Category: "a\x00"},
		{Stream: "\xff"},
		{Stream: "-1"},
		{From: -2},
		{Category: "a", Group: store.Group{Member: 2, Size: 2}},
		{Category: "a", Group: store.Group{Member: -1, Size: 2}},
		{Category: "a", Group: store.Group{Member: 1}},
	} {
		sub, err := e.store.Subscribe(e.ctx, "n", q)
		e.refused(err, "subscribe %+v", q)
		if err == nil {
			_ = sub.Close()
		}
	}
}
