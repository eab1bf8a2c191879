package flow

import (
	"context"
	"maps"
	"time"

	"github.com/evtui/evtui/internal/story/flow"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// How a category is read.
const (
	stepTime     = 250 * time.Millisecond // of one question
	stepMessages = 10_000                 // of one question
	pageMost     = 1_000                  // messages read at once
	reach        = 200_000                // messages read before the user asks for more
	liveEvery    = time.Second            // how often it is asked what came, once all was read
)

// reading is how far a category was read.
type reading struct {
	bounds
	begun  bool
	took   time.Duration
	reach  int64 // messages that may be read
	done   bool  // there was no more
	halted bool  // the user stopped it
	caught int64 // global position of the last message when all had been read; -1: not yet
	size   client.PageSize
	asking bool
	asked  time.Time // when it was asked last
}

func newReading() reading {
	return reading{bounds: bounds{next: 1, total: -1}, reach: reach, caught: -1}
}

// bounds are where reading begins and ends, and how much there is: the answer to the
// first question.
type bounds struct {
	next    int64 // global position to go on at
	end     int64 // of the time cursor: read up to before it; 0: to the end
	byTime  bool  // the server cannot look times up: messages are looked at
	until   time.Time
	about   bool   // times are the writers' clocks
	total   int64  // messages of the category when it began; -1: not known
	guessed bool   // total is an estimate
	known   *known // the transitions that the server knows of; nil: it does not keep them
}

// known are the transitions that the server knows of, with the first message of each.
type known struct {
	first map[flow.Pair]flow.Moment
	part  bool // not all are kept, or not all messages are counted yet
}

// upTo leaves out what was seen first at a time or later; the zero time is none.
func (k *known) upTo(until time.Time) {
	maps.DeleteFunc(k.first, func(_ flow.Pair, at flow.Moment) bool { return !until.IsZero() && !at.Time.Before(until) })
}

// askKnown asks the server for the transitions that it has seen.
func askKnown(ctx context.Context, c *client.Client, category string) (*known, error) {
	seen, err := c.Transitions(ctx, category)
	if client.NotOffered(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k := &known{first: map[flow.Pair]flow.Moment{}, part: seen.Overflow || seen.Counted < seen.Messages}
	for _, s := range seen.Seen {
		of := flow.Pair{From: flow.Node{Type: s.From, Bound: s.From == ""}, To: flow.Node{Type: s.To}}
		k.first[of] = flow.Moment{Time: s.First.Time, Global: s.First.Position}
	}
	return k, nil
}

// begin asks where to read, and how much there is.
func (p *pane) begin(t *page.Turn) {
	category, since, until := p.at.Category, p.since, time.Time{}
	if !t.At.IsZero() {
		until = t.At.Truncate(time.Second).Add(time.Second)
	}
	p.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
		r := bounds{next: 1, total: -1, until: until}
		counts, _, err := c.CountCategories(ctx, category)
		if err != nil && !client.NotOffered(err) {
			return r, err
		}
		if len(counts) == 1 {
			r.total, r.guessed = counts[0].MessageCount, counts[0].Estimated
		}
		if r.next, err = r.seek(ctx, c, since, 1); err != nil {
			return r, err
		}
		if r.end, err = r.seek(ctx, c, until, 0); err != nil {
			return r, err
		}
		if r.known, err = askKnown(ctx, c, category); err == nil && r.known != nil {
			r.known.upTo(until)
		}
		return r, err
	})
}

// seek returns the global position of a time, or what stands for none. Where the
// server cannot look times up, messages are looked at.
func (r *bounds) seek(ctx context.Context, c *client.Client, at time.Time, none int64) (int64, error) {
	if at.IsZero() {
		return none, nil
	}
	sought, err := c.Seek(ctx, at)
	if client.NotOffered(err) {
		r.byTime = true
		return none, nil
	}
	r.about = r.about || sought.Approximate
	return sought.GlobalPosition, err
}

// readReply answers the others.
type readReply struct {
	events []flow.Event
	next   int64
	last   bool // there is no more
	took   time.Duration
	size   client.PageSize
}

