package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

func importCases() []testCase {
	return []testCase{
		{"AsGiven", importAsGiven},
		{"AppendAfter", importThenAppend},
		{"TakenPositions", importTaken},
		{"IllegalMessages", importIllegal},
		{"IntoTruncated", importIntoTruncated},
		{"ManyBatches", importManyBatches},
		{"InTheFuture", importInTheFuture},
		{"OpenQuestions", importOpenQuestions},
		{"Truncate", truncate},
	}
}

// imported makes a message to import; its id follows from its global position.
func imported(stream string, position, global int64, t time.Time) store.ImportMessage {
	id := store.ID{0xaa, 0xbb, byte(global >> 24), byte(global >> 16), byte(global >> 8), byte(global), 0x40, 0, 0x80, 1}
	return store.ImportMessage{Message: store.Message{
		ID: id, Stream: stream, Type: "Imported", Position: position, GlobalPosition: global, Time: t,
		Data: fmt.Appendf(nil, `{"was": %d}`, global), Metadata: []byte(`{"from":"elsewhere"}`),
	}}
}

// longAgo is a time with all digits, long before now.
func longAgo() time.Time { return time.Date(2019, 12, 31, 23, 59, 59, 123_456_789, time.UTC) }

// sampleImport has gaps, several streams, and times that stand still and rise.
func sampleImport() []store.ImportMessage {
	t := longAgo()
	list := []store.ImportMessage{
		imported("a-1", 0, 3, t), imported("b-1", 0, 4, t), imported("a-1", 1, 10, t.Add(1)),
		imported("a", 0, 11, t.Add(time.Second)), imported("a-1", 2, 1000, t.Add(time.Hour)),
	}
	list[1].Metadata = nil
	list[2].Metadata = []byte(`{"correlationStreamName":"c-1"}`)
	list[2].Correlation = "c"
	list[4].Data = []byte(`{"big":12345678901234567890,"a":null}`)
	return list
}

func messagesOf(list []store.ImportMessage) []store.Message {
	var messages []store.Message
	for _, m := range list {
		messages = append(messages, m.Message)
	}
	return messages
}

func (e *env) importAll(namespace string, list []store.ImportMessage) {
	e.t.Helper()
	var err error
	if e.harness.Seed != nil {
		err = e.seeds.importAll(e, namespace, list)
	} else {
		err = e.importer().Import(e.ctx, namespace, list)
	}
	if err != nil {
		e.t.Fatalf("import %d messages: %v", len(list), err)
	}
}

func importAsGiven(e *env) {
	e.namespace("n")
	list := sampleImport()
	e.importAll("n", list)
	e.importAll("n", nil)
	want := messagesOf(list)
	e.alsoReopened(func() {
		e.same(showMessages(e.everything("n")), showMessages(want), "what was imported")
		for _, m := range want {
			got, err := e.store.MessageByID(e.ctx, "n", m.ID)
			e.same(answer(err, showMessages([]store.Message{got})...), showMessages([]store.Message{m}), "MessageByID")
		}
		stream := e.readStream("n", store.StreamQuery{Stream: "a-1", GlobalPosition: 5, Limit: 5})
		e.same(places(stream), []string{"#10 a-1@1", "#1000 a-1@2"}, "a stream that was imported")
		got := e.readCategory("n", store.CategoryQuery{Category: "a", Correlation: "c", Limit: 5})
		e.same(places(got), []string{"#10 a-1@1"}, "correlated messages that were imported")
		categories, err := e.store.Categories(e.ctx, "n")
		e.same(answer(err, showCategories(categories)...), showCategories([]store.CategoryCount{
			{Category: "a", StreamCount: 2, MessageCount: 4, LastPosition: 1000},
			{Category: "b", StreamCount: 1, MessageCount: 1, LastPosition: 4},
		}), "Categories")
		ns, err := e.store.Namespace(e.ctx, "n")
		if err != nil || ns.MessageCount != 5 || ns.StreamCount != 3 || !ns.LastActivity.Equal(want[4].Time) {
			e.t.Errorf("got %s, %v, want 5 messages in 3 streams", showNamespace(ns), err)
		}
	})
}

