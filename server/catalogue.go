package server

import (
	"context"
	"slices"
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

// maxNames is how many categories may be named at once.
const maxNames = 1000

// namespaceCategories: ["ns.categories", {names}].
func (c *call) namespaceCategories() error {
	var names []string
	named := false
	err := c.options(func(name []byte) (err error) {
		if string(name) != "names" || c.args.Kind() == rawjson.Null {
			return c.args.Skip()
		}
		named = true
		names, err = c.names()
		return err
	})
	if err != nil {
		return err
	}
	if named {
		return c.countCategories(names)
	}
	all, err := c.s.cfg.Store.Categories(c.ctx, c.scope.namespace)
	if err != nil {
		return err
	}
	return c.categoryCounts(all, nil)
}

// names reads an array of categories' names.
func (c *call) names() (names []string, err error) {
	if err := c.args.OpenArray(); err != nil {
		return nil, orRefuse(err, "names must be an array")
	}
	for {
		more, err := c.args.More()
		if err != nil || !more {
			return names, err
		}
		name, err := c.args.Text()
		if err != nil {
			return nil, orRefuse(err, "names must be an array of strings")
		}
		if len(names) == maxNames {
			return nil, invalid("names", "must be at most %d", maxNames)
		}
		names = append(names, string(name))
	}
}

// countCategories answers with the named categories alone; "" stands for all of
// them together.
func (c *call) countCategories(names []string) error {
	slices.Sort(names)
	names = slices.Compact(names)
	whole := len(names) > 0 && names[0] == ""
	if whole {
		names = names[1:]
	}
	list, totals, err := countCategories(c.ctx, c.s.cfg.Store, c.scope.namespace, names)
	if err != nil {
		return err
	}
	if !whole {
		return c.categoryCounts(list, nil)
	}
	return c.categoryCounts(list, &totals)
}

// countCategories counts some categories: without listing all of them where the
// store can.
func countCategories(ctx context.Context, st store.Store, namespace string, names []string) ([]store.CategoryCount, store.CategoryTotals, error) {
	if counter, ok := st.(store.CategoryCounter); ok {
		return counter.CountCategories(ctx, namespace, names)
	}
	all, err := st.Categories(ctx, namespace)
	totals := store.CategoryTotals{Categories: int64(len(all))}
	list := make([]store.CategoryCount, 0, len(names))
	for _, n := range all {
		totals.StreamCount += n.StreamCount
		totals.MessageCount += n.MessageCount
		totals.LastPosition = max(totals.LastPosition, n.LastPosition)
		if _, asked := slices.BinarySearch(names, n.Category); asked {
			list = append(list, n)
		}
	}
	return list, totals, err
}

// categoryCounts writes the answer; totals, if there are any, come first.
func (c *call) categoryCounts(list []store.CategoryCount, totals *store.CategoryTotals) error {
	c.reply.raw("[")
	if t := totals; t != nil {
		c.categoryCount(store.CategoryCount{StreamCount: t.StreamCount, MessageCount: t.MessageCount, LastPosition: t.LastPosition})
		c.reply.raw(`,"categoryCount":`)
		c.reply.integer(t.Categories)
		c.reply.raw(`}`)
	}
	for i, category := range list {
		if i > 0 || totals != nil {
			c.reply.raw(",")
		}
		c.categoryCount(category)
		c.reply.raw(`}`)
		if err := c.reply.spill(); err != nil {
			return err
		}
	}
	c.reply.raw("]")
	return nil
}

// categoryCount begins the object of one category.
func (c *call) categoryCount(category store.CategoryCount) {
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
