package pebblestore_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// TestFlippedBitIsNotRead flips bits anywhere in a table and reads: streams,
// categories, the whole, versions and ids give what was written, or an error.
func TestFlippedBitIsNotRead(t *testing.T) {
	const streams, each = 30, 40
	fs := vfs.NewMem()
	st, err := pebblestore.Open("data", pebblestore.Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.CreateNamespace(t.Context(), store.NamespaceSpec{ID: "n"}); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for i := range streams * each {
		stream := fmt.Sprintf("c%d-%d", i%3, i%streams)
		ev := store.Event{Type: "T", Data: fmt.Appendf(nil, `{"n":%d,"text":"%x"}`, i, rand.Uint64()), Metadata: fmt.Appendf(nil, `{"m":%d}`, i)}
		if _, err := st.Append(t.Context(), "n", store.Write{Stream: stream, Events: []store.Event{ev}, ExpectedVersion: store.AnyVersion}); err != nil {
			t.Fatal(err)
		}
		want[stream] = append(want[stream], string(ev.Data)+string(ev.Metadata))
	}
	if err := st.Compact(t.Context(), "n"); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	names, err := fs.List("data/ns/n.1")
	if err != nil {
		t.Fatal(err)
	}
	failed, tables := 0, 0
	for _, name := range names {
		if !strings.HasSuffix(name, ".sst") {
			continue
		}
		tables++
		path := "data/ns/n.1/" + name
		whole := mustReadAll(t, fs, path)
		for i := range 64 { // over the whole of it
			at := i*len(whole)/64 + random.IntN(max(1, len(whole)/64))
			flipped := bytes.Clone(whole)
			flipped[at] ^= 1 << random.IntN(8)
			mustWriteAll(t, fs, path, flipped)
			if !readsRight(t, fs, want, fmt.Sprintf("byte %d of %d of %s (seed %d)", at, len(whole), name, seed)) {
				failed++
			}
		}
		mustWriteAll(t, fs, path, whole)
	}
	if tables == 0 || failed == 0 {
		t.Errorf("no read of %d tables gave an error", tables)
	}
}

// readsRight reports whether every read gave what was written. One that gives
// something else, and no error, fails the test.
func readsRight(t *testing.T, fs vfs.FS, want map[string][]string, where string) bool {
	t.Helper()
	st, err := pebblestore.Open("data", pebblestore.Options{FS: fs, ReadOnly: true})
	if err != nil {
		return false
	}
	defer func() { _ = st.Close() }()
	whole := true
	total := 0
	for stream, list := range want {
		total += len(list)
		var got []string
		for m, err2 := range st.ReadStream(t.Context(), "n", store.StreamQuery{Stream: stream, Limit: store.NoLimit}) {
			if err = err2; err == nil {
				got = append(got, string(m.Data)+string(m.Metadata))
			}
		}
		switch {
		case err != nil:
			whole, err = false, nil
		case strings.Join(got, "\n") != strings.Join(list, "\n"):
			t.Errorf("%s: stream %q gives %d messages of %d, or others, and no error", where, stream, len(got), len(list))
		}
		version, err := st.Version(t.Context(), "n", stream)
		if err == nil && version != int64(len(list)-1) {
			t.Errorf("%s: stream %q is at %d, want %d", where, stream, version, len(list)-1)
		}
		whole = whole && err == nil
	}
	count := 0
	for m, err2 := range st.ReadCategory(t.Context(), "n", store.CategoryQuery{Limit: store.NoLimit}) {
		if err = err2; err == nil {
			if count++; m.GlobalPosition != int64(count) {
				t.Errorf("%s: #%d stands where #%d belongs", where, m.GlobalPosition, count)
			}
		}
	}
	if err == nil && count != total {
		t.Errorf("%s: %d messages of %d, and no error", where, count, total)
	}
	return whole && err == nil
}

func mustReadAll(t *testing.T, fs vfs.FS, name string) []byte {
	t.Helper()
	f, err := fs.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mustWriteAll(t *testing.T, fs vfs.FS, name string, data []byte) {
	t.Helper()
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