// pull asks for the next messages, as far as they may be read.
func (p *pane) pull(t *page.Turn) {
	r := &p.read
	switch {
	case r.asking || r.halted || p.fault != "":
		return
	case !r.begun:
		p.begin(t)
		return
	case r.done && (!r.until.IsZero() || t.Now.Sub(r.asked) < liveEvery):
		return
	case !r.done && p.graph.Sum().Messages >= r.reach:
		return
	}
	q := client.CategoryQuery{Category: p.at.Category, GlobalPosition: r.next, MaxBytes: client.PageBytes}
	of := span{query: q, size: r.size, end: r.end}
	if r.byTime {
		of.since, of.until = p.since, r.until
	}
	p.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return of.read(ctx, c) })
}

// span is what one question reads of.
type span struct {
	query        client.CategoryQuery
	size         client.PageSize
	end          int64     // up to before this position; 0: to the end
	since, until time.Time // where times are looked at; zero: no bound
}

func (s span) read(ctx context.Context, c *client.Client) (any, error) {
	began := time.Now()
	r := readReply{next: s.query.GlobalPosition, size: s.size}
	for looked := 0; !r.last && looked < stepMessages && time.Since(began) < stepTime; {
		s.query.GlobalPosition, s.query.Limit = r.next, r.size.Next(pageMost)
		list, err := c.ReadCategory(ctx, s.query)
		more, err := r.size.Took(s.query.Limit, list, err)
		if err != nil {
			return nil, err
		}
		looked += len(list)
		r.last = !more
		s.take(list, &r)
	}
	r.took = time.Since(began)
	return r, nil
}

// take takes what belongs to the span of a page.
func (s *span) take(list []client.Message, r *readReply) {
	for i := range list {
		m := &list[i]
		if s.end > 0 && m.GlobalPosition >= s.end || !s.until.IsZero() && !m.Time.Before(s.until) {
			r.last = true
			return
		}
		if r.next = m.GlobalPosition + 1; !m.Time.Before(s.since) {
			r.events = append(r.events, flow.EventOf(m))
		}
	}
}

// ask asks a question, the only one under way.
func (p *pane) ask(t *page.Turn, call page.Call) {
	p.gen++
	p.read.asking, p.read.asked = true, t.Now
	t.Ask(p.gen, call)
}

func (p *pane) replied(t *page.Turn, msg page.Reply) {
	if msg.Gen != p.gen {
		t.Same()
		return
	}
	r := &p.read
	r.asking = false
	switch v := msg.Value.(type) {
	case bounds:
		r.begun, r.bounds = msg.Err == nil, v
	case readReply:
		p.took(t, &v)
	}
	switch {
	case msg.Err == nil:
		p.pull(t)
	case !client.Unreachable(msg.Err):
		p.fault = msg.Err.Error()
	}
}

func (p *pane) took(t *page.Turn, v *readReply) {
	r := &p.read
	for _, e := range v.events {
		p.graph.Take(e)
	}
	r.next, r.size = v.next, v.size
	if !r.done || len(v.events) > 0 {
		r.took += v.took
		p.stale = true
	} else {
		t.Same()
	}
	if r.done = r.done || v.last; r.done && r.caught < 0 {
		r.caught = p.graph.Sum().Last.Global
		p.stale = true
	}
	if p.stale && (r.done || t.Now.Sub(p.drawn) >= redrawEvery) {
		p.refresh(t)
	}
}

// reads reports whether it reads just now, beyond waiting for what comes.
func (p *pane) reads() bool {
	r := &p.read
	return !r.done && !r.halted && p.fault == "" && (!r.begun || p.graph.Sum().Messages < r.reach)
}

func (p *pane) further(t *page.Turn) {
	r := &p.read
	if r.done {
		return
	}
	if r.halted = false; p.graph.Sum().Messages >= r.reach {
		r.reach = p.graph.Sum().Messages + reach
	}
	p.pull(t)
}

func (p *pane) readChip(env page.Env) string {
	r, sum := &p.read, p.graph.Sum()
	if !r.begun {
		return "reading" + env.Theme.Sym.Ellipsis
	}
	whole := p.since.IsZero() && r.until.IsZero()
	switch {
	case r.done && whole:
		return "all read"
	case r.done:
		return "all of it read"
	}
	s := "read " + text.Count(sum.Messages)
	if whole && r.total >= 0 {
		s += " of " + text.About(max(r.total, sum.Messages), r.guessed)
	}
	switch {
	case r.halted:
		return s + ", stopped: + reads on"
	case sum.Messages >= r.reach:
		return s + ", + reads on"
	}
	return s + env.Theme.Sym.Ellipsis
}
