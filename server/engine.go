package server

import (
	"cmp"
	"context"
	"errors"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// engine returns what the store shows of its insides, or store.ErrNotOffered.
func (s *Server) engine() (store.Engine, error) {
	if s.journal.engine == nil {
		return nil, store.ErrNotOffered
	}
	return s.journal.engine, nil
}

// engineFigures: ["engine.figures"].
func (c *call) engineFigures() error {
	if err := c.noOptions(); err != nil {
		return err
	}
	engine, err := c.s.engine()
	if err != nil {
		return err
	}
	return c.reply.value(engine.EngineFigures())
}

// engineSections: ["engine.sections"]: what the engine measured of its insides, in
// tables, each with when that was.
func (c *call) engineSections() error {
	if err := c.noOptions(); err != nil {
		return err
	}
	engine, err := offered[store.Sectioned](c.s)
	if err != nil {
		return err
	}
	c.reply.raw("[")
	for i, section := range engine.Sections() {
		if i > 0 {
			c.reply.raw(",")
		}
		if err := cmp.Or(c.reply.value(section), c.reply.spill()); err != nil {
			return err
		}
	}
	c.reply.raw("]")
	return nil
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
	return onNamespace(c, func(ctx context.Context, engine store.Engine, namespace string) error {
		storage, err := engine.Storage(ctx, namespace)
		if err != nil {
			return err
		}
		return c.reply.value(storage)
	})
}

// engineFlush: ["engine.flush", namespace].
func (c *call) engineFlush() error {
	return onNamespace(c, func(ctx context.Context, engine store.Engine, namespace string) error {
		c.reply.raw("null")
		return engine.Flush(ctx, namespace)
	})
}

// engineCompact: ["engine.compact", namespace]. It ends early when the client
// goes.
func (c *call) engineCompact() error {
	return onNamespace(c, func(ctx context.Context, engine store.Engine, namespace string) error {
		c.reply.raw("null")
		return engine.Compact(ctx, namespace)
	})
}

// engineReopen: ["engine.reopen", namespace]: closes a namespace, whose log may
// have failed, and opens it again.
func (c *call) engineReopen() error {
	return onNamespace(c, func(ctx context.Context, engine store.Reopener, namespace string) error {
		c.reply.raw("null")
		return engine.Reopen(ctx, namespace)
	})
}

// engineCheckpoint: ["engine.checkpoint", {name}]: a copy of all namespaces on
// the server's disk. The name is no path: it stays in the engine's own place.
func (c *call) engineCheckpoint() error {
	var name string
	err := c.options(func(option []byte) error {
		if string(option) == "name" {
			return c.str("name", &name)
		}
		return c.args.Skip()
	})
	if err == nil && name != "" {
		err = store.CheckCheckpointName(name)
	}
	if err != nil {
		return err
	}
	return slowly(c, func(ctx context.Context, engine store.Checkpointer) error {
		made, err := engine.Checkpoint(ctx, name)
		if err != nil {
			return err
		}
		return c.reply.value(made)
	})
}

// onNamespace does something slow to the namespace that the call names.
func onNamespace[T any](c *call, do func(ctx context.Context, engine T, namespace string) error) error {
	namespace, err := c.namespaceID()
	if err != nil {
		return err
	}
	return slowly(c, func(ctx context.Context, engine T) error { return do(ctx, engine, namespace) })
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
	err := c.options(func(name []byte) error {
		if string(name) == "namespace" {
			return c.str("namespace", &namespace)
		}
		return c.args.Skip()
	})
	if err == nil && namespace != "" {
		err = store.CheckNamespaceID(namespace)
	}
	if err != nil {
		return err
	}
	list := []wire.Subscription{}
	known := newHeads(c.s.cfg.Store)
	for _, sub := range c.s.subs.list(namespace) {
		list = append(list, sub.describe(c.ctx, known))
	}
	return c.reply.value(list)
}
