package client

import (
	"context"
	"strconv"

	"github.com/evtui/evtui/store"
)

// Types returns the counts by type of a category, of the whole namespace when
// it is "". It costs what it returns. NotOffered holds for the error where the
// server or its engine does not keep them: who needs them there reads the
// messages and counts.
func (c *Client) Types(ctx context.Context, category string) (store.TypeCounts, error) {
	of := ""
	if category != "" {
		of = " of category " + strconv.Quote(category)
	}
	return ask[store.TypeCounts](ctx, c, ofTypes("category.types", category), reading, "count types%s", of)
}

// Transitions returns which types followed which in the streams of a category,
// of the whole namespace when it is "". NotOffered holds for the error as in
// [Client.Types].
func (c *Client) Transitions(ctx context.Context, category string) (store.Transitions, error) {
	return ask[store.Transitions](ctx, c, ofTypes("category.flow", category), reading, "read transitions of category %q", category)
}

// ofTypes begins a call about a category's types.
func ofTypes(method, category string) *exchange {
	x := newExchange(method)
	x.text("category", category)
	return x
}
