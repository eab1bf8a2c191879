package filesys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/evtui/evtui/store"
)

// Disk is the disk. Its files have mode 0600, its directories 0700.
type Disk struct{}

// ReadFile implements Files.
func (Disk) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

// Create implements Files.
func (Disk) Create(name string) (File, error) { return openToWrite(name, os.O_TRUNC) }

// Append implements Files.
func (Disk) Append(name string) (File, error) { return openToWrite(name, os.O_APPEND) }

// Rename implements Files.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements Files.
func (Disk) Remove(name string) error { return os.Remove(name) }

// RemoveAll implements Files.
func (Disk) RemoveAll(dir string) error { return os.RemoveAll(dir) }

// Join implements Files.
func (Disk) Join(parts ...string) string { return filepath.Join(parts...) }

func openToWrite(name string, how int) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err != nil {
		return nil, err // a nil *os.File would be no nil File
	}
	return f, nil
}

// Size implements Files.
func (Disk) Size(name string) (int64, error) {
	info, err := os.Stat(name)
	if err != nil || info.IsDir() {
		return 0, err
	}
	return info.Size(), nil
}

// List implements Files.
func (Disk) List(dir string) ([]string, error) {
	found, err := os.ReadDir(dir)
	names := make([]string, len(found))
	for i, one := range found {
		names[i] = one.Name()
	}
	return names, err
}

// IsDir implements Files.
func (Disk) IsDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// MakeDir syncs every directory that got an entry: without that a crash can
// take a directory back together with all that was synced below it.
func (o Disk) MakeDir(dir string) error {
	if o.IsDir(dir) {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := o.MakeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make directory: %w", err)
	}
	return errors.Join(o.SyncDir(dir), o.SyncDir(parent))
}

// SyncDir implements Files.
func (Disk) SyncDir(dir string) error {
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// Lock keeps out versions before as well, which took other kinds of locks on
// the same file.
func (Disk) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	return lockOpen(f, err, false)
}

// LockShared takes a lock file that is there together with other readers: it
// keeps writers out. It works on read-only media.
func (Disk) LockShared(name string) (io.Closer, error) {
	f, err := os.Open(name)
	return lockOpen(f, err, true)
}

// lockOpen returns store.ErrLocked, which says it all, when another holds the lock.
func lockOpen(f *os.File, err error, shared bool) (io.Closer, error) {
	if err == nil {
		if err = lockFile(f, shared); err == nil {
			return f, nil
		}
		f.Close()
	}
	if isHeld(err) {
		return nil, store.ErrLocked
	}
	return nil, err
}
