package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

func appendCases() []testCase {
	return []testCase{
		{"Positions", appendPositions},
		{"ExpectedVersion", appendExpectedVersion},
		{"IllegalArguments", appendIllegal},
		{"Limits", appendLimits},
		{"BytesToTheLetter", appendBytes},
		{"CallersMemory", appendCallersMemory},
		{"IDs", appendIDs},
		{"Times", appendTimes},
		{"LargeBatch", appendLargeBatch},
		{"CancelledContext", appendCancelled},
	}
}

func appendPositions(e *env) {
	e.namespace("n")
	var got []string
	for _, step := range []struct {
		stream string
		events int
	}{{"a-1", 1}, {"b-1", 2}, {"a-1", 3}, {"a", 1}, {"a-1+x", 1}, {"b-1", 1}} {
		a := e.append("n", step.stream, events(step.events, step.stream)...)
		got = append(got, step.stream+" "+showAppended(a))
	}
	e.same(got, []string{
		"a-1 positions 0–0 global 1–1",
		"b-1 positions 0–1 global 2–3",
		"a-1 positions 1–3 global 4–6",
		"a positions 0–0 global 7–7",
		"a-1+x positions 0–0 global 8–8",
		"b-1 positions 2–2 global 9–9",
	}, "Append")
	e.alsoReopened(func() {
		e.same(places(e.everything("n")), []string{
			"#1 a-1@0", "#2 b-1@0", "#3 b-1@1", "#4 a-1@1", "#5 a-1@2", "#6 a-1@3", "#7 a@0", "#8 a-1+x@0", "#9 b-1@2",
		}, "the whole namespace")
	})
	e.alsoReopened(func() {
		head, err := e.store.Head(e.ctx, "n")
		if err != nil {
			e.t.Fatalf("head: %v", err)
		}
		if a := e.append("n", "c-1", event("next")); a.FirstGlobalPosition != head+1 {
			e.t.Errorf("append at head %d got global position %d", head, a.FirstGlobalPosition)
		}
	})
}

func appendExpectedVersion(e *env) {
	e.namespace("n")
	check := func(stream string, expected, actual int64) {
		e.t.Helper()
		w := store.Write{Stream: stream, Events: events(2, "x"), ExpectedVersion: expected}
		if expected == store.AnyVersion || expected == actual {
			if a := e.write("n", w); a.FirstPosition != actual+1 || a.LastPosition != actual+2 {
				e.t.Errorf("append to %q at %d got %s", stream, actual, showAppended(a))
			}
			return
		}
		e.unchanged("n", func() {
			_, err := e.store.Append(e.ctx, "n", w)
			e.same(answer(err), answer(&store.ConflictError{Stream: stream, Expected: expected, Actual: actual}),
				"append to %q at %d, expecting %d", stream, actual, expected)
		})
	}
	for _, expected := range []int64{0, 1, 5, math.MaxInt64, store.NoStream} {
		check("a-1", expected, store.NoStream)
	}
	for _, expected := range []int64{store.NoStream, 0, 2, math.MaxInt64, 1} {
		check("a-1", expected, 1)
	}
	check("a-1", store.AnyVersion, 3)
	check("a-2", store.AnyVersion, store.NoStream)
	e.alsoReopened(func() {
		version, err := e.store.Version(e.ctx, "n", "a-1")
		if err != nil {
			e.t.Fatalf("version: %v", err)
		}
		check("a-1", version-1, version)
		check("a-1", store.NoStream, version)
		check("a-1", version, version)
	})
	// Refused appends take no global positions.
	if head, err := e.store.Head(e.ctx, "n"); err != nil || head != int64(len(e.everything("n"))) {
		e.t.Errorf("head %d, %v after %d messages", head, err, len(e.everything("n")))
	}
}

// illegalNames can be neither a stream's nor a type's.
func illegalNames() []string {
	return []string{"", "a\x00", "a\nb", "\x1b[31m", "a\x7f", "a\u0085b", "\xff", "a-\xc3\x28", strings.Repeat("x", 1025)}
}

