package client

import (
	"context"
	"fmt"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// All calls in this file need the admin token. NotOffered holds for the error
// where the server's engine does not have what was asked for.

// EngineFigures returns the figures of the engine's open namespaces.
func (c *Client) EngineFigures(ctx context.Context) (store.EngineFigures, error) {
	return ask[store.EngineFigures](ctx, c, newExchange("engine.figures"), reading, "read engine's figures")
}

// EngineSections returns what the engine measured of its insides last.
func (c *Client) EngineSections(ctx context.Context) ([]store.Section, error) {
	return ask[[]store.Section](ctx, c, newExchange("engine.sections"), reading, "read engine's sections")
}

// EngineEvents returns what the engine and the server did, from after the event
// with the sequence number on, oldest first, limit at most; 0 leaves the limit
// to the server. A gap in the numbers is what is no longer remembered.
func (c *Client) EngineEvents(ctx context.Context, after uint64, limit int) ([]store.EngineEvent, error) {
	return ask[[]store.EngineEvent](ctx, c, sequenceCall("engine.events", after, limit), reading, "read engine's events")
}

// Storage measures where a namespace's bytes lie. It can take seconds and is
// limited by ctx alone.
func (c *Client) Storage(ctx context.Context, namespace string) (store.Storage, error) {
	return ask[store.Storage](ctx, c, patientExchange("engine.storage", namespace), reading, "measure storage of %q", namespace)
}

// Flush writes a namespace's memtables to tables. It is limited by ctx alone.
func (c *Client) Flush(ctx context.Context, namespace string) error {
	return c.maintain(ctx, "flush", namespace)
}

// Compact merges all of a namespace's tables into the bottom level. It can take
// minutes and is limited by ctx alone; when that ends, what is done so far stays
// done.
func (c *Client) Compact(ctx context.Context, namespace string) error {
	return c.maintain(ctx, "compact", namespace)
}

// Reopen closes a namespace, whose log may have failed, and opens it again: it
// then holds what its files hold.
func (c *Client) Reopen(ctx context.Context, namespace string) error {
	return c.maintain(ctx, "reopen", namespace)
}

// maintain makes the call of the engine with that name, which is limited by ctx
// alone.
func (c *Client) maintain(ctx context.Context, name, namespace string) error {
	x := patientExchange("engine."+name, namespace)
	defer x.free()
	if err := c.call(ctx, x, writing); err != nil {
		return fmt.Errorf("%s %q: %w", name, namespace, err)
	}
	return nil
}

// Checkpoint has the server copy all namespaces to its own disk, under a name
// that must be new; "" makes one of the time. It is limited by ctx alone.
func (c *Client) Checkpoint(ctx context.Context, name string) (store.Checkpoint, error) {
	x := newExchange("engine.checkpoint")
	x.patient = true
	x.text("name", name)
	return ask[store.Checkpoint](ctx, c, x, writing, "make a checkpoint")
}

// patientExchange begins a call about a namespace that takes as long as it
// takes.
func patientExchange(method, namespace string) *exchange {
	x := newExchange(method, namespace)
	x.patient = true
	return x
}

// Subscriptions lists the open subscriptions of a namespace, of all of them
// when it is "".
func (c *Client) Subscriptions(ctx context.Context, namespace string) ([]wire.Subscription, error) {
	x := newExchange("engine.subscriptions")
	x.text("namespace", namespace)
	return ask[[]wire.Subscription](ctx, c, x, reading, "list subscriptions")
}

// Groups lists what is known of the members of consumer groups: of all
// namespaces when that is "", and of all categories when that is "". With both
// given, the category's position streams are among them.
func (c *Client) Groups(ctx context.Context, namespace, category string) ([]wire.GroupMember, error) {
	return c.GroupMembers(ctx, GroupsQuery{Namespace: namespace, Category: category})
}

// GroupsQuery selects members of consumer groups.
type GroupsQuery struct {
	Namespace string // "": all
	Category  string // "": all
	// Recorded adds the position streams of all categories of the Namespace. Servers
	// that do not know it leave them out.
	Recorded bool
	// Messages has the messages counted that are before each member. Servers that do
	// not know it leave them nil.
	Messages bool
}

// GroupMembers lists what is known of the members of consumer groups.
func (c *Client) GroupMembers(ctx context.Context, q GroupsQuery) ([]wire.GroupMember, error) {
	x := newExchange("engine.groups")
	x.optional()
	x.text("namespace", q.Namespace)
	x.text("category", q.Category)
	x.flag("recorded", q.Recorded)
	x.flag("messages", q.Messages)
	return ask[[]wire.GroupMember](ctx, c, x, reading, "list consumer groups")
}

// Metrics returns the server's metrics in Prometheus's text format.
func (c *Client) Metrics(ctx context.Context) ([]byte, error) {
	text, err := c.fetchPath(ctx, "/metrics", nil, c.shared.timeout, bound{total: c.shared.limits.Answer})
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	return text, nil
}
