package pebblestore

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// makeDirs makes dir with its missing parents (mode 0700) and syncs every
// directory that got an entry: without that a crash can take a directory back
// together with all that was synced below it.
func makeDirs(files vfs.FS, dir string) error {
	changed := []string{dir}
	for missing := dir; ; {
		_, err := files.Stat(missing)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make directory: %w", err)
		}
		parent := files.PathDir(missing)
		if parent == missing {
			break
		}
		changed = append(changed, parent)
		missing = parent
	}
	if err := files.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	for _, d := range changed {
		if err := syncDir(files, d); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(files vfs.FS, dir string) error {
	f, err := files.OpenDir(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
