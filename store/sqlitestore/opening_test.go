package sqlitestore

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// picture is every file below a directory: name, time, mode and content.
func picture(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		fmt.Fprintf(&b, "%s %v %v", name, info.Mode(), info.ModTime().UnixNano())
		if !d.IsDir() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %d %x", len(content), sha256.Sum256(content))
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// copyTree copies a directory as it is, as a kill would leave it.
func copyTree(t testing.TB, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// mustRead reads a namespace's messages.
func mustRead(t testing.TB, s *Store, id string) (list []store.Message) {
	t.Helper()
	for m, err := range s.ReadCategory(t.Context(), id, store.CategoryQuery{Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m.Clone())
	}
	return list
}

// TestOlderFileIsDamaged puts files of before in the place of newer ones. The
// namespace must refuse, and nothing be changed, until somebody accepts it.
func TestOlderFileIsDamaged(t *testing.T) {
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprintf("killed=%t", killed), func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			mustCreate(t, s, "n")
			mustAppend(t, s, "n", "a-1", 5)
			mustClose(t, s)
			path := fileOf(t, dir, "n")
			older, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s = mustOpen(t, dir, Options{})
			mustAppend(t, s, "n", "a-1", 5)
			if killed { // what the last mark says is no more than a lower bound
				mustClose(t, s)
				s = mustOpen(t, dir, Options{})
				if _, err := s.Head(t.Context(), "n"); err != nil {
					t.Fatal(err)
				}
				other := copyTree(t, dir)
				mustClose(t, s)
				dir, path = other, fileOf(t, other, "n")
				if err := os.Remove(path + "-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
				if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
			} else {
				mustClose(t, s)
			}
			if err := os.WriteFile(path, older, 0o600); err != nil {
				t.Fatal(err)
			}
			before := picture(t, filepath.Dir(path))
			s = mustOpen(t, dir, Options{})
			var damaged *store.DamagedError
			if _, err := appendOne(s, "n", "a-1"); !errors.As(err, &damaged) {
				t.Errorf("append to an older file: %v", err)
			}
			if after := picture(t, filepath.Dir(path)); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			mustClose(t, s)
			if after := picture(t, filepath.Dir(path)); after != before {
				t.Errorf("before:\n%s\nafter the close:\n%s", before, after)
			}
		})
	}
}

