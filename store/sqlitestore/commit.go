package sqlitestore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"github.com/evtui/evtui/store"
)

// committer is the only goroutine that writes to a namespace's database. All
// its fields belong to it.
type committer struct {
	ns     *namespace
	sql    statements
	state  state
	serial uint64 // of the current group
	random *mathrand.ChaCha8
	number int64 // the next stream's

	// Of the current group.
	tx      *sql.Tx
	bound   map[*sql.Stmt]*sql.Stmt // statements in the transaction
	touched map[string]*head        // streams written to
	held    map[string]*head        // and those that an import is about to write to
	cats    []*category             // categories written to
	news    []news
	last    int64 // time of the message with the highest global position; 0: no news there
	imports bool
	heard   bool // somebody subscribes: news is complete
	bytes   int64
}

// statements are those of the committer, prepared once.
type statements struct {
	head, id, taken, gpos, position                        *sql.Stmt
	message, stream, end, category, count, state, log, run *sql.Stmt
}

func newCommitter(ns *namespace) (*committer, error) {
	var seed [32]byte
	// crypto/rand.Read never fails (it would end the process) since Go 1.24.
	_, _ = rand.Read(seed[:])
	c := &committer{
		ns: ns, random: mathrand.NewChaCha8(seed),
		bound: map[*sql.Stmt]*sql.Stmt{}, touched: map[string]*head{}, held: map[string]*head{},
	}
	var err error
	if c.state, err = ns.load(); err != nil {
		return nil, err
	}
	if err := ns.db.write.QueryRow(`SELECT coalesce(max(number), 0) + 1 FROM streams`).Scan(&c.number); err != nil {
		return nil, fmt.Errorf("read streams: %w", err)
	}
	return c, c.prepare()
}

