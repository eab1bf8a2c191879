package streams

import (
	"context"
	"slices"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
)

type listKind int

const (
	listNamespaces listKind = iota
	listCategories
	listStreams
	listMessages
)

// What one question looks at for a filter at most, so that a rare match shows
// its progress and can be cancelled: so long in the server, or so many messages
// that are read for it.
const (
	siftTime   = 250 * time.Millisecond
	siftBytes  = 4 << 20
	siftBudget = 4000
)

// source says what a list shows: a value, so that commands can take it along.
type source struct {
	kind      listKind
	namespace string
	category  string          // of streams and messages; "" all
	stream    string          // of messages; "" the category's
	prefix    string          // of streams, pushed into the store
	process   string          // of messages: those that correlate to this stream, and its own; "" all
	filter    filter.Filter   // of messages
	oldest    bool            // messages: oldest first
	columns   []filter.Column // of messages: what their rows show besides
	gather    bool            // read whole, to be sorted by a column that the store has no order for
	from      int64           // messages: position of the first row (global of a category's); 0: the very end
	since     time.Time       // messages: the time that they were looked up from; zero: none was
}

// sameAs reports whether two lists are of the same messages, whatever rows and in which
// order they show.
func (s source) sameAs(o source) bool {
	return s.kind == o.kind && s.namespace == o.namespace && s.category == o.category && s.stream == o.stream &&
		s.process == o.process && s.filter.String() == o.filter.String()
}

// whole reports whether the list is read in one piece.
func (s source) whole() bool {
	return s.gather || s.kind == listNamespaces || s.kind == listCategories
}

func (s source) pageRows() int {
	if s.kind == listStreams {
		return streamRows
	}
	return pageRows
}

// place is a message's position in the list's own order.
func (s source) place(m *store.Message) int64 { return s.placeOf(m.Position, m.GlobalPosition) }

// placeOf is place of a message that stands at a position in its stream, and at
// a global one.
func (s source) placeOf(position, global int64) int64 {
	if s.stream != "" {
		return position
	}
	return global
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
	all := &everything{}
	out = append(out, all)
	for i := range list {
		c := &list[i]
		out = append(out, c)
		all.StreamCount += c.StreamCount
		all.MessageCount += c.MessageCount
		all.Estimated = all.Estimated || c.Estimated
	}
	return out, err
}

// everything is the first row of a list of categories: the whole namespace. Message
// DB has a category without a name too, of streams such as "-1".
type everything struct{ store.CategoryCount }

func isEverything(row any) bool {
	_, ok := row.(*everything)
	return ok
}

// countOf is what a row of a list of categories counts; nil for other rows.
func countOf(row any) *store.CategoryCount {
	switch r := row.(type) {
	case *everything:
		return &r.CategoryCount
	case *store.CategoryCount:
		return r
	}
	return nil
}

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
	r := pageReply{rows: make([]any, n), last: true}
	var size client.PageSize
	for next, more := first, true; more && next < first+n; {
		limit := size.Next(int(first + n - next))
		list, err := c.ReadStream(ctx, client.StreamQuery{Stream: s.stream, Position: next, Limit: limit, MaxBytes: client.PageBytes})
		if more, err = size.Took(limit, list, err); err != nil {
			return r, err
		}
		for i := range list {
			slot := list[i].Position - first
			next = list[i].Position + 1
			if slot < 0 || slot >= n {
				continue
			}
			if !s.oldest {
				slot = n - 1 - slot
			}
			r.rows[slot] = kit.NewBrief(&list[i], s.columns)
		}
	}
	return r, nil
}

// scan reads messages in order until a page is full of what the filter keeps,
// enough was looked at, or there are no more.
func (s source) scan(ctx context.Context, c *client.Client, at cursor) (pageReply, error) {
	// A process is more than one category, and can be read as two where nobody
	// scans; a stream can be read forward, and turned.
	if s.sifts() && (s.process == "" || !c.FiltersHere()) {
		r, err := s.sift(ctx, c, at)
		if s.stream == "" || !client.NotOffered(err) {
			return r, err
		}
	}
	return s.walk(ctx, c, at)
}

