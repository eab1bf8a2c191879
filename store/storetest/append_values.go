package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/evtui/evtui/store"
)

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
