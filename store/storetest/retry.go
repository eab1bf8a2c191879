package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

func retryCases() []testCase {
	return []testCase{
		{"SameAnswer", retrySameAnswer},
		{"BeforeExpectedVersion", retryBeforeExpectedVersion},
		{"Conflicts", retryConflicts},
		{"OfMadeIDs", retryOfMadeIDs},
		{"AtOnce", retryAtOnce},
	}
}

// withIDs gives ids to events.
func withIDs(list []store.Event) []store.Event {
	for i := range list {
		list[i].ID = store.NewID(time.Now())
	}
	return list
}

// repeat appends again what is stored, and checks that nothing is added.
func (e *env) repeat(w store.Write, want store.Appended, what string) {
	e.t.Helper()
	e.unchanged("n", func() {
		e.t.Helper()
		got, err := e.store.Append(e.ctx, "n", w)
		e.same(answer(err, showAppended(got)), []string{showAppended(want)}, "retry of %s", what)
	})
}

func retrySameAnswer(e *env) {
	e.namespace("n")
	e.append("n", "a-1", event("before"))
	list := withIDs(events(5, "x"))
	w := store.Write{Stream: "a-1", Events: list, ExpectedVersion: store.AnyVersion}
	first := e.write("n", w)
	one := store.Write{Stream: "b-1", Events: withIDs(events(1, "one")), ExpectedVersion: store.AnyVersion}
	single := e.write("n", one)
	e.append("n", "a-1", event("after"))
	e.alsoReopened(func() {
		e.repeat(w, first, "five")
		e.repeat(one, single, "one")
		part := store.Write{Stream: "a-1", Events: list[1:3], ExpectedVersion: store.AnyVersion}
		e.repeat(part, store.Appended{
			FirstPosition: 2, LastPosition: 3, FirstGlobalPosition: 3, LastGlobalPosition: 4,
		}, "a part of what was one append")
	})
	// What two appends stored, one behind the other, is also stored as one.
	next := store.Write{Stream: "c-1", Events: withIDs(events(1, "y")), ExpectedVersion: store.AnyVersion}
	e.write("n", next)
	e.append("n", "d-1", event("between"))
	second := store.Write{Stream: "c-1", Events: withIDs(events(1, "z")), ExpectedVersion: store.AnyVersion}
	e.write("n", second)
	both := store.Write{Stream: "c-1", Events: append(next.Events, second.Events...), ExpectedVersion: store.AnyVersion}
	e.repeat(both, store.Appended{
		FirstPosition: 0, LastPosition: 1, FirstGlobalPosition: 9, LastGlobalPosition: 11,
	}, "two appends in one")
}

func retryBeforeExpectedVersion(e *env) {
	e.namespace("n")
	w := store.Write{Stream: "a-1", Events: withIDs(events(2, "x")), ExpectedVersion: store.NoStream}
	first := e.write("n", w)
	for _, expected := range []int64{store.NoStream, store.AnyVersion, 0, 1, 7} {
		w.ExpectedVersion = expected
		e.repeat(w, first, fmt.Sprintf("an append, expecting version %d", expected))
	}
}

