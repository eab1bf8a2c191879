package server

import (
	"errors"
	"iter"

	"github.com/evtui/evtui/store"
)

// streamGet: ["stream.get", stream, {position, globalPosition, batchSize, backward}].
func (c *call) streamGet() error {
	stream, err := c.stream()
	if err != nil {
		return err
	}
	o := newReadOptions()
	if err := c.options(func(name []byte) error { return o.read(c, name) }); err != nil {
		return err
	}
	if err := store.CheckStreamName(stream); err != nil {
		return err
	}
	c.category = store.Category(stream)
	q := store.StreamQuery{Stream: stream, Position: o.position, GlobalPosition: o.globalPosition, Limit: int(o.batch), Backward: o.backward}
	if o.backward && !o.hasPosition {
		q.Position = -1 // bounds nothing; a position of 0 would
	}
	return c.messages(c.s.cfg.Store.ReadStream(c.ctx, c.scope.namespace, q), false)
}

// messages encodes what an iterator yields, straight from the store's memory.
func (c *call) messages(seq iter.Seq2[store.Message, error], withStream bool) error {
	c.reply.raw("[")
	for m, err := range seq {
		if err != nil {
			return err
		}
		if c.read > 0 {
			c.reply.raw(",")
		}
		c.read++
		c.given = m.GlobalPosition
		c.reply.message(&m, withStream)
		if err := c.reply.spill(); err != nil {
			return err
		}
	}
	c.reply.raw("]")
	return nil
}

// streamLast: ["stream.last", stream, {type}].
func (c *call) streamLast() error {
	stream, err := c.stream()
	if err != nil {
		return err
	}
	var messageType string
	err = c.options(func(name []byte) error {
		if string(name) != "type" {
			return c.args.Skip()
		}
		messageType = ""
		return c.string("type", &messageType)
	})
	if err == nil {
		err = store.CheckStreamName(stream)
	}
	if err != nil {
		return err
	}
	c.category = store.Category(stream)
	m, err := c.s.cfg.Store.LastMessage(c.ctx, c.scope.namespace, stream, messageType)
	return c.oneMessage(m, err, false)
}

// oneMessage encodes a message, or null where there is none.
func (c *call) oneMessage(m store.Message, err error, withStream bool) error {
	if errors.Is(err, store.ErrMessageNotFound) {
		c.reply.raw("null")
		return nil
	}
	if err != nil {
		return err
	}
	c.read = 1
	c.reply.message(&m, withStream)
	return nil
}

// streamVersion: ["stream.version", stream].
func (c *call) streamVersion() error {
	stream, err := c.stream()
	if err == nil {
		err = c.noOptions()
	}
	if err == nil {
		err = store.CheckStreamName(stream)
	}
	if err != nil {
		return err
	}
	version, err := c.s.cfg.Store.Version(c.ctx, c.scope.namespace, stream)
	if err != nil {
		return err
	}
	if version == store.NoStream {
		c.reply.raw("null")
		return nil
	}
	c.reply.int(version)
	return nil
}

// messageGet: ["message.get", id].
func (c *call) messageGet() error {
	text, err := c.text("id")
	if err == nil {
		err = c.noOptions()
	}
	if err != nil {
		return err
	}
	id, err := parseID(text)
	if err != nil {
		return err
	}
	m, err := c.s.cfg.Store.MessageByID(c.ctx, c.scope.namespace, id)
	return c.oneMessage(m, err, true)
}
