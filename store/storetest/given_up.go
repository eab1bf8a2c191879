package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

func givenUpCases() []testCase {
	return []testCase{
		{"UnderLoad", givenUpUnderLoad},
		{"BeforeItBegins", givenUpBefore},
		{"BetweenQuestions", givenUpBetween},
		{"ImportBetweenQuestions", givenUpImport},
	}
}

// attempt is one append that may be given up.
type attempt struct {
	stream string
	ids    []store.ID
	note   string
	err    error
}

// events makes the attempt's events, in memory of their own.
func (a *attempt) events() []store.Event {
	list := events(len(a.ids), a.note)
	for i := range list {
		list[i].ID = a.ids[i]
		list[i].Metadata = fmt.Appendf(nil, `{"of":%q}`, a.note)
	}
	return list
}

// spoil overwrites what an append has borrowed.
func spoil(list []store.Event) {
	for i := range list {
		for _, b := range [][]byte{list[i].Data, list[i].Metadata} {
			for j := range b {
				b[j] = '!'
			}
		}
		list[i] = store.Event{ID: store.ID{0xde, 0xad, byte(i)}, Type: "Garbage", Data: []byte("garbage")}
	}
}

// givenUpUnderLoad lets contexts end at any moment of an append, overwrites
// what was borrowed as soon as Append returns, and asks again with the same ids.
func givenUpUnderLoad(e *env) {
	const callers, rounds = 24, 25
	e.namespace("n")
	attempts := make([][]*attempt, callers)
	var g errgroup.Group
	for caller := range callers {
		g.Go(func() error {
			random := rand.New(rand.NewPCG(uint64(caller), 11))
			for round := range rounds {
				a := &attempt{stream: fmt.Sprintf("a-%d", random.IntN(5)), note: fmt.Sprintf("caller %d round %d", caller, round)}
				for range 1 + random.IntN(3) {
					a.ids = append(a.ids, store.NewID(time.Now()))
				}
				attempts[caller] = append(attempts[caller], a)
				ctx, cancel := context.WithTimeout(e.ctx, time.Duration(random.IntN(1<<(4+random.IntN(11))))*time.Microsecond)
				list := a.events()
				_, a.err = e.store.Append(ctx, "n", store.Write{Stream: a.stream, Events: list, ExpectedVersion: store.AnyVersion})
				spoil(list)
				cancel()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	e.append("n", "b-1", event("behind all of them")) // what is still under way is decided by then
	outcomes := map[string]int{}
	for _, list := range attempts {
		for _, a := range list {
			outcomes[e.decided(a)]++
		}
	}
	e.t.Logf("outcomes: %v", outcomes)
	e.alsoReopened(func() {
		for _, list := range attempts {
			for _, a := range list {
				e.storedOnce(a)
			}
		}
		e.verifyAll()
	})
}

// decided checks the answer to an attempt against what is stored, and asks again.
func (e *env) decided(a *attempt) string {
	e.t.Helper()
	_, err := e.store.MessageByID(e.ctx, "n", a.ids[0])
	stored := err == nil
	if err != nil && !errors.Is(err, store.ErrMessageNotFound) {
		e.t.Fatalf("message by id: %v", err)
	}
	var uncertain *store.UncertainError
	outcome := ""
	switch {
	case a.err == nil:
		outcome = "stored"
		if !stored {
			e.t.Errorf("%s was acknowledged and is not there", a.note)
		}
	case isUnavailable(a.err):
		outcome = "unavailable"
		if stored {
			e.t.Errorf("%s was answered %v, and is stored", a.note, a.err)
		}
	case errors.As(a.err, &uncertain):
		outcome = fmt.Sprintf("uncertain, stored %t", stored)
	default:
		e.t.Errorf("%s was given up with %v, want an *UnavailableError or an *UncertainError", a.note, a.err)
	}
	e.write("n", store.Write{Stream: a.stream, Events: a.events(), ExpectedVersion: store.AnyVersion})
	return outcome
}

// storedOnce checks that an attempt is there, just as it was, and once.
func (e *env) storedOnce(a *attempt) {
	e.t.Helper()
	first, err := e.store.MessageByID(e.ctx, "n", a.ids[0])
	if err != nil {
		e.t.Errorf("%s, asked again: %v", a.note, err)
		return
	}
	found := e.readStream("n", store.StreamQuery{Stream: a.stream, Position: first.Position, Limit: len(a.ids)})
	if len(found) != len(a.ids) {
		e.t.Errorf("%s, asked again: %d of %d messages are there", a.note, len(found), len(a.ids))
		return
	}
	for i, want := range a.events() {
		if found[i].ID != want.ID {
			e.t.Errorf("%s, asked again: message %d is %s", a.note, i, showMessages(found[i : i+1])[0])
		}
		e.carries(found[i], want)
	}
	note := []byte(fmt.Sprintf("%q", a.note+" 0"))
	count := 0
	for _, m := range e.readStream("n", store.StreamQuery{Stream: a.stream, Limit: store.NoLimit}) {
		if bytes.Contains(m.Data, note) {
			count++
		}
	}
	if count != 1 {
		e.t.Errorf("%s is stored %d times", a.note, count)
	}
}

// givenUpBefore asks with contexts that have ended.
func givenUpBefore(e *env) {
	e.namespace("n")
	e.append("n", "a-1", event("x"))
	ended, cancel := context.WithCancel(e.ctx)
	cancel()
	late, cancel := context.WithDeadline(e.ctx, time.Now().Add(-time.Second))
	defer cancel()
	e.unchanged("n", func() {
		for what, ctx := range map[string]context.Context{"cancelled": ended, "late": late} {
			_, err := e.store.Append(ctx, "n", store.Write{Stream: "a-1", Events: events(2, "x"), ExpectedVersion: store.AnyVersion})
			if !isUnavailable(err) {
				e.t.Errorf("append with a context that is %s already: %v, want an *UnavailableError", what, err)
			}
		}
	})
}

// endsWhenAsked is a context that has ended from the n-th question on, as one
// does whose deadline passes between two of them.
type endsWhenAsked struct {
	context.Context
	left atomic.Int64
}

func (c *endsWhenAsked) Err() error {
	if c.left.Add(-1) < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// givenUpBetween lets the context end at each question a write asks it.
func givenUpBetween(e *env) {
	e.namespace("n")
	for n := range 4 {
		a := &attempt{stream: "a-1", ids: []store.ID{store.NewID(time.Now())}, note: fmt.Sprintf("given up at question %d", n)}
		ctx := &endsWhenAsked{Context: e.ctx}
		ctx.left.Store(int64(n))
		_, a.err = e.store.Append(ctx, "n", store.Write{Stream: a.stream, Events: a.events(), ExpectedVersion: store.AnyVersion})
		e.decided(a)
	}
}

// givenUpImport does the same to imports.
func givenUpImport(e *env) {
	im := e.importer()
	e.namespace("n")
	for n := range 4 {
		ctx := &endsWhenAsked{Context: e.ctx}
		ctx.left.Store(int64(n))
		m := store.ImportMessage{Message: store.Message{ID: store.NewID(time.Now()), Stream: fmt.Sprintf("b-%d", n), Type: "X", GlobalPosition: int64(100 + n), Time: time.Now()}}
		if err := im.Import(ctx, "n", []store.ImportMessage{m}); err != nil && !isUnavailable(err) {
			e.t.Errorf("import given up at question %d: %v, want an *UnavailableError", n, err)
		}
	}
}
