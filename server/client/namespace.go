package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// NamespaceOptions adjusts CreateNamespace; the zero value is fine.
type NamespaceOptions struct {
	Description string
	Token       string          // "": the server makes one
	Metadata    json.RawMessage // a JSON object, or nil
}

// Created answers CreateNamespace. The token is shown only here.
type Created struct {
	Namespace string    `json:"namespace"`
	Token     string    `json:"token"`
	CreatedAt time.Time `json:"createdAt"`
}

// CreateNamespace makes a namespace; it needs the admin token. It returns an
// error that is store.ErrNamespaceExists when the id is taken.
func (c *Client) CreateNamespace(ctx context.Context, id string, o NamespaceOptions) (Created, error) {
	x := newExchange("ns.create", id)
	x.optional()
	x.text("description", o.Description)
	x.text("token", o.Token)
	if o.Metadata != nil {
		if !whole(o.Metadata) {
			x.free()
			return Created{}, fmt.Errorf("create namespace %q: %w", id,
				&store.InvalidError{Field: "metadata", Reason: "must be one JSON object"})
		}
		x.raw("metadata", o.Metadata)
	}
	created, err := ask[Created](ctx, c, x, writing, "create namespace %q", id)
	created.CreatedAt = created.CreatedAt.UTC()
	return created, err
}

// DeleteNamespace removes a namespace with all that it holds and returns how
// many messages that were; it needs the admin token.
func (c *Client) DeleteNamespace(ctx context.Context, id string) (messages int64, err error) {
	type deleted struct{ MessagesDeleted int64 }
	answer, err := ask[deleted](ctx, c, newExchange("ns.delete", id), writing, "delete namespace %q", id)
	return answer.MessagesDeleted, err
}

// namespaceRow is what ns.list and ns.info answer; what the protocol does not
// name is empty where the server does not tell it. All but the name is called as the
// fields of a store.Namespace.
type namespaceRow struct {
	store.Namespace
	ID string `json:"namespace"`
}

func (r namespaceRow) namespace() store.Namespace {
	n := r.Namespace
	n.ID, n.CreatedAt, n.LastActivity = r.ID, n.CreatedAt.UTC(), n.LastActivity.UTC()
	if string(n.Metadata) == "null" {
		n.Metadata = nil
	}
	return n
}

// Namespaces lists all namespaces by id; it needs the admin token.
func (c *Client) Namespaces(ctx context.Context) ([]store.Namespace, error) {
	rows, err := ask[[]namespaceRow](ctx, c, newExchange("ns.list"), reading, "list namespaces")
	if err != nil {
		return nil, err
	}
	namespaces := make([]store.Namespace, len(rows))
	for i, r := range rows {
		namespaces[i] = r.namespace()
	}
	return namespaces, nil
}

// NamespaceInfo describes one namespace, which the token may see.
func (c *Client) NamespaceInfo(ctx context.Context, id string) (store.Namespace, error) {
	row, err := ask[namespaceRow](ctx, c, newExchange("ns.info", id), reading, "describe namespace %q", id)
	if err != nil {
		return store.Namespace{}, err
	}
	return row.namespace(), nil
}

// streamRow is a line of ns.streams.
type streamRow struct {
	store.Stream
	Name string `json:"stream"`
}

// Streams returns one page of streams by name. [Client.AllStreams] reads all of
// them. On a plain server, where pages cannot be cut to a category, they are
// filtered here, and may cost several calls.
func (c *Client) Streams(ctx context.Context, q StreamsQuery) ([]store.Stream, error) {
	if q.Limit == 0 {
		q.Limit = maxStreams
	}
	page, err := c.streams(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list streams: %w", err)
	}
	return page, nil
}

func (c *Client) streams(ctx context.Context, q StreamsQuery) ([]store.Stream, error) {
	if q.Category != "" {
		offers, err := c.offers(ctx)
		if err != nil {
			return nil, err
		}
		if offers == offersPlain {
			return c.streamsFiltered(ctx, q)
		}
	}
	return c.streamsPage(ctx, q)
}

func (c *Client) streamsPage(ctx context.Context, q StreamsQuery) ([]store.Stream, error) {
	x := newExchange("ns.streams")
	x.text("prefix", q.Prefix)
	x.text("category", q.Category)
	x.text("cursor", q.Cursor)
	x.optional().num("limit", int64(q.Limit))
	x.kind, x.rows = pageAnswer, q.Limit
	var rows []streamRow
	if err := c.decode(ctx, x, reading, &rows); err != nil {
		return nil, err
	}
	streams := make([]store.Stream, len(rows))
	for i, r := range rows {
		streams[i] = store.Stream{Name: r.Name, Version: r.Version, LastActivity: r.LastActivity.UTC()}
	}
	return streams, nil
}

// streamsFiltered makes a page of one category out of pages of all streams
// that begin like it.
func (c *Client) streamsFiltered(ctx context.Context, q StreamsQuery) ([]store.Stream, error) {
	category, want := q.Category, q.Limit
	q.Category = ""
	switch {
	case strings.HasPrefix(category, q.Prefix):
		q.Prefix = category
	case !strings.HasPrefix(q.Prefix, category):
		return nil, nil // no name begins with both
	}
	var kept []store.Stream
	for {
		page, err := c.streamsPage(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, s := range page {
			if store.Category(s.Name) == category {
				kept = append(kept, s)
			}
			if len(kept) == want {
				return kept, nil
			}
		}
		if len(page) < q.Limit {
			return kept, nil
		}
		q.Cursor = page[len(page)-1].Name
	}
}
