package groups

import (
	"context"
	"slices"
	"time"

	"github.com/evtui/evtui/internal/partition"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
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
func (p *groups) wanted() scanID {
	of := scanID{category: p.key, size: p.size}
	if p.before != p.size {
		of.before = p.before
	}
	return of
}

// askScan begins a scan for what is shown, or its next part. One that took long is
// repeated less often.
func (p *groups) askScan(t *page.Turn) {
	s := &p.scan
	stale := s.done && t.Now.Sub(s.began) >= max(scanEvery, scanShare*s.took)
	if of := p.wanted(); s.tally == nil || s.of != of || stale {
		*s = scan{of: of, began: t.Now, tally: partition.New(of.spec())}
	}
	if s.gen != 0 || s.done || s.stopped || p.fault != "" {
		return
	}
	of, cursor, plain := s.of, s.cursor, p.plain
	s.gen = p.questions.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
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
func (p *groups) scanned(t *page.Turn, msg page.Reply) {
	s := &p.scan
	s.gen = 0
	switch r, _ := msg.Value.(partReply); {
	case client.NotOffered(msg.Err) && !p.plain:
		p.plain = true
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		p.fault = msg.Err.Error()
	case !s.tally.Merge(&r.part) && !p.plain:
		p.plain = true // an older server, which does not tell what moves
	default:
		s.took += r.took
		s.cursor, s.done = r.part.Next, r.part.Complete
		s.stopped = s.stopped || !s.done && s.cursor == ""
		p.takeScan(t)
	}
	p.show()
	p.askScan(t)
}

// takeScan shows what was scanned: once it is whole, or while nothing better is there.
func (p *groups) takeScan(t *page.Turn) {
	s := &p.scan
	if !s.done && p.dist != nil && p.dist.Complete && p.distOf == s.of {
		return
	}
	d := s.tally.Sum(s.done)
	if s.done {
		p.rates.look(t.Now, &d)
	}
	p.dist, p.distOf, p.distAt = &d, s.of, s.began
}

// moving is what the change of the group's size moves; nil when it was not changed, or
// is not known yet.
func (p *groups) moving() *wire.Moves {
	if d := p.current(); d != nil && p.distOf.before > 0 && p.distOf.before == p.before && len(d.Moves) > 2 {
		return &d.Moves[2]
	}
	return nil
}

// scanning reports whether a scan goes on that takes more than a part.
func (p *groups) scanning() bool {
	return p.scan.tally != nil && !p.scan.done && !p.scan.stopped && p.scan.cursor != ""
}

// stop ends a long scan where it is, and reports whether there was one. Refresh goes on.
func (p *groups) stop() bool {
	if !p.scanning() {
		return false
	}
	p.scan.stopped = true
	return true
}

// scanChips say how far a long scan is, and what it cost.
func (p drawing) scanChips(now time.Time) (chips []string) {
	s := &p.scan
	if p.tab != tabMembers && p.tab != tabMoves || s.tally == nil {
		return nil
	}
	of := text.Count(s.tally.Scanned())
	if c := p.count(); c != nil && c.StreamCount > 0 && !s.done {
		of += " of " + text.About(c.StreamCount, c.Estimated)
	}
	switch {
	case p.scanning():
		chips = append(chips, "counting "+of+" streams, "+text.Duration(s.took.Round(time.Millisecond)))
	case s.stopped && s.cursor != "":
		chips = append(chips, "stopped at "+of+" streams: r goes on")
	case s.done && s.took >= time.Second:
		chips = append(chips, of+" streams in "+text.Duration(s.took.Round(time.Millisecond)))
	}
	if d := p.current(); d != nil && d.Complete && now.Sub(p.distAt) >= 3*scanEvery {
		chips = append(chips, "as of "+text.Ago(p.distAt, now))
	}
	return slices.Clip(chips)
}
