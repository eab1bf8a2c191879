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
	there := map[string]int64{}
	mustReadAll(t, c, func(m store.Message) { k.checkAppended(t, m, there) })
	k.settle(t, there)
	if !k.created {
		return
	}
	n := int64(0)
	mustReadAll(t, c.In(importedNamespace), func(m store.Message) {
		n++
		want := k.importedMessage(m.GlobalPosition)
		if !sameMessage(m, want) || m.ID != want.ID || !m.Time.Equal(want.Time) {
			t.Fatalf("imported was %+v, stored is %+v", want, m)
		}
	})
	if more := n - k.imported; more != 0 && more != importedBatch {
		t.Fatalf("%d imported messages are there, %d were acknowledged, and one batch of %d was under way", n, k.imported, importedBatch)
	}
	k.imported = n
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

// settle takes over what was stored and never answered.
func (k *killedStore) settle(t *testing.T, there map[string]int64) {
	t.Helper()
	for _, s := range k.streams {
		if n := there[s.name]; n < int64(len(s.global)) {
			t.Fatalf("stream %s has %d messages, %d were acknowledged or seen", s.name, n, len(s.global))
		}
		if len(s.found) != 0 && len(s.found) != s.batch {
			t.Fatalf("stream %s: %d messages are there that nobody acknowledged; one append of %d was under way", s.name, len(s.found), s.batch)
		}
		s.global = append(s.global, s.found...)
		s.found = nil
	}
}

// mustReadAll reads a namespace, whose global positions must be 1, 2, 3, ….
func mustReadAll(t *testing.T, c *client.Client, each func(store.Message)) {
	t.Helper()
	const page = 10_000
	for next := int64(1); ; {
		messages, err := c.ReadCategory(t.Context(), store.CategoryQuery{GlobalPosition: next, Limit: page})
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
