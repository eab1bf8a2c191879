package sqlitestore

import (
	"bytes"
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
	end *end
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
	kept    []keptRecord
	forgets bool // all records kept before
	tx      *sql.Tx
	bytes   int64
	count   int64 // of the namespace's messages afterwards
}

// keptRecord is a record of the shared layer's.
type keptRecord struct{ key, value []byte }

func (b *batch) Keep(key, value []byte) error {
	b.kept = append(b.kept, keptRecord{bytes.Clone(key), bytes.Clone(value)})
	return nil
}

func (b *batch) Forget() error {
	b.kept, b.forgets = nil, true
	return nil
}

// Prepare has nothing to take apart.
func (d *database) Prepare(engine.Messages) engine.Prepared { return nil }

// Begin starts the next batch. It prepares statements: in a transaction there
// would be no connection for it.
func (d *database) Begin() (engine.Batch, error) {
	if d.writer == nil {
		return nil, store.ErrReadOnly
	}
	for _, text := range []string{insertMessage, insertStream, updateStream, insertCategory, updateCategory, updateState, insertKept} {
		if _, err := d.writer.statement(text); err != nil {
			d.failed(err)
			return nil, fmt.Errorf("prepare: %w", err)
		}
	}
	return &batch{d: d, ends: map[string]*end{}}, nil
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
	b.records = append(b.records, record{*m, e})
	b.bytes += int64(len(m.Data) + len(m.Metadata))
	return nil
}

// Seal writes everything, up to the COMMIT.
func (b *batch) Seal(s engine.State, touched []*engine.Category) (err error) {
	b.count = s.Messages
	if b.tx, err = b.d.writer.db.BeginTx(context.Background(), nil); err == nil {
		err = b.write(s, touched)
	}
	if err != nil {
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
	insertStream   = `INSERT INTO streams (version, last, time, number, name, hash) VALUES (?, ?, ?, ?, ?, ?)`
	updateStream   = `UPDATE streams SET version = ?, last = ?, time = ? WHERE number = ?`
	insertCategory = `INSERT INTO categories (streams, messages, last, number, name) VALUES (?, ?, ?, ?, ?)`
	updateCategory = `UPDATE categories SET streams = ?, messages = ?, last = ? WHERE number = ?`
	insertKept     = `INSERT OR REPLACE INTO kept (key, value) VALUES (?, ?)`
	updateState    = `UPDATE state SET next = ?, last_time = ?, messages = ?, streams = ?, sparse = ?`
)

// errCount is returned when a row to be changed is not there: going on would
// make counts and messages differ.
var errCount = errors.New("a row that must be there is missing")

func (b *batch) write(s engine.State, touched []*engine.Category) error {
	var summer summer
	for i := range b.records {
		r := &b.records[i]
		h := r.end.head
		if r.Data == nil {
			r.Data = []byte{} // data is never NULL
		}
		var metadata any
		if r.Metadata != nil {
			metadata = r.Metadata
		}
		err := b.exec(insertMessage, r.GlobalPosition, int64(h.Category.Number), h.Ref, r.Position, r.Time, truth(r.Given), r.ID[:],
			r.Type, sql.NullString{String: r.Correlation, Valid: r.Correlation != ""}, metadata, r.Data, summer.sum(h.Stream, &r.Record))
		if err != nil {
			return err
		}
	}
	for _, e := range b.ends {
		text, args := updateStream, []any{e.version, e.global, e.timestamp, e.head.Ref}
		if e.fresh {
			text, args = insertStream, append(args, e.head.Stream, sql.NullInt64{Int64: e.head.Hash, Valid: e.head.Cardinal})
		}
		if err := b.exec(text, args...); err != nil {
			return err
		}
	}
	for _, c := range touched {
		text, args := updateCategory, []any{c.Counts.Streams, c.Counts.Messages, c.Counts.Last, c.Number}
		if !c.Stored {
			text, args = insertCategory, append(args, c.Name)
		}
		if err := b.exec(text, args...); err != nil {
			return err
		}
	}
	if err := b.writeKept(); err != nil {
		return err
	}
	return b.exec(updateState, s.Next, s.LastTime, s.Messages, s.Streams, truth(s.Sparse))
}

func (b *batch) writeKept() error {
	if b.forgets {
		if _, err := b.tx.Exec(`DELETE FROM kept`); err != nil {
			return err
		}
	}
	for _, r := range b.kept {
		if err := b.exec(insertKept, r.key, r.value); err != nil {
			return err
		}
	}
	return nil
}

// exec changes one row in the batch's transaction.
func (b *batch) exec(text string, args ...any) error {
	s, err := b.d.writer.statement(text)
	if err != nil {
		return err
	}
	done, err := b.tx.Stmt(s).Exec(args...)
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
	if err := b.tx.Commit(); err != nil {
		return b.failed("commit", err)
	}
	b.d.commits.add(time.Since(start))
	b.d.payload.Add(b.bytes)
	b.d.messages.Store(b.count)
	// A message changes a leaf of the table and of three indexes at most, new ones
	// besides when it is large, and each stream a leaf of two trees.
	b.d.grown.Add(8 + 5*int64(len(b.records)) + 2*int64(len(b.ends)) + int64(len(b.kept)) + b.bytes/pageBytes)
	b.tx = nil
	return nil
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
