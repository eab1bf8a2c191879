package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// mustBeRefused opens a database that must be refused as damaged, with a word,
// and without a change.
func mustBeRefused(t *testing.T, on vfs.FS, m engine.Mark, word string) {
	t.Helper()
	before := contents(t, on, scribeDir)
	b, d, err := mustOpenDatabase(t, on, engine.Opening{Mark: m})
	defer func() { _ = b.Close() }()
	var damage *engine.DamageError
	if !errors.As(err, &damage) || !strings.Contains(damage.Reason, word) {
		if err == nil {
			_ = d.Close()
		}
		t.Errorf("opened with %v, want damage that names %q", err, word)
	}
	after := contents(t, on, scribeDir)
	delete(before, "LOCK")
	delete(after, "LOCK")
	if !maps.EqualFunc(before, after, bytes.Equal) {
		t.Errorf("there were %v, there are %v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
}

// TestOpeningFindsWhatIsMissing takes from a database what Pebble by itself
// would not miss.
func TestOpeningFindsWhatIsMissing(t *testing.T) {
	named := func(names map[string][]byte, prefix, suffix string) string {
		for _, name := range slices.Backward(slices.Sorted(maps.Keys(names))) {
			if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) {
				return name
			}
		}
		t.Fatalf("no file %s*%s", prefix, suffix)
		return ""
	}
	for what, c := range map[string]struct {
		prefix, suffix, word string
		change               func(data []byte) []byte // nil: it is removed
	}{
		"marker of the manifest": {"marker.manifest", "", "marker.manifest", nil},
		"marker of the format":   {"marker.format", "", "marker.format", nil},
		"manifest":               {"MANIFEST-", "", "MANIFEST-", nil},
		"table":                  {"", ".sst", ".sst", nil},
		"log":                    {"", ".log", ".log", nil},
		"end of the log":         {"", ".log", ".log", func(data []byte) []byte { return data[:len(data)/2] }},
		"end of the manifest":    {"MANIFEST-", "", "MANIFEST-", func(data []byte) []byte { return data[:len(data)-20] }},
		"bit of the manifest": {"MANIFEST-", "", "MANIFEST-", func(data []byte) []byte {
			data[len(data)-9] ^= 4
			return data
		}},
		"bit of the log": {"", ".log", ".log", func(data []byte) []byte {
			data[200] ^= 4
			return data
		}},
	} {
		t.Run(what, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			disk := vfs.NewCrashableMem()
			b, s := newScribe(t, disk)
			s.write(random, 10)
			if err := s.d.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
			s.write(random, 10) // too little for another flush
			mark := s.mark(false)
			killed := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: random})
			if err := errors.Join(s.d.Close(), b.Close()); err != nil {
				t.Fatal(err)
			}
			held := contents(t, killed, scribeDir)
			name := named(held, c.prefix, c.suffix)
			path := killed.PathJoin(scribeDir, name)
			if c.change == nil {
				if err := killed.Remove(path); err != nil {
					t.Fatal(err)
				}
			} else {
				mustPut(t, killed, path, c.change(held[name]))
			}
			mustBeRefused(t, killed, mark, c.word)
		})
	}
}

