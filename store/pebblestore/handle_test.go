package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
)

// TestOpenNamespacesAreBounded uses many more namespaces than may be open, from
// many goroutines.
func TestOpenNamespacesAreBounded(t *testing.T) {
	s := mustOpenFS(t, vfs.NewMem(), Options{MaxOpen: 4})
	const namespaces = 30
	for n := range namespaces {
		mustCreate(t, s, fmt.Sprintf("ns%d", n))
	}
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for i := range 60 {
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
	if _, err := appendOne(s, "ns0", "x-1"); err != nil { // idle now: the bound holds
		t.Fatal(err)
	}
	list, err := s.Namespaces(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	total, opened := int64(0), 0
	for _, n := range list {
		total += n.MessageCount
		if n.Open {
			opened++
		}
	}
	if len(list) != namespaces || total != 6*60+1 || opened > 4+6 {
		t.Errorf("%d namespaces, %d messages, %d open", len(list), total, opened)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Head(context.Background(), "ns0"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// TestDirectories checks lock, modes, escaped names, and that a deleted
// namespace leaves nothing, even when the deletion was cut off.
func TestDirectories(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("second open: %v", err)
	}
	long := strings.Repeat("Ä", 64)
	for _, id := range []string{"Default", "default", "a b%c", "..x", long} {
		mustCreate(t, s, id)
		if _, err := appendOne(s, id, "x-1"); err != nil {
			t.Fatal(err)
		}
	}
	names, err := os.ReadDir(filepath.Join(dir, "ns"))
	if err != nil || len(names) != 5 {
		t.Fatalf("directories %v, %v", names, err)
	}
	if n, err := s.DeleteNamespace(context.Background(), long); err != nil || n != 1 {
		t.Fatalf("deleted %d, %v", n, err)
	}
	if names, _ := os.ReadDir(filepath.Join(dir, "ns")); len(names) != 4 {
		t.Errorf("a deleted namespace left %v", names)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	stray := filepath.Join(dir, "ns", "gone.99")
	if err := os.MkdirAll(stray, 0o700); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stray); err != nil {
		t.Errorf("a directory that nobody knows: %v", err)
	}
	list, err := s.Namespaces(context.Background())
	if err != nil || len(list) != 4 || list[0].MessageCount != 1 || list[0].Open {
		t.Errorf("namespaces %+v, %v", list, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