// TestLogCutBeforeTheMark cuts a log to where less is left than is known to
// have been durable, and to where more is.
func TestLogCutBeforeTheMark(t *testing.T) {
	for _, c := range []struct {
		mark    int64
		damaged bool
	}{{10, true}, {3, false}} {
		l := makeLog(t, 10)
		end := int64(0)
		for at, n := range l.commits {
			if n == 5 {
				end = at
			}
		}
		if err := os.Truncate(l.path+logSuffix, end+100); err != nil {
			t.Fatal(err)
		}
		before := picture(t, filepath.Dir(l.path))
		b := newBackend(filesys.Disk{}, Options{}, false)
		changing := 0
		d, err := b.open(engine.Opening{
			ID: "n", Dir: filepath.Dir(l.path), Mark: engine.Mark{Known: true, Head: c.mark, Messages: c.mark, Streams: 1},
			Changing: func() error { changing++; return nil },
		})
		var damage *engine.DamageError
		if c.damaged {
			// The log's index is no content: SQLite makes it to read.
			after := picture(t, filepath.Dir(l.path))
			if !errors.As(err, &damage) || changing != 0 || !strings.HasPrefix(withoutIndex(after), withoutIndex(before)) {
				t.Errorf("opened: %v; told of changes %d times; before:\n%s\nafter:\n%s", err, changing, before, after)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := d.Load()
		if err != nil || loaded.State.Next != 6 || changing != 1 {
			t.Errorf("loaded %+v, %v; told of changes %d times", loaded.State, err, changing)
		}
		want := engine.Dropped{File: "data.db-wal", Offset: end, Bytes: 100}
		if got := d.Dropped(); len(got) != 1 || got[0] != want {
			t.Errorf("dropped %+v, want %+v", got, want)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// withoutIndex leaves out of a picture the log's index and the directory's time.
func withoutIndex(picture string) string {
	var kept []string
	for line := range strings.Lines(picture) {
		if !strings.HasPrefix(line, dataFile+"-shm") && !strings.HasPrefix(line, ". ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// TestMissingFileIsNotMadeAgain removes, empties and cuts a namespace's file.
func TestMissingFileIsNotMadeAgain(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"removed": os.Remove,
		"emptied": func(path string) error { return os.Truncate(path, 0) },
		"cut":     func(path string) error { return os.Truncate(path, 50) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			mustCreate(t, s, "n", "other")
			mustAppend(t, s, "n", "a-1", 1)
			mustClose(t, s)
			path := fileOf(t, dir, "n")
			if err := damage(path); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path+logSuffix, []byte("a log"), 0o600); err != nil { // SQLite removes that of an empty file
				t.Fatal(err)
			}
			before := picture(t, filepath.Dir(path))
			s = mustOpen(t, dir, Options{})
			var damaged *store.DamagedError
			if _, err := s.Head(t.Context(), "n"); !errors.As(err, &damaged) {
				t.Errorf("head: %v", err)
			}
			if r, err := s.Verify(t.Context(), "n"); err == nil && len(r.Findings) == 0 {
				t.Errorf("verified: %+v", r)
			}
			mustAppend(t, s, "other", "a-1", 1)
			mustClose(t, s)
			if after := picture(t, filepath.Dir(path)); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			// Without a mark the file must be there all the same.
			b := newBackend(filesys.Disk{}, Options{}, false)
			if d, err := b.open(engine.Opening{ID: "n", Dir: filepath.Dir(path)}); err == nil {
				t.Error("opened")
				_ = d.Close()
			}
		})
	}
}

// TestNewerFormat checks that a file of a newer evtui is refused by opening,
// verify and repair alike, also when only its log says so, and is left as it is.
func TestNewerFormat(t *testing.T) {
	for _, where := range []string{"file", "log"} {
		t.Run(where, func(t *testing.T) {
			l := makeLog(t, 3)
			if where == "file" {
				mustExec(t, l.path, fmt.Sprintf("PRAGMA user_version = %d", format+1))
				if sizeOf(l.path+logSuffix) != 0 {
					t.Fatal("there is a log")
				}
			} else {
				p, err := openPool(l.path, 1, 0, writes)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := p.db.Exec(fmt.Sprintf("PRAGMA user_version = %d", format+1)); err != nil {
					t.Fatal(err)
				}
				copied := mustCopyAside(t, l.path) // as a kill would leave it
				if err := p.db.Close(); err != nil {
					t.Fatal(err)
				}
				l.path = copied
			}
			before := picture(t, filepath.Dir(l.path))
			b := newBackend(filesys.Disk{}, Options{}, false)
			var newer *engine.FormatError
			for _, readOnly := range []bool{false, true} {
				o := engine.Opening{ID: "n", Dir: filepath.Dir(l.path), ReadOnly: readOnly}
				if _, err := b.open(o); !errors.As(err, &newer) || !strings.Contains(err.Error(), "newer") {
					t.Errorf("open: %v", err)
				}
				if _, err := b.Salvage(t.Context(), o); !errors.As(err, &newer) {
					t.Errorf("salvage: %v", err)
				}
			}
			if after := picture(t, filepath.Dir(l.path)); withoutIndex(after) != withoutIndex(before) {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
		})
	}
}

// TestOtherPrograms checks that a database of something else is not taken for ours.
func TestOtherPrograms(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, dataFile)
	if err := touch(filesys.Disk{}, dir, dataFile); err != nil {
		t.Fatal(err)
	}
	mustExec(t, path, "CREATE TABLE t (a); PRAGMA application_id = 7; PRAGMA user_version = 1")
	b := newBackend(filesys.Disk{}, Options{}, false)
	var damage *engine.DamageError
	if _, err := b.open(engine.Opening{ID: "n", Dir: dir}); !errors.As(err, &damage) || !strings.Contains(err.Error(), "not evtui's") {
		t.Errorf("opened another program's database: %v", err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.open(engine.Opening{ID: "n", Dir: dir}); !errors.As(err, &damage) {
		t.Errorf("opened what is no database: %v", err)
	}
}

// TestReadOnlyChangesNothing reads whole stores, with and without logs beside
// the files, and holds every byte, name and time before against after.
func TestReadOnlyChangesNothing(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	mustCreate(t, s, "n", "m")
	mustAppend(t, s, "n", "a-1", 20)
	mustAppend(t, s, "m", "a-1", 5)
	want := mustRead(t, s, "n")
	killed := copyTree(t, dir)
	mustClose(t, s)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	for name, dir := range map[string]string{"stopped": dir, "killed": killed} {
		t.Run(name, func(t *testing.T) {
			before := picture(t, dir)
			s := mustOpen(t, dir, Options{ReadOnly: true})
			if got := mustRead(t, s, "n"); len(got) != len(want) || string(got[7].Data) != string(want[7].Data) {
				t.Errorf("read %d messages", len(got))
			}
			if version, err := s.Version(t.Context(), "m", "a-1"); err != nil || version != 4 {
				t.Errorf("version %d, %v", version, err)
			}
			for _, id := range []string{"n", "m"} {
				if r, err := s.Verify(t.Context(), id); err != nil || len(r.Findings) > 0 {
					t.Errorf("verified %s: %+v, %v", id, r, err)
				}
			}
			if _, err := s.Storage(t.Context(), "n"); err != nil {
				t.Error(err)
			}
			if _, err := appendOne(s, "n", "a-1"); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("append: %v", err)
			}
			mustClose(t, s)
			if after := picture(t, dir); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestLogOfAnotherNamespace swaps the logs of two namespaces: SQLite takes either.
func TestLogOfAnotherNamespace(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	mustCreate(t, s, "n", "it's m")
	mustAppend(t, s, "n", "a-1", 5)
	mustAppend(t, s, "it's m", "b-1", 5)
	killed := copyTree(t, dir)
	mustClose(t, s)
	one, other := fileOf(t, killed, "n")+logSuffix, fileOf(t, killed, "it_27s_20m")+logSuffix
	for _, names := range [][2]string{{one, killed + "/swap"}, {other, one}, {killed + "/swap", other}} {
		if err := os.Rename(names[0], names[1]); err != nil {
			t.Fatal(err)
		}
	}
	s = mustOpen(t, killed, Options{})
	for _, id := range []string{"n", "it's m"} {
		var damaged *store.DamagedError
		if _, err := s.Head(t.Context(), id); !errors.As(err, &damaged) || !strings.Contains(err.Error(), "or its log, holds namespace") {
			t.Errorf("head of %s: %v", id, err)
		}
		if _, err := s.Repair(t.Context(), id, store.RepairOptions{AcceptLoss: true}); err == nil {
			t.Errorf("%s was repaired by another's messages", id)
		}
	}
	mustClose(t, s)
}
