package pebblestore

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
)

// cachedHeads is how many heads of streams the shared layer keeps at most.
const cachedHeads = 32 << 10

// manyStreams are imported messages of so many streams between two of one
// stream that the cache of heads drops that one's in between.
func manyStreams(first, last int64) []store.ImportMessage {
	const others = cachedHeads + 2
	all := make([]store.ImportMessage, 0, others+2)
	add := func(stream string, position int64) {
		all = append(all, store.ImportMessage{Message: store.Message{
			Stream: stream, Type: "T", Data: []byte(`{}`), Position: position,
			GlobalPosition: int64(len(all)) + 1, Time: time.Unix(1, 0),
		}})
	}
	add("held-1", first)
	for n := range others {
		add(fmt.Sprintf("other-%d", n), 0)
	}
	add("held-1", last)
	return all
}

// TestImportOutgrowsTheHeads imports more new streams at once than the cache
// of heads holds: each still has one head, which both of its messages move.
func TestImportOutgrowsTheHeads(t *testing.T) {
	s := mustOpenFS(t, vfs.NewMem(), Options{})
	mustCreate(t, s, "n")
	err := s.Import(t.Context(), "n", manyStreams(0, 0))
	var at *store.ImportError
	if !errors.Is(err, store.ErrPositionExists) || !errors.As(err, &at) || at.Index != cachedHeads+3 {
		t.Fatalf("one position twice: %v", err)
	}
	all := manyStreams(1, 0)
	if err := s.Import(t.Context(), "n", all); err != nil {
		t.Fatal(err)
	}
	if a, err := appendOne(s, "n", "held-1"); err != nil || a.FirstPosition != 2 {
		t.Errorf("appended at %d, %v; positions 0 and 1 are taken", a.FirstPosition, err)
	}
	report, err := s.Verify(t.Context(), "n")
	if err != nil || len(report.Findings) > 0 || report.Messages != int64(len(all))+1 || report.Streams != int64(len(all))-1 {
		t.Errorf("verify: %+v, %v", report, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
