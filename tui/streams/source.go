package streams

import (
	"context"
	"slices"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// listKind is what the rows of a list are.
type listKind int

const (
	listNamespaces listKind = iota
	listCategories
	listStreams
	listMessages
)

// scanBudget is how many messages one question looks at for a filter, so that
// a rare match shows its progress and can be cancelled.
const scanBudget = 4000

// source says what a list shows: a value, so that commands can take it along.
type source struct {
	kind      listKind
	namespace string
	category  string        // of streams and messages; "" all
	stream    string        // of messages; "" the category's
	prefix    string        // of streams, pushed into the store
	process   string        // of messages: those that correlate to this stream, and its own; "" all
	filter    filter.Filter // of messages
	oldest    bool          // messages: oldest first
	gather    bool          // read whole, to be sorted by a column that the store has no order for
	from      int64         // messages: position of the first row (global of a category's); 0: the very end
}

// whole reports whether the list is read in one piece.
func (s source) whole() bool {
	return s.gather || s.kind == listNamespaces || s.kind == listCategories
}

// pageRows is how many rows are read at once.
func (s source) pageRows() int {
	if s.kind == listStreams {
		return streamRows
	}
	return pageRows
}

// place is a message's position in the list's own order.
func (s source) place(m *store.Message) int64 {
	if s.stream != "" {
		return m.Position
	}
	return m.GlobalPosition
}

// start is where the first page begins.
func (s source) start() cursor {
	switch {
	case s.kind != listMessages:
		return cursor{}
	case s.from > 0:
		return cursor{pos: s.from}
	case s.oldest:
		return cursor{pos: s.lowest()}
	}
	return cursor{} // backward, below 1 bounds nothing
}

// rows reads a list that comes in one piece.
func (s source) rows(ctx context.Context, c *client.Client) ([]any, error) {
	var out []any
	switch {
	case s.gather:
		return s.gathered(ctx, c)
	case s.kind == listNamespaces:
		return namespaceRows(ctx, c, s.namespace)
	}
	list, err := c.In(s.namespace).Categories(ctx)
	out = append(out, allOf(list))
	for i := range list {
		out = append(out, &list[i])
	}
	return out, err
}

// everything is the first row of a list of categories: the whole namespace.
type everything struct {
	streams, messages int64
	estimated         bool
}

func allOf(list []store.CategoryCount) *everything {
	all := &everything{}
	for _, c := range list {
		all.streams += c.StreamCount
		all.messages += c.MessageCount
		all.estimated = all.estimated || c.Estimated
	}
	return all
}

// page reads one page from at on.
func (s source) page(ctx context.Context, c *client.Client, page int, at cursor) (pageReply, error) {
	c = c.In(s.namespace)
	var r pageReply
	var err error
	switch {
	case s.kind == listStreams:
		r, err = s.streamsPage(ctx, c, at)
	case s.stream != "" && s.filter.IsZero():
		r, err = s.positions(ctx, c, at.pos)
	default:
		r, err = s.scan(ctx, c, at)
	}
	r.page = page
	return r, err
}

func (s source) streamsPage(ctx context.Context, c *client.Client, at cursor) (pageReply, error) {
	list, err := c.Streams(ctx, client.StreamsQuery{
		Prefix: s.prefix, Category: s.category, Cursor: at.name, Limit: streamRows,
	})
	r := pageReply{last: len(list) < streamRows}
	for i := range list {
		r.rows = append(r.rows, &list[i])
		r.next.name = list[i].Name
	}
	return r, err
}

// positions reads the page of a stream whose first row is at a position. Rows
// stand where their positions say, so that a gap stays a gap.
func (s source) positions(ctx context.Context, c *client.Client, pos int64) (pageReply, error) {
	first, n := pos, int64(pageRows)
	if !s.oldest {
		first = max(0, pos-pageRows+1)
		n = pos - first + 1
	}
	list, err := c.ReadStream(ctx, client.StreamQuery{Stream: s.stream, Position: first, Limit: int(n)})
	r := pageReply{rows: make([]any, n), last: true}
	for i := range list {
		slot := list[i].Position - first
		if slot < 0 || slot >= n {
			continue
		}
		if !s.oldest {
			slot = n - 1 - slot
		}
		r.rows[slot] = &list[i]
	}
	return r, err
}

// scan reads messages in order until a page is full of what the filter keeps,
// the budget is spent, or there are no more.
func (s source) scan(ctx context.Context, c *client.Client, at cursor) (pageReply, error) {
	r := pageReply{next: cursor{pos: at.pos}}
	room := pageRows - at.have
	for len(r.rows) < room && r.scanned < scanBudget && !r.last {
		limit := pageRows
		if s.sifts() {
			limit = 1000
		}
		list, err := s.read(ctx, c, r.next.pos, limit)
		if err != nil {
			return r, err
		}
		r.last = len(list) < limit
		for i := range list {
			if r.scanned++; r.scanned == 1 {
				r.first = list[i].GlobalPosition
			}
			r.next.pos = s.after(&list[i])
			if s.keeps(&list[i]) {
				r.rows = append(r.rows, &list[i])
			}
			if len(r.rows) == room {
				r.last = r.last && i == len(list)-1
				break
			}
		}
		if len(list) > 0 && !s.oldest && r.next.pos < s.lowest() {
			r.last = true // below the lowest, a bound would mean "none"
		}
	}
	return r, nil
}

// lowest is the first position that there can be.
func (s source) lowest() int64 {
	if s.stream != "" {
		return 0
	}
	return 1
}

// sifts reports whether messages must be looked at to know whether they belong
// to the list.
func (s source) sifts() bool { return !s.filter.IsZero() || s.process != "" }

// keeps reports whether a message that was read belongs to the list.
func (s source) keeps(m *store.Message) bool {
	if s.process != "" && m.Stream != s.process && correlationOf(m) != s.process {
		return false
	}
	return s.filter.Keeps(m)
}

// read returns the next messages from a position on, in the list's order.
func (s source) read(ctx context.Context, c *client.Client, pos int64, limit int) ([]store.Message, error) {
	switch {
	case s.process != "":
		return s.readProcess(ctx, c, pos, limit)
	case s.stream == "":
		return c.ReadCategory(ctx, client.CategoryQuery{
			Category: s.category, GlobalPosition: pos, Limit: limit, Backward: !s.oldest,
		})
	case s.oldest:
		return c.ReadStream(ctx, client.StreamQuery{Stream: s.stream, Position: pos, Limit: limit})
	}
	first := max(0, pos-int64(limit)+1)
	list, err := c.ReadStream(ctx, client.StreamQuery{Stream: s.stream, Position: first, Limit: int(pos-first) + 1})
	slices.Reverse(list)
	return list, err
}

// after is where reading goes on behind a message.
func (s source) after(m *store.Message) int64 {
	if s.oldest {
		return s.place(m) + 1
	}
	return s.place(m) - 1
}
