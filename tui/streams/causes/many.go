package causes

import (
	"context"
	"strings"
	"time"

	story "github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/story/causes/search"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// manyFirst is how many messages are read for percentiles unasked, and how many
// more each time that the user asks.
const manyFirst = 5_000

// many is the percentiles of each hop over many messages.
type many struct {
	id     uint64 // its answers carry it
	of     search.Span
	stream string // of the message that it was opened on
	list   *kit.List[*story.Hop]
	reader *search.Many // of the question under way, while one is
	asking bool
	halted bool
	reach  int64
	last   manyReply
	read   bool
	fault  string
}

// manyReply is how far it is read.
type manyReply struct {
	search.Tally
	id     uint64
	reader *search.Many
	hops   []story.Hop
	left   int64
	counts bool // all that was read is counted
}

// percentiles opens them in the place of the tree, from a message of a stream.
func (p *Pane) percentiles(of search.Span, stream string) {
	p.manies++
	m := &many{of: of, stream: stream, reach: manyFirst, id: p.manies}
	took := func(title string, priority int, of func(h *story.Hop) time.Duration) kit.Column[*story.Hop] {
		return kit.Column[*story.Hop]{
			Title: title, Min: 9, Right: true, Priority: priority, Text: func(h *story.Hop) string { return strings.TrimPrefix(hop(of(h)), "+") },
		}
	}
	m.list = kit.NewList(kit.ListOptions[*story.Hop]{Empty: "reading…", Columns: []kit.Column[*story.Hop]{
		{Title: "from", Min: 12, Flex: 2, Name: true, Text: func(h *story.Hop) string { return h.From }},
		{Title: "to", Min: 12, Flex: 2, Name: true, Text: func(h *story.Hop) string { return h.To }},
		{Title: "count", Min: 9, Right: true, Text: func(h *story.Hop) string { return text.Count(h.Count) }},
		took("p50", 0, func(h *story.Hop) time.Duration { return h.P50 }),
		took("p99", 0, func(h *story.Hop) time.Duration { return h.P99 }),
		took("max", 1, func(h *story.Hop) time.Duration { return h.Max }),
		{Title: "slowest", Min: 14, Flex: 1, Priority: 2, Cell: func(t *page.Theme, h *story.Hop) grid.Cell {
			return grid.Cell{Text: text.Name(h.Slowest.String()), Pen: t.Muted, Middle: true}
		}},
	}})
	p.many = m
}

// frame reads on, as far as it may.
func (m *many) frame(t *page.Turn, p *Pane) {
	if m.asking || m.halted || m.last.done() || m.fault != "" || m.last.counts && m.last.Read.Messages >= m.reach {
		return
	}
	reader, id, of, links, moment, left := m.reader, m.id, m.of, t.Links, t.At, m.reach-m.last.Read.Messages
	m.asking, m.reader = true, nil
	t.Ask(p.base+genMany, func(ctx context.Context, c *client.Client) (any, error) {
		if reader == nil {
			until, err := bound(ctx, c, moment)
			if err != nil {
				return manyReply{id: id}, err
			}
			of.Until = until
			reader = search.NewMany(links, of)
		}
		err := reader.Step(ctx, c, left)
		r := manyReply{Tally: reader.Tally, id: id, reader: reader, counts: reader.Counts()}
		r.hops, r.left = reader.Hops()
		return r, err
	})
}

func (m *many) replied(msg page.Reply) {
	r, ok := msg.Value.(manyReply)
	if ok && r.id != m.id {
		return
	}
	m.asking = false
	if ok && r.reader != nil {
		m.reader, m.last, m.read = r.reader, r, true
		m.list.Replace(kit.Pointers(r.hops))
	}
	if msg.Err != nil && !client.Unreachable(msg.Err) {
		m.fault = msg.Err.Error()
	}
}

// done reports whether all there is was read and counted.
func (r *manyReply) done() bool { return r.Done && r.counts }

// halt stops the reading, and reports whether there was any.
func (m *many) halt() bool {
	if !m.asking || m.halted || m.last.done() {
		return false
	}
	m.halted = true
	return true
}

func (m *many) act(t *page.Turn, p *Pane, a page.Action) {
	switch {
	case a == page.ActOut:
		if !m.halt() {
			p.many = nil
		}
	case a == page.ActMore:
		m.halted, m.fault = false, ""
		m.reach = m.last.Read.Messages + manyFirst*4
		m.frame(t, p)
	case a == page.ActPercentiles:
		if m.of.Stream != "" {
			p.many = nil
			return
		}
		p.percentiles(search.Span{Stream: m.stream}, m.stream)
	case a == page.ActOpen:
		if h, ok := m.list.Chosen(); ok {
			t.Go(page.Location{Page: page.Streams, Stream: h.Slowest.Name, Position: h.Slowest.Position, HasPosition: true, Tab: Title})
		}
	case a == page.ActCopyView:
		t.Copy("this view as a command", m.command(t.Env))
	default:
		kit.MoveGrid(m.list.Grid, a)
	}
}

func (m *many) command(env page.Env) string {
	if m.of.Stream != "" {
		return kit.Command(env, "causes", "--hops-of", m.of.Stream)
	}
	return kit.Command(env, "causes", "--hops", strings.Join(m.of.Categories, ","))
}

func (m *many) bindings() []page.Binding {
	other := "percentiles of the stream's messages alone"
	if m.of.Stream != "" {
		other = "back to the tree"
	}
	return append([]page.Binding{
		page.Bind(page.ActOpen, "the tree of the slowest one", "slowest"), page.Bind(page.ActOut, "stop, or back to the tree", "out"),
		page.Bind(page.ActPercentiles, other, "category, stream"), page.Bind(page.ActMore, "read more messages", "more"),
		page.Bind(page.ActCopyView, "", ""), page.Bind(page.ActLeft, "", ""), page.Bind(page.ActRight, "", ""),
	}, page.Movement()...)
}

func (m *many) lines(env page.Env, w, h int) []string {
	switch {
	case m.fault != "":
		m.list.SetEmpty(text.Sanitize(m.fault))
	case !m.read || m.asking:
		m.list.SetUnread(env.Pending("reading"))
	default:
		m.list.SetEmpty("none of the messages read names a cause that is there")
	}
	return m.list.View(&env.Theme, w, h)
}

func (m *many) chrome() page.Chrome {
	of := "hops to " + strings.Join(m.of.Categories, ", ")
	if m.of.Stream != "" {
		of = "hops to " + m.of.Stream
	}
	c := page.Chrome{Crumbs: []string{of}, AsOf: true}
	order := "the newest "
	if m.last.Oldest {
		order = "the oldest "
	}
	r := &m.last
	said := order + text.Count(r.Read.Messages) + " messages read"
	switch {
	case r.done():
		said = "all " + text.Count(r.Read.Messages) + " messages read"
	case m.asking && !m.halted:
		said += "… esc stops"
	default:
		said += ", + reads more"
	}
	c.Chips = append(c.Chips, said)
	if m.fault != "" {
		c.Chips = append(c.Chips, m.fault)
	}
	if r.Missing > 0 {
		c.Chips = append(c.Chips, text.Count(r.Missing)+" causes not found")
	}
	if r.left > 0 {
		c.Chips = append(c.Chips, text.Count(r.left)+" hops left out: too many")
	}
	kinds := int64(len(r.hops))
	c.Count = text.Count(r.Counted) + " " + text.Plural(r.Counted, "hop") + " of " + text.Count(kinds) + " " + text.Plural(kinds, "kind")
	return c
}
