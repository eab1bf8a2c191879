package server

import (
	"cmp"
	"iter"
	"slices"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// categoryGet: ["category.get", category, {position, globalPosition, batchSize,
// correlation, consumerGroup, backward}].
func (c *call) categoryGet() error {
	category, err := c.ofCategory()
	if err != nil {
		return err
	}
	o := newReadOptions()
	if err := c.options(func(name []byte) error { return o.readOfCategory(c, name) }); err != nil {
		return err
	}
	if hasDash(category) {
		return c.noCategory(category)
	}
	if category != "" {
		if err := store.CheckCategory(category); err != nil {
			return err
		}
	}
	q := store.CategoryQuery{
		Category: category, GlobalPosition: o.bound(), Limit: int(o.batch),
		Correlation: o.correlation, Group: o.group, Backward: o.backward,
	}
	c.category = category
	if q.Group.IsZero() || q.Backward || q.Limit == 0 || isUI(c.r) {
		return c.messages(&categoryRead{c: c, q: q}, true)
	}
	return c.consume(q)
}

// categoryRead is a read of category.get.
type categoryRead struct {
	c *call
	q store.CategoryQuery
}

func (r *categoryRead) query() (limit int, backward bool) { return r.q.Limit, r.q.Backward }

func (r *categoryRead) begin() iter.Seq2[store.Message, error] {
	return r.c.s.cfg.Store.ReadCategory(r.c.ctx, r.c.scope.namespace, r.q)
}

func (r *categoryRead) resume(last cursor, limit int) iter.Seq2[store.Message, error] {
	r.q.GlobalPosition, r.q.Limit = last.global, limit
	return r.begin()
}

// consume answers a read of a consumer group's member, and remembers where it
// stands.
func (c *call) consume(q store.CategoryQuery) error {
	// Before the read: of what lies up to here it will miss nothing.
	head, err := c.s.cfg.Store.Head(c.ctx, c.scope.namespace)
	if err != nil {
		return err
	}
	if err := c.messages(&categoryRead{c: c, q: q}, true); err != nil {
		return err
	}
	if c.read > 0 {
		head = 0 // it has yet to do what it was given
	}
	who := member{namespace: c.scope.namespace, category: q.Category, correlation: q.Correlation, group: q.Group}
	c.s.observed.sawRead(who, q.GlobalPosition, c.given, head, c.r.RemoteAddr)
	return nil
}

// noCategory answers a read of a name with a dash. No category has one, so it
// holds nothing, and existing clients rely on being told just that.
func (c *call) noCategory(name string) error {
	if err := store.CheckStreamName(name); err != nil {
		return err
	}
	if _, err := c.s.cfg.Store.TokenHash(c.ctx, c.scope.namespace); err != nil {
		return err
	}
	c.reply.raw("[]")
	return nil
}

// Limits on category.distribution.
const (
	maxGroup     = 10000
	maxHottest   = 100
	maxScan      = 10_000_000
	defaultScan  = 200_000
	defaultTop   = 5
	streamsAPage = 1000
)

// categoryDistribution: ["category.distribution", category, {size, top, limit}].
func (c *call) categoryDistribution() error {
	category, err := c.ofCategory()
	if err != nil {
		return err
	}
	size, top, limit := int64(1), int64(defaultTop), int64(defaultScan)
	err = c.options(func(name []byte) error {
		switch string(name) {
		case "size":
			return c.integer("size", &size, 1, maxGroup)
		case "top":
			return c.integer("top", &top, 0, maxHottest)
		case "limit":
			return c.integer("limit", &limit, 1, maxScan)
		}
		return c.args.Skip()
	})
	if err == nil && category != "" {
		err = store.CheckCategory(category)
	}
	if err != nil {
		return err
	}
	d := newDistribution(category, int(size), int(top))
	if err := c.distribute(d, limit); err != nil {
		return err
	}
	return c.reply.value(d.finish())
}

// distribute adds up to limit of the category's streams to d, a page at a
// time.
func (c *call) distribute(d *distribution, limit int64) error {
	cursor := ""
	for d.Scanned < limit {
		q := store.StreamsQuery{Category: d.Category, Cursor: cursor, Limit: int(min(streamsAPage, limit-d.Scanned))}
		page, err := c.s.cfg.Store.Streams(c.ctx, c.scope.namespace, q)
		if err != nil {
			return err
		}
		for _, stream := range page {
			d.add(stream)
		}
		if len(page) < q.Limit {
			d.Complete = true
			return nil
		}
		cursor = page[len(page)-1].Name
	}
	// At the limit: whole only if nothing follows.
	rest, err := c.s.cfg.Store.Streams(c.ctx, c.scope.namespace, store.StreamsQuery{Category: d.Category, Cursor: cursor, Limit: 1})
	d.Complete = len(rest) == 0
	return err
}

// distribution adds up how streams fall on the members of a group.
type distribution struct {
	wire.Distribution
	top int
}

func newDistribution(category string, size, top int) *distribution {
	d := &distribution{top: top}
	d.Category, d.Size = category, size
	d.Members = make([]wire.Member, size)
	for i := range d.Members {
		d.Members[i].Member = i
	}
	d.Unassigned.Member = -1
	return d
}

func (d *distribution) add(stream store.Stream) {
	d.Scanned++
	member := &d.Unassigned
	if cardinal := store.CardinalID(stream.Name); cardinal != "" {
		member = &d.Members[store.MemberOf(store.Hash(cardinal), d.Size)]
	}
	messages := stream.Version + 1
	member.Streams++
	member.Messages += messages
	member.Hottest = append(member.Hottest, wire.StreamCount{Stream: stream.Name, Messages: messages})
	if len(member.Hottest) >= 2*d.top+16 {
		member.Hottest = hottest(member.Hottest, d.top)
	}
}

func (d *distribution) finish() wire.Distribution {
	for i := range d.Members {
		d.Members[i].Hottest = hottest(d.Members[i].Hottest, d.top)
	}
	d.Unassigned.Hottest = hottest(d.Unassigned.Hottest, d.top)
	return d.Distribution
}

// hottest returns the top streams by messages, then by name; never nil.
func hottest(streams []wire.StreamCount, top int) []wire.StreamCount {
	slices.SortFunc(streams, func(a, b wire.StreamCount) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Stream, b.Stream))
	})
	if streams == nil {
		return []wire.StreamCount{}
	}
	return streams[:min(top, len(streams))]
}
