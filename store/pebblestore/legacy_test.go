package pebblestore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// legacyEntry is what the registry of versions before kept of a namespace.
type legacyEntry struct {
	ID           string    `json:"id"`
	Dir          string    `json:"dir"`
	Description  string    `json:"description"`
	Metadata     []byte    `json:"metadata"`
	CreatedAt    time.Time `json:"createdAt"`
	TokenHash    [32]byte  `json:"tokenHash"`
	Aside        string    `json:"aside"`
	Dirty        bool      `json:"dirty"`
	Messages     int64     `json:"messages"`
	Streams      int64     `json:"streams"`
	LastActivity time.Time `json:"lastActivity"`
}

// mustMakeLegacy makes a data directory as versions before did: a registry in
// Pebble, and databases that say nothing of themselves. It returns what was read
// of namespace a.
func mustMakeLegacy(t *testing.T, disk *vfs.MemFS) (content string) {
	t.Helper()
	content = mustMakeDatabases(t, disk)
	b := newBackend(Options{FS: disk}.withDefaults())
	defer b.Close()
	files := newFence(disk, "data/registry", time.Millisecond, func(_ string, err error) { t.Error(err) })
	if err := markFormat(files, "data/registry"); err != nil {
		t.Fatal(err)
	}
	db, err := pebble.Open("data/registry", b.pebbleOptions("", files, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []legacyEntry{
		{ID: "a", Dir: "a.1", Description: "first", Metadata: []byte(`{"x":1}`), CreatedAt: time.Unix(7, 0).UTC(), TokenHash: [32]byte{1}, Dirty: true},
		{ID: "b", Dir: "b.2", CreatedAt: time.Unix(8, 0).UTC(), TokenHash: [32]byte{2}, Messages: 1, Streams: 1},
	} {
		value, err := json.Marshal(e)
		if err == nil {
			err = db.Set([]byte(e.ID), value, pebble.Sync)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return content
}

// mustMakeDatabases makes namespaces a and b, and takes the registry and all that
// came with it away again.
func mustMakeDatabases(t *testing.T, disk *vfs.MemFS) string {
	t.Helper()
	s := mustOpenFS(t, disk, Options{})
	mustFill(t, s, "a")
	mustCreate(t, s, "b")
	if _, err := appendOne(s, "b", "x-1"); err != nil {
		t.Fatal(err)
	}
	want := content(t, s, "a")
	if err := errors.Join(s.Close(), disk.RemoveAll("data/registry"), makeDirs(disk, "data/registry")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"a.1", "b.2"} {
		if err := disk.Remove("data/ns/" + dir + "/identity"); err != nil {
			t.Fatal(err)
		}
	}
	return want
}

// TestLegacyRegistry opens a directory of the version before, to look and to
// write, and finds all of it, also when it was killed.
func TestLegacyRegistry(t *testing.T) {
	disk := vfs.NewCrashableMem()
	want := mustMakeLegacy(t, disk)
	before := contents(t, disk, "data")
	s := mustOpenFS(t, sealed{disk, t}, Options{ReadOnly: true})
	mustBeSound(t, s, "a", want)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(before, contents(t, disk, "data"), bytes.Equal) {
		t.Error("looking at it changed it")
	}
	for range 2 {
		s = mustOpenFS(t, disk, Options{})
		mustBeSound(t, s, "a", want)
		n, err := s.Namespace(context.Background(), "a")
		if err != nil || n.Description != "first" || string(n.Metadata) != `{"x":1}` || !n.CreatedAt.Equal(time.Unix(7, 0)) {
			t.Errorf("namespace %+v, %v", n, err)
		}
		if hash, err := s.TokenHash(context.Background(), "b"); err != nil || hash != [32]byte{2} {
			t.Errorf("token %v, %v", hash, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		mustKeepOut(t, disk)
	}
}

// mustKeepOut opens the registry as versions before did first of all.
func mustKeepOut(t *testing.T, disk vfs.FS) {
	t.Helper()
	before := contents(t, disk, "data")
	b := newBackend(Options{FS: disk}.withDefaults())
	defer b.Close()
	files := newFence(disk, "data/registry", time.Millisecond, func(_ string, err error) { t.Error(err) })
	db, err := pebble.Open("data/registry", b.pebbleOptions("", files, nil))
	if err == nil {
		t.Error("a version before opens the registry")
		_ = db.Close()
	}
	files.abandon()
	after := contents(t, disk, "data")
	delete(before, "registry/LOCK")
	delete(after, "registry/LOCK")
	if !maps.EqualFunc(before, after, bytes.Equal) {
		t.Errorf("a version before changes %v to %v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
}

// TestWalledRegistryIsNotReadAgain takes the new registry away: what the one
// before said is old, and not to be believed.
func TestWalledRegistryIsNotReadAgain(t *testing.T) {
	disk := vfs.NewCrashableMem()
	mustMakeLegacy(t, disk)
	s := mustOpenFS(t, disk, Options{})
	if err := errors.Join(s.Close(), disk.Remove("data/registry/namespaces.log")); err != nil {
		t.Fatal(err)
	}
	o := Options{FS: disk}
	if s, err := Open("data", o); err == nil {
		t.Error("it opens without its registry")
		_ = s.Close()
	}
}

// TestDamagedLegacyRegistry damages every file of a registry of the version
// before, at many places: entries are never lost without a word.
func TestDamagedLegacyRegistry(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 5))
	whole := vfs.NewCrashableMem()
	mustMakeLegacy(t, whole)
	outcomes := map[string]int{}
	for name, data := range contents(t, whole, "data/registry") {
		if name == "LOCK" {
			continue
		}
		for range 30 {
			disk := whole.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: random})
			path, how := "data/registry/"+name, ""
			damaged := bytes.Clone(data)
			switch n := random.IntN(4); {
			case n == 0 || len(data) == 0:
				how = "removed"
				if err := disk.Remove(path); err != nil {
					t.Fatal(err)
				}
			case n == 1:
				damaged = damaged[:random.IntN(len(data))]
				how = fmt.Sprintf("cut to %d of %d", len(damaged), len(data))
				mustPut(t, disk, path, damaged)
			default:
				at := random.IntN(len(data))
				damaged[at] ^= 1 << random.IntN(8)
				how = fmt.Sprintf("byte %d of %d changed", at, len(data))
				mustPut(t, disk, path, damaged)
			}
			outcomes[judgeLegacy(t, disk, name+" "+how)]++
		}
	}
	t.Logf("outcomes: %v", outcomes)
}

// TestCutLegacyRegistry cuts the log of a registry of the version before at every length,
// between two records too, where nothing shows that one is missing.
func TestCutLegacyRegistry(t *testing.T) {
	whole := vfs.NewCrashableMem()
	mustMakeLegacy(t, whole)
	cuts := 0
	for name, data := range contents(t, whole, "data/registry") {
		if _, isLog := logNumber(name); !isLog {
			continue
		}
		for n := range data {
			disk := whole.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 1))})
			mustPut(t, disk, "data/registry/"+name, data[:n])
			judgeLegacy(t, disk, fmt.Sprintf("%s cut to %d of %d", name, n, len(data)))
			cuts++
		}
	}
	if cuts < 100 {
		t.Errorf("%d cuts", cuts)
	}
}

