package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

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
