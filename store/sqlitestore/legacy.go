package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// formatBefore is what is done to data directories of format 1: meta.db held
// the registry, and ns/ a file a namespace, without a directory of its own.
func formatBefore(logger *slog.Logger) engine.Format {
	return engine.Format{
		Legacy: func(_ engine.Files, dir string) ([]engine.LegacyEntry, bool, error) { return readRegistry(dir) },
		Move: func(files engine.Files, dir string, e engine.LegacyEntry, to string) error {
			return mover{files: files, logger: logger}.move(e, filepath.Join(dir, namespacesDir, e.Place), to)
		},
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
// false when there is none, and nothing that one would have known.
func readRegistry(dir string) (entries []engine.LegacyEntry, found bool, err error) {
	path := filepath.Join(dir, RegistryFile)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0:
		return nil, false, orphans(dir)
	case err != nil:
		return nil, false, fmt.Errorf("look at %s: %w", RegistryFile, err)
	}
	entries, found, err = readRegistryFile(path)
	for i := range entries {
		if e := &entries[i]; e.Clean && e.Messages == 0 && absent(filepath.Join(dir, namespacesDir, e.Place)) {
			e.Place = unusedPlace
		}
	}
	var damage *engine.DamageError
	if errors.As(err, &damage) {
		return nil, false, &store.DamagedError{Reason: damage.Reason, Err: damage.Err}
	}
	return entries, found, err
}

// absent reports whether there is neither a file nor anything beside it.
func absent(path string) bool {
	for _, suffix := range sidecars() {
		if _, err := os.Lstat(path + suffix); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// orphans returns an error when there are namespaces' files without a registry:
// taking that for an empty store would lose them.
func orphans(dir string) error {
	names, err := os.ReadDir(filepath.Join(dir, namespacesDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("list namespaces: %w", err)
	}
	for _, n := range names {
		if !n.IsDir() && strings.HasSuffix(n.Name(), legacyEnd) {
			return &store.DamagedError{Reason: fmt.Sprintf("%s is missing, and ns holds files such as %s", RegistryFile, n.Name())}
		}
	}
	return nil
}

func readRegistryFile(path string) (entries []engine.LegacyEntry, found bool, err error) {
	h, err := readHeader(path)
	if err != nil {
		return nil, false, err
	}
	logged := sizeOf(path+logSuffix) > 0
	if !logged && h.application == registryApplication && h.version == wallVersion {
		return nil, false, nil // the wall: the registry is where the shared layer keeps it
	}
	a := frozen
	if logged {
		private, copied, failed := copyAside(path)
		if failed != nil {
			return nil, false, failed
		}
		defer func() { err = errors.Join(err, os.RemoveAll(private)) }()
		path, a = copied, reads
	}
	p, err := openPool(path, 1, 1<<20, a)
	if err != nil {
		return nil, false, err
	}
	entries, found, err = queryRegistry(p)
	return entries, found, errors.Join(err, p.close())
}

func queryRegistry(p *pool) (entries []engine.LegacyEntry, found bool, err error) {
	var h header
	if err := readPragmas(p, &h); err != nil {
		return nil, false, registryUnreadable(err)
	}
	switch {
	case h.application != registryApplication:
		return nil, false, engine.Damaged(nil, "%s is not evtui's, or its first bytes are damaged (application id %#x)", RegistryFile, h.application)
	case h.version == wallVersion:
		return nil, false, nil
	case h.version > wallVersion:
		return nil, false, &engine.FormatError{What: RegistryFile, Found: int(h.version), Known: wallVersion}
	}
	if err := sound(p); err != nil {
		return nil, false, err
	}
	rows, err := p.query(context.Background(),
		`SELECT id, file, description, metadata, created, token, dirty, messages, streams, last_activity FROM namespaces ORDER BY id`)
	if err != nil {
		return nil, false, registryUnreadable(err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := legacyEntry(rows)
		if err != nil {
			return nil, false, registryUnreadable(err)
		}
		entries = append(entries, e)
	}
	if err := rows.Err(); err != nil {
		return nil, false, registryUnreadable(err)
	}
	return entries, true, nil
}

func registryUnreadable(err error) error {
	return engine.Damaged(err, "%s cannot be read", RegistryFile)
}

// sound has SQLite check the registry: an entry that is left out would be a
// namespace that is lost.
func sound(p *pool) error {
	var first string
	if _, err := p.one(`PRAGMA integrity_check(1)`, nil, &first); err != nil {
		return registryUnreadable(err)
	}
	if first != "ok" {
		return engine.Damaged(errors.New(first), "%s is damaged", RegistryFile)
	}
	return nil
}

func legacyEntry(rows *sql.Rows) (e engine.LegacyEntry, err error) {
	var (
		token         []byte
		created, last int64
		dirty         bool
	)
	err = rows.Scan(&e.ID, &e.Place, &e.Description, &e.Metadata, &created, &token, &dirty, &e.Messages, &e.Streams, &last)
	switch {
	case err != nil:
		return e, err
	case len(token) != len(e.TokenHash):
		return e, fmt.Errorf("namespace %q has a token hash of %d bytes", e.ID, len(token))
	case store.CheckNamespaceID(e.ID) != nil || e.Place == "" || filepath.Base(e.Place) != e.Place:
		return e, fmt.Errorf("namespace %q in the file %q cannot be", e.ID, e.Place)
	}
	copy(e.TokenHash[:], token)
	e.Clean = !dirty
	e.CreatedAt, e.LastActivity = legacyTime(created), legacyTime(last)
	return e, nil
}

// legacyTime reads a time of the registry, where 0 is none.
func legacyTime(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return unixTime(nanoseconds)
}

// mover brings namespaces' files into directories of their own.
type mover struct {
	files  engine.Files
	logger *slog.Logger
}

// move brings one namespace's file into its directory. A crash at any step
// leaves what the next call goes on from: the file in one of the two places,
// whole. It returns fs.ErrNotExist when it is in neither.
func (m mover) move(e engine.LegacyEntry, from, to string) error {
	target := filepath.Join(to, dataFile)
	if e.Place == unusedPlace {
		return m.first(e, target)
	}
	_, atOld := os.Lstat(from)
	_, atNew := os.Lstat(target)
	switch {
	case atOld == nil && atNew == nil:
		return fmt.Errorf("both %s and %s are there", from, target)
	case errors.Is(atOld, fs.ErrNotExist) && atNew == nil:
		return m.settle(filepath.Dir(from), to)
	case atOld != nil:
		return fmt.Errorf("look at %s: %w", e.Place, atOld)
	}
	if err := emptyLog(from); err != nil {
		return fmt.Errorf("move %s: %w", e.Place, err)
	}
	if err := m.files.Rename(from, target); err != nil {
		return fmt.Errorf("move %s: %w", e.Place, err)
	}
	if err := m.settle(filepath.Dir(from), to); err != nil {
		return err
	}
	m.logger.Info("namespace's file moved", "namespace", e.ID, "from", e.Place, "to", filepath.Base(to)+"/"+dataFile)
	return nil
}

// settle makes a rename durable: first where it went.
func (m mover) settle(from, to string) error {
	if err := errors.Join(m.files.SyncDir(to), m.files.SyncDir(from)); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// first makes the file of a namespace that was never used, under another name
// until it is whole.
func (m mover) first(e engine.LegacyEntry, target string) error {
	if _, err := os.Lstat(target); err == nil {
		return nil
	}
	part := target + ".part"
	if err := removeDatabase(part); err != nil { // what a crash left
		return fmt.Errorf("make file of namespace %q: %w", e.ID, err)
	}
	b := &backend{files: m.files, options: Options{Logger: m.logger}.withDefaults()}
	d := &database{backend: b, path: part, access: reads}
	err := errors.Join(d.fill(), d.release())
	if err == nil {
		err = m.files.Rename(part, target)
	}
	if err == nil {
		err = m.files.SyncDir(filepath.Dir(target))
	}
	if err != nil {
		return fmt.Errorf("make file of namespace %q: %w", e.ID, err)
	}
	return nil
}

// removeDatabase removes a file that nobody needs, with what is beside it.
func removeDatabase(path string) error {
	for _, suffix := range sidecars() {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// emptyLog moves a log that a crash left into its file. Closing the last
// connection removes it.
func emptyLog(path string) error {
	if sizeOf(path+logSuffix) == 0 {
		return removeSidecars(path)
	}
	p, err := openPool(path, 1, 1<<20, writes)
	if err != nil {
		return err
	}
	var busy, pages, done int64
	err = p.db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &done)
	if err == nil && busy != 0 {
		err = errors.New("another process reads it")
	}
	if err := errors.Join(err, p.close()); err != nil {
		return fmt.Errorf("move the log into the file: %w", err)
	}
	return removeSidecars(path)
}

// removeSidecars removes a log that is empty, and its index.
func removeSidecars(path string) error {
	for _, suffix := range []string{logSuffix, "-shm"} {
		if suffix == logSuffix && sizeOf(path+suffix) > 0 {
			return fmt.Errorf("%s still holds something", filepath.Base(path+suffix))
		}
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// buildWall makes meta.db what versions of format 1 refuse to open: a file of
// a format that they do not know. They look at nothing else then. Until it is
// there, the registry of format 1 is whole.
func buildWall(files engine.Files, dir string) error {
	path := filepath.Join(dir, RegistryFile)
	if h, err := readHeader(path); err == nil && h == (header{application: registryApplication, version: wallVersion}) {
		return nil
	}
	// A log would count for the new file as well, so it goes first, into the old one.
	err := emptyLog(path)
	if err == nil {
		err = makeWall(files, dir, RegistryFile+".wall")
	}
	if err == nil {
		err = errors.Join(files.Rename(path+".wall", path), files.SyncDir(dir))
	}
	if err != nil {
		return fmt.Errorf("build wall: %w", err)
	}
	return nil
}

// makeWall makes the wall under another name, durably.
func makeWall(files engine.Files, dir, name string) error {
	path := filepath.Join(dir, name)
	if err := removeDatabase(path); err != nil { // what a crash left
		return err
	}
	if err := touch(files, dir, name); err != nil {
		return err
	}
	p, err := openPool(path, 1, 1<<20, writes) // as older versions would: they change nothing then
	if err != nil {
		return err
	}
	script := fmt.Sprintf("CREATE TABLE moved (registry TEXT NOT NULL); INSERT INTO moved VALUES ('registry/namespaces.log');"+
		"PRAGMA application_id = %d; PRAGMA user_version = %d;", registryApplication, wallVersion)
	_, err = p.db.Exec(script)
	return errors.Join(err, p.close(), syncFile(path))
}
