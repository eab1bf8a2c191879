package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/evtui/evtui/internal/partition"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// ReadCategory returns a page of a category's messages, or of the namespace's
// when the category is "". Fewer than the limit mean that there are no more.
// [Client.Category] reads all of them, page by page.
func (c *Client) ReadCategory(ctx context.Context, q CategoryQuery) ([]store.Message, error) {
	answer, err := c.readCategory(ctx, q)
	rows, err := parsePage(answer, err, "", limitOf(q.Limit))
	if err != nil {
		return rows, fmt.Errorf("read category %q: %w", q.Category, err)
	}
	return rows, nil
}

// parsePage reads a page that came with an error, which stays unless it is
// cut.
func parsePage(answer []byte, err error, known string, limit int) ([]Message, error) {
	if err != nil && !errors.Is(err, errCut) {
		return nil, err
	}
	rows, wrong := parseRows(answer, known, limit)
	if wrong != nil {
		return nil, wrong
	}
	return rows, err
}

// readCategory returns the page as it came; one that is cut comes with errCut.
func (c *Client) readCategory(ctx context.Context, q CategoryQuery) ([]byte, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	if q.Backward {
		if err := c.needs(ctx, "reading backward"); err != nil {
			return nil, err
		}
	}
	x := newExchange("category.get")
	defer x.free()
	x.str(q.Category)
	f := openFields(x.body)
	if q.GlobalPosition > 0 {
		f.num("position", q.GlobalPosition)
	}
	f.page(limitOf(q.Limit), q.Backward)
	if q.Correlation != "" {
		f.str("correlation", q.Correlation)
	}
	f.group(q.Group)
	x.body = f.closeObject()
	x.kind, x.rows, x.most = pageAnswer, limitOf(q.Limit), q.MaxBytes
	return x.page(c.call(ctx, x, reading))
}

// page returns the answer, of a page that is cut with the error.
func (x *exchange) page(err error) ([]byte, error) {
	if err != nil && !errors.Is(err, errCut) {
		return nil, err
	}
	return x.take(), err
}

// group adds a member of a consumer group, unless it is none.
func (f *fields) group(g Group) {
	if g.IsZero() {
		return
	}
	f.key("consumerGroup")
	object := fields{dst: append(f.dst, '{')}
	object.num("member", int64(g.Member))
	object.num("size", int64(g.Size))
	f.dst = object.closeObject()
}

// Categories lists the namespace's categories by name. LastPosition is 0
// where the server does not tell it.
func (c *Client) Categories(ctx context.Context) ([]store.CategoryCount, error) {
	rows, err := c.categoryRows(ctx, newExchange("ns.categories"))
	if err != nil {
		return nil, fmt.Errorf("list categories: %w", err)
	}
	return countsOf(rows), nil
}

func countsOf(rows []categoryRow) []store.CategoryCount {
	counts := make([]store.CategoryCount, len(rows))
	for i := range rows {
		counts[i] = rows[i].count()
	}
	return counts
}

// categoryRow is a line of ns.categories.
type categoryRow struct {
	Category      string `json:"category"`
	StreamCount   int64  `json:"streamCount"`
	MessageCount  int64  `json:"messageCount"`
	LastPosition  int64  `json:"lastPosition"`
	Estimated     bool   `json:"estimated"`
	CategoryCount int64  `json:"categoryCount"` // of "", which stands for all
}

func (r *categoryRow) count() store.CategoryCount {
	return store.CategoryCount{Category: r.Category, StreamCount: r.StreamCount, MessageCount: r.MessageCount, LastPosition: r.LastPosition, Estimated: r.Estimated}
}

func (c *Client) categoryRows(ctx context.Context, x *exchange) (rows []categoryRow, err error) {
	return rows, c.decode(ctx, x, reading, &rows)
}

// CountCategories returns the counts of those of the named categories, 999 at most,
// that hold messages, by name, and what all categories of the namespace come to,
// as of one moment. It costs what it returns; servers without that addition list
// all categories for it.
func (c *Client) CountCategories(ctx context.Context, names ...string) ([]store.CategoryCount, store.CategoryTotals, error) {
	x := newExchange("ns.categories")
	offers, err := c.offers(ctx)
	if err != nil {
		x.free()
		return nil, store.CategoryTotals{}, fmt.Errorf("count categories: %w", err)
	}
	if offers != offersPlain { // it might refuse what it does not know
		f := openFields(x.body)
		f.strings("names", append([]string{""}, names...))
		x.body = f.closeObject()
	}
	rows, err := c.categoryRows(ctx, x)
	if err != nil {
		return nil, store.CategoryTotals{}, fmt.Errorf("count categories: %w", err)
	}
	list, totals := counted(rows, names)
	return list, totals, nil
}

