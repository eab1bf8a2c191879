package pgstore

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"
)

const (
	// exactUpTo is up to which highest position messages are counted; beyond, they
	// are estimated from a sample of about sampleRows.
	exactUpTo  = 100_000
	sampleRows = 20_000
	// What comes after a count is counted and added to it, so that counts go up by
	// exactly what came: whoever follows takes the difference for what is new. Small ones
	// are made again after recountTime, which finds what was removed.
	recountTime = 5 * time.Minute
)

// tally is what a namespace or a category holds.
type tally struct {
	messages, streams int64
	last              int64     // the highest position
	newest            time.Time // of the messages
}

func (t tally) join(o tally) tally {
	t.messages, t.streams, t.last = t.messages+o.messages, t.streams+o.streams, max(t.last, o.last)
	if o.newest.After(t.newest) {
		t.newest = o.newest
	}
	return t
}

// counted is a count as of a settled head: all that it says is of that. It does not
// change.
type counted struct {
	tally
	categories map[string]tally
	names      []string // of the categories, as the database orders them
	to         int64    // the settled head
	unread     int64    // messages below position 1, which no read reaches and no count has
	exact      bool
	at         time.Time // when it was made from scratch
}

// counts is the newest count of a space.
type counts struct {
	mu  sync.Mutex // held while the server is asked
	now *counted
}

func (c *counts) estimated() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now != nil && !c.now.exact
}

// count counts what a space holds, or estimates it: a guest reads no large table
// through. A stream is counted by its first message.
func (sp *space) count(ctx context.Context) (*counted, error) {
	c := &sp.counts
	c.mu.Lock()
	defer c.mu.Unlock()
	head, err := sp.settle(ctx)
	if err != nil {
		return nil, err
	}
	var next *counted
	if c.now.goesOn(head, time.Now()) {
		next, err = sp.countOn(ctx, c.now, head)
	} else {
		next, err = sp.countAll(ctx, head)
	}
	if err != nil {
		return nil, err
	}
	c.now = next
	return next, nil
}

// goesOn reports whether a count is good to be added to: it is not too old, not too much
// came, and nothing was removed.
func (c *counted) goesOn(head int64, now time.Time) bool {
	if c == nil || head < c.to || head-c.to > countedMost {
		return false
	}
	return head > exactUpTo || now.Sub(c.at) < recountTime
}

// countOn adds to a count what came since, up to the head.
func (sp *space) countOn(ctx context.Context, before *counted, head int64) (*counted, error) {
	if head == before.to {
		return before, nil
	}
	came, err := sp.between(ctx, before.to, head)
	if err != nil {
		return nil, err
	}
	next := *before
	next.categories, next.to = maps.Clone(before.categories), head
	for category, t := range came {
		next.categories[category] = next.categories[category].join(t)
		next.tally = next.join(t)
	}
	if len(next.categories) > len(before.categories) {
		return &next, sp.nameCategories(ctx, &next)
	}
	return &next, nil
}

// countAll counts from scratch, up to the head.
func (sp *space) countAll(ctx context.Context, head int64) (*counted, error) {
	next := &counted{at: time.Now(), categories: map[string]tally{}, to: head, exact: head <= exactUpTo}
	sample, scale := "", 1.0
	if !next.exact {
		total, err := sp.estimate(ctx, head)
		if err != nil {
			return nil, err
		}
		share := min(100, 100*float64(sampleRows)/float64(max(total, 1)))
		sample, scale = fmt.Sprintf(" TABLESAMPLE SYSTEM (%.6f)", share), 100/share
	}
	err := sp.ask(ctx, fmt.Sprintf(`SELECT %s::text, count(*), count(*) FILTER (WHERE position = 0) FROM %s%s WHERE global_position BETWEEN 1 AND $1 GROUP BY 1`, sp.category, sp.table, sample),
		[]argument{number(head)}, func(r row) {
			next.categories[r.text(0)] = tally{messages: int64(float64(r.int(1)) * scale), streams: int64(float64(r.int(2)) * scale)}
		})
	if err != nil {
		return nil, err
	}
	if err := sp.nameCategories(ctx, next); err != nil {
		return nil, err
	}
	if err := sp.numbers(ctx, `SELECT count(*) FROM `+sp.table+` WHERE global_position < 1`, nil, &next.unread); err != nil {
		return nil, err
	}
	for _, t := range next.categories {
		next.tally = next.join(t)
	}
	return next, sp.ask(ctx, `SELECT time FROM `+sp.table+` WHERE global_position <= $1 ORDER BY global_position DESC LIMIT 1`, []argument{number(head)}, func(r row) { next.newest = r.time(0) })
}

// nameCategories finds the names of all categories up to the head, in the database's
// order, with the last position of each. It jumps from name to name through the index.
func (sp *space) nameCategories(ctx context.Context, c *counted) error {
	c.names = nil
	return sp.ask(ctx, fmt.Sprintf(`WITH RECURSIVE walk(name) AS (
		(SELECT %[2]s::text FROM %[1]s ORDER BY %[2]s LIMIT 1)
		UNION ALL
		SELECT (SELECT %[2]s::text FROM %[1]s WHERE %[2]s > walk.name ORDER BY %[2]s LIMIT 1) FROM walk WHERE name IS NOT NULL)
		SELECT name, (SELECT global_position FROM %[1]s WHERE %[2]s = walk.name AND global_position BETWEEN 1 AND $1 ORDER BY global_position DESC LIMIT 1)
		FROM walk WHERE name IS NOT NULL`, sp.table, sp.category), []argument{number(c.to)}, func(r row) {
		if r.null(1) { // all of it is above the head, or below position 1
			return
		}
		name := r.text(0)
		t := c.categories[name]
		if t.last = r.int(1); !c.exact { // a sample may have missed all of it
			t.messages, t.streams = max(t.messages, 1), max(t.streams, 1)
		}
		c.categories[name] = t
		c.names = append(c.names, name)
	})
}

// estimate is how many rows there are as PostgreSQL's planner reckons: as dense as
// when they were last counted, over the size of now. Where they never were, as many
// as there are positions.
func (sp *space) estimate(ctx context.Context, head int64) (int64, error) {
	rows, pages, size := int64(0), int64(0), int64(0)
	err := sp.numbers(ctx, `SELECT reltuples::int8, relpages::int8, pg_relation_size(oid)::int8 / current_setting('block_size')::int8 FROM pg_class WHERE oid = to_regclass($1)`,
		[]argument{words(sp.table)}, &rows, &pages, &size)
	if rows <= 0 || pages <= 0 {
		return head, err
	}
	return int64(float64(rows) / float64(pages) * float64(size)), err
}
