package sqlitestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// makeDirs makes dir with its missing parents (mode 0700) and syncs every
// directory that got an entry: without that a crash can take a directory back
// together with all that was synced below it.
func makeDirs(dir string) error {
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

// lockDirectory takes the directory for this process. Closing the file lets go.
func lockDirectory(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "LOCK"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	held, err := lockFile(f)
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if held {
		return nil, ErrLocked
	}
	return nil, fmt.Errorf("lock data directory: %w", err)
}

// createFile makes an empty file that only its owner reads, unless it is
// there. SQLite gives the log beside it the same mode. It must run before the
// database is open: closing the file would drop the locks that SQLite holds on it.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), syncDir(filepath.Dir(path)))
}

// sidecars are what SQLite keeps beside a database file.
func sidecars() []string { return []string{"", "-wal", "-shm", "-journal"} }

// removeDatabase removes a database file with what is beside it.
func removeDatabase(path string) error {
	var errs []error
	for _, suffix := range sidecars() {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sizeOf returns a file's size, 0 when it is not there.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