func appendIllegal(e *env) {
	e.namespace("n")
	e.append("n", "a-1", event("x"))
	refuse := func(what string, w store.Write) {
		e.t.Helper()
		_, err := e.store.Append(e.ctx, "n", w)
		e.refused(err, "append with %s", what)
	}
	e.unchanged("n", func() {
		for _, name := range append(illegalNames(), "-", "-1") {
			refuse(fmt.Sprintf("stream %q", name), store.Write{Stream: name, Events: events(1, "x"), ExpectedVersion: store.AnyVersion})
		}
		for _, name := range append(illegalNames(), strings.Repeat("x", 257)) {
			bad := append(events(2, "x"), store.Event{Type: name, Data: []byte(`{}`)})
			refuse(fmt.Sprintf("type %q", name), store.Write{Stream: "a-1", Events: bad, ExpectedVersion: store.AnyVersion})
		}
		refuse("no events", store.Write{Stream: "a-1", ExpectedVersion: store.AnyVersion})
		for _, version := range []int64{-3, math.MinInt64} {
			refuse("expected version below", store.Write{Stream: "a-1", Events: events(1, "x"), ExpectedVersion: version})
		}
		big := append(events(1, "x"), store.Event{Type: "Big", Data: object(store.MaxMessageBytes + 1)})
		refuse("a message above the limit", store.Write{Stream: "a-1", Events: big, ExpectedVersion: store.AnyVersion})
	})
	if a := e.append("n", "a-1", event("next")); a.FirstPosition != 1 || a.FirstGlobalPosition != 2 {
		e.t.Errorf("append after refused ones: got %s", showAppended(a))
	}
}

