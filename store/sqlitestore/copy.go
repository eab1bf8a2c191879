package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/evtui/evtui/store"
)

// CopyTo copies the file as its last commit left it, on a connection of its own:
// the readers' may change nothing, and appends have the other.
func (d *database) CopyTo(ctx context.Context, dir string) error {
	if d.path == "" {
		return store.ErrNotOffered
	}
	files := d.backend.files
	err := files.MakeDir(dir)
	if err == nil {
		err = touch(files, dir, dataFile) // for its owner alone
	}
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	a := copies
	if d.access == frozen {
		a = frozenCopies
	}
	p, err := openPool(d.path, 1, 1<<20, a)
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	to := filepath.Join(dir, dataFile)
	_, err = p.db.ExecContext(ctx, "VACUUM INTO ?", to)
	if err = errors.Join(err, p.close()); err == nil {
		err = errors.Join(syncFile(to), files.SyncDir(dir))
	}
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	return nil
}
