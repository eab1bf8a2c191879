package client

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/evtui/evtui/internal/filter"
)

// maxFilter is how long a filter may be that a server is asked to evaluate.
const maxFilter = 4 << 10

// Scan ranges over the messages that a filter keeps, in their order: all of
// them that are stored, or q's Limit. The server evaluates the filter; where it
// cannot, the client reads everything and does, with the same results. An error
// ends it, and comes with a zero Message.
func (c *Client) Scan(ctx context.Context, q ScanQuery) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		var cost ScanCost
		ask := q
		for left := q.Limit; q.Limit < 1 || left > 0; {
			if ask.Limit = exportPage; q.Limit > 0 {
				ask.Limit = min(exportPage, left)
			}
			p, err := c.ScanPage(ctx, ask)
			if err != nil {
				yield(Message{}, err)
				return
			}
			if cost = cost.Add(p.Read); q.Progress != nil {
				q.Progress(cost)
			}
			for i := range p.Messages {
				if !yield(p.Messages[i], nil) {
					return
				}
			}
			if p.Complete {
				return
			}
			left -= len(p.Messages)
			ask = ask.After(p)
		}
	}
}

// FiltersHere reports whether the server is known not to scan, so that scans
// read everything.
func (c *Client) FiltersHere() bool { return c.shared.noScans.Load() }

// ScanPage looks at messages until it has found as many as q's Limit, has
// looked at as much as q allows, or there are no more. It looks at one at
// least, unless it is complete. An error in the filter says where it is.
func (c *Client) ScanPage(ctx context.Context, q ScanQuery) (ScanPage, error) {
	p, err := c.scanPage(ctx, q)
	if err != nil {
		return ScanPage{}, fmt.Errorf("scan %s: %w", q.subject(), err)
	}
	return p, nil
}

// subject names what is looked through.
func (q ScanQuery) subject() string {
	switch {
	case q.Stream != "":
		return fmt.Sprintf("stream %q", q.Stream)
	case len(q.Categories) == 1:
		return fmt.Sprintf("category %q", q.Categories[0])
	case len(q.Categories) > 1:
		return fmt.Sprintf("categories %q", q.Categories)
	}
	return "the namespace"
}

func (c *Client) scanPage(ctx context.Context, q ScanQuery) (ScanPage, error) {
	if err := q.check(); err != nil {
		return ScanPage{}, err
	}
	f, err := filter.Parse(q.Filter, time.Now())
	if err != nil {
		return ScanPage{}, err
	}
	q = q.withDefaults()
	if q.Backward && q.Before == 1 && q.Stream == "" {
		return ScanPage{Complete: true}, nil // as an inclusive bound, 0 would be none
	}
	switch len(q.Categories) {
	case 0:
		return c.scanOne(ctx, q, f, "")
	case 1:
		return c.scanOne(ctx, q, f, q.Categories[0])
	}
	return c.scanMany(ctx, q, f)
}

// scanOne scans one stream, or one category.
func (c *Client) scanOne(ctx context.Context, q ScanQuery, f filter.Filter, category string) (ScanPage, error) {
	if c.shared.noScans.Load() || len(f.Absolute()) > maxFilter {
		return c.scanHere(ctx, q, f, category)
	}
	p, rows, err := c.scanThere(ctx, q, f, category)
	if NotOffered(err) {
		c.shared.noScans.Store(true)
		return c.scanHere(ctx, q, f, category)
	}
	if err != nil {
		return ScanPage{}, err
	}
	p.Messages, err = parseRows(rows, q.Stream, q.Limit)
	if err == nil && (!p.Complete && p.Read.Messages < 1 || q.Ordinals && len(p.Ordinals) != len(p.Messages)) {
		err = errAnswer
	}
	return p, err
}

