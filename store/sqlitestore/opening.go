package sqlitestore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// open opens a namespace's file. It looks before it changes anything.
func (b *backend) open(o engine.Opening) (*database, error) {
	if b.memory {
		return b.openMemory(o)
	}
	d := &database{backend: b, opening: o, path: b.place(o)}
	var err error
	switch {
	case o.Create:
		err = d.fill()
	case o.ReadOnly && filepath.Base(o.Dir) == namespacesDir: // see unusedPlace
		d.path = ""
		err = d.fill()
	default:
		if err = d.look(); err == nil && !o.ReadOnly {
			err = d.begin()
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open namespace %q: %w", o.ID, err), d.release())
	}
	return d, nil
}

// place is where a namespace's file lies: in its directory, and before an
// upgrade where format 1 had it, which is only read.
func (b *backend) place(o engine.Opening) string {
	if o.ReadOnly && strings.HasSuffix(o.Dir, legacyEnd) && !b.files.IsDir(o.Dir) {
		return o.Dir
	}
	return filepath.Join(o.Dir, dataFile)
}

// look opens connections that only read, and holds what is there against what
// is known.
func (d *database) look() error {
	end, err := readLog(d.path + logSuffix)
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	if n := end.dropped(); n > 0 {
		d.dropped = []engine.Dropped{{File: dataFile + logSuffix, Offset: end.valid, Bytes: n}}
	}
	if err := d.expose(end.size > 0); err != nil {
		return err
	}
	version, err := d.reader.format(filepath.Base(d.path), namespaceApplication, format)
	if err != nil {
		return err
	}
	d.bare, d.untyped = version == formatBare, version < formatTypes
	l, err := d.Load()
	if err != nil {
		return err
	}
	return d.opening.Mark.Compare(l.State)
}

// expose opens connections that only read: to the file itself as if nothing
// could change it when it has no log; else to both, or to a private copy of
// both when even the log's index must not be made beside them.
func (d *database) expose(logged bool) (err error) {
	switch info, err := os.Lstat(d.path); {
	case filesys.IsNotExist(err):
		return engine.Damaged(err, "missing: %s", filepath.Base(d.path))
	case err == nil && info.Size() < pageBytes: // SQLite would take it for new, and remove the log that belongs to it
		return engine.Damaged(nil, "%s has %d bytes, less than a page", filepath.Base(d.path), info.Size())
	}
	if !logged {
		return d.openReaders(frozen)
	}
	if d.opening.ReadOnly {
		if d.private, err = os.MkdirTemp("", "evtui-read-"); err != nil {
			return fmt.Errorf("copy to read: %w", err)
		}
		original := d.path
		d.path = filepath.Join(d.private, filepath.Base(original))
		if err := errors.Join(copyFile(original, d.path), copyFile(original+logSuffix, d.path+logSuffix)); err != nil {
			return fmt.Errorf("copy to read: %w", err)
		}
	}
	return d.openReaders(reads)
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

// begin opens the file to be written, which was only looked at until now.
func (d *database) begin() error {
	if err := d.release(); err != nil {
		return err
	}
	if d.opening.Changing != nil {
		if err := d.opening.Changing(); err != nil {
			return err
		}
	}
	if err := errors.Join(d.openReaders(reads), d.openWriter()); err != nil {
		return err
	}
	schema, from := keptSchema, formatSums
	switch {
	case d.bare:
		schema, from = upgradeSchema, formatBare
	case !d.untyped:
		return d.writer.exec("SELECT 1 FROM state") // there is a log from now on, which readers need
	}
	if err := d.makeTables(schema); err != nil {
		return fmt.Errorf("upgrade to format %d: %w", format, err)
	}
	d.bare, d.untyped = false, false
	d.backend.options.Logger.Info("namespace's file upgraded", "namespace", d.opening.ID, "from", from, "to", format)
	return nil
}

// fill makes the file at d.path, durably, or a database in memory, with its
// tables, and opens it. The log goes into the file, so that that alone tells
// what it is.
func (d *database) fill() error {
	var err error
	if d.path != "" {
		if _, err := os.Lstat(d.path); !filesys.IsNotExist(err) {
			return errors.Join(fmt.Errorf("there is a %s", filepath.Base(d.path)), err)
		}
		err = errors.Join(touch(d.backend.files, filepath.Dir(d.path), filepath.Base(d.path)), d.openReaders(reads))
	}
	if err = errors.Join(err, d.openWriter()); err != nil {
		return err
	}
	return d.makeTables(namespaceSchema)
}

// makeTables brings the file to today's format, at once or not at all.
func (d *database) makeTables(schema string) error {
	return d.writer.exec("BEGIN IMMEDIATE; %s UPDATE state SET owner = '%s'; PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)",
		schema, strings.ReplaceAll(sealed(d.opening.ID), "'", "''"), namespaceApplication, format)
}

// touch makes an empty file that only its owner reads, durably. SQLite gives
// the log beside it the same mode.
func touch(files filesys.Files, dir, name string) error {
	f, err := files.Create(files.Join(dir, name))
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), files.SyncDir(dir))
}
