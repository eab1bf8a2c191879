package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver named sqlite
)

// busyTimeout is how long a connection waits for a lock. The directory belongs
// to one process and has one writer, so that only checkpoints wait, for readers.
const busyTimeout = 30 * time.Second

// database is one SQLite file: a connection that writes, and some that read.
// In memory there is one connection for both. Nobody may wait for a second
// connection while holding one.
type database struct {
	path  string // "": in memory
	write *sql.DB
	read  *sql.DB

	mu         sync.RWMutex // guards what follows
	statements map[string]*sql.Stmt
}

// databaseOptions say how a file is opened.
type databaseOptions struct {
	schema      string
	application int
	interval    bool // commit without a sync
	writeCache  int64
	readCache   int64
}

// openDatabase opens a file, making it if need be, or an empty database in
// memory when path is "".
func openDatabase(path string, o databaseOptions) (*database, error) {
	d := &database{path: path, statements: map[string]*sql.Stmt{}}
	if path != "" {
		if err := createFile(path); err != nil {
			return nil, fmt.Errorf("create database: %w", err)
		}
	}
	var err error
	d.write, err = openPool(path, 1, o.writeCache, "_txlock=immediate", "_synchronous=FULL")
	if err != nil {
		return nil, err
	}
	if d.read = d.write; path != "" {
		if d.read, err = openPool(path, readers, o.readCache, "_query_only=1"); err != nil {
			return nil, errors.Join(err, d.write.Close())
		}
	}
	if err := d.prepare(o); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// openPool opens connections to a file that are closed only with the pool.
func openPool(path string, connections int, cache int64, settings ...string) (*sql.DB, error) {
	pragmas := []string{
		"_busy_timeout=" + strconv.FormatInt(busyTimeout.Milliseconds(), 10),
		"_pragma=" + url.QueryEscape(fmt.Sprintf("cache_size(-%d)", max(cache>>10, 64))),
		"_pragma=" + url.QueryEscape("temp_store(memory)"),
		"_pragma=" + url.QueryEscape("wal_autocheckpoint(0)"), // the committer does it between two groups
	}
	name := "file::memory:"
	if path != "" {
		pragmas = append(pragmas, "_journal_mode=WAL")
		name = fileURL(path)
	}
	db, err := sql.Open("sqlite", name+"?"+strings.Join(append(pragmas, settings...), "&"))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// fileURL is the file's name as SQLite takes it, whatever characters it holds.
func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath()
}

// prepare makes the tables of an empty file, and checks those of another.
func (d *database) prepare(o databaseOptions) error {
	var application, version int
	if err := d.write.QueryRow("PRAGMA application_id").Scan(&application); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if err := d.write.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	switch {
	case application == 0 && version == 0:
		script := fmt.Sprintf("%s\nPRAGMA application_id = %d; PRAGMA user_version = %d;", o.schema, o.application, format)
		err := d.transact(func(tx *sql.Tx) error {
			_, err := tx.Exec(script)
			return err
		})
		if err != nil {
			return fmt.Errorf("make tables: %w", err)
		}
	case application != o.application || version != format:
		return fmt.Errorf("%s has a format that this evtui does not know", filepath.Base(d.path))
	}
	if o.interval {
		if _, err := d.write.Exec("PRAGMA synchronous = NORMAL"); err != nil {
			return fmt.Errorf("open database: %w", err)
		}
	}
	return nil
}

// transact runs f in a transaction of the writing connection.
func (d *database) transact(f func(*sql.Tx) error) error {
	tx, err := d.write.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// reader returns a statement, prepared once, on the reading connections.
func (d *database) reader(text string) (*sql.Stmt, error) {
	d.mu.RLock()
	s := d.statements[text]
	d.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	s, err := d.read.Prepare(text)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if other := d.statements[text]; other != nil {
		_ = s.Close() // another goroutine was first
		return other, nil
	}
	d.statements[text] = s
	return s, nil
}

// query runs a reading statement. Without a context that ends, the driver
// needs no goroutine to watch it.
func (d *database) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := d.reader(text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// one scans the only row of a reading statement; found is false when there is none.
func (d *database) one(text string, args []any, into ...any) (found bool, err error) {
	s, err := d.reader(text)
	if err != nil {
		return false, err
	}
	return scanned(s.QueryRow(args...).Scan(into...))
}

// scanned tells no row from a failure.
func scanned(err error) (found bool, _ error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (d *database) close() error {
	d.mu.Lock()
	for _, s := range d.statements {
		_ = s.Close() // it only gives memory back
	}
	clear(d.statements)
	d.mu.Unlock()
	if d.read == d.write {
		return d.write.Close()
	}
	// The writer last: whoever closes last checkpoints the log and removes it.
	return errors.Join(d.read.Close(), d.write.Close())
}
