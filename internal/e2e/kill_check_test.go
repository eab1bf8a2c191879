package e2e

import (
	"bytes"
	"testing"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// check reads everything, and compares it with what was told before. What is
// there beside it must be what was under way: one append of each writer and
// one batch of the import, as a whole. From now on it counts as told.
func (k *killedStore) check(t *testing.T, at rpc) {
	t.Helper()
	c, err := client.New(at.url, client.WithToken(at.token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	there, imported := k.read(t, c)
	for _, s := range k.streams {
		n := there[s.name]
		if n < int64(len(s.global)) {
			t.Fatalf("stream %s has %d messages, %d were acknowledged or seen", s.name, n, len(s.global))
		}
		if more := len(s.found); more != 0 && more != s.batch {
			t.Fatalf("stream %s: %d messages are there that nobody acknowledged; one append of %d was under way", s.name, more, s.batch)
		}
		s.global = append(s.global, s.found...)
	}
	if more := imported - k.imported; more != 0 && more != importedBatch {
		t.Fatalf("%d imported messages are there, %d were acknowledged, and one batch of %d was under way", imported, k.imported, importedBatch)
	}
	k.imported = imported
}

// read reads everything, compares it with what was sent and answered, and
// returns how much is there.
func (k *killedStore) read(t *testing.T, c *client.Client) (there map[string]int64, imported int64) {
	t.Helper()
	there = map[string]int64{}
	for _, s := range k.streams {
		s.found = nil
	}
	mustReadAll(t, c, func(m store.Message) { k.checkAppended(t, m, there) })
	if !k.created {
		return there, 0
	}
	mustReadAll(t, c.In(importedNamespace), func(m store.Message) {
		imported++
		want := k.importedMessage(m.GlobalPosition)
		if !sameMessage(m, want) || m.ID != want.ID || !m.Time.Equal(want.Time) {
			t.Fatalf("imported was %+v, stored is %+v", want, m)
		}
	})
	return there, imported
}

// state is how much is known to be there.
func (k *killedStore) state() (there map[string]int64, imported int64) {
	there = map[string]int64{}
	for _, s := range k.streams {
		there[s.name] = int64(len(s.global))
	}
	return there, k.imported
}

func (k *killedStore) checkAppended(t *testing.T, m store.Message, there map[string]int64) {
	t.Helper()
	s := k.streams[m.Stream]
	if s == nil {
		t.Fatalf("nobody wrote to the stream of %+v", m)
	}
	position := there[m.Stream]
	there[m.Stream]++
	e := k.event(m.Stream, position)
	want := store.Message{Stream: m.Stream, Type: e.Type, Position: position, GlobalPosition: m.GlobalPosition, Data: e.Data, Metadata: e.Metadata}
	if position < int64(len(s.global)) {
		want.GlobalPosition = s.global[position]
	}
	if !sameMessage(m, want) || m.ID.IsZero() {
		t.Fatalf("sent was %+v, stored is %+v", want, m)
	}
	if position >= int64(len(s.global)) {
		s.found = append(s.found, m.GlobalPosition)
	}
}

// mustReadAll reads a namespace, whose global positions must be 1, 2, 3, ….
func mustReadAll(t *testing.T, c *client.Client, each func(store.Message)) {
	t.Helper()
	const page = 10_000
	for next := int64(1); ; {
		messages, err := c.ReadCategory(t.Context(), client.CategoryQuery{GlobalPosition: next, Limit: page})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			if m.GlobalPosition != next {
				t.Fatalf("namespace %q: global position %d stands where %d should", c.Namespace(), m.GlobalPosition, next)
			}
			each(m)
			next++
		}
		if len(messages) < page {
			return
		}
	}
}

// sameMessage compares all but what the engine gives.
func sameMessage(a, b store.Message) bool {
	return a.Stream == b.Stream && a.Type == b.Type && a.Position == b.Position && a.GlobalPosition == b.GlobalPosition &&
		bytes.Equal(a.Data, b.Data) && bytes.Equal(a.Metadata, b.Metadata)
}
