package server

import (
	"cmp"
	"context"
	"errors"

	"github.com/evtui/evtui/store"
)

// engineFigures: ["engine.figures"].
func (c *call) engineFigures() error {
	engine, err := offered[store.Engine](c.s)
	if err != nil {
		return err
	}
	return c.reply.value(engine.EngineFigures())
}

// engineSections: ["engine.sections"]: what the engine measured of its insides, in
// tables, each with when that was.
func (c *call) engineSections() error {
	engine, err := offered[store.Sectioned](c.s)
	if err != nil {
		return err
	}
	return array(&c.reply, engine.Sections(), func(section store.Section) error {
		return cmp.Or(c.reply.value(section), c.reply.spill())
	})
}

// engineEvents: ["engine.events", {after, limit}]: the events after the one
// with that sequence number, oldest first. An engine that tells of none still
// leaves those of the server.
func (c *call) engineEvents() error {
	after, limit, err := c.sequence()
	if err != nil {
		return err
	}
	return c.reply.value(c.s.journal.after(after, limit))
}

// engineStorage: ["engine.storage", namespace].
func (c *call) engineStorage() error {
	return slowly(c, func(ctx context.Context, engine store.Engine) error {
		return c.answer(engine.Storage(ctx, c.name))
	})
}

// engineCheckpoint: ["engine.checkpoint", {name}]: a copy of all namespaces on
// the server's disk. The name is no path: it stays in the engine's own place.
func (c *call) engineCheckpoint() error {
	var name string
	if err := c.options(option{name: "name", to: &name, check: store.CheckCheckpointName}); err != nil {
		return err
	}
	return slowly(c, func(ctx context.Context, engine store.Checkpointer) error {
		return c.answer(engine.Checkpoint(ctx, name))
	})
}

// maintain is a method that does something slow to a namespace, and answers null.
func maintain[T any](do func(engine T, ctx context.Context, namespace string) error) func(*call) error {
	return func(c *call) error {
		c.reply.raw("null")
		return slowly(c, func(ctx context.Context, engine T) error { return do(engine, ctx, c.name) })
	}
}

// slowly does something slow with what the store offers besides store.Store,
// or returns store.ErrNotOffered. It is cut short when the client goes or the
// server stops.
func slowly[T any](c *call, do func(ctx context.Context, capability T) error) error {
	capability, err := offered[T](c.s)
	if err != nil {
		return err
	}
	ctx, cancel := c.s.untilStopped(c.ctx)
	defer cancel()
	err = do(ctx, capability)
	if errors.Is(err, context.Canceled) && c.s.stopping.Err() != nil {
		return store.ErrClosed
	}
	return err
}

// engineSubscriptions: ["engine.subscriptions", {namespace}]: the open
// subscriptions, of one namespace or of all.
func (c *call) engineSubscriptions() error {
	var namespace string
	if err := c.options(option{name: "namespace", to: &namespace, check: store.CheckNamespaceID}); err != nil {
		return err
	}
	known := newHeads(c.s.cfg.Store)
	return array(&c.reply, c.s.subs.list(namespace), func(sub *subscription) error {
		return c.reply.value(sub.describe(c.ctx, known))
	})
}
