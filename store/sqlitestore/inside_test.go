package sqlitestore

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

// TestVerifyFinds damages what evtui keeps beside the messages, one at a time.
func TestVerifyFinds(t *testing.T) {
	for _, c := range []struct{ change, finding string }{
		{`UPDATE state SET messages = messages + 1`, "state counts"},
		{`UPDATE state SET next = 3`, "state positions"},
		{`UPDATE categories SET messages = messages - 1 WHERE name = 'a'`, "category a"},
		{`UPDATE streams SET version = version + 1 WHERE name = 'a-1'`, "stream a-1"},
		{`UPDATE streams SET time = time + 1 WHERE name = 'a-1'`, "stream a-1"},
		{`UPDATE streams SET hash = hash + 1 WHERE name = 'a-1'`, "stream a-1"},
		{`UPDATE messages SET category = 2 WHERE gpos = 1`, "message's category global position 1"},
		{`UPDATE messages SET id = x'00' WHERE gpos = 2`, "message global position 2"},
		{`UPDATE messages SET stream = 99 WHERE gpos = 2`, "message without a stream global position 2"},
		{`PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'by_category'`, "file"},
	} {
		t.Run(c.change, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			mustCreate(t, s, "n")
			mustAppend(t, s, "n", "a-1", 3)
			mustAppend(t, s, "n", "b", 2)
			if r, err := s.Verify(t.Context(), "n"); err != nil || len(r.Findings) > 0 || r.Messages != 5 || r.Streams != 2 {
				t.Fatalf("before: %+v, %v", r, err)
			}
			mustClose(t, s)
			path := fileOf(t, dir, "n")
			before := sizeOf(path)
			mustExec(t, path, c.change)
			if sizeOf(path) != before {
				t.Fatalf("%d bytes, and %d before", sizeOf(path), before)
			}
			s = mustOpen(t, dir, Options{})
			r, err := s.Verify(t.Context(), "n")
			if err != nil || !slices.ContainsFunc(r.Findings, func(f store.Finding) bool { return strings.HasPrefix(f.Where, c.finding) }) {
				t.Errorf("found %+v, %v, want %q", r.Findings, err, c.finding)
			}
			mustClose(t, s)
		})
	}
}

// TestGroupFilter checks that the filter in SQL decides what store.MemberOf
// does, also for hashes that cannot be negated.
func TestGroupFilter(t *testing.T) {
	s, inside := mustSpy(t, "", Options{})
	mustCreate(t, s, "n")
	db := inside.database(t, "n").reader
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	hashes := []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64}
	for range 200 {
		hashes = append(hashes, int64(random.Uint64()))
	}
	for _, hash := range hashes {
		for _, size := range []int{1, 2, 3, 7, 64, 1000, math.MaxInt32} {
			var member int
			if _, err := db.one(`SELECT abs(? % ?)`, []any{hash, size}, &member); err != nil {
				t.Fatal(err)
			}
			if want := store.MemberOf(hash, size); member != want {
				t.Errorf("hash %d of %d members: SQL says %d, store %d", hash, size, member, want)
			}
		}
	}
	mustClose(t, s)
}