// TestReusedLogIsProved puts what an older log left behind the end of the one
// that took its place over that one's beginning: it reads as an empty log then.
func TestReusedLogIsProved(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	disk := vfs.NewMem()
	b, s := newScribe(t, disk)
	for range 2 { // the first log is written again once the second one's content is in tables
		s.write(random, 20)
		if err := s.d.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	s.write(random, 1)
	if err := errors.Join(s.d.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	mark := s.mark(true)
	at := slices.IndexFunc(mark.Files, func(f engine.FileMark) bool { return f.Summed > 0 })
	if at < 0 {
		t.Fatalf("no log took an older one's place: %+v", mark.Files)
	}
	path, own := disk.PathJoin(scribeDir, mark.Files[at].Name), mark.Files[at].Summed
	data, err := files{disk}.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(data[:own], data[own:])
	mustPut(t, disk, path, data)
	mustBeRefused(t, disk, mark, "are not those that were written")
	mark.Files[at].Sum, mark.Files[at].Summed = 0, 0 // as versions before noted it
	mustBeRefused(t, disk, mark, "it ends at global position")
}

// TestKilledDatabaseOpens kills databases at all moments: what a mark said then
// is there.
func TestKilledDatabaseOpens(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	disk := vfs.NewCrashableMem()
	b, s := newScribe(t, disk)
	for range 60 {
		s.write(random, 1+random.IntN(20))
		mark := s.mark(false)
		if random.IntN(5) == 0 {
			if err := s.d.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		killed := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: random.IntN(101), RNG: random})
		below, d, err := mustOpenDatabase(t, killed, engine.Opening{Mark: mark})
		if err != nil {
			t.Fatal(err)
		}
		l, err := d.Load()
		if err != nil || mark.Compare(l.State) != nil {
			t.Errorf("%+v, %v, where the mark says %+v", l.State, err, mark)
		}
		if err := errors.Join(d.Close(), below.Close()); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(s.d.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestNewerFormats refuses what a newer evtui, or a newer Pebble, wrote, in
// every way of looking at it.
func TestNewerFormats(t *testing.T) {
	for what, change := range map[string]func(t *testing.T, on vfs.FS){
		"meta": func(t *testing.T, on vfs.FS) {
			mustTamper(t, on, scribeDir, func(b *pebble.Batch) {
				newer := encodeMeta(nil, engine.State{Next: 10, Messages: 9, Streams: 1})
				newer[0] = metaFormatNewest + 1
				_ = b.Set(metaKey, newer, nil)
			})
		},
		"pebble": func(t *testing.T, on vfs.FS) {
			mustPut(t, on, on.PathJoin(scribeDir, "marker.format-version.000007.0"+(formatVersion+1).String()), nil)
		},
	} {
		t.Run(what, func(t *testing.T) {
			disk := vfs.NewMem()
			b, s := newScribe(t, disk)
			s.write(rand.New(rand.NewPCG(1, 1)), 9)
			if err := s.d.Close(); err != nil {
				t.Fatal(err)
			}
			change(t, disk)
			before := contents(t, disk, scribeDir)
			var format *engine.FormatError
			if d, err := b.Open(engine.Opening{Dir: scribeDir, ReadOnly: true}); err == nil {
				if _, err := d.Load(); !errors.As(err, &format) {
					t.Errorf("load: %v", err)
				}
				if _, err := d.Verify(engine.NewWatch(context.Background())); !errors.As(err, &format) {
					t.Errorf("verify: %v", err)
				}
				_ = d.Close()
			} else if !errors.As(err, &format) {
				t.Errorf("open: %v", err)
			}
			if _, err := b.Salvage(context.Background(), engine.Opening{Dir: scribeDir}); !errors.As(err, &format) {
				t.Errorf("salvage: %v", err)
			}
			if !maps.EqualFunc(before, contents(t, disk, scribeDir), bytes.Equal) {
				t.Error("it was changed")
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// sealed is a file system that fails the test when anything would change it.
type sealed struct {
	vfs.FS
	t *testing.T
}

func (s sealed) deny(op, name string) error {
	s.t.Errorf("%s of %s on read-only media", op, name)
	return &os.PathError{Op: op, Path: name, Err: syscall.EROFS}
}

func (s sealed) Create(name string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, s.deny("create", name)
}

func (s sealed) OpenReadWrite(name string, _ vfs.DiskWriteCategory, _ ...vfs.OpenOption) (vfs.File, error) {
	return nil, s.deny("write", name)
}

func (s sealed) ReuseForWrite(_, name string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, s.deny("reuse", name)
}

func (s sealed) Link(_, name string) error                 { return s.deny("link", name) }
func (s sealed) Remove(name string) error                  { return s.deny("remove", name) }
func (s sealed) RemoveAll(name string) error               { return s.deny("remove all", name) }
func (s sealed) Rename(_, name string) error               { return s.deny("rename", name) }
func (s sealed) MkdirAll(name string, _ os.FileMode) error { return s.deny("mkdir", name) }
func (s sealed) Lock(name string) (io.Closer, error)       { return nil, s.deny("lock", name) }
func (s sealed) Unwrap() vfs.FS                            { return s.FS }

// TestReadOnlyMedia opens stores that were closed, and killed, where nothing
// can be written: all can be read and checked, and no byte changes.
func TestReadOnlyMedia(t *testing.T) {
	disk := vfs.NewCrashableMem()
	s := mustOpenFS(t, disk, Options{MemtableBytes: 64 << 10})
	mustFill(t, s, "a")
	mustCreate(t, s, "b")
	want := content(t, s, "a")
	killed := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 1))})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for when, media := range map[string]vfs.FS{"closed": disk, "killed": killed} {
		t.Run(when, func(t *testing.T) {
			before := contents(t, media, "data")
			s := mustOpenFS(t, sealed{media, t}, Options{ReadOnly: true})
			mustBeSound(t, s, "a", want)
			if d := s.Describe(); !d.ReadOnly {
				t.Error("it does not say so")
			}
			if _, err := appendOne(s, "a", "x-1"); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("append: %v", err)
			}
			if err := s.Flush(context.Background(), "a"); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("flush: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if !maps.EqualFunc(before, contents(t, media, "data"), bytes.Equal) {
				t.Error("files were changed")
			}
		})
	}
}

// TestFileSystemsThatOfferLess runs on one that cannot preallocate, sync a part
// of a file, or sync data apart from the rest.
func TestFileSystemsThatOfferLess(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EOPNOTSUPP, syscall.ENOSYS, syscall.EINVAL} {
		var full atomic.Int64
		disk := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
			switch op.Kind {
			case errorfs.OpFilePreallocate, errorfs.OpFileSyncTo, errorfs.OpFileSyncData:
				return errno
			case errorfs.OpFileSync:
				full.Add(1)
			}
			return nil
		}))
		s := mustOpenFS(t, disk, Options{})
		before := full.Load()
		mustFill(t, s, "a")
		if n := full.Load() - before; n < 600 {
			t.Errorf("%v: %d syncs for 601 appends, one after the other", errno, n)
		}
		if err := s.Compact(context.Background(), "a"); err != nil {
			t.Error(err)
		}
		if n, err := s.Namespace(context.Background(), "a"); err != nil || n.Fault != "" {
			t.Errorf("%v: %+v, %v", errno, n, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestRestartIsNoFault opens and closes stores that are well: no event says
// that anything failed.
func TestRestartIsNoFault(t *testing.T) {
	disk := vfs.NewMem()
	for range 3 {
		s := mustOpenFS(t, disk, Options{})
		if list, err := s.Namespaces(context.Background()); err == nil && len(list) == 0 {
			mustCreate(t, s, "a", "b")
		}
		for _, id := range []string{"a", "b"} {
			if _, err := s.Head(context.Background(), id); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := appendOne(s, "a", "x-1"); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, e := range s.EngineEvents(0) {
			if e.Error != "" {
				t.Errorf("event %+v", e)
			}
		}
	}
}

// TestOpener reads URLs.
func TestOpener(t *testing.T) {
	var all store.Openers
	all.Register(Opener())
	dir := filepath.Join(t.TempDir(), "some where")
	one := Opener()
	for url, want := range map[string]string{one.URL(dir): dir, "pebble://memory": "", "pebble:///a/b": "/a/b"} {
		u, found, err := all.Parse(url)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := found.Dir(u); err != nil || got != want {
			t.Errorf("%s is %q, %v", url, got, err)
		}
	}
	for _, url := range []string{"pebble://host/dir", "pebble:///", "pebble://memory/x", "pebble:///a?b=c", "pebble:a"} {
		u, found, err := all.Parse(url)
		if err != nil {
			t.Fatal(err)
		}
		if dir, err := found.Dir(u); err == nil {
			t.Errorf("%s is %q", url, dir)
		}
	}
	u, _, err := all.Parse(one.URL(dir))
	if err != nil {
		t.Fatal(err)
	}
	if one.Holds(dir) {
		t.Error("it holds a store before there is one")
	}
	for range 2 {
		s, err := one.Open(context.Background(), u, store.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if !one.Holds(dir) {
			t.Error("it does not hold what was made there")
		}
	}
}
