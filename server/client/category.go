package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/evtui/evtui/internal/partition"
	"github.com/evtui/evtui/internal/rawjson"
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
	x := newExchange("category.get", q.Category)
	defer x.free()
	x.number("position", q.GlobalPosition)
	x.page(limitOf(q.Limit), q.Backward)
	x.text("correlation", q.Correlation)
	x.group(q.Group)
	return c.readPage(ctx, x, q.Backward, q.MaxBytes)
}

// readPage makes the call and returns the answer, of a page that is cut with errCut.
func (c *Client) readPage(ctx context.Context, x *exchange, backward bool, maxBytes int64) ([]byte, error) {
	if backward {
		if err := c.needs(ctx, "reading backward"); err != nil {
			return nil, err
		}
	}
	x.most = maxBytes
	err := c.call(ctx, x, reading)
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
	object := fields{body: append(f.body, '{')}
	object.num("member", int64(g.Member))
	object.num("size", int64(g.Size))
	f.body = object.closeObject()
}

// Categories lists the namespace's categories by name. LastPosition is 0
// where the server does not tell it.
func (c *Client) Categories(ctx context.Context) ([]store.CategoryCount, error) {
	return ask[[]store.CategoryCount](ctx, c, newExchange("ns.categories"), reading, "list categories")
}

// categoryRow is a line of ns.categories.
type categoryRow struct {
	store.CategoryCount
	All int64 `json:"categoryCount"` // of "", which stands for all
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
		list(x.optional(), "names", append([]string{""}, names...), rawjson.AppendString)
	}
	rows, err := ask[[]categoryRow](ctx, c, x, reading, "count categories")
	if err != nil {
		return nil, store.CategoryTotals{}, err
	}
	counts, totals := counted(rows, names)
	return counts, totals, nil
}

// counted picks the named categories out of an answer, and sums all of it up
// unless the server did.
func counted(rows []categoryRow, names []string) (list []store.CategoryCount, totals store.CategoryTotals) {
	asked := make(map[string]bool, len(names))
	for _, name := range names {
		asked[name] = true
	}
	sums := rows
	totals.Categories = int64(len(rows))
	if len(rows) > 0 && rows[0].Category == "" {
		totals.Categories, sums, rows = rows[0].All, rows[:1], rows[1:]
	}
	for _, r := range sums {
		totals.StreamCount += r.StreamCount
		totals.MessageCount += r.MessageCount
		totals.LastPosition = max(totals.LastPosition, r.LastPosition)
	}
	for _, r := range rows {
		if asked[r.Category] {
			list = append(list, r.CategoryCount)
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
	x := newExchange("category.distribution", q.Category)
	x.optional().num("size", int64(q.Size))
	x.num("top", int64(q.Top))
	x.number("limit", int64(max(q.Limit, 0)))
	x.text("cursor", q.Cursor)
	if len(q.To) > 0 {
		x.num("topMoves", int64(q.TopMoves))
		list(&x.fields, "to", q.To, func(dst []byte, size int) []byte { return strconv.AppendInt(dst, int64(size), 10) })
	}
	return ask[wire.Distribution](ctx, c, x, reading, "distribute category %q", q.Category)
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
