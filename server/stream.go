package server

import (
	"context"
	"errors"
	"iter"

	"github.com/evtui/evtui/store"
)

// streamGet: ["stream.get", stream, {position, globalPosition, batchSize, backward, fresh}].
func (c *call) streamGet() error {
	o, fresh := newReadOptions(), false
	err := c.eachOption(func(name []byte) error {
		if string(name) == freshOption {
			return (&option{to: &fresh}).read(&c.args, name)
		}
		return o.read(c, name)
	})
	if err == nil {
		err = store.CheckStreamName(c.name)
	}
	if err == nil {
		err = c.freshen(fresh)
	}
	if err != nil {
		return err
	}
	c.category = store.Category(c.name)
	q := o.ofStream(c.name)
	q.Limit = int(o.batch)
	return c.messages(&streamRead{c: c, q: q}, false)
}

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
	var messageType string
	var typed, fresh bool
	err := c.options(option{name: freshOption, to: &fresh}, option{name: "type", to: &messageType, given: &typed})
	if err == nil {
		err = store.CheckStreamName(c.name)
	}
	if err != nil {
		return err
	}
	c.category = store.Category(c.name)
	switch {
	case !typed:
		messageType = ""
	case messageType == "": // which is no message's type
		return c.oneMessage(store.Message{}, store.ErrMessageNotFound, false)
	}
	if err := c.freshen(fresh); err != nil {
		return err
	}
	m, err := c.s.cfg.Store.LastMessage(c.ctx, c.scope.namespace, c.name, messageType)
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
	fresh := false
	err := c.options(option{name: freshOption, to: &fresh})
	if err == nil {
		err = store.CheckStreamName(c.name)
	}
	if err == nil {
		err = c.freshen(fresh)
	}
	if err != nil {
		return err
	}
	version, err := c.s.cfg.Store.Version(c.ctx, c.scope.namespace, c.name)
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
		err = c.options()
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
