//go:build unix

package pebblestore

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// roomOf is what the files below dir take on the disk, in bytes.
func roomOf(t *testing.T, dir string) (room int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(name)
		if err == nil {
			room += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return room
}

// TestClosedNamespacesAreSmall closes a namespace of one message: what Pebble
// laid in for more is given back, and what was written is still there.
func TestClosedNamespacesAreSmall(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustCreate(t, s, "a")
	if _, err := appendOne(s, "a", "x-1"); err != nil {
		t.Fatal(err)
	}
	want, ns := content(t, s, "a"), namespaceDir(t, s, "a")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if room := roomOf(t, ns); room > 1<<20 {
		t.Errorf("a closed namespace of one message takes %d bytes", room)
	}
	if s, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	mustBeSound(t, s, "a", want)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
