package groups

import (
	"context"
	"time"

	"github.com/evtui/evtui/internal/partition"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// How streams are scanned.
const (
	scanEvery    = 3 * time.Second // how often, while it costs little
	scanShare    = 20              // at most 1/20 of the time is spent on it
	scanPart     = 50_000          // streams that the server looks at for one question
	scanPages    = 10              // pages of streams that are read for one, where it does not
	hottestShown = 8               // hottest streams of each member
	movesShown   = 1000            // streams that move
)

// scanID is what a scan is of.
type scanID struct {
	category     string
	size, before int // before is the size that what moves is counted from; 0: none
}

// scan goes over the streams of a category, part by part. It is bounded: sums, and the
// streams with most messages.
type scan struct {
	of      scanID
	tally   *partition.Tally
	cursor  string
	gen     uint64    // of the part under way; 0: none
	began   time.Time // by the page's clock
	took    time.Duration
	done    bool // all streams were looked at
	stopped bool // the user stopped it, or the server cannot go on
}

// partReply is a part of a scan with the time it took.
type partReply struct {
	part wire.Distribution
	took time.Duration
}

// wanted is what is to be scanned now.
func (d *distribution) wanted() scanID {
	of := scanID{category: d.category, size: d.size}
	if d.before != d.size {
		of.before = d.before
	}
	return of
}

// ask begins a scan for what is shown, or its next part. One that took long is repeated
// less often.
func (d *distribution) ask(t *page.Turn, q *questions) {
	s := &d.scan
	stale := s.done && t.Now.Sub(s.began) >= max(scanEvery, scanShare*s.took)
	if of := d.wanted(); s.tally == nil || s.of != of || stale {
		*s = scan{of: of, began: t.Now, tally: partition.New(of.spec())}
	}
	if s.gen != 0 || s.done || s.stopped || d.fault != "" {
		return
	}
	of, cursor, plain := s.of, s.cursor, d.plain
	s.gen = q.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
		start := time.Now()
		part, err := of.part(ctx, c, cursor, plain)
		return partReply{part, time.Since(start)}, err
	})
}

// spec is what is tallied: the members, and what other sizes would move.
func (of scanID) spec() partition.Spec {
	to := []int{of.size + 1, max(of.size-1, 1)}
	if of.before > 0 {
		to = append(to, of.before)
	}
	return partition.Spec{Category: of.category, Size: of.size, Top: hottestShown, To: to, TopMoves: movesShown}
}

// part looks at the streams after the cursor: the server does, or, where it does not
// offer that, this does.
func (of scanID) part(ctx context.Context, c *client.Client, cursor string, plain bool) (wire.Distribution, error) {
	spec := of.spec()
	if !plain {
		return c.DistributionPart(ctx, client.DistributionQuery{
			Category: spec.Category, Size: spec.Size, Top: spec.Top, To: spec.To, TopMoves: spec.TopMoves, Cursor: cursor, Limit: scanPart,
		})
	}
	tally, q := partition.New(spec), client.StreamsQuery{Category: spec.Category, Cursor: cursor}
	for range scanPages {
		page, err := c.Streams(ctx, q)
		if err != nil {
			return wire.Distribution{}, err
		}
		for _, s := range page {
			tally.Add(s)
		}
		if len(page) < streamsPage {
			return tally.Sum(true), nil
		}
		q.Cursor = page[len(page)-1].Name
	}
	d := tally.Sum(false)
	d.Next = q.Cursor
	return d, nil
}

// streamsPage is how many streams a page of the protocol holds at most.
const streamsPage = 1000

// scanned takes a part of the scan under way.
func (d *distribution) scanned(t *page.Turn, q *questions, msg page.Reply) {
	s := &d.scan
	s.gen = 0
	switch r, _ := msg.Value.(partReply); {
	case client.NotOffered(msg.Err) && !d.plain:
		d.plain = true
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		d.fault = msg.Err.Error()
	case !s.tally.Merge(&r.part) && !d.plain:
		d.plain = true // an older server, which does not tell what moves
	default:
		s.took += r.took
		s.cursor, s.done = r.part.Next, r.part.Complete
		s.stopped = s.stopped || !s.done && s.cursor == ""
		d.take(t.Now)
	}
	d.ask(t, q)
}

// take takes what was scanned: once it is whole, or while nothing better is there.
func (d *distribution) take(now time.Time) {
	s := &d.scan
	if !s.done && d.last != nil && d.last.Complete && d.of == s.of {
		return
	}
	sum := s.tally.Sum(s.done)
	if s.done {
		d.rates.look(now, &sum)
	}
	d.last, d.of, d.at = &sum, s.of, s.began
}

// goesOn reports whether a scan takes more than a part, and is not done.
func (s *scan) goesOn() bool {
	return s.tally != nil && !s.done && !s.stopped && s.cursor != ""
}

// stop ends a long scan where it is, and reports whether there was one. Refresh goes on.
func (s *scan) stop() bool {
	long := s.goesOn()
	s.stopped = s.stopped || long
	return long
}

// chips say how far a long scan of the category is, and what it cost.
func (s *scan) chips(category *store.CategoryCount) []string {
	of := text.Count(s.tally.Scanned())
	if category != nil && category.StreamCount > 0 && !s.done {
		of += " of " + text.About(category.StreamCount, category.Estimated)
	}
	switch {
	case s.goesOn():
		return []string{"counting " + of + " streams, " + text.Duration(s.took.Round(time.Millisecond))}
	case s.stopped && s.cursor != "":
		return []string{"stopped at " + of + " streams: r goes on"}
	case s.done && s.took >= time.Second:
		return []string{of + " streams in " + text.Duration(s.took.Round(time.Millisecond))}
	}
	return nil
}
