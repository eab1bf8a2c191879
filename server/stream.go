package server

import (
	"context"
	"errors"
	"iter"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// streamGet: ["stream.get", stream, {position, globalPosition, batchSize, backward, fresh}].
func (c *call) streamGet() error {
	stream, err := c.stream()
	if err != nil {
		return err
	}
	o, fresh := newReadOptions(), false
	err = c.options(func(name []byte) error {
		if string(name) == freshOption {
			return c.boolean(freshOption, &fresh)
		}
		return o.read(c, name)
	})
	if err == nil {
		err = store.CheckStreamName(stream)
	}
	if err == nil {
		err = c.freshen(fresh)
	}
	if err != nil {
		return err
	}
	c.category = store.Category(stream)
	q := store.StreamQuery{Stream: stream, Position: o.position, GlobalPosition: o.globalPosition, Limit: int(o.batch), Backward: o.backward}
	if o.backward && !o.hasPosition {
		q.Position = -1 // bounds nothing; a position of 0 would
	}
	return c.messages(&streamRead{c: c, q: q}, false)
}

// streamRead is a read of stream.get.
type streamRead struct {
	c *call
	q store.StreamQuery
}

func (r *streamRead) query() (limit int, backward bool) { return r.q.Limit, r.q.Backward }

func (r *streamRead) begin() iter.Seq2[store.Message, error] {
	return r.c.s.cfg.Store.ReadStream(r.c.ctx, r.c.scope.namespace, r.q)
}

func (r *streamRead) resume(last cursor, limit int) iter.Seq2[store.Message, error] {
	r.q.Position, r.q.Limit = last.position, limit
	return r.begin()
}

// streamLast: ["stream.last", stream, {type, fresh}].
func (c *call) streamLast() error {
	stream, err := c.stream()
	if err != nil {
		return err
	}
	var messageType string
	var none, fresh bool // "" was given, which is no message's type
	err = c.options(func(name []byte) error {
		switch string(name) {
		case freshOption:
			return c.boolean(freshOption, &fresh)
		case "type":
		default:
			return c.args.Skip()
		}
		messageType, none = "", c.args.Kind() == rawjson.String
		err := c.str("type", &messageType)
		none = none && messageType == ""
		return err
	})
	if err == nil {
		err = store.CheckStreamName(stream)
	}
	if err != nil {
		return err
	}
	c.category = store.Category(stream)
	if none {
		return c.oneMessage(store.Message{}, store.ErrMessageNotFound, false)
	}
	if err := c.freshen(fresh); err != nil {
		return err
	}
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

// streamVersion: ["stream.version", stream, {fresh}].
func (c *call) streamVersion() error {
	stream, err := c.stream()
	fresh := false
	if err == nil {
		err = c.options(func(name []byte) error {
			if string(name) == freshOption {
				return c.boolean(freshOption, &fresh)
			}
			return c.args.Skip()
		})
	}
	if err == nil {
		err = store.CheckStreamName(stream)
	}
	if err == nil {
		err = c.freshen(fresh)
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
	c.reply.integer(version)
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

// freshOption is the option of reads that have to show all that was acknowledged anywhere.
const freshOption = "fresh"

// freshen waits until reads of the call's namespace show all that was acknowledged before,
// if that was asked for, as long as a write may take. Of a store that is no copy
// of anything they do so anyway.
func (c *call) freshen(wanted bool) error {
	fresher, err := offered[store.Fresher](c.s)
	if !wanted || errors.Is(err, store.ErrNotOffered) {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.s.cfg.Limits.WriteTime)
	defer cancel()
	err = fresher.Fresh(ctx, c.scope.namespace)
	if err != nil && c.ctx.Err() == nil && ctx.Err() != nil {
		return unavailable(0, "what was acknowledged elsewhere is not known: the log did not answer within %s", c.s.cfg.Limits.WriteTime)
	}
	return err
}
