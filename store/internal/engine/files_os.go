package engine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// OSFiles is the disk. Its files have mode 0600, its directories 0700.
type OSFiles struct{}

var _ Files = OSFiles{}

// ReadFile implements Files.
func (OSFiles) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

// Create implements Files.
func (OSFiles) Create(name string) (File, error) {
	return openToWrite(name, os.O_TRUNC)
}

// Append implements Files.
func (OSFiles) Append(name string) (File, error) {
	return openToWrite(name, os.O_APPEND)
}

func openToWrite(name string, how int) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err != nil {
		return nil, err // a nil *os.File would be no nil File
	}
	return f, nil
}

// Size implements Files.
func (OSFiles) Size(name string) (int64, error) {
	info, err := os.Stat(name)
	if err != nil || info.IsDir() {
		return 0, err
	}
	return info.Size(), nil
}

// List implements Files.
func (OSFiles) List(dir string) ([]string, error) {
	found, err := os.ReadDir(dir)
	names := make([]string, len(found))
	for i, one := range found {
		names[i] = one.Name()
	}
	return names, err
}

// IsDir implements Files.
func (OSFiles) IsDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// MakeDir implements Files. It syncs every directory that got an entry: without
// that a crash can take a directory back together with all that was synced
// below it.
func (OSFiles) MakeDir(dir string) error {
	changed := []string{dir}
	for missing := dir; ; {
		_, err := os.Stat(missing)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make directory: %w", err)
		}
		parent := filepath.Dir(missing)
		if parent == missing {
			break
		}
		changed = append(changed, parent)
		missing = parent
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	for _, d := range changed {
		if err := syncDir(d); err != nil {
			return fmt.Errorf("sync directory: %w", err)
		}
	}
	return nil
}

// Rename implements Files.
func (OSFiles) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements Files.
func (OSFiles) Remove(name string) error { return os.Remove(name) }

// RemoveAll implements Files.
func (OSFiles) RemoveAll(dir string) error { return os.RemoveAll(dir) }

// SyncDir implements Files.
func (OSFiles) SyncDir(dir string) error {
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// Lock implements Files. It keeps out versions before as well, which took other
// kinds of locks on the same file.
func (OSFiles) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, lockError(err)
	}
	return lockOpen(f, false)
}

// LockShared takes a lock file that is there together with other readers: it
// keeps writers out. It works on read-only media.
func (OSFiles) LockShared(name string) (io.Closer, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, lockError(err)
	}
	return lockOpen(f, true)
}

func lockOpen(f *os.File, shared bool) (io.Closer, error) {
	if err := lockFile(f, shared); err != nil {
		return nil, errors.Join(lockError(err), f.Close())
	}
	return f, nil
}

// lockError is ErrLocked, which says it all, when another holds the lock.
func lockError(err error) error {
	if isHeld(err) {
		return ErrLocked
	}
	return err
}

// Join implements Files.
func (OSFiles) Join(parts ...string) string { return filepath.Join(parts...) }
