package pgstore

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// exactUpTo is up to which highest position messages are counted; beyond, they
	// are estimated from a sample of about sampleRows.
	exactUpTo  = 100_000
	sampleRows = 20_000
	// countTime is how long a count is believed while nothing is written, and
	// estimateTime how long an estimate is.
	estimateTime = 30 * time.Second
)

// tally is what a namespace or a category holds.
type tally struct{ messages, streams int64 }

// counted is a count at a moment.
type counted struct {
	tally
	last       time.Time // of the newest message
	categories map[string]tally
	top        int64 // highest position
	exact      bool
	at         time.Time
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
	next := &counted{at: time.Now(), categories: map[string]tally{}}
	rows, pages, size := int64(0), int64(0), int64(0)
	err := sp.ask(ctx, fmt.Sprintf(`SELECT coalesce(max(m.global_position), 0), c.reltuples::int8, c.relpages::int8, pg_relation_size(c.oid)::int8 / current_setting('block_size')::int8,
		(SELECT n.time FROM %[1]s n ORDER BY n.global_position DESC LIMIT 1)
		FROM pg_class c LEFT JOIN LATERAL (SELECT max(global_position) AS global_position FROM %[1]s) m ON true
		WHERE c.oid = to_regclass($1) GROUP BY c.oid, c.reltuples, c.relpages`, sp.table), []argument{words(sp.table)}, func(r row) error {
		next.top, rows, pages, size = r.int(0), r.int(1), r.int(2), r.int(3)
		if !r.null(4) {
			next.last = r.time(4)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	next.exact = next.top <= exactUpTo
	if c.now != nil && c.now.exact == next.exact {
		if c.now.top == next.top && next.exact || !next.exact && time.Since(c.now.at) < estimateTime {
			return c.now, nil
		}
	}
	sample, scale := "", 1.0
	if !next.exact {
		total := estimate(rows, pages, size, next.top)
		share := min(100, 100*float64(sampleRows)/float64(max(total, 1)))
		sample, scale = fmt.Sprintf(" TABLESAMPLE SYSTEM (%.6f)", share), 100/share
	}
	err = sp.ask(ctx, fmt.Sprintf(`SELECT %s::text, count(*), count(*) FILTER (WHERE position = 0) FROM %s%s GROUP BY 1`, sp.category, sp.table, sample), nil, func(r row) error {
		t := tally{int64(float64(r.int(1)) * scale), int64(float64(r.int(2)) * scale)}
		next.categories[r.text(0)] = t
		next.messages, next.streams = next.messages+t.messages, next.streams+t.streams
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.now = next
	return next, nil
}

// estimate is how many rows there are as PostgreSQL's planner reckons: as dense as
// when they were last counted, over the size of now.
func estimate(rows, pages, size, top int64) int64 {
	if rows <= 0 || pages <= 0 {
		return top
	}
	return int64(float64(rows) / float64(pages) * float64(size))
}