func appendIDs(e *env) {
	e.namespace("n")
	given := store.ID{0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	ev := event("given")
	ev.ID = given
	e.append("n", "a-1", events(10, "made")...)
	e.append("n", "a-1", event("made"), ev, event("made"))
	e.append("n", "a-2", events(10, "made")...)
	e.alsoReopened(func() {
		seen := map[store.ID]bool{}
		for _, m := range e.everything("n") {
			if seen[m.ID] {
				e.t.Errorf("#%d: id %s was given out twice", m.GlobalPosition, m.ID)
			}
			seen[m.ID] = true
			isGiven := m.GlobalPosition == 12
			if isGiven != (m.ID == given) {
				e.t.Errorf("#%d: got id %s", m.GlobalPosition, m.ID)
			}
			if !isGiven && (m.ID[6]>>4 != 7 || m.ID[8]>>6 != 2) {
				e.t.Errorf("#%d: id %s is not a UUID of version 7", m.GlobalPosition, m.ID)
			}
			byID, err := e.store.MessageByID(e.ctx, "n", m.ID)
			e.same(answer(err, showMessages([]store.Message{byID})...), showMessages([]store.Message{m}), "MessageByID")
		}
	})
}

func appendTimes(e *env) {
	e.namespace("n")
	before := time.Now().Add(-time.Second)
	for i := range 30 {
		e.append("n", fmt.Sprintf("a-%d", i%3), events(i%4+1, "x")...)
	}
	after := time.Now().Add(time.Second)
	e.alsoReopened(func() {
		last := before
		for _, m := range e.everything("n") {
			if m.Time.Before(last) || m.Time.After(after) {
				e.t.Errorf("#%d: time %s is not between %s and %s", m.GlobalPosition, m.Time, last, after)
			}
			if m.Time.Location() != time.UTC {
				e.t.Errorf("#%d: time %s is not UTC", m.GlobalPosition, m.Time)
			}
			last = m.Time
		}
	})
}

func appendLargeBatch(e *env) {
	const count = 5000
	e.namespace("n")
	e.append("n", "a-1", event("before"))
	a := e.append("n", "a-1", events(count, "x")...)
	e.same([]string{showAppended(a)}, []string{fmt.Sprintf("positions 1–%d global 2–%d", count, count+1)}, "Append")
	e.alsoReopened(func() {
		got := e.readStream("n", store.StreamQuery{Stream: "a-1", Position: 1, Limit: store.NoLimit})
		if len(got) != count {
			e.t.Fatalf("got %d messages, want %d", len(got), count)
		}
		for i, m := range got {
			if m.Position != int64(i+1) || !bytes.Equal(m.Data, fmt.Appendf(nil, `{"note":"x %d"}`, i)) {
				e.t.Fatalf("message %d is %s", i, showMessages(got[i : i+1])[0])
			}
		}
	})
}

// appendCancelled takes either answer, but it must be true.
func appendCancelled(e *env) {
	e.namespace("n")
	cancelled, cancel := context.WithCancel(e.ctx)
	cancel()
	_, err := e.store.Append(cancelled, "n", store.Write{Stream: "a-1", Events: events(1, "x"), ExpectedVersion: store.NoStream})
	stored := len(e.everything("n"))
	switch {
	case err == nil && stored != 1:
		e.t.Error("an append with a cancelled context was acknowledged but is not stored")
	case err != nil && !isUnavailable(err):
		e.t.Errorf("append with a cancelled context: %v, want an *UnavailableError", err)
	case err != nil && stored != 0:
		e.t.Error("an append whose context was cancelled before it began is stored")
	}
	for name, seq := range map[string]error{
		"ReadStream":   second(collect(e.store.ReadStream(cancelled, "n", store.StreamQuery{Stream: "a-1", Limit: 1}))),
		"ReadCategory": second(collect(e.store.ReadCategory(cancelled, "n", store.CategoryQuery{Limit: 1}))),
	} {
		if seq != nil && !errors.Is(seq, context.Canceled) {
			e.t.Errorf("%s with a cancelled context: %v", name, seq)
		}
	}
	if a := e.append("n", "b-1", event("x")); a.FirstGlobalPosition != int64(stored+1) {
		e.t.Errorf("append after a cancelled one: got %s", showAppended(a))
	}
}

// isUnavailable reports whether nothing was stored, for now.
func isUnavailable(err error) bool {
	var unavailable *store.UnavailableError
	return errors.As(err, &unavailable)
}

func second[T any](_ T, err error) error { return err }

// object is a JSON object of exactly n bytes.
func object(n int) []byte {
	return append(append([]byte(`{"x":"`), bytes.Repeat([]byte("0123456789abcdef"), n/16+1)[:n-8]...), `"}`...)
}

func appendLimits(e *env) {
	e.namespace("n")
	longest := "s-" + strings.Repeat("y", store.MaxStreamName-2)
	widest := strings.Repeat("語", store.MaxStreamName/3)
	largest := store.Event{Type: strings.Repeat("t", store.MaxTypeName), Data: object(store.MaxMessageBytes - 100), Metadata: object(100)}
	small := event("small")
	e.append("n", longest, largest, small, largest)
	e.append("n", widest, largest)
	e.append("n", longest, small)
	e.alsoReopened(func() {
		for _, q := range []store.StreamQuery{{Stream: longest, Limit: store.NoLimit}, {Stream: widest, Limit: store.NoLimit}} {
			want := []store.Event{largest}
			if q.Stream == longest {
				want = []store.Event{largest, small, largest, small}
			}
			got := e.readStream("n", q)
			if len(got) != len(want) {
				e.t.Fatalf("got %d messages, want %d", len(got), len(want))
			}
			for i, m := range got {
				e.carries(m, want[i])
			}
		}
		streams, err := e.store.Streams(e.ctx, "n", store.StreamsQuery{Limit: 10})
		if err != nil || len(streams) != 2 || streams[0].Name != longest || streams[1].Name != widest {
			e.t.Errorf("Streams with the longest names: got %d, %v", len(streams), err)
		}
		page := e.readCategory("n", store.CategoryQuery{Category: widest, Limit: store.NoLimit})
		e.same(places(page), []string{fmt.Sprintf("#4 %s@0", widest)}, "category with the longest name")
	})
}

// sameJSON compares what came back with what was stored.
func (e *env) sameJSON(got, want []byte) bool {
	if e.store.Describe().Verbatim || len(got) == 0 || len(want) == 0 {
		return bytes.Equal(got, want)
	}
	return canonical(got) == canonical(want)
}

// canonical is JSON in one form of those that say the same, numbers as they are.
func canonical(text []byte) string {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return string(text)
	}
	out, err := json.Marshal(value)
	if err != nil {
		return string(text)
	}
	return string(out)
}

