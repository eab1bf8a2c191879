package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

func isolation(e *env) {
	for _, id := range []string{"one", "two", "on"} {
		e.namespace(id)
	}
	id := store.NewID(time.Now())
	given := event("given")
	given.ID = id
	e.append("one", "a-1", given, event("second"))
	for _, other := range []string{"two", "on"} {
		e.same(e.state(other)[1:], []string{"head 0"}, "namespace %q after writes to another", other)
		_, err := e.store.MessageByID(e.ctx, other, id)
		e.is(err, store.ErrMessageNotFound, "message of another namespace by id")
	}
	// The same stream and the same id again: another namespace knows neither.
	answer := e.write("two", store.Write{Stream: "a-1", Events: []store.Event{given}, ExpectedVersion: store.NoStream})
	if answer.FirstPosition != 0 || answer.FirstGlobalPosition != 1 {
		e.t.Errorf("first append to a second namespace: got %s", showAppended(answer))
	}
	e.unchanged("one", func() {
		e.append("two", "a-1", events(5, "x")...)
		if n, err := e.store.DeleteNamespace(e.ctx, "two"); err != nil || n != 6 {
			e.t.Errorf("delete: got %d, %v, want 6", n, err)
		}
	})
	e.alsoReopened(func() {
		e.same(places(e.everything("one")), []string{"#1 a-1@0", "#2 a-1@1"}, "the namespace that stays")
		_, err := e.store.Namespace(e.ctx, "two")
		e.is(err, store.ErrNamespaceNotFound, "the namespace that was deleted")
	})
}

func deleteLeavesNothing(e *env) {
	e.namespace("n")
	given := event("given")
	given.ID = store.NewID(time.Now())
	e.append("n", "a-1", given)
	for i := range 20 {
		e.append("n", fmt.Sprintf("b-%d", i), events(10, "x")...)
	}
	if n, err := e.store.DeleteNamespace(e.ctx, "n"); err != nil || n != 201 {
		e.t.Errorf("delete: got %d, %v, want 201", n, err)
	}
	e.alsoReopened(func() {
		e.everyCall("n", func(what string, err error) {
			e.is(err, store.ErrNamespaceNotFound, "%s of a deleted namespace", what)
		})
		if list, err := e.store.Namespaces(e.ctx); err != nil || len(list) != 0 {
			e.t.Errorf("Namespaces after the only one was deleted: got %v, %v", list, err)
		}
	})
	if _, err := e.store.CreateNamespace(e.ctx, store.NamespaceSpec{ID: "n", TokenHash: [32]byte{7}}); err != nil {
		e.t.Fatalf("create again after delete: %v", err)
	}
	e.alsoReopened(func() {
		e.same(e.state("n")[1:], []string{"head 0"}, "a namespace made again")
		if hash, err := e.store.TokenHash(e.ctx, "n"); err != nil || hash != [32]byte{7} {
			e.t.Errorf("TokenHash of a namespace made again: got %x, %v", hash, err)
		}
	})
	// Ids and positions of the deleted one are free.
	answer := e.write("n", store.Write{Stream: "c-1", Events: []store.Event{given}, ExpectedVersion: store.NoStream})
	if answer.FirstGlobalPosition != 1 {
		e.t.Errorf("first append to a namespace made again: got %s", showAppended(answer))
	}
	e.alsoReopened(func() {
		e.same(places(e.everything("n")), []string{"#1 c-1@0"}, "a namespace made again")
	})
}

func deleteWhileAppending(e *env) {
	e.namespace("n")
	var stored atomic.Int64
	var g errgroup.Group
	enough := make(chan struct{})
	for w := range 4 {
		g.Go(func() error {
			for i := 0; ; i++ {
				_, err := e.store.Append(e.ctx, "n", store.Write{
					Stream: fmt.Sprintf("a-%d", w), Events: events(3, "x"), ExpectedVersion: store.AnyVersion,
				})
				if errors.Is(err, store.ErrNamespaceNotFound) {
					return nil
				}
				if err != nil {
					return err
				}
				if stored.Add(3) == 120 {
					close(enough)
				}
			}
		})
	}
	select {
	case <-enough:
	case <-e.ctx.Done():
		e.t.Fatal("the appends did not get on")
	}
	deleted, err := e.store.DeleteNamespace(e.ctx, "n")
	if err != nil {
		e.t.Errorf("delete: %v", err)
	}
	if err := g.Wait(); err != nil {
		e.t.Errorf("append while the namespace is deleted: %v", err)
	}
	if deleted != stored.Load() {
		e.t.Errorf("delete counts %d messages, %d were acknowledged", deleted, stored.Load())
	}
}

// moreThanFitOpen uses more namespaces than an engine keeps open, with a
// subscription in the first and an iterator in the second all the while.
func moreThanFitOpen(e *env) {
	const count = 80
	for i := range count {
		e.namespace(fmt.Sprintf("n%d", i))
		e.append(fmt.Sprintf("n%d", i), "a-1", events(2, fmt.Sprint(i))...)
	}
	sub := e.subscribe("n0", store.SubscribeQuery{From: store.FromNow})
	for m, err := range e.store.ReadStream(e.ctx, "n1", store.StreamQuery{Stream: "a-1", Limit: store.NoLimit}) {
		if err != nil {
			e.t.Fatalf("read while other namespaces are used: %v", err)
		}
		for i := range count {
			id := fmt.Sprintf("n%d", i)
			e.append(id, "b-1", event("again"))
			if head, err := e.store.Head(e.ctx, id); err != nil || head != 3+m.Position {
				e.t.Errorf("head of %s: got %d, %v, want %d", id, head, err, 3+m.Position)
			}
		}
		if !strings.Contains(string(m.Data), fmt.Sprintf("1 %d", m.Position)) {
			e.t.Errorf("message %d was spoilt while other namespaces were used: %s", m.Position, m.Data)
		}
	}
	e.same(announced(e.next(sub, 2)), []string{"#3 b-1@0", "#4 b-1@1"}, "subscription to the first namespace")
	list, err := e.store.Namespaces(e.ctx)
	if err != nil || len(list) != count {
		e.t.Fatalf("Namespaces: got %d, %v, want %d", len(list), err, count)
	}
	for _, ns := range list {
		if ns.MessageCount != 4 || ns.StreamCount != 2 || ns.LastActivity.IsZero() {
			e.t.Errorf("got %s, want 4 messages in 2 streams", showNamespace(ns))
		}
	}
}
