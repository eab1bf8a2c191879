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
	"github.com/evtui/evtui/store/internal/filesys"
)

// Files of a namespace's directory.
const (
	dataFile  = "data.db"
	logSuffix = "-wal"
)

// sidecars are what SQLite keeps beside a database file, which comes last.
func sidecars() []string { return []string{logSuffix, "-shm", "-journal", ""} }

// database is one namespace's open file: connections that read, one that looks
// up, and one that writes. In memory there is a single connection for all.
// Nobody may wait for a second connection while holding one.
type database struct {
	backend *backend
	opening engine.Opening
	path    string // of what is read; "": in memory
	private string // the directory that path lies in when it is a copy; "" when it is not
	writer  *pool  // nil when it only reads
	lookups *pool  // the committer must not wait behind long reads
	reader  *pool
	bare    bool // a file of format 1 that is only read
	untyped bool // a file without the table kept that is only read
	dropped []engine.Dropped
	failing sync.Once
	number  int64 // the next stream's; the goroutine's that fills batches

	messages    atomic.Int64
	commits     timings // how long COMMIT took, the log's sync included
	payload     atomic.Int64
	checkpoints atomic.Int64
	grown       atomic.Int64 // pages that the log holds at most
}

// Connections of a namespace.
const (
	readers = 4
	lookers = 1
)

// openReaders opens the connections that read, none of which has touched the
// file yet.
func (d *database) openReaders(a access) (err error) {
	memory := d.backend.options.Memory
	if d.reader, err = openPool(d.path, readers, memory/32, a); err == nil {
		d.lookups, err = openPool(d.path, lookers, memory/96, a)
	}
	return err
}

// openWriter opens the connection that writes; in memory it does everything.
func (d *database) openWriter() (err error) {
	a := writes
	if d.opening.Interval > 0 {
		a = relaxed
	}
	d.writer, err = openPool(d.path, 1, d.backend.options.Memory/24, a)
	if d.path == "" {
		d.reader, d.lookups = d.writer, d.writer
	}
	return err
}

// Load reads counts and categories, and checks one against the other, and that
// no message lies above them.
func (d *database) Load() (l engine.Loaded, err error) {
	sparse := "sparse, owner"
	if d.bare {
		sparse = "(" + gapped + "), ''"
	}
	s, owner, highest, last := &l.State, "", int64(0), int64(0)
	found, err := d.reader.one(`SELECT next, last_time, messages, streams, `+sparse+`, coalesce(gpos, 0), coalesce(time, 0),
			(SELECT coalesce(max(number), 0) + 1 FROM streams)
		FROM state LEFT JOIN (SELECT gpos, time FROM messages ORDER BY gpos DESC LIMIT 1)`,
		nil, &s.Next, &s.LastTime, &s.Messages, &s.Streams, &s.Sparse, &owner, &highest, &last, &d.number)
	switch {
	case err != nil:
		return l, unreadable(dataFile, "counts", err)
	case !found:
		return l, engine.Damaged(nil, "its counts are missing")
	case owner != sealed(d.opening.ID) && !d.bare:
		if other, known := another(owner, d.opening.ID); known {
			return l, engine.Damaged(nil, "it, or its log, holds namespace %q", other)
		}
		return l, engine.Damaged(nil, "which namespace it holds cannot be read")
	case highest >= s.Next:
		return l, engine.Damaged(nil, "its counts end at global position %d, and there is a message at %d", s.Next-1, highest)
	case highest > 0:
		l.Last = unixTime(last)
	}
	d.messages.Store(s.Messages)
	var c engine.Category
	var messages, streams int64
	err = each(context.Background(), d.reader.db, func() error {
		l.Categories = append(l.Categories, &engine.Category{Stored: true, Number: c.Number, Name: c.Name, Counts: c.Counts})
		messages, streams = messages+c.Counts.Messages, streams+c.Counts.Streams
		return nil
	}, []any{&c.Number, &c.Name, &c.Counts.Streams, &c.Counts.Messages, &c.Counts.Last}, `SELECT number, name, streams, messages, last FROM categories`)
	if err != nil {
		return l, unreadable(dataFile, "categories", err)
	}
	if messages != s.Messages || streams != s.Streams {
		return l, engine.Damaged(nil, "its counts say %d messages in %d streams, those of its categories %d in %d", s.Messages, s.Streams, messages, streams)
	}
	return l, nil
}

// Kept visits the records that the shared layer keeps.
func (d *database) Kept(visit func(key, value []byte) error) error {
	if d.untyped {
		return nil
	}
	var key, value []byte
	return each(context.Background(), d.reader.db, func() error { return visit(key, value) }, []any{&key, &value}, `SELECT key, value FROM kept ORDER BY key`)
}

// Dropped says what the log held behind its last whole transaction at opening.
func (d *database) Dropped() []engine.Dropped { return d.dropped }

// Extent lists files for a Mark: none that only grows, for the log starts over.
func (d *database) Extent(exact bool) (list []engine.FileMark, err error) {
	if !exact || d.path == "" {
		return nil, nil
	}
	files := d.backend.files
	for _, suffix := range sidecars() {
		size, err := files.Size(files.Join(d.opening.Dir, dataFile+suffix))
		if err == nil {
			list = append(list, engine.FileMark{Name: dataFile + suffix, Size: size})
		} else if !filesys.IsNotExist(err) {
			return nil, fmt.Errorf("look at %s: %w", dataFile+suffix, err)
		}
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

// syncFile syncs a file beside SQLite, which holds no locks on logs that
// closing it could drop.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// CopyTo copies the file as its last commit left it.
func (d *database) CopyTo(ctx context.Context, dir string) error {
	if d.path == "" {
		return store.ErrNotOffered
	}
	files := d.backend.files
	to := files.Join(dir, dataFile)
	err := files.MakeDir(dir)
	if err == nil {
		err = touch(files, dir, dataFile) // for its owner alone
	}
	if err == nil {
		_, err = d.reader.db.ExecContext(ctx, "VACUUM INTO ?", to)
	}
	if err == nil {
		err = errors.Join(syncFile(to), files.SyncDir(dir))
	}
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	return nil
}

// failed says once that a write or a sync failed.
func (d *database) failed(err error) {
	d.failing.Do(func() {
		if d.opening.Failed != nil {
			d.opening.Failed(reasonOf(err), err)
		}
	})
}

// Close empties the log into the file. In memory the data stays with the
// backend, to be opened again.
func (d *database) Close() error {
	if d.backend.memory {
		return nil
	}
	return d.release()
}

// release closes all connections and removes a private copy.
func (d *database) release() error {
	var errs []error
	// The writer last: whoever closes last moves the log and removes it. Closing
	// twice, as in memory, does nothing.
	for _, p := range []*pool{d.reader, d.lookups, d.writer} {
		if p != nil {
			errs = append(errs, p.db.Close())
		}
	}
	if d.private != "" {
		errs = append(errs, os.RemoveAll(d.private))
	}
	return errors.Join(errs...)
}

// unixTime is a message's time; 0 is a time like any other.
func unixTime(nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).UTC() }
