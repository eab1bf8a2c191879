package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

func namespaceCases() []testCase {
	return []testCase{
		{"CreateAndDescribe", createAndDescribe},
		{"ListedByID", listedByID},
		{"CreateTwice", createTwice},
		{"CreateAtOnce", createAtOnce},
		{"IllegalIDs", illegalNamespaceIDs},
		{"UnknownNamespace", unknownNamespace},
		{"Isolation", isolation},
		{"DeleteLeavesNothing", deleteLeavesNothing},
		{"DeleteWhileAppending", deleteWhileAppending},
		{"MoreThanFitOpen", moreThanFitOpen},
	}
}

func createAndDescribe(e *env) {
	spec := store.NamespaceSpec{
		ID: "shop", Description: "the shop's events, “all” of them",
		Metadata:  []byte(`{"b":1, "a":12345678901234567890,"n":null}`),
		TokenHash: sha256.Sum256([]byte("secret")),
	}
	before := time.Now().Add(-time.Second)
	created, err := e.store.CreateNamespace(e.ctx, spec)
	if err != nil {
		e.t.Fatalf("create: %v", err)
	}
	if created.CreatedAt.Before(before) || created.CreatedAt.After(time.Now().Add(time.Second)) {
		e.t.Errorf("created at %s, which is not now", created.CreatedAt)
	}
	if created.CreatedAt.Location() != time.UTC {
		e.t.Errorf("created at %s, which is not UTC", created.CreatedAt)
	}
	want := showNamespace(store.Namespace{
		ID: spec.ID, Description: spec.Description, Metadata: spec.Metadata, CreatedAt: created.CreatedAt,
	})
	e.same([]string{showNamespace(created)}, []string{want}, "CreateNamespace")
	if _, err := e.store.CreateNamespace(e.ctx, store.NamespaceSpec{ID: "bare"}); err != nil {
		e.t.Fatalf("create without anything but an id: %v", err)
	}
	e.alsoReopened(func() {
		ns, err := e.store.Namespace(e.ctx, "shop")
		e.same(answer(err, showNamespace(ns)), []string{want}, "Namespace")
		hash, err := e.store.TokenHash(e.ctx, "shop")
		if err != nil || hash != spec.TokenHash {
			e.t.Errorf("TokenHash: got %x, %v, want %x", hash, err, spec.TokenHash)
		}
		bare, err := e.store.Namespace(e.ctx, "bare")
		if err != nil || bare.Description != "" || len(bare.Metadata) != 0 || !bare.LastActivity.IsZero() {
			e.t.Errorf("a namespace made of an id alone: got %s, %v", showNamespace(bare), err)
		}
		if hash, err := e.store.TokenHash(e.ctx, "bare"); err != nil || hash != [32]byte{} {
			e.t.Errorf("TokenHash of a namespace without: got %x, %v", hash, err)
		}
	})
	filled := e.append("shop", "order-1", events(3, "x")...)
	e.append("shop", "order-2", event("y"))
	last := e.everything("shop")[filled.LastGlobalPosition]
	e.alsoReopened(func() {
		ns, err := e.store.Namespace(e.ctx, "shop")
		if err != nil || ns.MessageCount != 4 || ns.StreamCount != 2 || !ns.LastActivity.Equal(last.Time) {
			e.t.Errorf("after 4 messages in 2 streams: got %s, %v, want last activity %s", showNamespace(ns), err, last.Time)
		}
	})
}

// oddIDs are legal, and traps for engines that make file names of them.
func oddIDs() []string {
	return []string{
		"a", "A", "aa", "a b", " ", "...", ".a", "a.", "%2e%2e", "%", "CON", "nul", "a:b", "é", "e\u0301", "日本語", "🎈",
		"~", "*?", `"<>|`, "$(x)", "-", "--", "+", "_", strings.Repeat("x", 128), strings.Repeat("x", 127), strings.Repeat("%", 128),
		strings.Repeat("語", 42),
	}
}

func listedByID(e *env) {
	ids := oddIDs()
	for i, id := range ids {
		e.namespace(id)
		e.append(id, "s-1", events(i%3+1, id)...)
	}
	sorted := slices.Sorted(slices.Values(ids))
	e.alsoReopened(func() {
		list, err := e.store.Namespaces(e.ctx)
		if err != nil {
			e.t.Fatalf("Namespaces: %v", err)
		}
		var got, want []string
		for _, ns := range list {
			got = append(got, fmt.Sprintf("%q %d", ns.ID, ns.MessageCount))
		}
		for _, id := range sorted {
			want = append(want, fmt.Sprintf("%q %d", id, slices.Index(ids, id)%3+1))
		}
		e.same(got, want, "Namespaces")
		for _, id := range ids {
			if m, err := e.store.LastMessage(e.ctx, id, "s-1", ""); err != nil || !strings.Contains(string(m.Data), "note") {
				e.t.Errorf("last message of namespace %q: %v", id, err)
			}
		}
	})
}

func createTwice(e *env) {
	e.namespace("n")
	e.append("n", "a-1", event("x"))
	e.unchanged("n", func() {
		_, err := e.store.CreateNamespace(e.ctx, store.NamespaceSpec{ID: "n", Description: "other", TokenHash: [32]byte{1}})
		e.is(err, store.ErrNamespaceExists, "create again")
	})
	if hash, err := e.store.TokenHash(e.ctx, "n"); err != nil || hash != specOf("n").TokenHash {
		e.t.Errorf("TokenHash after a second create: got %x, %v", hash, err)
	}
}

