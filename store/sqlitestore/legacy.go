package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// formatBefore is what is done to data directories of format 1: meta.db held
// the registry, and ns/ a file a namespace, without a directory of its own.
func (b *backend) formatBefore() engine.Format {
	return engine.Format{
		Legacy: func(_ filesys.Files, dir string) ([]engine.LegacyEntry, bool, error) {
			entries, found, err := b.readRegistry(filepath.Join(dir, RegistryFile))
			var damage *engine.DamageError
			if errors.As(err, &damage) {
				err = &store.DamagedError{Reason: damage.Reason, Err: damage.Err}
			}
			return entries, found && err == nil, err
		},
		Move: b.move,
		Wall: buildWall,
	}
}

// legacyEnd ended the names of namespaces' files.
const legacyEnd = ".db"

// namespacesDir is where namespaces lie in a data directory.
const namespacesDir = "ns"

// unusedPlace stands for the file of a namespace that format 1 never made one
// for, since it did so on first use. It is the directory for namespaces itself.
const unusedPlace = "."

// readRegistry reads the registry of format 1. It changes nothing; found is
// false when there is none.
func (b *backend) readRegistry(path string) (entries []engine.LegacyEntry, found bool, err error) {
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil, false, nil // the shared layer sees to it that ns/ is empty
	} else if err != nil {
		return nil, false, fmt.Errorf("look at %s: %w", RegistryFile, err)
	}
	d := &database{backend: b, path: path, opening: engine.Opening{ReadOnly: true}}
	if err = d.expose(sizeOf(path+logSuffix) > 0); err == nil {
		entries, found, err = queryRegistry(d.reader)
	}
	for i := range entries {
		e := &entries[i]
		if _, err := os.Lstat(filepath.Join(filepath.Dir(path), namespacesDir, e.Place)); errors.Is(err, fs.ErrNotExist) && e.Clean && e.Messages == 0 {
			e.Place = unusedPlace
		}
	}
	return entries, found, errors.Join(err, d.release())
}

func queryRegistry(p *pool) (entries []engine.LegacyEntry, found bool, err error) {
	version, err := p.format(RegistryFile, registryApplication, wallVersion)
	if err != nil || version == wallVersion { // the wall: the registry is where the shared layer keeps it
		return nil, false, err
	}
	// An entry that is left out would be a namespace that is lost.
	var first string
	if _, err := p.one(`PRAGMA integrity_check(1)`, nil, &first); err == nil && first != "ok" {
		return nil, false, engine.Damaged(errors.New(first), "%s is damaged", RegistryFile)
	}
	var (
		e             engine.LegacyEntry
		token         []byte
		created, last int64
		dirty         bool
	)
	err = each(context.Background(), p.db, func() error {
		if len(token) != len(e.TokenHash) || store.CheckNamespaceID(e.ID) != nil || e.Place == "" || filepath.Base(e.Place) != e.Place {
			return fmt.Errorf("namespace %q in the file %q with a token hash of %d bytes cannot be", e.ID, e.Place, len(token))
		}
		e.TokenHash, e.Clean, e.CreatedAt, e.LastActivity = [32]byte(token), !dirty, unixTime(created), time.Time{}
		if last != 0 {
			e.LastActivity = unixTime(last)
		}
		entries = append(entries, e)
		return nil
	}, []any{&e.ID, &e.Place, &e.Description, &e.Metadata, &created, &token, &dirty, &e.Messages, &e.Streams, &last},
		`SELECT id, file, description, metadata, created, token, dirty, messages, streams, last_activity FROM namespaces ORDER BY id`)
	if err != nil {
		return nil, false, engine.Damaged(err, "%s cannot be read", RegistryFile)
	}
	return entries, true, nil
}

// move brings one namespace's file, after what lies beside it, into its
// directory. A crash at any step leaves what the next call goes on from. It
// returns fs.ErrNotExist when there is no file.
func (b *backend) move(files filesys.Files, dir string, e engine.LegacyEntry, to string) error {
	from, target := filepath.Join(dir, namespacesDir, e.Place), filepath.Join(to, dataFile)
	if e.Place == unusedPlace {
		return b.first(target, e.ID)
	}
	for _, suffix := range sidecars() {
		if _, err := os.Lstat(from + suffix); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if _, err := os.Lstat(target + suffix); err == nil {
			return fmt.Errorf("both %s and %s are there", from+suffix, target+suffix)
		}
		if err := files.Rename(from+suffix, target+suffix); err != nil {
			return fmt.Errorf("move %s: %w", e.Place, err)
		}
	}
	if _, err := os.Lstat(target); err != nil {
		return err
	}
	return errors.Join(files.SyncDir(to), files.SyncDir(filepath.Dir(from))) // first where it went
}

// first makes the file of a namespace that was never used, under another name
// until it is whole.
func (b *backend) first(target, id string) error {
	if _, err := os.Lstat(target); err == nil {
		return nil
	}
	d := &database{backend: b, path: target + ".part", opening: engine.Opening{ID: id}}
	for _, suffix := range sidecars() { // what a crash left
		if err := os.Remove(d.path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := errors.Join(d.fill(), d.release()); err != nil {
		return err
	}
	return errors.Join(b.files.Rename(d.path, target), b.files.SyncDir(filepath.Dir(target)))
}

// buildWall makes meta.db what versions of format 1 refuse to open: a file of
// a format that they do not know. They look at nothing else then. Until that is
// committed, the registry of format 1 is whole. One that is damaged is kept
// under another name.
func buildWall(files filesys.Files, dir string) error {
	path := filepath.Join(dir, RegistryFile)
	err := writeWall(files, dir)
	if code := codeOf(err); code == codeCorrupt || code == codeNotADB {
		for _, suffix := range sidecars() {
			if err := files.Rename(path+suffix, path+time.Now().UTC().Format(".damaged-20060102T150405Z")+suffix); err != nil && !filesys.IsNotExist(err) {
				return fmt.Errorf("build wall: %w", err)
			}
		}
		err = writeWall(files, dir)
	}
	if err != nil {
		return fmt.Errorf("build wall: %w", err)
	}
	return files.SyncDir(dir)
}

func writeWall(files filesys.Files, dir string) error {
	path := filepath.Join(dir, RegistryFile)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := touch(files, dir, RegistryFile); err != nil {
			return err
		}
	}
	p, err := openPool(path, 1, 1<<20, writes)
	if err != nil {
		return err
	}
	err = p.exec(`BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS moved (registry TEXT NOT NULL); DELETE FROM moved; INSERT INTO moved VALUES ('registry/namespaces.log');
		PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`, registryApplication, wallVersion)
	return errors.Join(err, p.db.Close())
}
