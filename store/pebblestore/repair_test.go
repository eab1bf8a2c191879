package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// mustFill makes a namespace of many blocks: given and made ids, several
// categories, correlations, an import that leaves gaps.
func mustFill(t *testing.T, s *Store, id string) {
	t.Helper()
	ctx := context.Background()
	mustCreate(t, s, id)
	for i := range 600 {
		e := store.Event{Type: "T", Data: fmt.Appendf(nil, `{"n":%d,"filler":"%x"}`, i, (i*7919)%100_003)}
		if i%3 == 0 {
			e.ID = store.ID{1, 2, 3, byte(i), byte(i >> 8), 1}
		}
		if i%5 == 0 {
			e.Metadata, e.Correlation = []byte(`{"correlationStreamName":"saga-1"}`), "saga"
		}
		w := store.Write{Stream: fmt.Sprintf("c%d-%d", i%3, i%41), ExpectedVersion: store.AnyVersion, Events: []store.Event{e}}
		if _, err := s.Append(ctx, id, w); err != nil {
			t.Fatal(err)
		}
	}
	m := store.Message{Stream: "late-1", Type: "I", Position: 7, GlobalPosition: 700, Time: time.Unix(1, 0), Data: []byte(`{}`)}
	if err := s.Import(ctx, id, []store.ImportMessage{{Message: m}}); err != nil {
		t.Fatal(err)
	}
}

// content is all that readers can see of a namespace.
func content(t *testing.T, s *Store, id string) string {
	t.Helper()
	var b strings.Builder
	q := store.CategoryQuery{GlobalPosition: 1, Limit: store.NoLimit}
	for m, err := range s.ReadCategory(context.Background(), id, q) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%v %s %s %d %d %v %s %s\n", m.ID, m.Stream, m.Type, m.Position, m.GlobalPosition, m.Time, m.Data, m.Metadata)
	}
	q.Category, q.Correlation = "c0", "saga"
	for m, err := range s.ReadCategory(context.Background(), id, q) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "correlated %d\n", m.GlobalPosition)
	}
	categories, err := s.Categories(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	streams, err := s.Streams(context.Background(), id, store.StreamsQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "%v %v\n", categories, streams)
	return b.String()
}

// namespaceDir returns where the namespace's database lies.
func namespaceDir(t *testing.T, s *Store, id string) string {
	t.Helper()
	names, err := s.backend.Files().List(filepath.Join(s.dir, "ns"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, id+".") && !strings.Contains(name, ".damaged-") {
			return filepath.Join(s.dir, "ns", name)
		}
	}
	t.Fatalf("namespace %s has no directory among %v", id, names)
	return ""
}