// scanMany scans each category for itself, and merges what they found as far as
// all of them were looked through.
func (c *Client) scanMany(ctx context.Context, q ScanQuery, f filter.Filter) (ScanPage, error) {
	one := q
	one.Ordinals = false
	one.MaxBytes = max(q.MaxBytes/int64(len(q.Categories)), 1)
	end := int64(unbounded)
	if !q.Backward {
		// What is written behind one category's back while others are read is for
		// the next page.
		head, err := c.Head(ctx)
		if err != nil && !NotOffered(err) {
			return ScanPage{}, err
		}
		if err == nil {
			end = max(head+1, q.From)
		}
	}
	pages := make([]ScanPage, len(q.Categories))
	for i, category := range q.Categories {
		var err error
		if pages[i], err = c.scanOne(ctx, one, f, category); err != nil {
			return ScanPage{}, err
		}
		one.size = pages[i].size
	}
	if end == unbounded && !q.Backward {
		// No head is told, but what was found says how far all can be read by now: those
		// that had no more before it was are looked through once more.
		end = q.From
		for _, p := range pages {
			end = max(end, p.Next)
		}
		for i := range pages[:len(pages)-1] {
			if p := &pages[i]; p.Complete && end > q.From {
				late, err := c.scanOne(ctx, one.After(*p), f, q.Categories[i])
				if err != nil {
					return ScanPage{}, err
				}
				p.Messages, p.Read = append(p.Messages, late.Messages...), p.Read.Add(late.Read)
				p.Next, p.Complete = late.Next, late.Complete
			}
		}
	}
	return q.merge(pages, end), nil
}

// unbounded is an end that is not known.
const unbounded = -1

// merge makes one page of those of several categories, none of which counts
// from end on: what lies beyond where one of them left off is looked at again
// with the next page.
func (q ScanQuery) merge(pages []ScanPage, end int64) ScanPage {
	all := ScanPage{Complete: true, size: pages[len(pages)-1].size}
	bound := end
	for _, p := range pages {
		all.Messages = append(all.Messages, p.Messages...)
		all.Read = all.Read.Add(p.Read)
		all.Complete = all.Complete && p.Complete
		all.Next = max(all.Next, p.Next)
		if !p.Complete && (bound == unbounded || q.Backward == (p.Next > bound)) {
			bound = p.Next
		}
	}
	if bound != unbounded {
		all.Next = bound
		all.Messages = slices.DeleteFunc(all.Messages, func(m Message) bool {
			return q.Backward == (m.GlobalPosition < bound)
		})
	}
	slices.SortFunc(all.Messages, func(a, b Message) int {
		if q.Backward {
			a, b = b, a
		}
		return cmp.Compare(a.GlobalPosition, b.GlobalPosition)
	})
	if q.Limit > 0 && len(all.Messages) > q.Limit {
		all.Messages, all.Complete = all.Messages[:q.Limit], false
		if all.Next = all.Messages[q.Limit-1].GlobalPosition; !q.Backward {
			all.Next++
		}
	}
	return all
}

// scanThere has the server scan. The page is without its messages: those are rows, as of
// category.get or stream.get.
func (c *Client) scanThere(ctx context.Context, q ScanQuery, f filter.Filter, category string) (p ScanPage, rows []byte, err error) {
	method := "category.scan"
	if q.Stream != "" {
		method = "stream.scan"
	}
	x := newExchange(method, cmp.Or(q.Stream, category))
	defer x.free()
	if !f.IsZero() {
		x.text("filter", f.Absolute()) // the server's clock and zone are others
	}
	if q.Backward && q.Before > 0 {
		x.optional().num("position", q.Before-1)
	} else {
		x.number("position", max(q.From, 0))
	}
	x.number("globalPosition", max(q.GlobalPosition, 0))
	x.page(q.Limit, q.Backward)
	x.text("correlation", q.Correlation)
	x.group(q.Group)
	x.num("maxMessages", min(q.MaxMessages, maxScanMessages))
	x.num("maxBytes", min(q.MaxBytes, maxScanBytes))
	x.num("maxMillis", min(max(q.MaxTime.Milliseconds(), 1), maxScanMillis))
	x.flag("ordinals", q.Ordinals)
	x.level = 2
	if err := c.call(ctx, x, reading); err != nil {
		return p, nil, err
	}
	return parseScan(x.take(), q.Backward)
}

// What a server takes at most.
const (
	maxScanMessages = 1_000_000
	maxScanBytes    = 1 << 30
	maxScanMillis   = 10_000
)

