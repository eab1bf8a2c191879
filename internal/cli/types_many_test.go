package cli

import (
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
)

var millionTypes = flag.Bool("types.million", false, "have TestMoreTypesThanAreKept write a million types, and look at the memory")

// A million types take no more memory than are kept of them do, beside what the
// engine may take anyway.
const (
	manyMemory = 64 << 20 // the engine's budget
	manyHeap   = 256 << 20
)

// TestMoreTypesThanAreKept writes messages that all have types of their own, half of
// them in one category: those within the bounds are counted each by itself, the
// rest together and exactly, the answers are as long as the bounds, what was
// counted is there after a restart, and verify is content.
func TestMoreTypesThanAreKept(t *testing.T) {
	many := 80_000
	switch {
	case *millionTypes:
		many = 1_000_000
	case race.Enabled: // past the bound of a category, not past that of all
		many = 12_000
	}
	for engine, n := range map[string]int{"pebble": many, "sqlite": 12_000} {
		t.Run(engine, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			cfg := host.Config{Dir: host.Place(dir), Backend: host.Backend(engine), Listen: host.NoNetwork, Memory: manyMemory}
			want := writeManyTypes(t, cfg, n)
			began := time.Now()
			h := mustOpen(t, cfg)
			t.Logf("opened in %s", time.Since(began))
			want.check(t, h.Store)
			t.Logf("opened and asked in %s", time.Since(began))
			checkHeap(t)
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			out, errs := mustRun(t, "types", "-o", "ndjson", "--data", dir)
			if lines := strings.Count(out, "\n"); lines != want.kept || !strings.Contains(errs, "of further types, beyond the") {
				t.Errorf("evtui types prints %d lines and says %q, want %d lines", lines, errs, want.kept)
			}
			mustRun(t, "verify", "--data", dir)
		})
	}
}

// manyTypes is what there must be of the types written.
type manyTypes struct {
	messages, kept int
	of             map[string]int // kept, by category
}

// writeManyTypes writes n messages of as many types, and closes the store.
func writeManyTypes(t *testing.T, cfg host.Config, n int) manyTypes {
	t.Helper()
	h := mustOpen(t, cfg)
	want := manyTypes{messages: n, of: map[string]int{}}
	const at = 500 // messages a write
	for i := 0; i < n; i += at {
		category := "big"
		if (i/at)%2 == 1 {
			category = fmt.Sprintf("c%d", (i/at)%37)
		}
		w := store.Write{Stream: fmt.Sprintf("%s-%d", category, i%7), ExpectedVersion: store.AnyVersion}
		for j := range at {
			w.Events = append(w.Events, store.Event{Type: fmt.Sprintf("Type%07d", i+j), Data: []byte(`{"n":1}`)})
			if want.kept < store.MaxTypesInAll && want.of[category] < store.MaxTypes {
				want.of[category]++
				want.kept++
			}
		}
		if _, err := h.Store.Append(t.Context(), store.DefaultNamespace, w); err != nil {
			t.Fatal(err)
		}
	}
	want.check(t, h.Store)
	checkHeap(t)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	return want
}

func (m manyTypes) check(t *testing.T, s store.Store) {
	t.Helper()
	counts, err := s.(store.TypeCounter).CountTypes(t.Context(), store.DefaultNamespace, "")
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]int{}
	for _, n := range counts.Types {
		if of[n.Category]++; n.Count != 1 || n.First != n.Last {
			t.Fatalf("a type of one message: %+v", n)
		}
	}
	if counts.Counted != int64(m.messages) || counts.Messages != int64(m.messages) || len(counts.Types) != m.kept || counts.Overflow != int64(m.messages-m.kept) {
		t.Errorf("%d messages of %d are counted, of %d types, %d of further ones; want %d of %d types", counts.Counted, counts.Messages, len(counts.Types), counts.Overflow, m.messages, m.kept)
	}
	for category, n := range m.of {
		if of[category] != n {
			t.Errorf("%d types of category %q, want %d", of[category], category, n)
		}
	}
	seen, err := s.(store.TypeCounter).Transitions(t.Context(), store.DefaultNamespace, "")
	if err != nil || !seen.Overflow || len(seen.Seen) > store.MaxTransitionsInAll {
		t.Errorf("%d transitions, more %t, %v", len(seen.Seen), seen.Overflow, err)
	}
}

// checkHeap looks at what is in use; only of a million types would it be more than
// the bound without bounds on types.
func checkHeap(t *testing.T) {
	t.Helper()
	if !*millionTypes {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d MB in use", m.HeapAlloc>>20)
	if m.HeapAlloc > manyHeap {
		t.Errorf("%d MB are in use, want %d at most", m.HeapAlloc>>20, manyHeap>>20)
	}
}
