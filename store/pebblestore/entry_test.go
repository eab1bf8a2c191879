package pebblestore

import (
	"context"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
)

// TestEntriesTellTheTime: a store whose s entries were written before they
// carried times says the same, and a time that is wrong is found.
func TestEntriesTellTheTime(t *testing.T) {
	files := vfs.NewMem()
	s := mustOpenFS(t, files, Options{})
	mustFill(t, s, "a")
	want, dir := content(t, s, "a"), namespaceDir(t, s, "a")
	var all []store.Message
	for m, err := range s.ReadCategory(context.Background(), "a", store.CategoryQuery{Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, store.Message{Stream: string([]byte(m.Stream)), Position: m.Position, GlobalPosition: m.GlobalPosition})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustTamper(t, files, dir, func(b *pebble.Batch) {
		for _, m := range all {
			_ = b.Set(appendStreamKey(nil, m.Stream, m.Position), encodeGlobal(nil, m.GlobalPosition), nil)
		}
	})
	s = mustOpenFS(t, files, Options{})
	mustAccept(t, s, "a")
	mustBeSound(t, s, "a", want)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustTamper(t, files, dir, func(b *pebble.Batch) {
		_ = b.Set(appendStreamKey(nil, all[7].Stream, all[7].Position), encodeEntry(nil, all[7].GlobalPosition, 1, 1), nil)
	})
	s = mustOpenFS(t, files, Options{})
	defer func() { _ = s.Close() }()
	mustFind(t, s, "a", "stream index")
}