// counted picks the named categories out of an answer, and sums all of it up
// unless the server did.
func counted(rows []categoryRow, names []string) (list []store.CategoryCount, totals store.CategoryTotals) {
	asked := make(map[string]bool, len(names))
	for _, name := range names {
		asked[name] = true
	}
	for i := range rows {
		r := &rows[i]
		if r.Category == "" {
			return countsOf(rows[1:]), store.CategoryTotals{
				Categories: r.CategoryCount, StreamCount: r.StreamCount, MessageCount: r.MessageCount, LastPosition: r.LastPosition,
			}
		}
		totals.Categories++
		totals.StreamCount += r.StreamCount
		totals.MessageCount += r.MessageCount
		totals.LastPosition = max(totals.LastPosition, r.LastPosition)
		if asked[r.Category] {
			list = append(list, r.count())
		}
	}
	return list, totals
}

// Distribution tells how the category's streams fall on the members of a
// consumer group of the size, each with its top hottest streams. It goes on
// until all streams were looked at, where the server can.
func (c *Client) Distribution(ctx context.Context, category string, size, top int) (wire.Distribution, error) {
	return c.WholeDistribution(ctx, DistributionQuery{Category: category, Size: size, Top: top}, nil)
}

// DistributionQuery says what is to be told of how streams fall on the members of
// a consumer group.
type DistributionQuery struct {
	Category string
	Size     int // of the group
	Top      int // how many of each member's hottest streams are named
	// To are sizes for which is told what moves; TopMoves how many of the streams that
	// move are named, up to 1000. Servers that do not know it tell nothing.
	To       []int
	TopMoves int
	// Cursor goes on where another call stopped: its answer's Next.
	Cursor string
	// Limit is how many streams are looked at. 0: as many as the server does.
	Limit int
}

// DistributionPart tells how up to the Limit of the category's streams fall on the
// members. Its Next is the Cursor of the call that goes on.
func (c *Client) DistributionPart(ctx context.Context, q DistributionQuery) (wire.Distribution, error) {
	x := newExchange("category.distribution")
	x.str(q.Category)
	f := openFields(x.body)
	f.num("size", int64(q.Size))
	f.num("top", int64(q.Top))
	if q.Limit > 0 {
		f.num("limit", int64(q.Limit))
	}
	if q.Cursor != "" {
		f.str("cursor", q.Cursor)
	}
	if len(q.To) > 0 {
		f.num("topMoves", int64(q.TopMoves))
		f.key("to")
		f.dst = append(f.dst, '[')
		for i, size := range q.To {
			if i > 0 {
				f.dst = append(f.dst, ',')
			}
			f.dst = strconv.AppendInt(f.dst, int64(size), 10)
		}
		f.dst = append(f.dst, ']')
	}
	x.body = f.closeObject()
	var d wire.Distribution
	if err := c.decode(ctx, x, reading, &d); err != nil {
		return wire.Distribution{}, fmt.Errorf("distribute category %q: %w", q.Category, err)
	}
	return d, nil
}

// WholeDistribution asks for part after part until all streams were looked at, and
// tells progress, unless that is nil, how many those are so far. Where the server
// cannot go on, the answer is not Complete.
func (c *Client) WholeDistribution(ctx context.Context, q DistributionQuery, progress func(streams int64)) (wire.Distribution, error) {
	sum := partition.New(partition.Spec{Category: q.Category, Size: q.Size, Top: q.Top, To: q.To, TopMoves: q.TopMoves})
	for {
		part, err := c.DistributionPart(ctx, q)
		if err != nil {
			return wire.Distribution{}, err
		}
		if !sum.Merge(&part) {
			return part, nil // of an older server: it says what it can at once
		}
		if part.Complete || part.Next == "" {
			return sum.Sum(part.Complete), nil
		}
		q.Cursor = part.Next
		if progress != nil {
			progress(sum.Scanned())
		}
	}
}
