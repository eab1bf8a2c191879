package server

import (
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// namespaceStreams: ["ns.streams", {prefix, cursor, limit, category}].
func (c *call) namespaceStreams() error {
	var q store.StreamsQuery
	limit := int64(100)
	err := c.options(func(name []byte) error {
		switch string(name) {
		case "prefix":
			return c.str("prefix", &q.Prefix)
		case "cursor":
			return c.str("cursor", &q.Cursor)
		case "limit":
			return c.integer("limit", &limit, 1, streamsAPage)
		case "category":
			return c.str("category", &q.Category)
		}
		return c.args.Skip()
	})
	if err == nil && q.Category != "" {
		err = store.CheckCategory(q.Category)
	}
	if err != nil {
		return err
	}
	q.Limit = int(limit)
	page, err := c.s.cfg.Store.Streams(c.ctx, c.scope.namespace, q)
	if err != nil {
		return err
	}
	c.reply.raw("[")
	for i, stream := range page {
		if i > 0 {
			c.reply.raw(",")
		}
		c.reply.raw(`{"stream":`)
		c.reply.text(stream.Name)
		c.reply.raw(`,"version":`)
		c.reply.integer(stream.Version)
		c.reply.raw(`,"lastActivity":`)
		c.reply.timeOrNull(stream.LastActivity)
		c.reply.raw(`}`)
	}
	c.reply.raw("]")
	return nil
}

// namespaceCategories: ["ns.categories"].
func (c *call) namespaceCategories() error {
	if err := c.noOptions(); err != nil {
		return err
	}
	all, err := c.s.cfg.Store.Categories(c.ctx, c.scope.namespace)
	if err != nil {
		return err
	}
	c.reply.raw("[")
	for i, category := range all {
		if i > 0 {
			c.reply.raw(",")
		}
		c.reply.raw(`{"category":`)
		c.reply.text(category.Category)
		c.reply.raw(`,"streamCount":`)
		c.reply.integer(category.StreamCount)
		c.reply.raw(`,"messageCount":`)
		c.reply.integer(category.MessageCount)
		c.reply.raw(`,"lastPosition":`)
		c.reply.integer(category.LastPosition)
		if category.Estimated {
			c.reply.raw(`,"estimated":true`)
		}
		c.reply.raw(`}`)
		if err := c.reply.spill(); err != nil {
			return err
		}
	}
	c.reply.raw("]")
	return nil
}

// namespaceSeek: ["ns.seek", {time}].
func (c *call) namespaceSeek() error {
	var at time.Time
	given := false
	err := c.options(func(name []byte) error {
		if string(name) == "time" {
			given = c.args.Kind() != rawjson.Null
			return c.timestamp("time", &at)
		}
		return c.args.Skip()
	})
	if err == nil && !given {
		err = invalid("time", "is missing")
	}
	if err != nil {
		return err
	}
	position, err := c.s.cfg.Store.PositionAt(c.ctx, c.scope.namespace, at)
	if err != nil {
		return err
	}
	c.reply.raw(`{"globalPosition":`)
	c.reply.integer(position)
	if c.s.cfg.Store.Describe().Clocks {
		c.reply.raw(`,"approximate":true`)
	}
	c.reply.raw(`}`)
	return nil
}

// namespaceHead: ["ns.head"].
func (c *call) namespaceHead() error {
	if err := c.noOptions(); err != nil {
		return err
	}
	position, err := c.s.cfg.Store.Head(c.ctx, c.scope.namespace)
	return c.globalPosition(position, err)
}

func (c *call) globalPosition(position int64, err error) error {
	if err != nil {
		return err
	}
	c.reply.raw(`{"globalPosition":`)
	c.reply.integer(position)
	c.reply.raw(`}`)
	return nil
}