func importThenAppend(e *env) {
	e.namespace("n")
	e.importAll("n", sampleImport())
	w := store.Write{Stream: "a-1", Events: events(2, "x"), ExpectedVersion: 1}
	_, err := e.store.Append(e.ctx, "n", w)
	e.same(answer(err), answer(&store.ConflictError{Stream: "a-1", Expected: 1, Actual: 2}), "append after an import")
	w.ExpectedVersion = 2
	a := e.write("n", w)
	e.same([]string{showAppended(a)}, []string{"positions 3–4 global 1001–1002"}, "append after an import")
	// An imported message is stored: its id is a safe retry, or a conflict.
	old := sampleImport()[0]
	w = store.Write{Stream: old.Stream, ExpectedVersion: store.AnyVersion, Events: []store.Event{{ID: old.ID, Type: old.Type, Data: old.Data}}}
	e.repeat(w, store.Appended{FirstGlobalPosition: 3, LastGlobalPosition: 3}, "an imported message")
	w.Stream = "b-1"
	_, err = e.store.Append(e.ctx, "n", w)
	e.idConflict(err, w.Events, "append of an imported id to another stream")
	// A second import goes on where the first ended.
	e.importAll("n", []store.ImportMessage{imported("a-1", 5, 2000, time.Now()), imported("c-1", 0, 2001, time.Now())})
	e.alsoReopened(func() {
		e.same(places(e.readStream("n", store.StreamQuery{Stream: "a-1", Limit: store.NoLimit})),
			[]string{"#3 a-1@0", "#10 a-1@1", "#1000 a-1@2", "#1001 a-1@3", "#1002 a-1@4", "#2000 a-1@5"}, "a stream after imports")
	})
}

func importTaken(e *env) {
	e.namespace("n")
	e.importAll("n", sampleImport())
	a := e.append("n", "d-1", events(3, "x")...)
	now := time.Now()
	good := imported("e-1", 0, 5000, now)
	for _, c := range []struct {
		what  string
		list  []store.ImportMessage
		index int
	}{
		{"a global position that was imported", []store.ImportMessage{good, imported("e-1", 1, 1000, now)}, 1},
		{"a global position that was appended", []store.ImportMessage{imported("e-1", 0, a.LastGlobalPosition, now)}, 0},
		{"a position that was imported", []store.ImportMessage{good, imported("f-1", 0, 5001, now), imported("a-1", 2, 5002, now)}, 2},
		{"a position that was appended", []store.ImportMessage{good, imported("d-1", 1, 5001, now)}, 1},
		{"the same global position twice", []store.ImportMessage{good, imported("f-1", 0, 5000, now)}, 1},
		{"the same position twice", []store.ImportMessage{good, imported("e-1", 0, 5001, now)}, 1},
		{"what is stored already", sampleImport(), 0},
	} {
		e.unchanged("n", func() {
			err := e.importer().Import(e.ctx, "n", c.list)
			e.same(answer(err), answer(&store.ImportError{Index: c.index, Err: store.ErrPositionExists}), "import of %s", c.what)
		})
	}
	e.importAll("n", []store.ImportMessage{good})
	e.alsoReopened(func() {
		if m, err := e.store.LastMessage(e.ctx, "n", "e-1", ""); err != nil || m.GlobalPosition != 5000 {
			e.t.Errorf("last message after refused imports: #%d, %v", m.GlobalPosition, err)
		}
	})
}

func importIllegal(e *env) {
	e.namespace("n")
	e.append("n", "a-1", event("x"))
	now := time.Now()
	with := func(change func(*store.ImportMessage)) store.ImportMessage {
		m := imported("b-1", 1, 101, now)
		change(&m)
		return m
	}
	bad := map[string]store.ImportMessage{
		"global position 0":          with(func(m *store.ImportMessage) { m.GlobalPosition = 0 }),
		"a negative global position": with(func(m *store.ImportMessage) { m.GlobalPosition = -5 }),
		"a negative position":        with(func(m *store.ImportMessage) { m.Position = -1 }),
		"a message that is too large": with(func(m *store.ImportMessage) {
			m.Data = object(store.MaxMessageBytes)
		}),
		"too long a type": with(func(m *store.ImportMessage) { m.Type = strings.Repeat("t", 257) }),
	}
	for _, name := range append(illegalNames(), "-1") {
		bad[fmt.Sprintf("stream %q", name)] = with(func(m *store.ImportMessage) { m.Stream = name })
	}
	for _, name := range illegalNames() {
		bad[fmt.Sprintf("type %q", name)] = with(func(m *store.ImportMessage) { m.Type = name })
	}
	e.unchanged("n", func() {
		for what, m := range bad {
			err := e.importer().Import(e.ctx, "n", []store.ImportMessage{imported("b-1", 0, 100, now), m})
			e.refused(err, "import of %s", what)
			var at *store.ImportError
			if errors.As(err, &at) && at.Index != 1 {
				e.t.Errorf("import of %s: the error names message %d, want 1", what, at.Index)
			}
		}
	})
}