func createAtOnce(e *env) {
	for round := range 5 {
		id := fmt.Sprintf("n%d", round)
		var made atomic.Int64
		var g errgroup.Group
		for range 8 {
			g.Go(func() error {
				_, err := e.store.CreateNamespace(e.ctx, specOf(id))
				switch {
				case err == nil:
					made.Add(1)
				case !errors.Is(err, store.ErrNamespaceExists):
					return err
				}
				_, err = e.store.Append(e.ctx, id, store.Write{Stream: "a", Events: events(1, "x"), ExpectedVersion: store.AnyVersion})
				return err
			})
		}
		if err := g.Wait(); err != nil {
			e.t.Fatalf("create at once: %v", err)
		}
		if made.Load() != 1 {
			e.t.Errorf("%d of 8 creates of one id succeeded, want 1", made.Load())
		}
		if head, err := e.store.Head(e.ctx, id); err != nil || head != 8 {
			e.t.Errorf("head after 8 appends: got %d, %v", head, err)
		}
	}
}

func illegalNamespaceIDs(e *env) {
	for _, id := range []string{
		"", ".", "..", "a/b", "../x", `a\b`, "a\x00b", "a\nb", "\x7f", "\u0085", "\xff", "a\xc3", strings.Repeat("x", 129),
	} {
		_, err := e.store.CreateNamespace(e.ctx, store.NamespaceSpec{ID: id})
		e.refused(err, "create namespace %q", id)
		_, err = e.store.Append(e.ctx, id, store.Write{Stream: "a", Events: events(1, "x"), ExpectedVersion: store.AnyVersion})
		var invalid *store.InvalidError
		if !errors.As(err, &invalid) && !errors.Is(err, store.ErrNamespaceNotFound) {
			e.t.Errorf("append to namespace %q: got error %v", id, err)
		}
	}
	if list, err := e.store.Namespaces(e.ctx); err != nil || len(list) != 0 {
		e.t.Errorf("Namespaces after illegal ids only: got %v, %v", list, err)
	}
}

func unknownNamespace(e *env) {
	e.namespace("known")
	e.everyCall("unknown", func(what string, err error) {
		e.is(err, store.ErrNamespaceNotFound, "%s of an unknown namespace", what)
	})
	if list, err := e.store.Namespaces(e.ctx); err != nil || len(list) != 1 {
		e.t.Errorf("Namespaces: got %v, %v", list, err)
	}
}

// everyCall calls every method that names a namespace and hands on its error.
func (e *env) everyCall(namespace string, check func(what string, err error)) {
	st := e.store
	calls := map[string]func() error{
		"Namespace": func() error { _, err := st.Namespace(e.ctx, namespace); return err },
		"TokenHash": func() error { _, err := st.TokenHash(e.ctx, namespace); return err },
		"Append": func() error {
			_, err := st.Append(e.ctx, namespace, store.Write{Stream: "a-1", Events: events(1, "x"), ExpectedVersion: store.AnyVersion})
			return err
		},
		"ReadStream": func() error {
			_, err := collect(st.ReadStream(e.ctx, namespace, store.StreamQuery{Stream: "a-1", Limit: 1}))
			return err
		},
		"ReadCategory": func() error {
			_, err := collect(st.ReadCategory(e.ctx, namespace, store.CategoryQuery{Limit: 1}))
			return err
		},
		"LastMessage": func() error { _, err := st.LastMessage(e.ctx, namespace, "a-1", ""); return err },
		"MessageByID": func() error { _, err := st.MessageByID(e.ctx, namespace, store.ID{1}); return err },
		"PositionAt":  func() error { _, err := st.PositionAt(e.ctx, namespace, time.Now()); return err },
		"Version":     func() error { _, err := st.Version(e.ctx, namespace, "a-1"); return err },
		"Head":        func() error { _, err := st.Head(e.ctx, namespace); return err },
		"Streams":     func() error { _, err := st.Streams(e.ctx, namespace, store.StreamsQuery{Limit: 1}); return err },
		"Categories":  func() error { _, err := st.Categories(e.ctx, namespace); return err },
		"Subscribe": func() error {
			sub, err := st.Subscribe(e.ctx, namespace, store.SubscribeQuery{})
			if err == nil {
				err = sub.Close()
			}
			return err
		},
		"DeleteNamespace": func() error { _, err := st.DeleteNamespace(e.ctx, namespace); return err },
	}
	maps.Copy(calls, e.offeredCalls(namespace))
	for what, call := range calls {
		if err := call(); !errors.Is(err, store.ErrNotOffered) {
			check(what, err)
		}
	}
}

// offeredCalls are the calls of the capabilities that the store has.
func (e *env) offeredCalls(namespace string) map[string]func() error {
	calls := map[string]func() error{}
	if im, ok := e.store.(store.Importer); ok {
		calls["Import"] = func() error {
			return im.Import(e.ctx, namespace, []store.ImportMessage{imported("a-1", 0, 1, time.Now())})
		}
		calls["Truncate"] = func() error { return im.Truncate(e.ctx, namespace) }
		calls["Replace"] = func() error {
			r, err := im.Replace(e.ctx, namespace)
			if err == nil {
				err = r.Discard()
			}
			return err
		}
	}
	if v, ok := e.store.(store.Verifier); ok {
		calls["Verify"] = func() error { _, err := v.Verify(e.ctx, namespace); return err }
	}
	if r, ok := e.store.(store.Repairer); ok {
		calls["Repair"] = func() error { _, err := r.Repair(e.ctx, namespace, store.RepairOptions{DryRun: true}); return err }
		calls["Accept"] = func() error { return r.Accept(e.ctx, namespace) }
	}
	if r, ok := e.store.(store.Reopener); ok {
		calls["Reopen"] = func() error { return r.Reopen(e.ctx, namespace) }
	}
	return calls
}

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