// TestPages reads messages so large that they end pages early, with every
// limit, both ways.
func TestPages(t *testing.T) {
	s, err := OpenMemory(Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustCreate(t, s, "n")
	const messages = 40
	for i := range messages {
		data := fmt.Appendf(nil, `"%d %s"`, i, strings.Repeat("x", i%3*300_000))
		if _, err := s.Append(t.Context(), "n", store.Write{
			Stream: "a-1", ExpectedVersion: store.AnyVersion, Events: []store.Event{{Type: "T", Data: data}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, limit := range []int{store.NoLimit, 0, 1, 2, 31, 32, 33, 40, 41} {
		for _, backward := range []bool{false, true} {
			want := messages
			if limit != store.NoLimit {
				want = min(want, limit)
			}
			n := 0
			for m, err := range s.ReadCategory(t.Context(), "n", store.CategoryQuery{Limit: limit, Backward: backward}) {
				at := int64(n)
				if backward {
					at = messages - 1 - at
				}
				if err != nil || m.Position != at || !strings.HasPrefix(string(m.Data), fmt.Sprintf(`"%d `, at)) {
					t.Fatalf("limit %d, backward %v: message %d is @%d, %v", limit, backward, n, m.Position, err)
				}
				n++
			}
			if n != want {
				t.Errorf("limit %d, backward %v: read %d messages, want %d", limit, backward, n, want)
			}
		}
	}
	mustClose(t, s)
}

// TestFigures checks what SQLite tells of itself: the log grows and a flush
// empties it, compacting gives pages back, and tables are measured.
func TestFigures(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	mustCreate(t, s, "n")
	mustAppend(t, s, "n", "a-1", 50)
	before, checkpoints := s.EngineFigures().Namespaces[0], logFigure(t, s, "checkpoints")
	if payloads := logFigure(t, s, "payloads"); payloads != 50*7 {
		t.Errorf("payloads of %v bytes went through the log", payloads)
	}
	if before.Messages != 50 || before.WAL.Size == 0 || before.Flushes != 0 || before.Fsyncs != 50 || before.FsyncP99 < before.FsyncP50 || before.FsyncP50 == 0 {
		t.Errorf("figures %+v", before)
	}
	if err := s.Flush(t.Context(), "n"); err != nil {
		t.Fatal(err)
	}
	after := s.EngineFigures().Namespaces[0]
	if after.WAL.Size != 0 || logFigure(t, s, "checkpoints") != checkpoints+1 || after.DiskBytes >= before.DiskBytes {
		t.Errorf("after a flush: %+v", after)
	}
	if err := s.Compact(t.Context(), "n"); err != nil {
		t.Fatal(err)
	}
	storage, err := s.Storage(t.Context(), "n")
	if err != nil {
		t.Fatal(err)
	}
	families := map[string]int64{}
	for _, f := range storage.Families {
		families[f.Name] = f.Bytes
	}
	if storage.Messages != 50 || storage.Total == 0 || families["messages"] == 0 || families["stream index"] == 0 || families["category index"] == 0 {
		t.Errorf("storage %+v", storage)
	}
	kinds := ""
	for _, e := range s.EngineEvents(0) {
		kinds += e.Kind + " "
	}
	if kinds != "opened created new type new transition flush flush compaction " {
		t.Errorf("events %q", kinds)
	}
	mustClose(t, s)
	memory, err := OpenMemory(Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustCreate(t, memory, "n")
	if err := memory.Flush(t.Context(), "n"); !errors.Is(err, store.ErrNotOffered) {
		t.Errorf("flush in memory: %v", err)
	}
	mustClose(t, memory)
}

// TestCheckpoints writes more than the log may hold, and checks that it was
// moved and started over, with a reader that does not get on meanwhile.
func TestCheckpoints(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	mustCreate(t, s, "n")
	mustAppend(t, s, "n", "slow-1", 200)
	read := 0
	data := []byte(`"` + strings.Repeat("x", 256<<10) + `"`)
	for _, err := range s.ReadCategory(t.Context(), "n", store.CategoryQuery{Category: "slow", Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		if read++; read != 1 {
			continue
		}
		for range 3 * checkpointPages * pageBytes / len(data) {
			if _, err := s.Append(t.Context(), "n", store.Write{
				Stream: "a-1", ExpectedVersion: store.AnyVersion, Events: []store.Event{{Type: "T", Data: data}},
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	f := s.EngineFigures().Namespaces[0]
	if checkpoints := logFigure(t, s, "checkpoints"); read != 200 || checkpoints < 2 || f.WAL.Size > 2*checkpointPages*pageBytes {
		t.Errorf("read %d; %v checkpoints, a log of %d bytes", read, checkpoints, f.WAL.Size)
	}
	mustClose(t, s)
}

// logFigure is a figure of the log's section.
func logFigure(t *testing.T, s *Store, name string) float64 {
	t.Helper()
	for _, section := range s.Sections() {
		for _, row := range section.Rows {
			if section.Name == "log" && row.Name == name {
				return row.Values[0].Number
			}
		}
	}
	t.Fatalf("the log's section has no %s", name)
	return 0
}

func TestTimings(t *testing.T) {
	var all timings
	if n, p50, p99 := all.read(); n != 0 || p50 != 0 || p99 != 0 {
		t.Errorf("empty: %d, %v, %v", n, p50, p99)
	}
	for i := range 2000 { // those from 977 on are the latest
		all.add(time.Duration(i))
	}
	if n, p50, p99 := all.read(); n != 2000 || p50 != 976+512 || p99 != 976+1013 {
		t.Errorf("%d, %d, %d", n, p50, p99)
	}
}
