package search

import (
	"context"
	"fmt"
	"time"

	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// maxCached bounds the causes that are remembered.
const maxCached = 50_000

// Span says whose hops [Many] reads: those to the messages of a stream, or of
// categories, where none is the whole namespace.
type Span struct {
	Stream     string
	Categories []string
	Until      int64 // only messages before this global position; 0: all
}

// Many reads messages for how long it took from their causes to them, the newest
// first where the server reads backward.
type Many struct {
	links causes.Links
	of    Span
	hops  causes.Hops
	query client.ScanQuery
	then  []string // categories that are read after it
	cache map[causes.Ref]origin
	rest  []store.Message // read, and not counted yet

	Tally
}

// Tally is what [Many] read and counted so far.
type Tally struct {
	Read    client.ScanCost // what was read
	Caused  int64           // of it, what names a cause
	Counted int64           // hops counted
	Missing int64           // causes that are not there, or that no index leads to
	Lookups int64           // causes that were looked up
	Oldest  bool            // the oldest come first: the server reads forward alone
	Done    bool            // there are no more to read
}

// origin is what is remembered of a cause.
type origin struct {
	kind string
	time time.Time
	here bool
}

// NewMany returns a reader that has read nothing.
func NewMany(l causes.Links, of Span) *Many {
	m := &Many{links: l, of: of, cache: map[causes.Ref]origin{}}
	if m.then = of.Categories; of.Stream != "" || len(m.then) == 0 {
		m.then = []string{""}
	}
	m.begin()
	return m
}

// begin turns to the next category.
func (m *Many) begin() {
	m.query = client.ScanQuery{Stream: m.of.Stream, Backward: !m.Oldest, Limit: stepRows, MaxMessages: stepRows, MaxBytes: stepBytes}
	if m.then[0] != "" {
		m.query.Categories = m.then[:1:1]
	}
	switch m.then = m.then[1:]; {
	case m.Oldest || m.of.Until == 0:
	case m.of.Stream == "":
		m.query.Before = m.of.Until
	default:
		m.query.GlobalPosition = m.of.Until - 1
	}
}

// Step reads for a while, at most so many messages more.
func (m *Many) Step(ctx context.Context, c *client.Client, atMost int64) error {
	began, before := time.Now(), m.Read.Messages
	for len(m.rest) > 0 || !m.Done && m.Read.Messages-before < atMost && time.Since(began) < stepTime {
		if len(m.rest) == 0 {
			if err := m.page(ctx, c, atMost-(m.Read.Messages-before)); err != nil {
				return err
			}
		}
		for len(m.rest) > 0 {
			if err := m.count(ctx, c, &m.rest[0]); err != nil {
				return err
			}
			m.rest = m.rest[1:]
			if time.Since(began) >= stepTime {
				return nil // the next step counts the rest
			}
		}
	}
	return nil
}

// Finish counts what was read and not counted yet.
func (m *Many) Finish(ctx context.Context, c *client.Client) error {
	for ; len(m.rest) > 0; m.rest = m.rest[1:] {
		if err := m.count(ctx, c, &m.rest[0]); err != nil {
			return err
		}
	}
	return nil
}

// page reads the next messages.
func (m *Many) page(ctx context.Context, c *client.Client, atMost int64) error {
	q := m.query
	q.MaxMessages = min(q.MaxMessages, atMost)
	p, err := c.ScanPage(ctx, q)
	if client.NotOffered(err) && !m.Oldest {
		m.Oldest = true
		m.query.Backward, m.query.Before, m.query.GlobalPosition = false, 0, 0
		return m.page(ctx, c, atMost)
	}
	if err != nil {
		return fmt.Errorf("read messages for their hops: %w", err)
	}
	m.Read, m.rest = m.Read.Add(p.Read), p.Messages
	end := p.Complete
	for i := range m.rest {
		if m.Oldest && m.of.Until > 0 && m.rest[i].GlobalPosition >= m.of.Until {
			m.rest, end = m.rest[:i], true
			break
		}
	}
	if m.query = m.query.After(p); end && len(m.then) > 0 {
		m.begin()
		end = false
	}
	m.Done = end
	return nil
}

// count counts the hop to a message.
func (m *Many) count(ctx context.Context, c *client.Client, effect *store.Message) error {
	m.remember(effect)
	named := m.links.Of(effect)
	if len(named.Causes) == 0 {
		return nil
	}
	from, err := m.originOf(ctx, c, named.Causes)
	if err != nil {
		return fmt.Errorf("look up the cause of %s#%d: %w", effect.Stream, effect.Position, err)
	}
	m.Caused++
	if !from.here {
		m.Missing++
		return nil
	}
	m.hops.Add(from.kind, effect.Type, effect.Time.Sub(from.time), causes.Place(effect.Stream, effect.Position))
	m.Counted++
	return nil
}

// originOf is the first of the causes that is there. A span is only found where
// its message was read: no index leads to it.
func (m *Many) originOf(ctx context.Context, c *client.Client, named []causes.Ref) (origin, error) {
	for _, ref := range named {
		from, known := m.cache[ref]
		if !known && ref.Way != causes.BySpan {
			found, ok, err := LookUp(ctx, c, ref)
			if err != nil && !client.NotOffered(err) {
				return origin{}, err
			}
			m.Lookups++
			from = origin{kind: found.Type, time: found.Time, here: ok && err == nil}
			m.keep(ref, from)
		}
		if from.here {
			return from, nil
		}
	}
	return origin{}, nil
}

// remember keeps a message that was read: it may be the cause of others.
func (m *Many) remember(at *store.Message) {
	if !m.Oldest {
		return // its effects were read before it
	}
	from := origin{kind: at.Type, time: at.Time, here: true}
	m.keep(causes.Place(at.Stream, at.Position), from)
	if own := m.links.Of(at).Span; own.Way != causes.None {
		m.keep(own, from)
	}
}

func (m *Many) keep(ref causes.Ref, from origin) {
	if len(m.cache) >= maxCached {
		clear(m.cache)
	}
	m.cache[ref] = from
}

// Counts reports whether all that was read is counted.
func (m *Many) Counts() bool { return len(m.rest) == 0 }

// Hops are the pairs of types so far, those that took longest first, and how many
// hops were not counted since there were too many.
func (m *Many) Hops() (list []causes.Hop, left int64) { return m.hops.List(), m.hops.Left() }