// carries checks that a message is what was appended: to the letter, or as the same
// JSON where the engine does not keep that.
func (e *env) carries(m store.Message, ev store.Event) {
	e.t.Helper()
	if m.Type != ev.Type {
		e.t.Errorf("#%d: got type %q, want %q", m.GlobalPosition, m.Type, ev.Type)
	}
	if !e.sameJSON(m.Data, ev.Data) {
		e.t.Errorf("#%d: got data %s, want %s", m.GlobalPosition, showBytes(m.Data), showBytes(ev.Data))
	}
	if !e.sameJSON(m.Metadata, ev.Metadata) || (m.Metadata == nil) != (ev.Metadata == nil) {
		e.t.Errorf("#%d: got metadata %s (nil %t), want %s (nil %t)", m.GlobalPosition,
			showBytes(m.Metadata), m.Metadata == nil, showBytes(ev.Metadata), ev.Metadata == nil)
	}
}

// tellingJSON are values that a store which looks inside would change.
func tellingJSON() []string {
	return []string{
		`{}`, `{ }`, `{"b":1,"a":2,"b":3}`, `{"n":12345678901234567890123,"m":-9223372036854775809}`,
		`{"f":1.0,"g":1e400,"h":0.1000,"z":-0}`, `{"s":"\u00e9\/\ud83d\ude00 é 😀 \u0000"}`, `{"x":null}`,
		"{\n\t\"pretty\" : [ 1 , 2 ]\r\n}", `{"html":"<a href='x'>&amp;</a>","u":"\u2028"}`, `{"deep":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`,
		`{"":""}`, `{"long":"` + strings.Repeat("ab", 40000) + `"}`,
	}
}

func appendBytes(e *env) {
	e.namespace("n")
	var want []store.Event
	for i, value := range tellingJSON() {
		other := tellingJSON()[(i+1)%len(tellingJSON())]
		want = append(want,
			store.Event{Type: "Both", Data: []byte(value), Metadata: []byte(other)},
			store.Event{Type: "Data only", Data: []byte(value)},
			store.Event{Type: "Größe 🎈 'x'", Data: []byte(`{}`), Metadata: []byte(value)})
	}
	for i, ev := range want {
		e.append("n", fmt.Sprintf("a-%d", i%2), ev)
	}
	e.append("n", "whole", want...)
	e.alsoReopened(func() {
		got := e.everything("n")
		if len(got) != 2*len(want) {
			e.t.Fatalf("got %d messages, want %d", len(got), 2*len(want))
		}
		for i, m := range got {
			e.carries(m, want[i%len(want)])
			byID, err := e.store.MessageByID(e.ctx, "n", m.ID)
			e.same(answer(err, showMessages([]store.Message{byID})...), showMessages([]store.Message{m}), "MessageByID")
		}
		for i, m := range e.readStream("n", store.StreamQuery{Stream: "whole", Limit: store.NoLimit}) {
			e.carries(m, want[i])
		}
		last, err := e.store.LastMessage(e.ctx, "n", "whole", "")
		if err != nil {
			e.t.Fatalf("last message: %v", err)
		}
		e.carries(last, want[len(want)-1])
	})
}

// appendCallersMemory changes what it gave to Append once Append returned.
func appendCallersMemory(e *env) {
	e.namespace("n")
	data, metadata := []byte(`{"keep":"me"}`), []byte(`{"and":"me"}`)
	given := []store.Event{{Type: "Kept", Data: data, Metadata: metadata}}
	e.append("n", "a-1", given...)
	for i := range data {
		data[i] = '!'
	}
	for i := range metadata {
		metadata[i] = '!'
	}
	given[0] = store.Event{Type: "Other"}
	e.alsoReopened(func() {
		for _, m := range e.everything("n") {
			e.carries(m, store.Event{Type: "Kept", Data: []byte(`{"keep":"me"}`), Metadata: []byte(`{"and":"me"}`)})
		}
	})
}
