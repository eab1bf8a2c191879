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

	"modernc.org/sqlite" // registers the driver named sqlite
)

// busyTimeout is how long a connection waits for a lock. The directory belongs
// to one process and has one writer, so that only checkpoints wait, for readers.
const busyTimeout = 30 * time.Second

// access is how connections treat a file.
type access string

const (
	writes access = "_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&mode=rw"
	reads  access = "_query_only=1&mode=rw"
	// looks changes nothing but the log's index beside the log.
	looks access = "_query_only=1&mode=ro"
	// frozen neither locks nor looks for a log: nothing may change the file.
	frozen access = "_query_only=1&mode=ro&immutable=1"
	// copies is reads for VACUUM INTO, which query_only refuses.
	copies       access = "mode=rw"
	frozenCopies access = "mode=ro&immutable=1"
)

// pool is connections to one database, with statements prepared once.
type pool struct {
	db *sql.DB

	mu         sync.RWMutex // guards what follows
	statements map[string]*sql.Stmt
}

// openPool opens connections that are closed only with the pool: to a file that
// is there, or to a new database in memory when path is "".
func openPool(path string, connections int, cache int64, a access) (*pool, error) {
	settings := []string{
		"_busy_timeout=" + strconv.FormatInt(busyTimeout.Milliseconds(), 10),
		"_pragma=" + url.QueryEscape(fmt.Sprintf("cache_size(-%d)", max(cache>>10, 64))),
		"_pragma=" + url.QueryEscape("temp_store(memory)"),
		"_pragma=" + url.QueryEscape("wal_autocheckpoint(0)"), // batches do it when they are closed
	}
	name := "file::memory:"
	if path != "" {
		settings = append(settings, string(a))
		name = fileURL(path)
	}
	db, err := sql.Open("sqlite", name+"?"+strings.Join(settings, "&"))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &pool{db: db, statements: map[string]*sql.Stmt{}}, nil
}

// fileURL is the file's name as SQLite takes it, whatever characters it holds.
func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath()
}

// statement returns a statement, prepared once.
func (p *pool) statement(text string) (*sql.Stmt, error) {
	p.mu.RLock()
	s := p.statements[text]
	p.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	s, err := p.db.Prepare(text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.statements[text]; other != nil {
		_ = s.Close() // another goroutine was first
		return other, nil
	}
	p.statements[text] = s
	return s, nil
}

// query runs a statement. Without a context that ends, the driver needs no
// goroutine to watch it.
func (p *pool) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := p.statement(text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// one scans the only row of a statement; found is false when there is none.
func (p *pool) one(text string, args []any, into ...any) (found bool, err error) {
	s, err := p.statement(text)
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

func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.statements {
		_ = s.Close() // it only gives memory back
	}
	clear(p.statements)
	return p.db.Close()
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
