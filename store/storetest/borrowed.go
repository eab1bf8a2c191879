package storetest

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/evtui/evtui/store"
)

func borrowedCases() []testCase {
	return []testCase{
		{"KeptWithClone", keptWithClone},
		{"EarlyBreak", earlyBreak},
		{"PanicInTheBody", panicInTheBody},
		{"Nested", nestedReads},
		{"AppendWhileReading", appendWhileReading},
		{"Paused", pausedReads},
		{"OutrightIsOwned", outrightIsOwned},
	}
}

// readers are the four kinds of reads over stream a-1 and category a.
func (e *env) readers() map[string]func() iter.Seq2[store.Message, error] {
	const all = store.NoLimit
	return map[string]func() iter.Seq2[store.Message, error]{
		"stream": func() iter.Seq2[store.Message, error] {
			return e.store.ReadStream(e.ctx, "n", store.StreamQuery{Stream: "a-1", Limit: all})
		},
		"stream backward": func() iter.Seq2[store.Message, error] {
			return e.store.ReadStream(e.ctx, "n", store.StreamQuery{Stream: "a-1", Position: -1, Limit: all, Backward: true})
		},
		"category": func() iter.Seq2[store.Message, error] {
			return e.store.ReadCategory(e.ctx, "n", store.CategoryQuery{Category: "a", Limit: all})
		},
		"category backward": func() iter.Seq2[store.Message, error] {
			return e.store.ReadCategory(e.ctx, "n", store.CategoryQuery{Category: "a", Limit: all, Backward: true})
		},
		"namespace": func() iter.Seq2[store.Message, error] {
			return e.store.ReadCategory(e.ctx, "n", store.CategoryQuery{Limit: all})
		},
		"group": func() iter.Seq2[store.Message, error] {
			member, _ := e.memberOf("a-1", 4)
			return e.store.ReadCategory(e.ctx, "n", store.CategoryQuery{Category: "a", Limit: all, Group: store.Group{Member: member, Size: 4}})
		},
	}
}

// fillForReaders appends n messages to a-1 whose sizes differ much.
func (e *env) fillForReaders(n int) {
	e.t.Helper()
	e.namespace("n")
	for i := range n {
		ev := event(fmt.Sprintf("%d %s", i, strings.Repeat("x", i*37%5000)))
		ev.Type = fmt.Sprintf("Type%d", i)
		if i%2 == 0 {
			ev.Metadata = fmt.Appendf(nil, `{"i":%d}`, i)
		}
		e.append("n", "a-1", ev)
	}
}

func keptWithClone(e *env) {
	e.fillForReaders(300)
	for kind, read := range e.readers() {
		var kept []store.Message
		var asSeen []string
		for m, err := range read() {
			if err != nil {
				e.t.Fatalf("read %s: %v", kind, err)
			}
			kept = append(kept, m.Clone())
			asSeen = append(asSeen, showMessages([]store.Message{m})...)
		}
		e.same(showMessages(kept), asSeen, "clones of a %s read", kind)
		slices.SortFunc(kept, func(a, b store.Message) int { return int(a.Position - b.Position) })
		if len(kept) != 300 {
			e.t.Fatalf("read %s: got %d messages, want 300", kind, len(kept))
		}
		for i, m := range kept {
			if m.Type != fmt.Sprintf("Type%d", i) || m.Stream != "a-1" || !strings.HasPrefix(strings.Replace(string(m.Data), `": "`, `":"`, 1), fmt.Sprintf(`{"note":"%d `, i)) {
				e.t.Errorf("read %s: message %d is %s", kind, i, showMessages(kept[i : i+1])[0])
			}
		}
	}
}

