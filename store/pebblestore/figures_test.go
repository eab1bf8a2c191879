package pebblestore

import (
	"context"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
)

func TestEngineFiguresAndEvents(t *testing.T) {
	s := mustOpenFS(t, vfs.NewMem(), Options{})
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	mustCreate(t, s, "a", "closed")
	for range 100 {
		if _, err := appendOne(s, "a", "x-1"); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	if err := s.Compact(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	f := s.EngineFigures()
	if len(f.Namespaces) != 2 || f.Known != 2 || f.Opened != 2 {
		t.Fatalf("figures %+v", f)
	}
	n := f.Namespaces[0]
	tables := int64(0)
	for _, l := range n.Levels {
		tables += l.Tables
	}
	if n.ID != "a" || n.Messages != 100 || n.Flushes == 0 || tables == 0 || n.DiskBytes == 0 || n.Fsyncs == 0 || len(n.Levels) != 7 {
		t.Errorf("figures of a: %+v", n)
	}
	kinds := map[string]int{}
	events := s.EngineEvents(0)
	for i, e := range events {
		kinds[e.Kind]++
		if i > 0 && e.Seq != events[i-1].Seq+1 {
			t.Errorf("event %d follows %d", e.Seq, events[i-1].Seq)
		}
	}
	if kinds[store.EventCreated] != 2 || kinds[store.EventOpened] != 2 || kinds[store.EventFlush] == 0 {
		t.Errorf("events %v", kinds)
	}
	last := events[len(events)-1].Seq
	if rest := s.EngineEvents(last - 1); len(rest) != 1 || rest[0].Seq != last {
		t.Errorf("events after %d: %+v", last-1, rest)
	}
	storage, err := s.Storage(ctx, "a")
	if err != nil || storage.Messages != 100 || storage.Families[0].Bytes == 0 {
		t.Errorf("storage %+v, %v", storage, err)
	}
}

// TestARestartIsNoError stops a store cleanly and opens it again, to read and to
// write: nothing that it tells of went wrong, and no flush "did not finish".
func TestARestartIsNoError(t *testing.T) {
	fs := vfs.NewMem()
	for start := range 3 {
		s := mustOpenFS(t, fs, Options{})
		if start == 0 {
			mustCreate(t, s, "a")
		}
		if _, err := s.Head(t.Context(), "a"); err != nil { // opens it
			t.Fatal(err)
		}
		if start < 2 {
			if _, err := appendOne(s, "a", "x-1"); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range s.EngineEvents(0) {
			if e.Error != "" {
				t.Errorf("start %d tells of %s: %s", start, e.Kind, e.Error)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWriteAmplificationAfterOpening holds that what opening finds in the log is not taken
// for what a few new messages cost: the log's bytes and those that asked for them are of
// the same time.
func TestWriteAmplificationAfterOpening(t *testing.T) {
	fs := vfs.NewMem()
	s := mustOpenFS(t, fs, Options{})
	mustCreate(t, s, "a")
	for range 2000 {
		if _, err := appendOne(s, "a", "x-1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpenFS(t, fs, Options{})
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := appendOne(s, "a", "x-1"); err != nil {
		t.Fatal(err)
	}
	wal := s.EngineFigures().Namespaces[0].WAL
	if wal.BytesWritten < 10_000 || wal.BytesIn > wal.BytesWritten || wal.BytesWritten > 2*wal.BytesIn {
		t.Errorf("%d bytes written for %d, with what was found in the log", wal.BytesWritten, wal.BytesIn)
	}
}
