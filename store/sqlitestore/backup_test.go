package sqlitestore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/store"
)

// TestCheckpoint copies a store that is being written: the copy opens, is
// sound, and holds what was acknowledged before.
func TestCheckpoint(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{MaxOpen: 2})
	mustCreate(t, s, "a", "b", "empty")
	var (
		acked   atomic.Int64
		writers sync.WaitGroup
		stop    = make(chan struct{})
	)
	writers.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := appendOne(s, "b", fmt.Sprintf("x-%d", n%7)); err != nil {
				t.Error(err)
				return
			}
			acked.Add(1)
		}
	})
	mustAppend(t, s, "a", "y-1", 50)
	for i := range 3 {
		before := acked.Load()
		made, err := s.Checkpoint(t.Context(), fmt.Sprintf("copy-%d", i))
		if err != nil || made.Namespaces != 3 || made.Messages < 50+before {
			t.Fatalf("checkpoint: %+v, %v", made, err)
		}
		copied := mustOpen(t, made.Dir, Options{})
		for id, least := range map[string]int64{"a": 50, "b": before, "empty": 0} {
			if r, err := copied.Verify(t.Context(), id); err != nil || len(r.Findings) > 0 || r.Messages < least {
				t.Errorf("copy of %s: %+v, %v; %d were acknowledged before", id, r, err, least)
			}
		}
		mustAppend(t, copied, "empty", "z-1", 1)
		mustClose(t, copied)
	}
	close(stop)
	writers.Wait()
	if _, err := s.Checkpoint(t.Context(), "copy-0"); !errors.Is(err, store.ErrCheckpointExists) {
		t.Errorf("over an earlier one: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.part")); err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*", "ns", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %q, %v", files, err)
	}
	for _, name := range files {
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v, %v", name, info.Mode(), err)
		}
	}
	mustClose(t, s)
}

// TestCheckpointNeedsADirectory: a store in memory has nothing to copy to.
func TestCheckpointNeedsADirectory(t *testing.T) {
	s, err := OpenMemory(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Checkpoint(t.Context(), ""); !errors.Is(err, store.ErrNotOffered) {
		t.Errorf("in memory: %v", err)
	}
	mustClose(t, s)
}