// parseScan reads an answer, of which the rows stay a part.
func parseScan(answer []byte, backward bool) (p ScanPage, rows []byte, err error) {
	seen := 0
	s := &scanner{buf: answer}
	s.members(func(key []byte) {
		switch string(key) {
		case "messages":
			rows = s.raw()
			seen |= 1
		case "ordinals":
			p.Ordinals = s.integers()
		case "read":
			p.Read = s.cost()
			seen |= 2
		case "next":
			// Backward it is inclusive, and null where there is none.
			if next := s.raw(); string(next) != "null" {
				p.Next = (&scanner{buf: next, err: s.err}).integer()
				if backward {
					p.Next++
				}
			}
			seen |= 4
		case "complete":
			p.Complete = string(s.raw()) == "true"
			seen |= 8
		default:
			s.raw()
		}
	})
	if s.err == nil && seen != 15 {
		s.fail()
	}
	return p, rows, s.end()
}

// integers reads an array of integers.
func (s *scanner) integers() []int64 {
	var list []int64
	s.expect('[')
	for s.more(']', len(list) == 0) {
		list = append(list, s.integer())
	}
	return list
}

// cost reads what a scan took.
func (s *scanner) cost() (c ScanCost) {
	s.members(func(key []byte) {
		switch string(key) {
		case "messages":
			c.Messages = s.integer()
		case "bytes":
			c.Bytes = s.integer()
		case "duration":
			c.Time = time.Duration(s.integer())
		default:
			s.raw()
		}
	})
	return c
}

// scanHere reads everything, and filters it.
func (c *Client) scanHere(ctx context.Context, q ScanQuery, f filter.Filter, category string) (ScanPage, error) {
	began := time.Now()
	p := ScanPage{Next: q.From, size: q.size}
	if q.Backward {
		p.Next = q.Before
	}
	lowest := int64(1) // as Before says it: there is nothing before it
	if q.Stream != "" {
		lowest = 0
	}
	if p.size == nil {
		p.size = new(PageSize)
	}
	for !p.Complete && !p.spent(&q, began) {
		// Of what is read ahead the most is for nothing where few are wanted.
		want := p.size.Next(int(min(iteratePage, q.MaxMessages-p.Read.Messages)))
		page, err := c.scanRead(ctx, q.After(p), category, want)
		more, err := p.size.Took(want, page, err)
		if err != nil {
			return ScanPage{}, err
		}
		all := p.look(page, &q, f)
		p.Complete = all && (!more || q.Backward && p.Next <= lowest)
	}
	p.Read.Time, p.Read.Here = time.Since(began), true
	return p, nil
}

// spent reports whether a page has what it wants, or has used up what it may.
func (p *ScanPage) spent(q *ScanQuery, began time.Time) bool {
	return q.Limit >= 0 && len(p.Messages) >= q.Limit || p.Read.Messages >= q.MaxMessages || p.Read.Bytes >= q.MaxBytes ||
		p.Read.Messages > 0 && time.Since(began) >= q.MaxTime
}

// look filters what was read, and reports whether all of it was looked at.
func (p *ScanPage) look(page []Message, q *ScanQuery, f filter.Filter) (all bool) {
	for i := range page {
		m := &page[i]
		if p.Read.Bytes >= q.MaxBytes || q.Limit >= 0 && len(p.Messages) >= q.Limit {
			return false
		}
		at := m.GlobalPosition
		if q.Stream != "" {
			at = m.Position
		}
		if p.Next = at; !q.Backward {
			p.Next++
		}
		if q.Group.Owns(m.Stream) && f.Keeps(m) {
			p.Messages = append(p.Messages, *m)
			if q.Ordinals {
				p.Ordinals = append(p.Ordinals, p.Read.Messages)
			}
		}
		p.Read.Messages++
		p.Read.Bytes += int64(len(m.Data) + len(m.Metadata))
	}
	return true
}

// scanRead reads a page of what is to be filtered here.
func (c *Client) scanRead(ctx context.Context, q ScanQuery, category string, limit int) ([]Message, error) {
	if q.Stream != "" {
		return c.ReadStream(ctx, StreamQuery{
			Stream: q.Stream, Position: q.From, GlobalPosition: q.GlobalPosition, Limit: limit, Backward: q.Backward, Before: q.Before, MaxBytes: PageBytes,
		})
	}
	r := CategoryQuery{Category: category, GlobalPosition: q.From, Limit: limit, Correlation: q.Correlation, Backward: q.Backward, MaxBytes: PageBytes}
	if q.Backward {
		r.GlobalPosition = max(q.Before-1, 0)
	}
	if !q.Ordinals {
		r.Group = q.Group // the server can do that much; but then it cannot be counted what others own
	}
	return c.ReadCategory(ctx, r)
}