func retryConflicts(e *env) {
	e.namespace("n")
	stored := withIDs(events(3, "x"))
	e.append("n", "a-1", stored...)
	apart := withIDs(events(1, "later"))
	e.append("n", "a-1", event("between"))
	e.append("n", "a-1", apart...)
	fresh := withIDs(events(1, "fresh"))[0]
	change := func(change func(*store.Event)) []store.Event {
		ev := stored[0]
		change(&ev)
		return []store.Event{ev}
	}
	for _, c := range []struct {
		what   string
		stream string
		events []store.Event
	}{
		{"another stream", "a-2", stored[:1]},
		{"another type", "a-1", change(func(ev *store.Event) { ev.Type = "Other" })},
		{"other data", "a-1", change(func(ev *store.Event) { ev.Data = []byte(`{"note":"x 0" }`) })},
		{"another order", "a-1", []store.Event{stored[1], stored[0]}},
		{"a gap between", "a-1", []store.Event{stored[0], stored[2]}},
		{"others between", "a-1", []store.Event{stored[2], apart[0]}},
		{"one stored, one new", "a-1", []store.Event{stored[2], fresh}},
		{"one new, one stored", "a-1", []store.Event{fresh, stored[0]}},
		{"one stored, one without id", "a-1", []store.Event{stored[2], event("no id")}},
		{"one without id, one stored", "a-1", []store.Event{event("no id"), stored[2]}},
	} {
		e.unchanged("n", func() {
			_, err := e.store.Append(e.ctx, "n", store.Write{Stream: c.stream, Events: c.events, ExpectedVersion: store.AnyVersion})
			e.idConflict(err, c.events, "append of "+c.what)
		})
	}
	e.unchanged("n", func() {
		for what, list := range map[string][]store.Event{
			"a new id twice":      {fresh, fresh},
			"a new id twice more": {event("no id"), fresh, event("no id"), fresh},
			"a stored id twice":   {stored[0], stored[0]},
		} {
			_, err := e.store.Append(e.ctx, "n", store.Write{Stream: "b-1", Events: list, ExpectedVersion: store.AnyVersion})
			e.refused(err, "append of %s", what)
		}
	})
	if a := e.append("n", "b-1", fresh); a.FirstPosition != 0 {
		e.t.Errorf("append of an id that was only refused before: got %s", showAppended(a))
	}
}

// idConflict checks for an error that names one of the ids that were given.
func (e *env) idConflict(err error, given []store.Event, what string) {
	e.t.Helper()
	var conflict *store.IDConflictError
	if !errors.As(err, &conflict) {
		e.t.Errorf("%s: got error %v, want an *IDConflictError", what, err)
	} else if conflict.ID.IsZero() || !slices.ContainsFunc(given, func(ev store.Event) bool { return ev.ID == conflict.ID }) {
		e.t.Errorf("%s: the error names id %s, which was not given", what, conflict.ID)
	}
}

// retryOfMadeIDs gives an id that the engine made. Nobody retries with one,
// and an engine may keep only those that clients gave (design, section 3): it
// may answer as for a retry or store the event, but must stay consistent.
func retryOfMadeIDs(e *env) {
	e.namespace("n")
	made := event("made")
	first := e.append("n", "a-1", made)
	made.ID = e.everything("n")[0].ID
	a := e.append("n", "a-1", made)
	head, err := e.store.Head(e.ctx, "n")
	if err != nil || a != first && a.FirstGlobalPosition != head {
		e.t.Errorf("append with an id that the engine made: got %s, head %d, %v", showAppended(a), head, err)
	}
	e.alsoReopened(func() {
		if m, err := e.store.MessageByID(e.ctx, "n", made.ID); err != nil || m.ID != made.ID {
			e.t.Errorf("message by id %s: got %s, %v", made.ID, m.ID, err)
		}
	})
}

func retryAtOnce(e *env) {
	e.namespace("n")
	for round := range 20 {
		w := store.Write{Stream: fmt.Sprintf("a-%d", round%3), Events: withIDs(events(2, "x")), ExpectedVersion: store.AnyVersion}
		answers := make([]store.Appended, 8)
		var g errgroup.Group
		for i := range answers {
			g.Go(func() (err error) {
				answers[i], err = e.store.Append(e.ctx, "n", w)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			e.t.Fatalf("append the same at once: %v", err)
		}
		for _, a := range answers {
			e.same([]string{showAppended(a)}, []string{showAppended(answers[0])}, "append the same at once")
		}
		if n := len(e.everything("n")); n != 2*(round+1) {
			e.t.Fatalf("%d messages are stored after round %d, want %d", n, round, 2*(round+1))
		}
	}
}
