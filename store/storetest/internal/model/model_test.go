package model

import (
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

// TestModelLendsMessages makes sure that the model takes back what it lends:
// it is what makes callers fail that forget to Clone.
func TestModelLendsMessages(t *testing.T) {
	m := New(time.Now)
	ctx := t.Context()
	if _, err := m.CreateNamespace(ctx, store.NamespaceSpec{ID: "n"}); err != nil {
		t.Fatal(err)
	}
	w := store.Write{
		Stream: "a-1", ExpectedVersion: store.NoStream,
		Events: []store.Event{{Type: "T", Data: []byte(`{"n":1}`)}, {Type: "U", Data: []byte(`{"n":2}`), Metadata: []byte(`{}`)}},
	}
	if _, err := m.Append(ctx, "n", w); err != nil {
		t.Fatal(err)
	}
	var kept, cloned []store.Message
	for message, err := range m.ReadStream(ctx, "n", store.StreamQuery{Stream: "a-1", Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, message)
		cloned = append(cloned, message.Clone())
	}
	if len(kept) != 2 {
		t.Fatalf("got %d messages, want 2", len(kept))
	}
	for i, want := range w.Events {
		if got := cloned[i]; got.Type != want.Type || string(got.Data) != string(want.Data) || got.Stream != "a-1" {
			t.Errorf("clone %d is %+v, want %+v", i, got, want)
		}
		if string(kept[i].Data) == string(want.Data) || kept[i].Stream == "a-1" {
			t.Errorf("message %d, kept without Clone, is still intact: %+v", i, kept[i])
		}
	}
}
