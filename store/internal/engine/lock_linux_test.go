package engine

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// TestLockOfVersionsBefore: they took a lock of the process on the same file,
// by fcntl, which flock does not see.
func TestLockOfVersionsBefore(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, lockName)
	old, err := os.Create(name)
	mustDo(t, err)
	defer old.Close()
	spec := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	// A process's lock goes when the process closes the file under any descriptor,
	// and here both are one process.
	lock := func() { mustDo(t, unix.FcntlFlock(old.Fd(), unix.F_SETLK, &spec)) }
	lock()
	o := testOptions()
	if _, err := openHome(filesys.Disk{}, dir, o); !errors.Is(err, store.ErrLocked) {
		t.Errorf("opened beside an older version: %v", err)
	}
	lock()
	o.ReadOnly = true
	if _, err := openHome(filesys.Disk{}, dir, o); !errors.Is(err, store.ErrLocked) {
		t.Errorf("read beside an older version: %v", err)
	}
	spec.Type = unix.F_UNLCK
	mustDo(t, unix.FcntlFlock(old.Fd(), unix.F_SETLK, &spec))
	h, err := openHome(filesys.Disk{}, dir, testOptions())
	mustDo(t, err)
	spec.Type = unix.F_WRLCK
	if err := unix.FcntlFlock(old.Fd(), unix.F_SETLK, &spec); err == nil {
		t.Error("an older version could lock it too")
	}
	mustDo(t, h.close(true))
}

// TestReadOnlyPlaces opens a directory that cannot be written. Root may write
// anywhere, so only the lock file can be kept from it there.
func TestReadOnlyPlaces(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	h, err := openHome(filesys.Disk{}, dir, testOptions())
	mustDo(t, err)
	e := mustMake(t, filesys.Disk{}, h, "default")
	mustDo(t, h.close(true))
	mustDo(t, os.Remove(filepath.Join(dir, lockName)))
	mustDo(t, os.Chmod(dir, 0o500))
	defer os.Chmod(dir, 0o700)
	o := testOptions()
	o.ReadOnly = true
	h, err = openHome(filesys.Disk{}, dir, o)
	mustDo(t, err)
	if err := h.identify(e); err != nil || len(h.entries()) != 1 {
		t.Errorf("entries %v: %v", h.entries(), err)
	}
	mustDo(t, h.close(true))
	if _, err := os.Stat(filepath.Join(dir, lockName)); !os.IsNotExist(err) {
		t.Errorf("a lock file was made: %v", err)
	}
}
