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
	q := store.StreamsQuery{Limit: 100}
	err := c.options(
		option{name: "prefix", to: &q.Prefix},
		option{name: "cursor", to: &q.Cursor},
		option{name: "limit", to: &q.Limit, low: 1, high: streamsAPage},
		option{name: "category", to: &q.Category, check: store.CheckCategory},
	)
	if err != nil {
		return err
	}
	page, err := c.s.cfg.Store.Streams(c.ctx, c.scope.namespace, q)
	if err != nil {
		return err
	}
	return array(&c.reply, page, func(stream store.Stream) error {
		c.reply.object("stream", stream.Name, "version", stream.Version, "lastActivity", orNull(stream.LastActivity))
		return nil
	})
}

// maxNames is how many categories may be named at once.
const maxNames = 1000

// namespaceCategories: ["ns.categories", {names}].
func (c *call) namespaceCategories() error {
	var names []string
	named := false
	err := c.options(option{name: "names", to: func() (err error) {
		if c.args.Kind() == rawjson.Null {
			return c.args.Skip()
		}
		named = true
		names, err = c.names()
		return err
	}})
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
		return nil, orRefuse(err, "names", "must be an array")
	}
	for {
		more, err := c.args.More()
		if err != nil || !more {
			return names, err
		}
		name, err := c.args.Text()
		if err != nil {
			return nil, orRefuse(err, "names", "must be an array of strings")
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
	counts, totals, err := countCategories(c.ctx, c.s.cfg.Store, c.scope.namespace, names)
	if err != nil {
		return err
	}
	if !whole {
		return c.categoryCounts(counts, nil)
	}
	return c.categoryCounts(counts, &totals)
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
func (c *call) categoryCounts(counts []store.CategoryCount, totals *store.CategoryTotals) error {
	if t := totals; t != nil {
		all := store.CategoryCount{StreamCount: t.StreamCount, MessageCount: t.MessageCount, LastPosition: t.LastPosition}
		counts = append([]store.CategoryCount{all}, counts...)
	}
	return array(&c.reply, counts, func(n store.CategoryCount) error {
		c.reply.raw("{")
		c.reply.members("category", n.Category, "streamCount", n.StreamCount, "messageCount", n.MessageCount, "lastPosition", n.LastPosition)
		if n.Estimated {
			c.reply.members("estimated", true)
		}
		if totals != nil && n.Category == "" {
			c.reply.members("categoryCount", totals.Categories)
		}
		c.reply.raw("}")
		return c.reply.spill()
	})
}

// namespaceSeek: ["ns.seek", {time}].
func (c *call) namespaceSeek() error {
	var at time.Time
	given := false
	err := c.options(option{name: "time", to: &at, given: &given})
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
	c.reply.raw("{")
	c.reply.members("globalPosition", position)
	if c.s.cfg.Store.Describe().Clocks {
		c.reply.members("approximate", true)
	}
	c.reply.raw("}")
	return nil
}

// namespaceHead: ["ns.head"].
func (c *call) namespaceHead() error {
	position, err := c.s.cfg.Store.Head(c.ctx, c.scope.namespace)
	if err != nil {
		return err
	}
	c.reply.object("globalPosition", position)
	return nil
}