// earlyBreak leaves iterators after each possible step. Close, at the end of
// the case, must not wait for them.
func earlyBreak(e *env) {
	e.fillForReaders(20)
	for kind, read := range e.readers() {
		for stop := 1; stop <= 20; stop++ {
			steps := 0
			for _, err := range read() {
				if err != nil {
					e.t.Fatalf("read %s: %v", kind, err)
				}
				if steps++; steps == stop {
					break
				}
			}
			if steps != stop {
				e.t.Errorf("read %s: left after %d steps, want %d", kind, steps, stop)
			}
		}
		next, stop := iter.Pull2(read())
		if _, err, ok := next(); err != nil || !ok {
			e.t.Errorf("pull %s: %v, %t", kind, err, ok)
		}
		stop()
	}
	e.append("n", "a-1", event("after"))
	if e.harness.Seed != nil {
		return // nothing can be deleted
	}
	if n, err := e.store.DeleteNamespace(e.ctx, "n"); err != nil || n != 21 {
		e.t.Errorf("delete after iterators were left early: got %d, %v", n, err)
	}
}

// panicInTheBody leaves an iterator by a panic, as a broken HTTP handler does.
func panicInTheBody(e *env) {
	e.fillForReaders(5)
	for kind, read := range e.readers() {
		func() {
			defer func() {
				if recover() != "out" {
					e.t.Errorf("read %s swallowed the panic", kind)
				}
			}()
			for range read() { //nolint:errcheck // nothing is looked at, on purpose
				panic("out")
			}
		}()
	}
}

func nestedReads(e *env) {
	e.fillForReaders(12)
	e.fill("n", "a-2", "a-2", "a-2")
	var got []string
	for outer, err := range e.store.ReadStream(e.ctx, "n", store.StreamQuery{Stream: "a-1", Limit: 3}) {
		if err != nil {
			e.t.Fatal(err)
		}
		before := showMessages([]store.Message{outer})
		for inner, err := range e.store.ReadStream(e.ctx, "n", store.StreamQuery{Stream: "a-2", Limit: 2}) {
			if err != nil {
				e.t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%s@%d %s@%d", outer.Stream, outer.Position, inner.Stream, inner.Position))
		}
		if m, err := e.store.LastMessage(e.ctx, "n", "a-2", ""); err != nil || m.Position != 2 {
			e.t.Errorf("last message while reading: %d, %v", m.Position, err)
		}
		e.same(showMessages([]store.Message{outer}), before, "the outer message, after an inner read")
	}
	e.same(got, []string{"a-1@0 a-2@0", "a-1@0 a-2@1", "a-1@1 a-2@0", "a-1@1 a-2@1", "a-1@2 a-2@0", "a-1@2 a-2@1"}, "nested reads")
}

// appendWhileReading appends between the steps of an iterator, which gives what
// was there at its beginning.
func appendWhileReading(e *env) {
	e.fillForReaders(50)
	for kind, read := range e.readers() {
		version, err := e.store.Version(e.ctx, "n", "a-1")
		if err != nil {
			e.t.Fatalf("version: %v", err)
		}
		seen, last := int64(0), int64(-1)
		for m, err := range read() {
			if err != nil {
				e.t.Fatalf("read %s: %v", kind, err)
			}
			before := showMessages([]store.Message{m})
			if seen < 20 {
				e.append("n", "a-1", event("meanwhile"))
			}
			e.same(showMessages([]store.Message{m}), before, "a message of a %s read, after an append", kind)
			if step := m.Position - last; seen > 0 && step != 1 && step != -1 {
				e.t.Errorf("read %s: position %d follows %d", kind, m.Position, last)
			}
			last = m.Position
			seen++
		}
		if seen != version+1 {
			e.t.Errorf("read %s: got %d messages where %d were there at the start", kind, seen, version+1)
		}
	}
}

// outrightIsOwned changes what LastMessage and MessageByID returned: it
// belongs to the caller.
func outrightIsOwned(e *env) {
	e.namespace("n")
	ev := event("x")
	ev.Metadata = []byte(`{"m":1}`)
	e.append("n", "a-1", ev)
	e.unchanged("n", func() {
		last, err := e.store.LastMessage(e.ctx, "n", "a-1", "")
		if err != nil {
			e.t.Fatal(err)
		}
		byID, err := e.store.MessageByID(e.ctx, "n", last.ID)
		if err != nil {
			e.t.Fatal(err)
		}
		shown := showMessages([]store.Message{byID})
		clear(last.Data)
		clear(last.Metadata)
		e.same(showMessages([]store.Message{byID}), shown, "one message, after another copy of it was changed")
		clear(byID.Data)
	})
}
