package pebblestore

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/atomicfs"
)

// markFormat notes formatVersion where no database is yet. By itself Pebble
// begins a new one with its oldest format and raises that once the first log
// is open: a log in which a flipped bit looks like an end that a crash tore
// off, so that what follows would be gone without a word.
func markFormat(files vfs.FS, dir string) error {
	names, err := files.List(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = makeDirs(files, dir)
	}
	if err != nil {
		return fmt.Errorf("note the format: %w", err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "marker.") {
			return nil
		}
	}
	marker, _, err := atomicfs.LocateMarker(files, dir, "format-version")
	if err != nil {
		return fmt.Errorf("note the format: %w", err)
	}
	if err := errors.Join(marker.Move(formatVersion.String()), marker.Close()); err != nil {
		return fmt.Errorf("note the format: %w", err)
	}
	return nil
}