// sift has the server look for the next rows.
func (s source) sift(ctx context.Context, c *client.Client, at cursor) (pageReply, error) {
	r := pageReply{next: cursor{pos: at.pos}}
	if !s.oldest && s.stream == "" && at.pos < 1 {
		// Before it looks: what comes meanwhile is newer.
		head, err := c.Head(ctx)
		if err != nil {
			return r, err
		}
		r.first = head
	}
	q := s.query(at.pos)
	if s.process != "" && s.oldest && at.pos <= 1 {
		// What follows from a stream cannot be older than its first message.
		own, err := c.ReadStream(ctx, client.StreamQuery{Stream: s.process, Limit: 1})
		if err != nil {
			return r, err
		}
		if len(own) > 0 {
			q.From = own[0].GlobalPosition
		}
	}
	q.Limit, q.MaxTime, q.MaxBytes = pageRows-at.have, siftTime, siftBytes
	p, err := c.ScanPage(ctx, q)
	if err != nil {
		return r, err
	}
	for i := range p.Messages {
		r.rows = append(r.rows, kit.NewBrief(&p.Messages[i], s.columns))
	}
	r.cost, r.last = p.Read, p.Complete
	if r.next.pos = p.Next; !s.oldest {
		r.next.pos--
	}
	return r, nil
}

// query looks for what belongs to the list from a position on, that included,
// in the list's order.
func (s source) query(pos int64) client.ScanQuery {
	q := client.ScanQuery{Stream: s.stream, Filter: s.line(), Backward: !s.oldest}
	if s.stream == "" && s.category != "" {
		q.Categories = []string{s.category}
	}
	switch {
	case s.oldest:
		q.From = max(pos, 0)
	case s.stream != "" || pos > 0:
		q.Before = pos + 1
	}
	return q
}

// line is what belongs to the list, as a filter.
func (s source) line() string {
	if s.process == "" {
		return s.filter.Absolute()
	}
	name := filter.Quote(s.process)
	line := "(stream=" + name + " or metadata." + causes.Correlation + "=" + name + ")"
	if !s.filter.IsZero() {
		line += " (" + s.filter.Absolute() + ")"
	}
	return line
}

// walk reads messages, as many at once as fit, and keeps what belongs to the
// list.
func (s source) walk(ctx context.Context, c *client.Client, at cursor) (pageReply, error) {
	r := pageReply{next: cursor{pos: at.pos}}
	room := pageRows - at.have
	var size client.PageSize
	for len(r.rows) < room && r.cost.Messages < siftBudget && !r.last {
		limit := pageRows
		if s.sifts() {
			limit = 1000
		}
		limit = size.Next(limit)
		list, err := s.read(ctx, c, r.next.pos, limit)
		more, err := size.Took(limit, list, err)
		if err != nil {
			return r, err
		}
		r.last = !more
		for i := range list {
			if r.cost.Messages++; r.cost.Messages == 1 {
				r.first = list[i].GlobalPosition
			}
			r.cost.Bytes += int64(len(list[i].Data) + len(list[i].Metadata))
			r.next.pos = s.after(&list[i])
			if s.keeps(&list[i]) {
				r.rows = append(r.rows, kit.NewBrief(&list[i], s.columns))
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
	r.cost.Here = true
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
	if s.process != "" && m.Stream != s.process && causes.StreamOf(m) != s.process {
		return false
	}
	return s.filter.Keeps(m)
}

// read returns the next messages from a position on, in the list's order, as far
// as they fit into a page.
func (s source) read(ctx context.Context, c *client.Client, pos int64, limit int) ([]store.Message, error) {
	switch {
	case s.process != "":
		return s.readProcess(ctx, c, pos, limit)
	case s.stream == "":
		return c.ReadCategory(ctx, client.CategoryQuery{
			Category: s.category, GlobalPosition: pos, Limit: limit, Backward: !s.oldest, MaxBytes: client.PageBytes,
		})
	case s.oldest:
		return c.ReadStream(ctx, client.StreamQuery{Stream: s.stream, Position: pos, Limit: limit, MaxBytes: client.PageBytes})
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
