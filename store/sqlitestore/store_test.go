package sqlitestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

func mustOpen(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustCreate(t testing.TB, s *Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, err := s.CreateNamespace(context.Background(), store.NamespaceSpec{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
}

func appendOne(s *Store, namespace, stream string) (store.Appended, error) {
	return s.Append(context.Background(), namespace, store.Write{
		Stream: stream, ExpectedVersion: store.AnyVersion,
		Events: []store.Event{{Type: "T", Data: []byte(`{"a":1}`)}},
	})
}

func mustAppend(t testing.TB, s *Store, namespace, stream string, times int) {
	t.Helper()
	for range times {
		if _, err := appendOne(s, namespace, stream); err != nil {
			t.Fatal(err)
		}
	}
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// spy is a backend that remembers the databases it opened.
type spy struct {
	*backend
	mu     sync.Mutex // guards what follows
	opened map[string]*database
}

func (s *spy) Open(o engine.Opening) (engine.Database, error) {
	d, err := s.backend.open(o)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened[o.ID] = d
	return d, nil
}

// mustSpy opens a store, in memory for "", with the databases it opened last.
func mustSpy(t testing.TB, dir string, o Options) (*Store, *spy) {
	t.Helper()
	files := filesys.Files(filesys.Disk{})
	if dir == "" {
		files = filesys.NewMemory()
	}
	s := &spy{backend: newBackend(files, o, dir == ""), opened: map[string]*database{}}
	st, err := engine.Open(s, cmp.Or(dir, "evtui"), s.shared())
	if err != nil {
		t.Fatal(err)
	}
	return st, s
}

// database returns an open namespace's database for a look inside; the store
// must not be closed meanwhile.
func (s *spy) database(t testing.TB, id string) *database {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.opened[id]
	if d == nil {
		t.Fatalf("namespace %q is not open", id)
	}
	return d
}

// fileOf is where a namespace's file lies.
func fileOf(t testing.TB, dir, id string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "ns", id+".*", dataFile))
	if err != nil || len(found) != 1 {
		t.Fatalf("files of %s: %q, %v", id, found, err)
	}
	return found[0]
}

// mustExec changes a closed namespace's file.
func mustExec(t testing.TB, path, statement string) {
	t.Helper()
	p, err := openPool(path, 1, 0, writes)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	if err := p.db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFailedTransactionPoisons checks that nothing is acknowledged once a
// transaction has failed, that what was acknowledged is still read, that other
// namespaces go on, and that opening the namespace or the directory again heals.
func TestFailedTransactionPoisons(t *testing.T) {
	for _, reopened := range []bool{false, true} {
		t.Run(fmt.Sprintf("reopened=%t", reopened), func(t *testing.T) { poisonAndHeal(t, reopened) })
	}
}

func poisonAndHeal(t *testing.T, reopened bool) {
	dir := t.TempDir()
	s, inside := mustSpy(t, dir, Options{})
	mustCreate(t, s, "a", "b")
	mustAppend(t, s, "a", "x-1", 10)
	mustAppend(t, s, "b", "x-1", 10)
	// A file that may not grow is a full disk.
	if _, err := inside.database(t, "a").writer.db.Exec("PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	large := store.Write{Stream: "x-1", ExpectedVersion: store.AnyVersion, Events: []store.Event{
		{Type: "T", Data: []byte(`"` + strings.Repeat("x", 100_000) + `"`)},
	}}
	var poisoned *store.PoisonedError
	if _, err := s.Append(t.Context(), "a", large); !errors.As(err, &poisoned) || poisoned.Namespace != "a" {
		t.Fatalf("append to a full disk: %v", err)
	}
	if _, err := appendOne(s, "a", "x-1"); !errors.As(err, &poisoned) || poisoned.Reason != "disk full" {
		t.Fatalf("append after a failed transaction: %v", err)
	}
	if f := s.EngineFigures().Namespaces; !f[0].Poisoned || f[0].PoisonedBy != "disk full" || f[1].Poisoned {
		t.Errorf("figures %+v", f)
	}
	if n, err := s.Namespace(t.Context(), "a"); err != nil || n.Fault != "poisoned: disk full" {
		t.Errorf("described as %+v, %v", n, err)
	}
	if head, err := s.Head(t.Context(), "a"); err != nil || head != 10 {
		t.Fatalf("head %d, %v: what was not acknowledged must not be seen", head, err)
	}
	if version, err := s.Version(t.Context(), "a", "x-1"); err != nil || version != 9 {
		t.Fatalf("version %d, %v: what was not acknowledged must not be seen", version, err)
	}
	mustAppend(t, s, "b", "x-1", 1)
	if reopened {
		if err := s.Reopen(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	} else {
		mustClose(t, s)
		s = mustOpen(t, dir, Options{})
	}
	mustAppend(t, s, "a", "x-1", 1)
	for _, id := range []string{"a", "b"} {
		if head, err := s.Head(t.Context(), id); err != nil || head != 11 {
			t.Errorf("namespace %s: head %d, %v, want 11", id, head, err)
		}
		if r, err := s.Verify(t.Context(), id); err != nil || len(r.Findings) > 0 {
			t.Errorf("namespace %s: %+v, %v", id, r, err)
		}
	}
	mustClose(t, s)
}

// TestIntervalSyncs checks that with an interval the log is synced without
// further writes: a log that has gone cannot be, and that poisons.
func TestIntervalSyncs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed there")
	}
	s, inside := mustSpy(t, t.TempDir(), Options{Interval: time.Millisecond})
	if d := s.Describe(); d.Durability != "interval 1ms" {
		t.Errorf("durability %q", d.Durability)
	}
	mustCreate(t, s, "a")
	mustAppend(t, s, "a", "x-1", 1)
	if err := os.Remove(inside.database(t, "a").path + logSuffix); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for i := 0; ; i++ {
		_, err := appendOne(s, "a", "x-1")
		var poisoned *store.PoisonedError
		if errors.As(err, &poisoned) && errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("append %d, without a log to sync: %v", i, err)
		}
	}
	_ = s.Close()
}

