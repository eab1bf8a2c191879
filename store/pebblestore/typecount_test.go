package pebblestore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// mustFillTypes stores n messages of 7 types in 200 streams, at random.
func mustFillTypes(t *testing.T, s *Store, random *rand.Rand, n int) {
	t.Helper()
	for n > 0 {
		w := store.Write{Stream: fmt.Sprintf("c%d-%d", random.IntN(3), random.IntN(200)), ExpectedVersion: store.AnyVersion}
		for range min(n, 1+random.IntN(300)) {
			w.Events = append(w.Events, store.Event{Type: fmt.Sprintf("T%d", random.IntN(7)), Data: []byte(`{"a":1}`)})
		}
		n -= len(w.Events)
		if _, err := s.Append(t.Context(), "a", w); err != nil {
			t.Fatal(err)
		}
	}
}

// mustCountTypes waits until all messages of namespace a are counted.
func mustCountTypes(t *testing.T, s *Store) store.TypeCounts {
	t.Helper()
	for {
		counts, err := s.CountTypes(t.Context(), "a", "")
		if err != nil {
			t.Fatal(err)
		}
		if counts.Counted == counts.Messages {
			return counts
		}
	}
}

// checkTypes compares the counts of namespace a with what reading it gives.
func checkTypes(t *testing.T, s *Store) {
	t.Helper()
	type kind struct{ category, messageType string }
	want, total := map[kind]int64{}, int64(0)
	for m, err := range s.ReadCategory(t.Context(), "a", store.CategoryQuery{Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		want[kind{strings.Clone(store.Category(m.Stream)), strings.Clone(m.Type)}]++
		total++
	}
	counts, got := mustCountTypes(t, s), map[kind]int64{}
	for _, c := range counts.Types {
		got[kind{strings.Clone(c.Category), c.Type}] = c.Count
	}
	if counts.Counted != total || !maps.Equal(got, want) {
		t.Errorf("%d messages are counted, %v; there are %d, %v", counts.Counted, got, total, want)
	}
}

// TestOlderStoreIsCounted opens a store from before there were counts by type:
// they are counted in the background, also across restarts and beside writes, and
// reading alone changes nothing.
func TestOlderStoreIsCounted(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	files := vfs.NewMem()
	s := mustOpenFS(t, files, Options{uncounted: true})
	mustCreate(t, s, "a")
	mustFillTypes(t, s, random, 30_000)
	if _, err := s.CountTypes(t.Context(), "a", ""); err == nil {
		t.Fatal("it is counted although nothing is to be")
	}
	dir := namespaceDir(t, s, "a")
	mustClosed(t, s)
	mustTamper(t, files, dir, func(b *pebble.Batch) { mustLower(t, files, dir, b) })
	s = mustOpenFS(t, files, Options{uncounted: true})
	mustAccept(t, s, "a")
	mustClosed(t, s)
	before := contents(t, files, "data")
	s = mustOpenFS(t, sealed{files, t}, Options{ReadOnly: true})
	checkTypes(t, s)
	mustClosed(t, s)
	if !maps.EqualFunc(before, contents(t, files, "data"), bytes.Equal) {
		t.Error("counting it to read changed it")
	}
	s = mustOpenFS(t, files, Options{})
	for range 3 { // closed while it counts
		mustFillTypes(t, s, random, 100)
		mustClosed(t, s)
		s = mustOpenFS(t, files, Options{})
	}
	mustFillTypes(t, s, random, 500)
	checkTypes(t, s)
	mustFillTypes(t, s, random, 500)
	checkTypes(t, s)
	mustBeSound(t, s, "a", content(t, s, "a"))
	mustClosed(t, s)
	if kept := keptOf(t, files, dir); kept == 0 {
		t.Error("nothing is kept")
	}
	s = mustOpenFS(t, files, Options{})
	defer mustClosed(t, s)
	counts, err := s.CountTypes(t.Context(), "a", "")
	if err != nil || counts.Counted != counts.Messages || counts.Counted != 31_300 {
		t.Errorf("after all: %d of %d counted, %v", counts.Counted, counts.Messages, err)
	}
}

func mustClosed(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// mustLower gives a namespace the format from before counts by type.
func mustLower(t *testing.T, files *vfs.MemFS, dir string, b *pebble.Batch) {
	t.Helper()
	var meta []byte
	mustLook(t, files, dir, metaKey, metaKey, func(_, value []byte) { meta = bytes.Clone(value) })
	meta[0] = metaFormatShaped
	_ = b.Set(metaKey, meta, nil)
}

// TestKeptTypesAreChecked damages what is kept of counts by type: what does not
// add up is counted again, what does is found by verify, and repaired.
func TestKeptTypesAreChecked(t *testing.T) {
	for name, tamper := range map[string]func(b *pebble.Batch, all map[string][]byte){
		"a record is gone":   func(b *pebble.Batch, all map[string][]byte) { _ = b.Delete([]byte(firstOf(all, "kk")), nil) },
		"the header is gone": func(b *pebble.Batch, all map[string][]byte) { _ = b.Delete([]byte("kh"), nil) },
		"all are gone":       func(b *pebble.Batch, all map[string][]byte) { _ = b.DeleteRange([]byte("k"), []byte("l"), nil) },
		"a bit flipped": func(b *pebble.Batch, all map[string][]byte) {
			key := firstOf(all, "kk")
			value := bytes.Clone(all[key])
			value[0] ^= 2
			_ = b.Set([]byte(key), value, nil)
		},
		"nonsense": func(b *pebble.Batch, all map[string][]byte) { _ = b.Set([]byte("kx"), []byte("nonsense"), nil) },
		"nonsense with its checksum": func(b *pebble.Batch, all map[string][]byte) {
			_ = b.Set([]byte("kk\xff\xff"), keptValue("k\xff\xff", 1, 2, 3, 4, 5), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			files, dir := mustKeepTypes(t)
			all := map[string][]byte{}
			mustLook(t, files, dir, []byte("k"), []byte("k\xff"), func(key, value []byte) { all[string(key)] = bytes.Clone(value) })
			mustTamper(t, files, dir, func(b *pebble.Batch) { tamper(b, all) })
			s := mustOpenFS(t, files, Options{})
			defer mustClosed(t, s)
			mustAccept(t, s, "a")
			checkTypes(t, s)
			mustBeSound(t, s, "a", content(t, s, "a"))
		})
	}
	t.Run("wrong counts that add up", func(t *testing.T) {
		files, dir := mustKeepTypes(t)
		mustTamper(t, files, dir, func(b *pebble.Batch) {
			for messageType, n := range map[string]int64{"A": 2, "B": 3} { // it is the other way round
				key := "k\x01c" + messageType
				_ = b.Set([]byte("k"+key), keptValue(key, n, 1, 2, 3, 4), nil)
			}
		})
		s := mustOpenFS(t, files, Options{})
		defer mustClosed(t, s)
		mustAccept(t, s, "a")
		report, err := s.Verify(t.Context(), "a")
		if err != nil || len(report.Findings) != 2 || report.Findings[0].Family != "types" {
			t.Fatalf("verify: %+v, %v", report, err)
		}
		if _, err := s.Repair(t.Context(), "a", store.RepairOptions{}); err != nil {
			t.Fatal(err)
		}
		checkTypes(t, s)
		mustBeSound(t, s, "a", content(t, s, "a"))
	})
}

// firstOf is the first key with the prefix.
func firstOf(all map[string][]byte, prefix string) string {
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(key, prefix) {
			return key
		}
	}
	return ""
}

func keptValue(key string, numbers ...int64) []byte {
	var value []byte
	for _, n := range numbers {
		value = binary.AppendVarint(value, n)
	}
	sum := crc32.Checksum(append([]byte(key), value...), crc32.MakeTable(crc32.Castagnoli))
	return binary.LittleEndian.AppendUint32(value, sum)
}

// mustKeepTypes makes a store of three messages of type A and two of type B.
func mustKeepTypes(t *testing.T) (files *vfs.MemFS, dir string) {
	t.Helper()
	files = vfs.NewMem()
	s := mustOpenFS(t, files, Options{})
	mustCreate(t, s, "a")
	for _, messageType := range []string{"A", "B", "A", "A", "B"} {
		mustAppendType(t, s, "c-1", messageType, `{"a":1}`)
	}
	checkTypes(t, s)
	dir = namespaceDir(t, s, "a")
	mustClosed(t, s)
	return files, dir
}

func mustAppendType(t *testing.T, s *Store, stream, messageType, data string) {
	t.Helper()
	_, err := s.Append(t.Context(), "a", store.Write{
		Stream: stream, ExpectedVersion: store.AnyVersion, Events: []store.Event{{Type: messageType, Data: []byte(data)}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// mustLook visits what a closed database holds between two keys, both included.
func mustLook(t *testing.T, files *vfs.MemFS, dir string, from, to []byte, visit func(key, value []byte)) {
	t.Helper()
	b := newBackend(Options{FS: files}.withDefaults())
	defer func() { _ = b.Close() }()
	d, err := b.look("a", dir, b.reading())
	if err != nil {
		t.Fatal(err)
	}
	failed, err := scanRange(d.db, from, append(bytes.Clone(to), 0), func(key, value []byte) error {
		visit(key, value)
		return nil
	})
	if failed != nil || err != nil {
		t.Fatal(failed, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func keptOf(t *testing.T, files *vfs.MemFS, dir string) (n int) {
	t.Helper()
	mustLook(t, files, dir, []byte{familyKept}, []byte{familyKept, 0xff}, func(_, _ []byte) { n++ })
	return n
}

// eventsOf are the reasons of a kind of engine events.
func eventsOf(s *Store, kind string) (list []string) {
	for _, e := range s.EngineEvents(0) {
		if e.Kind == kind {
			list = append(list, e.Reason)
		}
	}
	return list
}

// TestNewTypesAreEvents tells of what a category never had, and not of a flood.
func TestNewTypesAreEvents(t *testing.T) {
	s := mustOpenFS(t, vfs.NewMem(), Options{})
	defer mustClosed(t, s)
	mustCreate(t, s, "a")
	for _, messageType := range []string{"A", "B", "A", "B", "B"} {
		mustAppendType(t, s, "c-1", messageType, `{}`)
	}
	if got, want := eventsOf(s, store.EventType), []string{`"A" in category "c", at #1`, `"B" in category "c", at #2`}; !slices.Equal(got, want) {
		t.Errorf("new types %q, want %q", got, want)
	}
	want := []string{`"A" after "B" in category "c", at #3`, `"B" after "B" in category "c", at #5`}
	if got := eventsOf(s, store.EventFollows); !slices.Equal(got, want) {
		t.Errorf("new transitions %q, want %q", got, want)
	}
	if err := s.Import(t.Context(), "a", []store.ImportMessage{{Message: store.Message{
		ID: store.NewID(time.Unix(1, 0)), Stream: "c-2", Type: "Imported", GlobalPosition: 10, Data: []byte(`{}`), Time: time.Unix(1, 0),
	}}}); err != nil {
		t.Fatal(err)
	}
	flood := store.Write{Stream: "c-3", ExpectedVersion: store.AnyVersion}
	for i := range 200 {
		flood.Events = append(flood.Events, store.Event{Type: fmt.Sprintf("F%d", i), Data: []byte(`{}`)})
	}
	if _, err := s.Append(context.Background(), "a", flood); err != nil {
		t.Fatal(err)
	}
	if n := len(eventsOf(s, store.EventType)); n < 2 || n > 2+2*9 {
		t.Errorf("%d events of 203 new types", n)
	}
	for _, reason := range eventsOf(s, store.EventType) {
		if strings.Contains(reason, "Imported") {
			t.Errorf("an import is told of: %s", reason)
		}
	}
	checkTypes(t, s)
}

// TestDriftIsAnEvent writes messages of a known type with other fields.
func TestDriftIsAnEvent(t *testing.T) {
	s := mustOpenFS(t, vfs.NewMem(), Options{})
	defer mustClosed(t, s)
	mustCreate(t, s, "a")
	for _, data := range []string{
		`{"amount":1,"note":"x"}`, `{"note":"y","amount":2}`, `{"amount":"12.50","note":"x","discount":{"percent":5}}`, `{"amount":1}`,
	} {
		for range learnAfter {
			mustAppendType(t, s, "c-1", "Paid", data)
			mustAppendType(t, s, "c-2", "Other", `{"a":1}`)
		}
	}
	want := []string{
		`type "Paid" in category "c": data.amount became string (was number, boolean or null), data.discount came (object), data.discount.percent came (number, boolean or null)`,
		`type "Paid" in category "c": data.note went`,
	}
	if got := eventsOf(s, store.EventDrift); !slices.Equal(got, want) {
		t.Errorf("drift:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestColdStreamsKnowTheirType appends to streams whose heads are not cached any
// more: their last type is told by the index, also where two types have the same
// sum, and where the index does not tell it yet.
func TestColdStreamsKnowTheirType(t *testing.T) {
	one, other := sameSum()
	for _, untold := range []bool{false, true} {
		files := vfs.NewMem()
		s := mustOpenFS(t, files, Options{})
		mustCreate(t, s, "a")
		for stream, messageType := range map[string]string{"c-1": "A", "c-2": one, "c-3": other} {
			mustAppendType(t, s, stream, messageType, `{}`)
		}
		dir := namespaceDir(t, s, "a")
		mustClosed(t, s)
		if untold {
			mustTamper(t, files, dir, func(b *pebble.Batch) {
				mustLook(t, files, dir, []byte{familyStream}, []byte{familyStream, 0xff}, func(key, value []byte) {
					_ = b.Set(key, value[:len(value)-2], nil)
				})
			})
		}
		s = mustOpenFS(t, files, Options{})
		if untold {
			mustAccept(t, s, "a")
		}
		for _, stream := range []string{"c-1", "c-2", "c-3"} {
			mustAppendType(t, s, stream, "Z", `{}`)
		}
		seen, err := s.Transitions(t.Context(), "a", "c")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, step := range seen.Seen {
			if step.From != "" {
				got = append(got, step.From+">"+step.To)
			}
		}
		want := []string{"A>Z", one + ">Z", other + ">Z"}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("untold=%t: transitions %q, want %q", untold, got, want)
		}
		mustBeSound(t, s, "a", content(t, s, "a"))
		mustClosed(t, s)
	}
}

// sameSum finds two types whose sums are the same.
func sameSum() (one, other string) {
	seen := map[uint16]string{}
	for i := 0; ; i++ {
		name := fmt.Sprintf("T%d", i)
		sum := engine.TypeSum(name)
		if before, there := seen[sum]; there {
			return before, name
		}
		seen[sum] = name
	}
}
