package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// record is a message of a batch.
type record struct {
	engine.Record
	stream string
	number int64 // its stream's
	cat    uint32
}

// end is what a stream's row is to say.
type end struct {
	head                       *engine.Head
	fresh                      bool // there is no row yet
	version, global, timestamp int64
}

// batch gathers messages, and stores them in one transaction once all are there:
// until then nobody waits for the connection that writes, and in memory others
// use it.
type batch struct {
	d       *database
	records []record
	ends    map[string]*end
	tx      *sql.Tx
	summer  summer
	bytes   int64
	count   int64 // of the namespace's messages afterwards
}

// Prepare has nothing to take apart.
func (d *database) Prepare(engine.Messages) engine.Prepared { return nil }

// Begin starts the next batch.
func (d *database) Begin() (engine.Batch, error) {
	if d.writer == nil {
		return nil, store.ErrReadOnly
	}
	if err := d.prepare(); err != nil {
		d.failed(err)
		return nil, err
	}
	return &batch{d: d, ends: map[string]*end{}}, nil
}

// prepare prepares the statements of batches, once: in a transaction there
// would be no connection for it.
func (d *database) prepare() error {
	for _, text := range []string{insertMessage, insertStream, updateStream, insertCategory, updateCategory, updateState} {
		if _, err := d.writer.statement(text); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	return nil
}

// Put keeps a message, and gives a new stream its number.
func (b *batch) Put(h *engine.Head, m *engine.Record, _ engine.Prepared, _ int) error {
	e := b.ends[h.Stream]
	if e == nil {
		e = &end{head: h, fresh: h.Ref == 0, version: h.Version, global: h.Position, timestamp: h.Time}
		b.ends[h.Stream] = e
		if e.fresh {
			h.Ref = b.d.number
			b.d.number++
		}
	}
	if m.Position > e.version {
		e.version, e.global, e.timestamp = m.Position, m.GlobalPosition, m.Time
	}
	b.records = append(b.records, record{Record: *m, stream: h.Stream, number: e.head.Ref, cat: h.Category.Number})
	b.bytes += int64(len(m.Data) + len(m.Metadata))
	return nil
}

// Seal writes everything, up to the COMMIT.
func (b *batch) Seal(s engine.State, touched []*engine.Category) error {
	b.count = s.Messages
	tx, err := b.d.writer.db.BeginTx(context.Background(), nil)
	if err != nil {
		return b.failed("begin", err)
	}
	b.tx = tx
	if err := b.write(s, touched); err != nil {
		return b.failed("store messages", err)
	}
	for _, c := range touched {
		c.Stored = true
	}
	return nil
}

// failed takes the transaction back. SQLite takes it back at the next opening if
// it cannot now.
func (b *batch) failed(step string, err error) error {
	b.rollback()
	b.d.failed(err)
	return fmt.Errorf("%s: %w", step, err)
}

func (b *batch) rollback() {
	if b.tx != nil {
		_ = b.tx.Rollback() // it may have been rolled back already
		b.tx = nil
	}
}

// Statements of batches.
const (
	insertMessage = `INSERT INTO messages (gpos, category, stream, position, time, given, id, type, correlation, metadata, data, sum)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertStream   = `INSERT INTO streams (number, name, version, last, time, hash) VALUES (?, ?, ?, ?, ?, ?)`
	updateStream   = `UPDATE streams SET version = ?, last = ?, time = ? WHERE number = ?`
	insertCategory = `INSERT INTO categories (number, name, streams, messages, last) VALUES (?, ?, ?, ?, ?)`
	updateCategory = `UPDATE categories SET streams = ?, messages = ?, last = ? WHERE number = ?`
	updateState    = `UPDATE state SET next = ?, last_time = ?, messages = ?, streams = ?, sparse = ?`
)

// errCount is returned when a row to be changed is not there: going on would
// make counts and messages differ.
var errCount = errors.New("a row that must be there is missing")

func (b *batch) write(s engine.State, touched []*engine.Category) error {
	insert, err := b.statement(insertMessage)
	if err != nil {
		return err
	}
	for i := range b.records {
		if err := b.insert(insert, &b.records[i]); err != nil {
			return err
		}
	}
	for _, e := range b.ends {
		h := e.head
		if e.fresh {
			err = b.exec(insertStream, h.Ref, h.Stream, e.version, e.global, e.timestamp, sql.NullInt64{Int64: h.Hash, Valid: h.Cardinal})
		} else {
			err = b.exec(updateStream, e.version, e.global, e.timestamp, h.Ref)
		}
		if err != nil {
			return err
		}
	}
	for _, c := range touched {
		n := c.Counts
		if c.Stored {
			err = b.exec(updateCategory, n.Streams, n.Messages, n.Last, c.Number)
		} else {
			err = b.exec(insertCategory, c.Number, c.Name, n.Streams, n.Messages, n.Last)
		}
		if err != nil {
			return err
		}
	}
	return b.exec(updateState, s.Next, s.LastTime, s.Messages, s.Streams, truth(s.Sparse))
}

func (b *batch) insert(s *sql.Stmt, r *record) error {
	var correlation, metadata any
	if r.Correlation != "" {
		correlation = r.Correlation
	}
	if r.Metadata != nil {
		metadata = r.Metadata
	}
	if r.Data == nil {
		r.Data = []byte{} // data is never NULL
	}
	sum := b.summer.sum(r.stream, &summed{
		global: r.GlobalPosition, position: r.Position, time: r.Time, given: r.Given, id: r.ID[:],
		messageType: r.Type, correlation: r.Correlation, metadata: r.Metadata, data: r.Data,
	})
	_, err := s.Exec(r.GlobalPosition, int64(r.cat), r.number, r.Position, r.Time, truth(r.Given), r.ID[:],
		r.Type, correlation, metadata, r.Data, sum)
	return err
}

// statement returns a statement in the batch's transaction.
func (b *batch) statement(text string) (*sql.Stmt, error) {
	s, err := b.d.writer.statement(text)
	if err != nil {
		return nil, err
	}
	return b.tx.Stmt(s), nil
}

// exec changes one row.
func (b *batch) exec(text string, args ...any) error {
	s, err := b.statement(text)
	if err != nil {
		return err
	}
	done, err := s.Exec(args...)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err == nil && n != 1 {
		return errCount
	}
	return nil
}

// Apply commits; SQLite syncs its log with it, unless an interval does.
func (b *batch) Apply() error {
	start := time.Now()
	err := b.tx.Commit()
	if err != nil {
		return b.failed("commit", err)
	}
	b.d.commits.add(time.Since(start))
	b.d.payload.Add(b.bytes)
	b.d.messages.Store(b.count)
	b.d.grown.Add(pagesOf(len(b.records), len(b.ends), b.bytes))
	b.tx = nil
	return nil
}

// pagesOf is how many pages a batch may have added to the log: each message
// changes a leaf of the table and of three indexes at most, new ones besides
// when it is large, and each stream a leaf of two trees.
func pagesOf(messages, streams int, bytes int64) int64 {
	return int64(8+5*messages+2*streams) + bytes/pageBytes
}

// Sync has nothing left to do: Apply has synced, or the interval does.
func (b *batch) Sync() error { return nil }

// Close discards what was not applied. Everybody has been answered by then, so
// that it is the moment to keep the log short.
func (b *batch) Close() error {
	if b.tx != nil {
		b.rollback()
		return nil
	}
	b.d.shorten()
	return nil
}