func importIntoTruncated(e *env) {
	e.namespace("n")
	for round := range 3 {
		e.importAll("n", sampleImport())
		e.append("n", "a-1", event("x"))
		if err := e.importer().Truncate(e.ctx, "n"); err != nil {
			e.t.Fatalf("truncate, round %d: %v", round, err)
		}
	}
	e.importAll("n", sampleImport())
	e.alsoReopened(func() {
		e.same(showMessages(e.everything("n")), showMessages(messagesOf(sampleImport())), "what was imported after Truncate")
	})
}

func importManyBatches(e *env) {
	e.namespace("n")
	var want []string
	global := int64(0)
	for batch := range 20 {
		var list []store.ImportMessage
		for i := range 100 {
			n := batch*100 + i
			global += int64(1 + n%3)
			m := imported(fmt.Sprintf("a-%d", n%7), int64(n/7), global, longAgo().Add(time.Duration(n)))
			list = append(list, m)
			want = append(want, places(messagesOf(list[i:]))...)
		}
		e.importAll("n", list)
	}
	e.alsoReopened(func() {
		e.same(places(e.everything("n")), want, "2000 imported messages")
		for member := range 3 {
			e.groupAgrees("n", "a", store.Group{Member: member, Size: 3})
		}
	})
}

// importInTheFuture checks that time stands still until the clock is past what
// was imported.
func importInTheFuture(e *env) {
	e.namespace("n")
	future := time.Now().Add(time.Hour).UTC().Round(0)
	e.importAll("n", []store.ImportMessage{imported("a-1", 0, 1, future)})
	e.alsoReopened(func() {
		e.append("n", "a-1", event("x"))
		last := future
		for _, m := range e.everything("n") {
			if m.Time.Before(last) {
				e.t.Errorf("#%d: time %s runs backwards from %s", m.GlobalPosition, showTime(m.Time), showTime(last))
			}
			last = m.Time
		}
	})
}

// importOpenQuestions imports what the contract neither promises nor forbids.
// An engine may refuse it, but then nothing is stored; or take it, but then it
// is there, in its place.
func importOpenQuestions(e *env) {
	for what, list := range map[string][]store.ImportMessage{
		"a global position in a gap below the head": {imported("z-1", 0, 5, longAgo())},
		"a stream that does not begin at 0":         {imported("z-1", 7, 2000, time.Now())},
		"a stream with a gap":                       {imported("a-1", 9, 2000, time.Now())},
		"messages out of order":                     {imported("z-1", 1, 2001, time.Now()), imported("z-1", 0, 2000, time.Now())},
		"an older time than the last":               {imported("z-1", 0, 2000, longAgo())},
		"an id that is stored":                      {{Message: sampleImport()[0].Message}},
	} {
		if what == "an id that is stored" {
			list[0].Position, list[0].GlobalPosition = 3, 2000
		}
		id := e.namespace(strings.ReplaceAll(what, " ", "-"))
		e.importAll(id, sampleImport())
		before := e.state(id)
		err := e.importer().Import(e.ctx, id, list)
		if err != nil {
			e.same(e.state(id), before, "a refused import of %s", what)
			continue
		}
		var got int
		last := int64(0)
		for _, m := range e.everything(id) {
			if m.GlobalPosition <= last {
				e.t.Errorf("after import of %s: #%d follows #%d", what, m.GlobalPosition, last)
			}
			last = m.GlobalPosition
			for _, want := range list {
				if m.GlobalPosition == want.GlobalPosition && m.Stream == want.Stream && m.Position == want.Position {
					got++
				}
			}
		}
		if got != len(list) {
			e.t.Errorf("after import of %s: %d of %d messages are found", what, got, len(list))
		}
	}
}