// mustTamper changes keys of a closed database behind the store's back.
func mustTamper(t *testing.T, on vfs.FS, dir string, change func(*pebble.Batch)) {
	t.Helper()
	sh := newBackend(Options{FS: on}.withDefaults())
	defer sh.Close()
	files := newFence(on, dir, sh.options.tablePause, func(_ string, err error) { t.Error(err) })
	db, err := pebble.Open(dir, sh.pebbleOptions("tampered", files, nil))
	if err != nil {
		t.Fatal(err)
	}
	b := db.NewBatch()
	change(b)
	if err := errors.Join(b.Commit(pebble.Sync), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// mustAccept takes a namespace as it is: its files were changed behind the
// store's back.
func mustAccept(t *testing.T, s *Store, id string) {
	t.Helper()
	if err := s.Accept(context.Background(), id); err != nil {
		t.Fatal(err)
	}
}

// TestRepairIndexes damages each family but the messages: verify names it, and
// a repair brings back all that there was.
func TestRepairIndexes(t *testing.T) {
	id, category := store.ID{1, 2, 3, 3, 0, 1}, append([]byte{familyCategory}, "c1"...)
	cases := map[string]struct {
		family string
		change func(*pebble.Batch)
	}{
		"no meta":          {"meta", func(b *pebble.Batch) { _ = b.Delete(metaKey, nil) }},
		"meta of nonsense": {"meta", func(b *pebble.Batch) { _ = b.Set(metaKey, []byte{metaFormatNewest, 0xff}, nil) }},
		"wrong counts": {"meta", func(b *pebble.Batch) {
			_ = b.Set(metaKey, encodeMeta(nil, engine.State{Next: 9, Messages: 4000, Streams: 1}), nil)
		}},
		"no category": {"categories", func(b *pebble.Batch) { _ = b.Delete(category, nil) }},
		"category counts": {"categories", func(b *pebble.Batch) {
			_ = b.Set(category, encodeCategory(nil, 2, engine.Counts{Streams: 1, Messages: 2, Last: 3}), nil)
		}},
		"no global entry":       {"global index", func(b *pebble.Batch) { _ = b.Delete(appendGlobalKey(nil, 17), nil) }},
		"a global entry more":   {"global index", func(b *pebble.Batch) { _ = b.Set(appendGlobalKey(nil, 650), []byte{1}, nil) }},
		"all global entries":    {"global index", func(b *pebble.Batch) { _ = b.DeleteRange([]byte{familyGlobal}, []byte{familyGlobal + 1}, nil) }},
		"no stream entry":       {"stream index", func(b *pebble.Batch) { _ = b.Delete(appendStreamKey(nil, "c0-3", 1), nil) }},
		"a stream entry astray": {"stream index", func(b *pebble.Batch) { _ = b.Set(appendStreamKey(nil, "c0-3", 1), encodeGlobal(nil, 5), nil) }},
		"a stream entry more":   {"stream index", func(b *pebble.Batch) { _ = b.Set(appendStreamKey(nil, "c0-3", 99), encodeGlobal(nil, 5), nil) }},
		"no id entry":           {"id index", func(b *pebble.Batch) { _ = b.Delete(appendIDKey(nil, id), nil) }},
		"no shapes":             {"shapes again", func(b *pebble.Batch) { _ = b.DeleteRange([]byte{familyShape}, []byte{familyShape + 1}, nil) }},
		"shape of nonsense": {"shapes", func(b *pebble.Batch) {
			_ = b.Set(appendShapeKey(nil, familyShape, 1), []byte{metaFormatNewest, 0xff}, nil)
		}},
		"no shape again":   {"shapes again", func(b *pebble.Batch) { _ = b.Delete(appendShapeKey(nil, familyShapeAgain, 1), nil) }},
		"an id entry more": {"id index", func(b *pebble.Batch) { _ = b.Set(appendIDKey(nil, store.ID{9}), encodeGlobal(nil, 5), nil) }},
	}
	names := slices.Sorted(maps.Keys(cases))
	if race.Enabled {
		names = names[:3] // what differs is data, not who runs beside whom
	}
	for _, name := range names {
		c := cases[name]
		t.Run(name, func(t *testing.T) {
			files := vfs.NewMem()
			s := mustOpenFS(t, files, Options{})
			mustFill(t, s, "a")
			want, place := content(t, s, "a"), namespaceDir(t, s, "a")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			mustTamper(t, files, place, c.change)
			s = mustOpenFS(t, files, Options{})
			defer func() { _ = s.Close() }()
			mustFind(t, s, "a", c.family)
			if report, err := s.Repair(context.Background(), "a", store.RepairOptions{DryRun: true}); err != nil || report.Kept != "" || report.Messages != 601 {
				t.Fatalf("dry run: %+v, %v", report, err)
			}
			mustFind(t, s, "a", c.family) // still
			report, err := s.Repair(context.Background(), "a", store.RepairOptions{})
			if err != nil || len(report.Lost) > 0 || report.Messages != 601 {
				t.Fatalf("repair: %+v, %v", report, err)
			}
			mustBeSound(t, s, "a", want)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = mustOpenFS(t, files, Options{}) // the damaged one is no stray
			mustBeSound(t, s, "a", want)
			if _, err := files.Stat(report.Kept); err != nil || !strings.Contains(report.Kept, ".damaged-") {
				t.Errorf("the damaged database is not kept: %q, %v", report.Kept, err)
			}
			if _, err := appendOne(s, "a", "c0-3"); err != nil {
				t.Error(err)
			}
		})
	}
}

func mustFind(t *testing.T, s *Store, id, family string) store.VerifyReport {
	t.Helper()
	report, err := s.Verify(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if f.Family == family {
			return report
		}
	}
	t.Fatalf("verify does not name the %s: %+v", family, report.Findings)
	return report
}

func mustBeSound(t *testing.T, s *Store, id, want string) {
	t.Helper()
	report, err := s.Verify(context.Background(), id)
	if err != nil || len(report.Findings) > 0 {
		t.Fatalf("after the repair: %+v, %v", report, err)
	}
	if got := content(t, s, id); got != want {
		t.Errorf("the repair changed the content: %d bytes, %d before", len(got), len(want))
	}
}

// mustFlip changes one bit in the middle of the largest table.
func mustFlip(t *testing.T, place string, at func(size int64) int64) {
	t.Helper()
	tables, err := filepath.Glob(filepath.Join(place, "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("tables %v, %v", tables, err)
	}
	largest, size := "", int64(0)
	for _, name := range tables {
		if info, err := os.Stat(name); err == nil && info.Size() > size {
			largest, size = name, info.Size()
		}
	}
	raw, err := os.ReadFile(largest)
	if err != nil {
		t.Fatal(err)
	}
	raw[at(size)] ^= 0x10
	if err := os.WriteFile(largest, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestFlippedBit flips one bit of a table at many places: nothing ends the
// process, what is read is right or an error, verify names family and keys,
// and a repair keeps all that can still be read.
func TestFlippedBit(t *testing.T) {
	places := []int64{1, 10, 25, 40, 55, 70, 85, 93, 99}
	if race.Enabled {
		places = []int64{40, 93}
	}
	for _, percent := range places {
		t.Run(fmt.Sprintf("at %d percent", percent), func(t *testing.T) {
			dir := t.TempDir()
			s, err := Open(dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			mustFill(t, s, "a")
			mustCreate(t, s, "b")
			if _, err := appendOne(s, "b", "x-1"); err != nil {
				t.Fatal(err)
			}
			if err := s.Compact(context.Background(), "a"); err != nil {
				t.Fatal(err)
			}
			want, place := content(t, s, "a"), namespaceDir(t, s, "a")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			mustFlip(t, place, func(size int64) int64 { return size * percent / 100 })
			if s, err = Open(dir, Options{}); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			checkFlipped(t, s, want)
			if _, err := appendOne(s, "b", "x-1"); err != nil {
				t.Errorf("the other namespace: %v", err)
			}
		})
	}
}

func checkFlipped(t *testing.T, s *Store, want string) {
	t.Helper()
	ctx := context.Background()
	report, err := s.Verify(ctx, "a")
	if err == nil && len(report.Findings) == 0 {
		t.Fatal("verify does not find it")
	}
	if err != nil {
		t.Logf("does not open: %v", err)
	} else {
		t.Logf("%d findings, the first: %+v", len(report.Findings), report.Findings[0])
		if report.Findings[0].Family == "" {
			t.Errorf("no family: %+v", report.Findings[0])
		}
	}
	repaired, err := s.Repair(ctx, "a", store.RepairOptions{})
	if errors.Is(err, store.ErrMessagesDamaged) {
		if len(repaired.Lost) == 0 || repaired.Kept != "" {
			t.Errorf("refused without a reason, or done in spite of it: %+v", repaired)
		}
		t.Logf("refused: %+v", repaired)
		repaired, err = s.Repair(ctx, "a", store.RepairOptions{AcceptLoss: true})
	}
	if err != nil {
		t.Fatal(err)
	}
	report, err = s.Verify(ctx, "a")
	if err != nil || len(report.Findings) > 0 || report.Messages != repaired.Messages {
		t.Fatalf("after the repair: %+v, %v", report, err)
	}
	if len(repaired.Lost) == 0 {
		mustBeSound(t, s, "a", want)
		return
	}
	for line := range strings.Lines(content(t, s, "a")) {
		if strings.Contains(line, `"n":`) && !strings.Contains(want, line) {
			t.Errorf("the repair made up %q", line)
		}
	}
}