func (c *committer) prepare() error {
	for _, s := range []struct {
		into **sql.Stmt
		text string
	}{
		{&c.sql.head, `SELECT number, version, last, time FROM streams WHERE name = ?`},
		{&c.sql.id, `SELECT gpos, position, stream, type, data FROM messages WHERE id = ? AND given = 1`},
		{&c.sql.taken, `SELECT 1 FROM messages WHERE id = ? AND given = 1`},
		{&c.sql.gpos, `SELECT 1 FROM messages WHERE gpos = ?`},
		{&c.sql.position, `SELECT 1 FROM messages WHERE stream = ? AND position = ?`},
		{&c.sql.message, `INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&c.sql.stream, `INSERT INTO streams VALUES (?, ?, ?, ?, ?, ?)`},
		{&c.sql.end, `UPDATE streams SET version = ?, last = ?, time = ? WHERE number = ?`},
		{&c.sql.category, `INSERT INTO categories VALUES (?, ?, ?, ?, ?)`},
		{&c.sql.count, `UPDATE categories SET streams = ?, messages = ?, last = ? WHERE number = ?`},
		{&c.sql.state, `UPDATE state SET next = ?, last_time = ?, messages = ?, streams = ?`},
		{&c.sql.log, `PRAGMA wal_checkpoint(NOOP)`},
		{&c.sql.run, `PRAGMA wal_checkpoint(PASSIVE)`},
	} {
		var err error
		if *s.into, err = c.ns.db.write.Prepare(s.text); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	return nil
}

func (c *committer) close() {
	for _, s := range []*sql.Stmt{
		c.sql.head, c.sql.id, c.sql.taken, c.sql.gpos, c.sql.position, c.sql.message, c.sql.stream,
		c.sql.end, c.sql.category, c.sql.count, c.sql.state, c.sql.log, c.sql.run,
	} {
		_ = s.Close() // it only gives memory back
	}
}

// run commits groups until the queue is closed.
func (c *committer) run() {
	defer c.close()
	var group []*op
	for {
		group = c.ns.queue.take(group)
		if len(group) == 0 {
			return
		}
		err := c.commit(group)
		for _, o := range group {
			if err != nil {
				o.err = err
			}
			close(o.done)
		}
		clear(group)
		c.checkpoint()
	}
}

// commit stores a group in one transaction and makes it known. An error is for
// all of the group.
func (c *committer) commit(group []*op) error {
	if err := c.ns.poisoned(); err != nil {
		return err
	}
	if err := c.begin(); err != nil {
		return c.fail(err)
	}
	now := time.Now().UnixNano()
	for _, o := range group {
		if o.imports != nil {
			c.imports = true
			o.err = c.importAll(o)
		} else {
			c.state.lastTime = max(c.state.lastTime, now)
			o.result, o.err = c.append(&o.write)
		}
		var broken *brokenError
		if errors.As(o.err, &broken) {
			return c.fail(broken)
		}
	}
	if len(c.touched) == 0 {
		// Only retries and conflicts; what they looked at is durable.
		if err := c.tx.Rollback(); err != nil {
			return c.fail(err)
		}
		return nil
	}
	if err := c.finish(); err != nil {
		return c.fail(err)
	}
	start := time.Now()
	if err := c.tx.Commit(); err != nil {
		return c.fail(err)
	}
	c.ns.commits.add(time.Since(start))
	c.publish()
	return nil
}

// brokenError is a failure of the database in the middle of a transaction, as
// opposed to an op that is refused.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

func (c *committer) begin() error {
	c.serial++
	clear(c.touched)
	clear(c.held)
	clear(c.bound)
	c.cats, c.news = c.cats[:0], c.news[:0]
	c.last, c.imports, c.bytes = 0, false, 0
	c.heard = c.ns.h.waiting.Load() > 0
	var err error
	c.tx, err = c.ns.db.write.BeginTx(context.Background(), nil)
	return err
}

// fail poisons the namespace: positions were given, and nothing may build on
// them. SQLite has taken back, or takes back at the next opening, what the
// transaction wrote.
func (c *committer) fail(err error) error {
	if c.tx != nil {
		_ = c.tx.Rollback() // it may have been rolled back already
	}
	c.ns.poison(err)
	return c.ns.poisoned()
}

// statement returns a statement in the current transaction.
func (c *committer) statement(s *sql.Stmt) *sql.Stmt {
	t := c.bound[s]
	if t == nil {
		t = c.tx.Stmt(s)
		c.bound[s] = t
	}
	return t
}

func (c *committer) exec(s *sql.Stmt, args ...any) error {
	if _, err := c.statement(s).Exec(args...); err != nil {
		return &brokenError{err: err}
	}
	return nil
}

// put stores one message and counts it.
func (c *committer) put(h *head, r *record) error {
	cat := h.category
	if cat.group != c.serial {
		cat.group = c.serial
		c.cats = append(c.cats, cat)
	}
	if h.number == 0 {
		h.number = c.number
		c.number++
	}
	err := c.exec(c.sql.message, r.gpos, cat.number, h.number, r.position, r.time, truth(r.given), r.id[:],
		r.messageType, sql.NullString{String: r.correlation, Valid: r.correlation != ""}, r.metadata, filled(r.data))
	if err != nil {
		return err
	}
	if h.version == store.NoStream {
		cat.assigned.streams++
		c.state.streams++
	}
	cat.assigned.messages++
	cat.assigned.last = max(cat.assigned.last, r.gpos)
	c.state.messages++
	c.bytes += int64(len(r.data) + len(r.metadata))
	if r.gpos >= c.state.next {
		c.state.next, c.last = r.gpos+1, r.time
	}
	if r.position > h.version {
		c.ns.head.advance(h, r.position, r.gpos, r.time)
	}
	c.touched[h.stream] = h
	if c.heard {
		c.news = append(c.news, news{head: h, position: r.position, gpos: r.gpos})
	}
	return nil
}

// filled makes nil an empty blob: data is never NULL.
func filled(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// finish stores the heads, counts and state that the group's messages changed.
func (c *committer) finish() error {
	for _, h := range c.touched {
		var err error
		if h.stored {
			err = c.exec(c.sql.end, h.version, h.gpos, h.time, h.number)
		} else {
			err = c.exec(c.sql.stream, h.number, h.stream, h.version, h.gpos, h.time, h.nullHash())
		}
		if err != nil {
			return err
		}
		h.stored = true
	}
	for _, cat := range c.cats {
		n := cat.assigned
		var err error
		if cat.stored {
			err = c.exec(c.sql.count, n.streams, n.messages, n.last, cat.number)
		} else {
			err = c.exec(c.sql.category, cat.number, cat.name, n.streams, n.messages, n.last)
		}
		if err != nil {
			return err
		}
		cat.stored = true
	}
	return c.exec(c.sql.state, c.state.next, c.state.lastTime, c.state.messages, c.state.streams)
}

// publish moves everything that readers see to the end of the group.
func (c *committer) publish() {
	ns := c.ns
	for _, cat := range c.cats {
		cat.publish(cat.assigned)
	}
	ns.messages.Store(c.state.messages)
	ns.streams.Store(c.state.streams)
	ns.payload.Add(c.bytes)
	if c.last != 0 {
		ns.lastTime.Store(c.last)
	}
	head := c.state.next - 1
	ns.durable.Store(head) // first: what is announced must be readable
	ns.ring.add(c.news, head, c.heard && !c.imports)
	if ns.h.waiting.Load() > 0 {
		ns.h.bell.ring()
	}
}

// newID makes an id for a message that came without one.
func (c *committer) newID() store.ID {
	var random [10]byte
	binary.LittleEndian.PutUint64(random[:8], c.random.Uint64())
	binary.LittleEndian.PutUint16(random[8:], uint16(c.random.Uint64()))
	return store.MakeID(time.Unix(0, c.state.lastTime), random)
}
