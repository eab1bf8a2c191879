package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"modernc.org/sqlite" // registers the driver named sqlite

	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// busyTimeout is how long a connection waits for a lock. The directory belongs
// to one process and has one writer, so that only checkpoints wait, for readers.
const busyTimeout = 30 * time.Second

// access is how connections treat a file.
type access string

const (
	writes  access = "mode=rw&_journal_mode=WAL&_txlock=immediate&_synchronous=FULL"
	relaxed access = "mode=rw&_journal_mode=WAL&_txlock=immediate&_synchronous=NORMAL" // commits without a sync
	reads   access = "mode=ro"                                                         // makes nothing but the log's index beside a log
	frozen  access = "mode=ro&immutable=1"                                             // neither locks nor looks for a log: nothing may change the file
)

// pool is connections to one database, with statements prepared once.
type pool struct {
	db         *sql.DB
	statements sync.Map // of *sql.Stmt, by text
}

// openPool opens connections that are closed only with the pool: to a file that
// is there, or to a new database in memory when path is "".
func openPool(path string, connections int, cache int64, a access) (*pool, error) {
	name := "file::memory:?"
	if path != "" {
		name = filesys.URL("file", path) + "?" + string(a) + "&"
	}
	// Batches move the log into the file themselves when they are closed.
	db, err := sql.Open("sqlite", fmt.Sprintf("%s_busy_timeout=%d&_pragma=cache_size(-%d)&_pragma=temp_store(memory)&_pragma=wal_autocheckpoint(0)",
		name, busyTimeout.Milliseconds(), max(cache>>10, 64)))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &pool{db: db}, nil
}

// statement returns a statement, prepared once.
func (p *pool) statement(text string) (*sql.Stmt, error) {
	if s, ok := p.statements.Load(text); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := p.db.Prepare(text)
	if err != nil {
		return nil, err
	}
	if other, ok := p.statements.LoadOrStore(text, s); ok { // another goroutine was first
		return other.(*sql.Stmt), s.Close()
	}
	return s, nil
}

// query runs a statement. Without a context that ends, the driver needs no
// goroutine to watch it.
func (p *pool) query(text string, args ...any) (*sql.Rows, error) {
	s, err := p.statement(text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// each visits the rows of a statement, each scanned into the same places.
func each(ctx context.Context, q querier, visit func() error, into []any, text string, args ...any) error {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := visit(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one scans the only row of a statement; found is false when there is none.
func (p *pool) one(text string, args []any, into ...any) (found bool, err error) {
	s, err := p.statement(text)
	if err != nil {
		return false, err
	}
	if err = s.QueryRow(args...).Scan(into...); errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// exec runs statements that are not worth keeping.
func (p *pool) exec(format string, args ...any) error {
	_, err := p.db.Exec(fmt.Sprintf(format, args...))
	return err
}

// format reads what a file says that it is: which application's, of which format.
func (p *pool) format(name string, application, known int) (version int, err error) {
	var found int
	_, err = p.one(`SELECT application_id, user_version FROM pragma_application_id, pragma_user_version`, nil, &found, &version)
	switch {
	case err != nil:
		return 0, unreadable(name, "header", err)
	case found != application:
		return 0, engine.Damaged(nil, "%s is not evtui's, or its first bytes are damaged (application id %#x)", name, found)
	case version > known:
		return version, &engine.FormatError{What: name, Found: version, Known: known}
	case version < 1:
		return 0, engine.Damaged(nil, "%s has no format number", name)
	}
	return version, nil
}

// unreadable tells that part of a file cannot be read. A file system that fails
// is not a file that is damaged.
func unreadable(name, what string, err error) error {
	if code := codeOf(err); code == codeCorrupt || code == codeNotADB || code == codeError {
		return engine.Damaged(err, "%s: its %s cannot be read", name, what)
	}
	return fmt.Errorf("read %s of %s: %w", what, name, err)
}

// SQLite's result codes, as sqlite.org/rescode.html lists them.
const (
	codeError   = 1
	codeIO      = 10
	codeCorrupt = 11
	codeFull    = 13
	codeNotADB  = 26
)

// codeOf returns SQLite's result code without its finer part, 0 when the error
// is none of SQLite's.
func codeOf(err error) int {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return 0
	}
	return failed.Code() & 0xff
}

// reasonOf is a failed write in words that clients may see.
func reasonOf(err error) string {
	switch codeOf(err) {
	case 0:
		return "sync failed"
	case codeFull:
		return "disk full"
	case codeIO:
		return "writing or syncing failed"
	case codeCorrupt, codeNotADB:
		return "its file is damaged"
	}
	return "a transaction failed"
}
