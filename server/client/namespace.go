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
	x := newExchange("ns.create")
	x.str(id)
	f := openFields(x.body)
	if o.Description != "" {
		f.str("description", o.Description)
	}
	if o.Token != "" {
		f.str("token", o.Token)
	}
	if o.Metadata != nil {
		if !whole(o.Metadata) {
			x.free()
			return Created{}, fmt.Errorf("create namespace %q: %w", id,
				&store.InvalidError{Field: "metadata", Reason: "must be one JSON object"})
		}
		f.raw("metadata", o.Metadata)
	}
	x.body = f.closeObject()
	var created Created
	if err := c.decode(ctx, x, writing, &created); err != nil {
		return Created{}, fmt.Errorf("create namespace %q: %w", id, err)
	}
	created.CreatedAt = created.CreatedAt.UTC()
	return created, nil
}

// DeleteNamespace removes a namespace with all that it holds and returns how
// many messages that were; it needs the admin token.
func (c *Client) DeleteNamespace(ctx context.Context, id string) (messages int64, err error) {
	x := newExchange("ns.delete")
	x.str(id)
	var answer struct {
		MessagesDeleted int64 `json:"messagesDeleted"`
	}
	if err := c.decode(ctx, x, writing, &answer); err != nil {
		return 0, fmt.Errorf("delete namespace %q: %w", id, err)
	}
	return answer.MessagesDeleted, nil
}

// namespaceRow is what ns.list and ns.info answer; what the protocol does not
// name is empty where the server does not tell it.
type namespaceRow struct {
	Namespace    string          `json:"namespace"`
	Description  string          `json:"description"`
	Metadata     json.RawMessage `json:"metadata"`
	CreatedAt    time.Time       `json:"createdAt"`
	MessageCount int64           `json:"messageCount"`
	StreamCount  int64           `json:"streamCount"`
	LastActivity *time.Time      `json:"lastActivity"`
	Open         bool            `json:"open"`
	Fault        string          `json:"fault"`
	Damaged      bool            `json:"damaged"`
	Notice       string          `json:"notice"`
	Estimated    bool            `json:"estimated"`
}

func (r namespaceRow) namespace() store.Namespace {
	n := store.Namespace{
		ID: r.Namespace, Description: r.Description, CreatedAt: r.CreatedAt.UTC(),
		MessageCount: r.MessageCount, StreamCount: r.StreamCount, Open: r.Open, Fault: r.Fault,
		Damaged: r.Damaged, Notice: r.Notice, Estimated: r.Estimated,
	}
	if string(r.Metadata) != "null" {
		n.Metadata = r.Metadata
	}
	if r.LastActivity != nil {
		n.LastActivity = r.LastActivity.UTC()
	}
	return n
}

// Namespaces lists all namespaces by id; it needs the admin token.
func (c *Client) Namespaces(ctx context.Context) ([]store.Namespace, error) {
	var rows []namespaceRow
	if err := c.decode(ctx, newExchange("ns.list"), reading, &rows); err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	namespaces := make([]store.Namespace, len(rows))
	for i, r := range rows {
		namespaces[i] = r.namespace()
	}
	return namespaces, nil
}

// NamespaceInfo describes one namespace, which the token may see.
func (c *Client) NamespaceInfo(ctx context.Context, id string) (store.Namespace, error) {
	x := newExchange("ns.info")
	x.str(id)
	var row namespaceRow
	if err := c.decode(ctx, x, reading, &row); err != nil {
		return store.Namespace{}, fmt.Errorf("describe namespace %q: %w", id, err)
	}
	return row.namespace(), nil
}

// streamRow is a line of ns.streams.
type streamRow struct {
	Stream       string     `json:"stream"`
	Version      int64      `json:"version"`
	LastActivity *time.Time `json:"lastActivity"`
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
	f := openFields(x.body)
	if q.Prefix != "" {
		f.str("prefix", q.Prefix)
	}
	if q.Category != "" {
		f.str("category", q.Category)
	}
	if q.Cursor != "" {
		f.str("cursor", q.Cursor)
	}
	f.num("limit", int64(q.Limit))
	x.body = f.closeObject()
	x.kind, x.rows = pageAnswer, q.Limit
	var rows []streamRow
	if err := c.decode(ctx, x, reading, &rows); err != nil {
		return nil, err
	}
	streams := make([]store.Stream, len(rows))
	for i, r := range rows {
		streams[i] = store.Stream{Name: r.Stream, Version: r.Version}
		if r.LastActivity != nil {
			streams[i].LastActivity = r.LastActivity.UTC()
		}
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
