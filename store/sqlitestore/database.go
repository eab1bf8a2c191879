package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// Files of a namespace's directory.
const (
	dataFile  = "data.db"
	logSuffix = "-wal"
)

// sidecars are what SQLite keeps beside a database file.
func sidecars() []string { return []string{"", logSuffix, "-shm", "-journal"} }

// database is one namespace's open file: connections that read, one that looks
// up, and one that writes. In memory there is a single connection for all.
// Nobody may wait for a second connection while holding one.
type database struct {
	backend   *backend
	opening   engine.Opening
	path      string // of what is read; "": in memory
	access    access // of connections that read
	private   string // the directory that path lies in when it is a copy; "" when it is not
	writer    *pool  // nil when it only reads
	lookups   *pool  // the committer must not wait behind long reads
	reader    *pool
	bare      bool // a file of format 1 that is only read
	dropped   []engine.Dropped
	failing   sync.Once
	number    int64 // the next stream's; the goroutine's that fills batches
	pretended bool  // stands for a file that was never made
	messages  atomic.Int64

	commits     histogram // how long COMMIT took, the log's sync included
	payload     atomic.Int64
	checkpoints atomic.Int64
	grown       atomic.Int64 // pages that the log holds at most
}

// Connections of a namespace.
const (
	readers = 4
	lookers = 1
)

// Interfaces of the shared layer.
var (
	_ engine.Database = (*database)(nil)
	_ engine.Verifier = (*database)(nil)
	_ engine.Copier   = (*database)(nil)
	_ engine.Insider  = (*database)(nil)
)

// openPools opens the connections that o asks for, none of which has touched
// the file yet.
func (d *database) openPools(memory int64) (err error) {
	if d.path == "" {
		d.writer, err = openPool("", 1, memory/24, writes)
		d.reader, d.lookups = d.writer, d.writer
		return err
	}
	if d.reader, err = openPool(d.path, readers, memory/96, d.access); err != nil {
		return err
	}
	if d.lookups, err = openPool(d.path, lookers, memory/96, d.access); err != nil || d.opening.ReadOnly {
		return err
	}
	d.writer, err = openPool(d.path, 1, memory/24, writes)
	return err
}

// Load reads counts and categories, and checks one against the other.
func (d *database) Load() (engine.Loaded, error) {
	var l engine.Loaded
	var err error
	if l.State, err = d.state(d.reader, d.bare); err != nil {
		return l, err
	}
	d.messages.Store(l.State.Messages)
	var last int64
	found, err := d.reader.one(`SELECT time FROM messages ORDER BY gpos DESC LIMIT 1`, nil, &last)
	if err != nil {
		return l, unreadable("last message", err)
	}
	if found {
		l.Last = unixTime(last)
	}
	if l.Categories, err = d.categories(); err != nil {
		return l, unreadable("categories", err)
	}
	var messages, streams int64
	for _, c := range l.Categories {
		messages += c.Counts.Messages
		streams += c.Counts.Streams
	}
	if messages != l.State.Messages || streams != l.State.Streams {
		return l, engine.Damaged(nil, "its counts say %d messages in %d streams, those of its categories %d in %d",
			l.State.Messages, l.State.Streams, messages, streams)
	}
	if _, err := d.reader.one(`SELECT coalesce(max(number), 0) + 1 FROM streams`, nil, &d.number); err != nil {
		return l, unreadable("streams", err)
	}
	return l, nil
}

// state reads the counts, and checks that no message lies above them.
func (d *database) state(p *pool, bare bool) (s engine.State, err error) {
	sparse := "sparse"
	if bare {
		sparse = "(" + gapped + ")"
	}
	var highest int64
	found, err := p.one(`SELECT next, last_time, messages, streams, `+sparse+`, (SELECT coalesce(max(gpos), 0) FROM messages) FROM state`,
		nil, &s.Next, &s.LastTime, &s.Messages, &s.Streams, &s.Sparse, &highest)
	switch {
	case err != nil:
		return s, unreadable("counts", err)
	case !found:
		return s, engine.Damaged(nil, "its counts are missing")
	case highest >= s.Next:
		return s, engine.Damaged(nil, "its counts end at global position %d, and there is a message at %d", s.Next-1, highest)
	}
	return s, nil
}

func (d *database) categories() ([]*engine.Category, error) {
	rows, err := d.reader.query(context.Background(), `SELECT number, name, streams, messages, last FROM categories`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*engine.Category
	for rows.Next() {
		c := &engine.Category{Stored: true}
		if err := rows.Scan(&c.Number, &c.Name, &c.Counts.Streams, &c.Counts.Messages, &c.Counts.Last); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// unreadable tells that part of a namespace's file cannot be read. A file
// system that fails is not a file that is damaged.
func unreadable(what string, err error) error {
	if code := codeOf(err); code == codeCorrupt || code == codeNotADB || code == codeError {
		return engine.Damaged(err, "%s: its %s cannot be read", dataFile, what)
	}
	return fmt.Errorf("read %s: %w", what, err)
}

// Dropped says what the log held behind its last whole transaction at opening.
func (d *database) Dropped() []engine.Dropped { return d.dropped }

// Extent lists files for a Mark: none that only grows, for the log starts over.
func (d *database) Extent(exact bool) ([]engine.FileMark, error) {
	if !exact || d.path == "" {
		return nil, nil
	}
	files := d.backend.files
	var list []engine.FileMark
	for _, suffix := range sidecars() {
		size, err := files.Size(files.Join(d.opening.Dir, dataFile+suffix))
		if engine.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", dataFile+suffix, err)
		}
		list = append(list, engine.FileMark{Name: dataFile + suffix, Size: size})
	}
	return list, nil
}

// Sync makes what was committed without a sync durable.
func (d *database) Sync() error {
	if d.path == "" || d.opening.ReadOnly {
		return nil
	}
	if err := syncFile(d.path + logSuffix); err != nil {
		d.failed(err)
		return fmt.Errorf("sync log: %w", err)
	}
	return nil
}

// syncFile syncs the log beside SQLite, which holds no locks on that file that
// closing it could drop.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// failed says once that a write or a sync failed.
func (d *database) failed(err error) {
	d.failing.Do(func() {
		if d.opening.Failed != nil {
			d.opening.Failed(reasonOf(err), err)
		}
	})
}

func (d *database) note(e store.EngineEvent) {
	e.Namespace = d.opening.ID
	if d.opening.Note != nil {
		d.opening.Note(e)
	}
}

// Close empties the log into the file. In memory the data stays with the
// backend, to be opened again.
func (d *database) Close() error {
	if d.path == "" && !d.pretended {
		d.backend.park(d)
		return nil
	}
	return d.release()
}

// release closes all connections and removes a private copy.
func (d *database) release() error {
	var errs []error
	// The writer last: whoever closes last moves the log and removes it.
	for _, p := range []*pool{d.reader, d.lookups, d.writer} {
		if p != nil && (p == d.writer || p != d.reader || d.writer != d.reader) {
			errs = append(errs, p.close())
		}
	}
	if d.private != "" {
		errs = append(errs, os.RemoveAll(d.private))
	}
	return errors.Join(errs...)
}

// unixTime is a message's time; 0 is a time like any other.
func unixTime(nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).UTC() }
