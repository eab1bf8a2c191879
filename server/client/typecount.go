package client

import (
	"context"
	"fmt"
	"strconv"

	"github.com/evtui/evtui/store"
)

// Types returns the counts by type of a category, of the whole namespace when
// it is "". It costs what it returns. NotOffered holds for the error where the
// server or its engine does not keep them: who needs them there reads the
// messages and counts.
func (c *Client) Types(ctx context.Context, category string) (store.TypeCounts, error) {
	var counts store.TypeCounts
	if err := c.decode(ctx, ofTypes("category.types", category), reading, &counts); err != nil {
		of := ""
		if category != "" {
			of = " of category " + strconv.Quote(category)
		}
		return store.TypeCounts{}, fmt.Errorf("count types%s: %w", of, err)
	}
	return counts, nil
}

// Transitions returns which types followed which in the streams of a category,
// of the whole namespace when it is "". NotOffered holds for the error as in
// [Client.Types].
func (c *Client) Transitions(ctx context.Context, category string) (store.Transitions, error) {
	var seen store.Transitions
	if err := c.decode(ctx, ofTypes("category.flow", category), reading, &seen); err != nil {
		return store.Transitions{}, fmt.Errorf("read transitions of category %q: %w", category, err)
	}
	return seen, nil
}

// ofTypes begins a call about a category's types.
func ofTypes(method, category string) *exchange {
	x := newExchange(method)
	if category != "" {
		f := openFields(x.body)
		f.str("category", category)
		x.body = f.closeObject()
	}
	return x
}
