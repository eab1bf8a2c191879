package profiler

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func mustSessions(t *testing.T) *Sessions {
	t.Helper()
	s, err := OpenSessions(filepath.Join(t.TempDir(), "profiles"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustKeep(t *testing.T, s *Sessions, at time.Time, about Session) Session {
	t.Helper()
	r := &Recording{Kind: CPU, Target: "here", Began: at, Took: 2 * time.Second, Data: mustRead(t, "testdata/shop-cpu-1.pb.gz")}
	kept, err := s.Keep(r, about)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestSessionsKeepListOpenDelete(t *testing.T) {
	s := mustSessions(t)
	at := time.Date(2026, 11, 23, 14, 2, 7, 0, time.UTC)
	first := mustKeep(t, s, at, Session{Note: "before", Load: json.RawMessage(`{"workers":10}`)})
	second := mustKeep(t, s, at.Add(time.Minute), Session{Figures: json.RawMessage(`{"appends":12431}`)})
	third := mustKeep(t, s, at, Session{})
	list, err := s.List()
	if err != nil || len(list) != 3 || list[0].ID != second.ID {
		t.Fatalf("list %+v, error %v", list, err)
	}
	got, err := s.Find(first.ID)
	if err != nil || got.Note != "before" || !got.Time.Equal(at) || got.Duration != 2*time.Second || got.Kind != CPU || got.Target != "here" || got.Size != first.Size {
		t.Errorf("found %+v, error %v", got, err)
	}
	var load struct{ Workers int }
	if err := json.Unmarshal(got.Load, &load); err != nil || load.Workers != 10 {
		t.Errorf("load %s, error %v", got.Load, err)
	}
	p, err := s.Open(first.ID)
	if err != nil || p.Kind() != CPU {
		t.Fatalf("open: %v", err)
	}
	if err := s.Delete(third.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(third.ID); !errors.Is(err, ErrNoSession) {
		t.Errorf("open what is deleted: %v", err)
	}
	files, err := os.ReadDir(s.Dir())
	if err != nil || len(files) != 4 {
		t.Errorf("%d files left, error %v", len(files), err)
	}
	if o := newOracle(t); true {
		if text, complaint := o.run(t, "-top", s.Path(first.ID)); !strings.Contains(text, "main.spin") {
			t.Errorf("go tool pprof: %s", complaint)
		}
	}
}

func TestSessionsArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are not Unix's")
	}
	s := mustSessions(t)
	mustKeep(t, s, time.Now(), Session{})
	err := filepath.Walk(s.Dir(), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v, error %v", path, info.Mode(), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSessionsBear what is put into the directory by hand, or damaged.
func TestSessionsBear(t *testing.T) {
	s := mustSessions(t)
	k := mustKeep(t, s, time.Now(), Session{Note: "fine"})
	for name, data := range map[string][]byte{
		"foreign.pb.gz": mustRead(t, "testdata/gofmt.pb.gz"), "broken.pb.gz": []byte("no profile"), "readme.txt": nil, ".new-123": nil, ".hidden.pb.gz": nil,
		k.ID + ".json": []byte("{"),
	} {
		if err := os.WriteFile(filepath.Join(s.Dir(), name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.Dir(), "dir.pb.gz"), 0o700); err != nil {
		t.Fatal(err)
	}
	list, err := s.List()
	if err != nil || len(list) != 3 {
		t.Fatalf("list %+v, error %v", list, err)
	}
	if got, err := s.Find(k.ID); err != nil || !strings.Contains(got.Note, "damaged") {
		t.Errorf("damaged description: %+v, error %v", got, err)
	}
	if _, err := s.Open("foreign"); err != nil {
		t.Errorf("foreign profile: %v", err)
	}
	if _, err := s.Open("broken"); !errors.Is(err, ErrFormat) {
		t.Errorf("broken profile: %v", err)
	}
	for _, id := range []string{"", "..", "../x", "a/b", `a\b`, ".hidden", "none", "c:d"} {
		for step, err := range map[string]error{"delete": s.Delete(id), "open": func() error { _, err := s.Open(id); return err }(), "find": func() error { _, err := s.Find(id); return err }()} {
			if !errors.Is(err, ErrNoSession) {
				t.Errorf("%s %q: %v", step, id, err)
			}
		}
	}
}
