package storetest

import (
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

func lookupCases() []testCase {
	return []testCase{
		{"LastMessage", lastMessage},
		{"MessageByID", messageByID},
		{"PositionAt", positionAt},
		{"VersionAndHead", versionAndHead},
	}
}

func lastMessage(e *env) {
	e.namespace("n")
	typed := func(names ...string) (list []store.Event) {
		for _, name := range names {
			list = append(list, store.Event{Type: name, Data: []byte(`{}`), Metadata: []byte(`{"m":1}`)})
		}
		return list
	}
	e.append("n", "a-1", typed("Rare", "A", "B", "A", "AB")...)
	for range 30 {
		e.append("n", "a-1", typed("B", "B", "B", "B", "B", "B", "B", "B", "B", "B")...)
		e.append("n", "a-10", typed("Rare", "Only here")...)
	}
	e.append("n", "a-1", typed("Last")...)
	want := map[string]int64{"": 305, "Last": 305, "B": 304, "A": 3, "AB": 4, "Rare": 0}
	e.alsoReopened(func() {
		stream := e.readStream("n", store.StreamQuery{Stream: "a-1", Limit: store.NoLimit})
		for messageType, position := range want {
			got, err := e.store.LastMessage(e.ctx, "n", "a-1", messageType)
			e.same(answer(err, showMessages([]store.Message{got})...), showMessages(stream[position:position+1]), "last message of type %q", messageType)
		}
		for _, c := range [][2]string{{"a-1", "Only here"}, {"a-1", "b"}, {"a-1", "B "}, {"a-2", ""}, {"a", ""}, {"a-1+x", "A"}} {
			_, err := e.store.LastMessage(e.ctx, "n", c[0], c[1])
			e.is(err, store.ErrMessageNotFound, "last message of %q of type %q", c[0], c[1])
		}
	})
}

func messageByID(e *env) {
	e.namespace("n")
	e.append("n", "a-1", events(3, "x")...)
	// The neighbours of an id, and ids of other kinds, name nothing.
	made := e.everything("n")[1].ID
	for _, change := range []func(*store.ID){
		func(id *store.ID) { *id = store.ID{} },
		func(id *store.ID) { id[15] ^= 1 },
		func(id *store.ID) { id[0] ^= 0x80 },
		func(id *store.ID) { *id = store.NewID(time.Now()) },
		func(id *store.ID) { *id = store.NewID(time.Unix(0, 0)) },
		func(id *store.ID) { *id = store.NewID(time.Now().AddDate(1000, 0, 0)) },
	} {
		id := made
		change(&id)
		_, err := e.store.MessageByID(e.ctx, "n", id)
		e.is(err, store.ErrMessageNotFound, "message by id %s", id)
	}
}

func positionAt(e *env) {
	e.namespace("n")
	at := func(t time.Time, want int64) {
		e.t.Helper()
		got, err := e.store.PositionAt(e.ctx, "n", t)
		if err != nil || got != want {
			e.t.Errorf("position at %s: got %d, %v, want %d", showTime(t), got, err, want)
		}
	}
	for _, t := range []time.Time{{}, time.Now(), time.Now().AddDate(100, 0, 0)} {
		at(t, 1)
	}
	unit := max(1, e.harness.Resolution)
	start := time.Date(2020, 2, 29, 23, 59, 59, 999_999_990, time.UTC).Truncate(unit)
	var list []store.ImportMessage
	for i := range int64(40) {
		// Two messages share each time, a gap of one follows each message, and 10 units each time.
		list = append(list, imported("a-1", i, 1+2*i, start.Add(time.Duration(i/2)*10*unit)))
	}
	e.importAll("n", list)
	e.alsoReopened(func() {
		for i := range int64(20) {
			at(start.Add(time.Duration(i)*10*unit), 1+4*i)
			at(start.Add(time.Duration(i)*10*unit-1), 1+4*i)
			at(start.Add(time.Duration(i)*10*unit-9*unit), 1+4*i)
		}
		at(time.Time{}, 1)
		at(start.AddDate(-300, 0, 0), 1)
		at(start.Add(191*unit), 80)
		at(start.AddDate(1000, 0, 0), 80)
		at(start.Add(50*unit).In(time.FixedZone("east", 7200)), 21)
	})
	first := e.append("n", "b-1", event("now"))
	at(time.Now().Add(time.Hour), first.LastGlobalPosition+1)
	at(start.AddDate(0, 1, 0), first.FirstGlobalPosition)
}

func versionAndHead(e *env) {
	e.namespace("n")
	for i := range 5 {
		if head, err := e.store.Head(e.ctx, "n"); err != nil || head != int64(3*i) {
			e.t.Errorf("head: got %d, %v, want %d", head, err, 3*i)
		}
		for stream, want := range map[string]int64{"a-1": int64(2*i) - 1, "b": int64(i) - 1, "a": -1, "a-": -1, "a-10": -1} {
			if v, err := e.store.Version(e.ctx, "n", stream); err != nil || v != want {
				e.t.Errorf("version of %q: got %d, %v, want %d", stream, v, err, want)
			}
		}
		e.append("n", "a-1", events(2, fmt.Sprint(i))...)
		e.append("n", "b", event("x"))
	}
	e.alsoReopened(func() {
		head, err := e.store.Head(e.ctx, "n")
		version, err2 := e.store.Version(e.ctx, "n", "a-1")
		if head != 15 || version != 9 || err != nil || err2 != nil {
			e.t.Errorf("got head %d, %v and version %d, %v, want 15 and 9", head, err, version, err2)
		}
	})
}
