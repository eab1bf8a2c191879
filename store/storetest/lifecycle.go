package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

func lifecycleCases() []testCase {
	return []testCase{
		{"Describe", describe},
		{"Promises", promises},
		{"CloseTwice", closeTwice},
		{"CloseWhileBusy", closeWhileBusy},
		{"OpenAgainAndAgain", openAgain},
	}
}

func describe(e *env) {
	d := e.store.Describe()
	if d.Backend == "" || d.Durability == "" || d.Counts == "" || d.NameOrder == "" {
		e.t.Errorf("Describe leaves something open: %+v", d)
	}
	if d2 := e.store.Describe(); d2 != d {
		e.t.Errorf("Describe changes from %+v to %+v", d, d2)
	}
}

func closeTwice(e *env) {
	e.namespace("n")
	e.fill("n", "a-1")
	st := e.store
	e.close()
	if err := st.Close(); err != nil {
		e.t.Errorf("close again: %v", err)
	}
	e.store = st
	for _, namespace := range []string{"n", "unknown"} {
		e.everyCall(namespace, func(what string, err error) {
			e.is(err, store.ErrClosed, "%s after Close", what)
		})
	}
	_, err := st.CreateNamespace(e.ctx, specOf("new"))
	e.is(err, store.ErrClosed, "CreateNamespace after Close")
	_, err = st.Namespaces(e.ctx)
	e.is(err, store.ErrClosed, "Namespaces after Close")
	e.store = nil
}

// closeWhileBusy closes the store under readers, writers and subscriptions.
// Calls end well or with ErrClosed, and what was acknowledged stays.
func closeWhileBusy(e *env) {
	e.namespace("n")
	st := e.store
	var acknowledged atomic.Int64
	var g errgroup.Group
	busy := func(call func(i int) error) {
		g.Go(func() error {
			for i := 0; ; i++ {
				switch err := call(i); {
				case errors.Is(err, store.ErrClosed):
					return nil
				case err != nil:
					return err
				}
			}
		})
	}
	enough := make(chan struct{})
	for w := range 4 {
		busy(func(i int) error {
			_, err := st.Append(e.ctx, "n", store.Write{Stream: fmt.Sprintf("a-%d", w), Events: events(1, "x"), ExpectedVersion: int64(i) - 1})
			if err == nil && acknowledged.Add(1) == 300 {
				close(enough)
			}
			return err
		})
		busy(func(int) error {
			_, err := collect(st.ReadStream(e.ctx, "n", store.StreamQuery{Stream: fmt.Sprintf("a-%d", w), Limit: 100}))
			return err
		})
	}
	sub := e.subscribe("n", store.SubscribeQuery{})
	busy(func(int) error {
		_, err := sub.Next(e.ctx, make([]store.Announcement, 10))
		return err
	})
	busy(func(int) error {
		_, err := st.Categories(e.ctx, "n")
		return err
	})
	select {
	case <-enough:
	case <-e.ctx.Done():
		e.t.Error("the appends did not get on")
	}
	e.close()
	if err := g.Wait(); err != nil {
		e.t.Errorf("a call while the store is closed: %v", err)
	}
	if e.harness.Persistent {
		e.open()
		// An append that heard ErrClosed must not be stored: it was refused.
		e.inOrder(e.everything("n"), int(acknowledged.Load()))
	}
}

// openAgain appends a little between many closes.
func openAgain(e *env) {
	if !e.harness.Persistent {
		e.t.Skip("this engine keeps nothing")
	}
	e.namespace("n")
	sub := e.subscribe("n", store.SubscribeQuery{})
	for round := range 10 {
		stream := fmt.Sprintf("a-%d", round%3)
		for range 3 {
			e.append("n", stream, events(round+1, "x")...)
		}
		_ = sub.Close()
		before := e.state("n")
		e.close()
		e.open()
		e.same(e.state("n"), before, "after the store was closed and opened again, round %d", round)
		sub = e.subscribe("n", store.SubscribeQuery{From: int64(len(e.everything("n")))})
		e.next(sub, 1)
	}
	e.inOrder(e.everything("n"), 3*55)
}

// promises holds what an engine says of itself against what it does.
func promises(e *env) {
	d := e.store.Describe()
	e.namespace("n")
	if d.ReadOnly {
		e.t.Error("the store says that it only reads, and was written to")
	}
	fill := func() {
		for i, value := range tellingJSON() {
			list := withIDs([]store.Event{{Type: "T", Data: []byte(value), Metadata: []byte(value)}, event("x")})
			w := store.Write{Stream: fmt.Sprintf("%s-%d", similarNames()[i], i), Events: list, ExpectedVersion: store.AnyVersion}
			if store.CheckStreamName(w.Stream) != nil {
				w.Stream = fmt.Sprintf("b-%d", i)
			}
			first := e.write("n", w)
			if d.IDWindow == 0 { // ids are compared for ever
				e.repeat(w, first, "an append")
			}
		}
	}
	check := func() {
		messages := e.everything("n")
		for i, m := range messages {
			if d.Dense && m.GlobalPosition != int64(i+1) {
				e.t.Fatalf("positions are said to be dense, and message %d is at %d", i, m.GlobalPosition)
			}
			if value := tellingJSON()[i/2]; d.Verbatim && i%2 == 0 {
				e.carries(m, store.Event{Type: "T", Data: []byte(value), Metadata: []byte(value)})
			}
		}
		ns, err := e.store.Namespace(e.ctx, "n")
		if err != nil {
			e.t.Fatal(err)
		}
		if d.Counts == store.CountsExact && (ns.MessageCount != int64(len(messages)) || ns.StreamCount != int64(len(tellingJSON()))) {
			e.t.Errorf("counts are said to be exact, and %s holds %d messages in %d streams", showNamespace(ns), len(messages), len(tellingJSON()))
		}
		if names := e.streamNames(store.StreamsQuery{Limit: 1000}); d.NameOrder == "bytes" && !slices.IsSorted(names) {
			e.t.Errorf("names are said to be ordered by their bytes: %q", names)
		}
	}
	fill()
	e.alsoReopened(check)
	if im, ok := e.store.(store.Importer); ok {
		if err := im.Truncate(e.ctx, "n"); err != nil {
			e.t.Fatalf("truncate: %v", err)
		}
		fill()
		check()
	}
}
