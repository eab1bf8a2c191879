package pebblestore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// trimmer is a file system whose files take more room than they are long.
type trimmer interface {
	// Trim gives back the room behind a file's end. Nobody may have it open.
	Trim(name string) error
}

// Trim gives back the room that was laid in behind a file's end.
func (p private) Trim(name string) error {
	info, err := os.Stat(name)
	if err == nil {
		// To the length that it has: file systems free what lies behind.
		err = os.Truncate(name, info.Size())
	}
	return err
}

// trim gives back what lies behind the ends of a closed database's logs. Pebble
// lays in a memtable's worth of room with the first write, which pays while a
// namespace is written to: 14 MB, of which ten thousand that hold a message
// each would keep 140 GB.
func (f *fence) trim() error {
	disk, ok := f.FS.(trimmer)
	if !ok || f.fallen.Load() {
		return nil
	}
	names, err := f.List(f.dir)
	for _, base := range names {
		if name := filepath.Join(f.dir, base); f.kindOf(name) == logFile {
			err = errors.Join(err, disk.Trim(name))
		}
	}
	if err != nil {
		return fmt.Errorf("trim logs: %w", err)
	}
	return nil
}