// TestOpenNamespacesAreBounded uses many more namespaces than may be open, from
// many goroutines.
func TestOpenNamespacesAreBounded(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{MaxOpen: 4})
	const namespaces = 20
	for n := range namespaces {
		mustCreate(t, s, fmt.Sprintf("ns%d", n))
	}
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for i := range 30 {
				if _, err := appendOne(s, fmt.Sprintf("ns%d", (i*7+w)%namespaces), "x-1"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if open := len(s.EngineFigures().Namespaces); open > 4+6 { // those in use are not closed
		t.Errorf("%d namespaces are open", open)
	}
	list, err := s.Namespaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, n := range list {
		total += n.MessageCount
	}
	if len(list) != namespaces || total != 6*30 {
		t.Errorf("%d namespaces, %d messages", len(list), total)
	}
	mustClose(t, s)
	if _, err := s.Head(t.Context(), "ns0"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// TestIdleNamespacesClose checks that a namespace closes when it went unused,
// with a subscription that waits, which hears of what comes later.
func TestIdleNamespacesClose(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		s, err := OpenMemory(Options{IdleClose: 4 * time.Millisecond})
		if dir != "" {
			_ = s.Close()
			s, err = Open(dir, Options{IdleClose: 4 * time.Millisecond})
		}
		if err != nil {
			t.Fatal(err)
		}
		mustCreate(t, s, "a")
		mustAppend(t, s, "a", "x-1", 3)
		sub, err := s.Subscribe(t.Context(), "a", store.SubscribeQuery{From: store.FromNow})
		if err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(time.Minute)
		for open := true; open; {
			n, err := s.Namespace(t.Context(), "a")
			if err != nil || n.MessageCount != 3 || time.Now().After(deadline) {
				t.Fatalf("%+v, %v", n, err)
			}
			open = n.Open
			runtime.Gosched()
		}
		mustAppend(t, s, "a", "x-1", 1)
		buf := make([]store.Announcement, 4)
		if n, err := sub.Next(t.Context(), buf); err != nil || n != 1 || buf[0].GlobalPosition != 4 {
			t.Errorf("announced %v, %v", buf[:n], err)
		}
		_ = sub.Close()
		mustClose(t, s)
	}
}

// TestFiles checks lock, modes, escaped names, that a deleted namespace leaves
// nothing, and that what no namespace knows is left alone.
func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data 100%?#")
	s := mustOpen(t, dir, Options{})
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("second open: %v", err)
	}
	long := strings.Repeat("Ä", 64)
	for _, id := range []string{"Default", "default", "a b%c?#", "..x", long} {
		mustCreate(t, s, id)
		mustAppend(t, s, id, "x-1", 1)
	}
	checkModes(t, dir)
	if n, err := s.DeleteNamespace(t.Context(), long); err != nil || n != 1 {
		t.Fatalf("deleted %d, %v", n, err)
	}
	mustClose(t, s)
	checkFiles(t, dir, 4)
	stray := filepath.Join(dir, "ns", "gone.99.db-wal")
	if err := os.WriteFile(stray, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, Options{})
	checkFiles(t, dir, 5) // what nobody knows stays, and is reported
	found, err := s.Inspect(t.Context())
	if err != nil || !strings.Contains(fmt.Sprint(found), filepath.Base(stray)) {
		t.Errorf("found %+v, %v", found, err)
	}
	list, err := s.Namespaces(t.Context())
	if err != nil || len(list) != 4 || list[0].MessageCount != 1 || list[0].Open {
		t.Errorf("namespaces %+v, %v", list, err)
	}
	mustClose(t, s)
}

func checkFiles(t *testing.T, dir string, want int) {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(dir, "ns"))
	if err != nil || len(files) != want {
		t.Errorf("%d files %v, %v, want %d", len(files), files, err, want)
	}
}

// checkModes checks that nobody else may read anything.
func checkModes(t *testing.T, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		files++
		return nil
	})
	if err != nil || files < 2+5*3 {
		t.Errorf("looked at %d files, %v", files, err)
	}
}
