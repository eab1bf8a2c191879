package client

import (
	"context"
	"fmt"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// ReadCategory returns a page of a category's messages, or of the namespace's
// when the category is "". Fewer than the limit mean that there are no more.
// [Client.Category] reads all of them, page by page.
func (c *Client) ReadCategory(ctx context.Context, q CategoryQuery) ([]store.Message, error) {
	answer, err := c.readCategory(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read category %q: %w", q.Category, err)
	}
	rows, err := parseRows(answer, "", limitOf(q.Limit))
	if err != nil {
		return nil, fmt.Errorf("read category %q: %w", q.Category, err)
	}
	return rows, nil
}

// readCategory returns the page as it came.
func (c *Client) readCategory(ctx context.Context, q CategoryQuery) ([]byte, error) {
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
	if !q.Group.IsZero() {
		f.key("consumerGroup")
		group := fields{dst: append(f.dst, '{')}
		group.num("member", int64(q.Group.Member))
		group.num("size", int64(q.Group.Size))
		f.dst = group.closeObject()
	}
	x.body = f.closeObject()
	x.kind, x.rows = pageAnswer, limitOf(q.Limit)
	if err := c.call(ctx, x, reading); err != nil {
		return nil, err
	}
	return x.take(), nil
}

// Categories lists the namespace's categories by name. LastPosition is 0
// where the server does not tell it.
func (c *Client) Categories(ctx context.Context) ([]store.CategoryCount, error) {
	var rows []struct {
		Category     string `json:"category"`
		StreamCount  int64  `json:"streamCount"`
		MessageCount int64  `json:"messageCount"`
		LastPosition int64  `json:"lastPosition"`
		Estimated    bool   `json:"estimated"`
	}
	if err := c.decode(ctx, newExchange("ns.categories"), reading, &rows); err != nil {
		return nil, fmt.Errorf("list categories: %w", err)
	}
	counts := make([]store.CategoryCount, len(rows))
	for i, r := range rows {
		counts[i] = store.CategoryCount(r)
	}
	return counts, nil
}

// Distribution tells how the category's streams fall on the members of a
// consumer group of the size, each with its top hottest streams.
func (c *Client) Distribution(ctx context.Context, category string, size, top int) (wire.Distribution, error) {
	x := newExchange("category.distribution")
	x.str(category)
	f := openFields(x.body)
	f.num("size", int64(size))
	f.num("top", int64(top))
	x.body = f.closeObject()
	var d wire.Distribution
	if err := c.decode(ctx, x, reading, &d); err != nil {
		return wire.Distribution{}, fmt.Errorf("distribute category %q: %w", category, err)
	}
	return d, nil
}
