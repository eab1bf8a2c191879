package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/evtui/evtui/store"
)

// TestCheckpoint copies a store that is being written: the copy opens, is
// sound, and holds what was acknowledged before.
func TestCheckpoint(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{MaxOpen: 2, MemtableBytes: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	mustFill(t, s, "a")
	mustCreate(t, s, "b", "c", "empty")
	var acked [2]atomic.Int64
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for n, id := range []string{"b", "c"} {
		writers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				a, err := appendOne(s, id, fmt.Sprintf("x-%d", n))
				if err != nil {
					t.Error(err)
					return
				}
				acked[n].Store(a.LastGlobalPosition)
			}
		})
	}
	for i := range 3 {
		want := [2]int64{acked[0].Load(), acked[1].Load()}
		made, err := s.Checkpoint(context.Background(), fmt.Sprintf("copy-%d", i))
		if err != nil || made.Namespaces != 4 || made.Messages < 601+want[0]+want[1] {
			t.Fatalf("checkpoint: %+v, %v", made, err)
		}
		mustHold(t, made.Dir, content(t, s, "a"), want)
	}
	close(stop)
	writers.Wait()
	var invalid *store.InvalidError
	if _, err := s.Checkpoint(context.Background(), "copy-1"); !errors.Is(err, store.ErrCheckpointExists) {
		t.Errorf("a checkpoint's name a second time: %v", err)
	}
	for _, name := range []string{"../x", ".", "a/b", strings.Repeat("x", 65), "x.part"} {
		if _, err := s.Checkpoint(context.Background(), name); !errors.As(err, &invalid) {
			t.Errorf("checkpoint %q: %v", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, Options{}); err != nil { // the original knows nothing of it
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.part")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "checkpoints")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("checkpoints: %v, %v", info, err)
	}
}

func mustHold(t *testing.T, dir, a string, atLeast [2]int64) {
	t.Helper()
	copied, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustBeSound(t, copied, "a", a)
	for n, id := range []string{"b", "c"} {
		report, err := copied.Verify(context.Background(), id)
		if err != nil || len(report.Findings) > 0 || report.Messages < atLeast[n] {
			t.Errorf("namespace %s of the copy: %+v, %v; %d were acknowledged", id, report, err, atLeast[n])
		}
	}
	if _, err := appendOne(copied, "empty", "x-1"); err != nil {
		t.Error(err)
	}
	if err := copied.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestReopen heals a poisoned namespace whose disk is well again, and shows
// its state until then.
func TestReopen(t *testing.T) {
	var full atomic.Bool
	files := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && op.Kind == errorfs.OpFileWrite && strings.Contains(op.Path, "ns/a.") {
			return syscall.ENOSPC
		}
		return nil
	}))
	s := mustOpenFS(t, files, Options{tablePause: time.Microsecond})
	mustCreate(t, s, "a", "b")
	ctx := context.Background()
	for range 5 {
		if _, err := appendOne(s, "a", "x-1"); err != nil {
			t.Fatal(err)
		}
	}
	full.Store(true)
	var poisoned *store.PoisonedError
	if _, err := appendOne(s, "a", "x-1"); !errors.As(err, &poisoned) || poisoned.Reason != "disk full" {
		t.Fatalf("append on a full disk: %v", err)
	}
	n, err := s.Namespace(ctx, "a")
	if err != nil || n.Fault != "poisoned: disk full" || n.MessageCount != 5 {
		t.Errorf("namespace %+v, %v", n, err)
	}
	if f := s.EngineFigures().Namespaces; len(f) == 0 || !f[0].Poisoned || f[0].PoisonedBy != "disk full" {
		t.Errorf("figures %+v", f)
	}
	if _, err := s.Checkpoint(ctx, "x"); !errors.As(err, &poisoned) {
		t.Errorf("checkpoint of a poisoned namespace: %v", err)
	}
	if _, err := appendOne(s, "b", "x-1"); err != nil {
		t.Errorf("other namespace: %v", err)
	}
	if err := s.Reopen(ctx, "a"); err == nil { // the disk is still full
		t.Error("reopened on a full disk")
	}
	full.Store(false)
	if err := s.Reopen(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if a, err := appendOne(s, "a", "x-1"); err != nil || a.LastPosition < 5 {
		t.Errorf("after reopening: %+v, %v", a, err)
	}
	if n, err := s.Namespace(ctx, "a"); err != nil || n.Fault != "" {
		t.Errorf("namespace %+v, %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedNamespaceIsListed keeps one namespace that cannot be opened from
// taking the list of all with it.
func TestDamagedNamespaceIsListed(t *testing.T) {
	files := vfs.NewMem()
	s := mustOpenFS(t, files, Options{})
	mustFill(t, s, "a")
	mustCreate(t, s, "b")
	place := namespaceDir(t, s, "a")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names, err := files.List(place)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "MANIFEST-") {
			if err := files.Remove(files.PathJoin(place, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	s = mustOpenFS(t, files, Options{})
	list, err := s.Namespaces(context.Background())
	if err != nil || len(list) != 2 || !list[0].Damaged || !strings.Contains(list[0].Fault, "MANIFEST-") || list[1].Fault != "" {
		t.Errorf("list %+v, %v", list, err)
	}
	report, err := s.Verify(context.Background(), "a")
	if err != nil || len(report.Findings) == 0 {
		t.Errorf("verify: %+v, %v", report, err)
	}
	if r, err := s.Repair(context.Background(), "a", store.RepairOptions{AcceptLoss: true}); err != nil || r.Messages != 601 {
		t.Errorf("repaired without a manifest: %+v, %v", r, err)
	}
	if _, err := appendOne(s, "b", "x-1"); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