func judgeLegacy(t *testing.T, disk vfs.FS, how string) string {
	t.Helper()
	before := contents(t, disk, "data")
	b := newBackend(Options{FS: disk}.withDefaults())
	defer b.Close()
	entries, found, err := b.legacy(nil, "data")
	var damage *store.DamagedError
	switch {
	case errors.As(err, &damage) && damage.Namespace == "" && damage.Reason != "" && !strings.Contains(damage.Reason, "data/"):
	case err != nil || !found || len(entries) != 2:
		t.Errorf("%s: found %v, %d entries, %v", how, found, len(entries), err)
	}
	if !maps.EqualFunc(before, contents(t, disk, "data"), bytes.Equal) {
		t.Errorf("%s: reading it changed it", how)
	}
	if err != nil {
		return "refused"
	}
	return "read"
}

// TestUnusedNamespace makes the database of a namespace that a version before
// created, and that was never used.
func TestUnusedNamespace(t *testing.T) {
	disk := vfs.NewMem()
	if err := makeDirs(disk, scribeDir); err != nil {
		t.Fatal(err)
	}
	b, d, err := mustOpenDatabase(t, disk, engine.Opening{Mark: engine.Mark{Known: true}})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := d.Load(); err != nil || l.State.Next != 1 {
		t.Errorf("%+v, %v", l, err)
	}
	if err := errors.Join(d.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	none := sealed{vfs.NewMem(), t}
	b, d, err = mustOpenDatabase(t, none, engine.Opening{Mark: engine.Mark{Known: true}, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := d.Load(); err != nil || l.State.Next != 1 {
		t.Errorf("to read only: %+v, %v", l, err)
	}
	if err := errors.Join(d.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	empty := vfs.NewMem()
	if err := makeDirs(empty, scribeDir); err != nil {
		t.Fatal(err)
	}
	for _, m := range []engine.Mark{
		{},
		{Known: true, Head: 1, Messages: 1, Streams: 1},
		{Known: true, Files: []engine.FileMark{{Name: "MANIFEST-000001", Size: 50, Grows: true}}},
	} {
		mustBeRefused(t, empty, m, "missing")
	}
}
