package server

import (
	"encoding/json"
	"iter"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/partition"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// categoryGet: ["category.get", category, {position, globalPosition, batchSize,
// correlation, consumerGroup, backward}].
func (c *call) categoryGet() error {
	o, category := newReadOptions(), c.name
	if err := c.eachOption(func(name []byte) error { return o.readOfCategory(c, name) }); err != nil {
		return err
	}
	if strings.Contains(category, "-") {
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
	maxSizes     = 8
	maxMoves     = 1000
	streamsAPage = 1000
)

// categoryDistribution: ["category.distribution", category, {size, top, limit, cursor,
// to, topMoves}].
func (c *call) categoryDistribution() error {
	spec, limit, cursor := partition.Spec{Category: c.name, Size: 1, Top: defaultTop}, int64(defaultScan), ""
	err := c.options(
		option{name: "size", to: &spec.Size, low: 1, high: maxGroup},
		option{name: "top", to: &spec.Top, low: 0, high: maxHottest},
		option{name: "limit", to: &limit, low: 1, high: maxScan},
		option{name: "cursor", to: &cursor},
		option{name: "to", to: func() error { return c.sizes("to", &spec.To) }},
		option{name: "topMoves", to: &spec.TopMoves, low: 0, high: maxMoves},
	)
	if err == nil && c.name != "" {
		err = store.CheckCategory(c.name)
	}
	if err != nil {
		return err
	}
	return c.answer(c.distribute(spec, cursor, limit))
}

// sizes reads an option that is a list of groups' sizes; null leaves to as it is.
func (c *call) sizes(name string, to *[]int) error {
	raw, err := c.args.Value()
	if err != nil {
		return err
	}
	var sizes []int
	if json.Unmarshal(raw, &sizes) != nil || len(sizes) > maxSizes {
		return invalid(name, "must be a list of at most %d sizes", maxSizes)
	}
	for _, size := range sizes {
		if size < 1 || size > maxGroup {
			return outOfRange(name, strconv.Itoa(size), 1, maxGroup)
		}
	}
	*to = sizes
	return nil
}

// distribute tallies up to limit of the category's streams after the cursor, a page
// at a time.
func (c *call) distribute(spec partition.Spec, cursor string, limit int64) (wire.Distribution, error) {
	tally := partition.New(spec)
	for tally.Scanned() < limit {
		q := store.StreamsQuery{Category: spec.Category, Cursor: cursor, Limit: int(min(streamsAPage, limit-tally.Scanned()))}
		page, err := c.s.cfg.Store.Streams(c.ctx, c.scope.namespace, q)
		if err != nil {
			return wire.Distribution{}, err
		}
		for _, stream := range page {
			tally.Add(stream)
		}
		if len(page) < q.Limit {
			return tally.Sum(true), nil
		}
		cursor = page[len(page)-1].Name
	}
	// At the limit: whole only if nothing follows.
	rest, err := c.s.cfg.Store.Streams(c.ctx, c.scope.namespace, store.StreamsQuery{Category: spec.Category, Cursor: cursor, Limit: 1})
	d := tally.Sum(len(rest) == 0)
	if !d.Complete {
		d.Next = cursor
	}
	return d, err
}

// maxTypeNames is how many bytes of names an answer about types holds: all types
// that an engine keeps, of names of a usual length. As JSON the longest ones can be
// six times as long, and the answer is still one that clients take.
const maxTypeNames = 8 << 20

// categoryTypes: ["category.types", {category}].
func (c *call) categoryTypes() error {
	counter, category, err := c.typeCounter()
	if err != nil {
		return err
	}
	counts, err := counter.CountTypes(c.ctx, c.scope.namespace, category)
	if err != nil {
		return err
	}
	if counts.Types == nil {
		counts.Types = []store.TypeCount{}
	}
	left := maxTypeNames
	for i := range counts.Types {
		n := &counts.Types[i]
		if left -= len(n.Category) + len(n.Type); left >= 0 {
			continue
		}
		for _, more := range counts.Types[i:] {
			counts.Overflow += more.Count
		}
		counts.Types = counts.Types[:i]
		break
	}
	return c.reply.value(counts)
}

// categoryFlow: ["category.flow", {category}].
func (c *call) categoryFlow() error {
	counter, category, err := c.typeCounter()
	if err != nil {
		return err
	}
	seen, err := counter.Transitions(c.ctx, c.scope.namespace, category)
	if err != nil {
		return err
	}
	if seen.Seen == nil {
		seen.Seen = []store.Transition{}
	}
	left := maxTypeNames
	for i := range seen.Seen {
		n := &seen.Seen[i]
		if left -= len(n.Category) + len(n.From) + len(n.To); left < 0 {
			seen.Seen, seen.Overflow = seen.Seen[:i], true
			break
		}
	}
	return c.reply.value(seen)
}

// typeCounter reads the options of a call that counts types, and returns what
// answers it.
func (c *call) typeCounter() (counter store.TypeCounter, category string, err error) {
	if err = c.options(option{name: "category", to: &category, check: store.CheckCategory}); err == nil {
		counter, err = offered[store.TypeCounter](c.s)
	}
	return counter, category, err
}
