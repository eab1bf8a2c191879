package causes

import (
	"context"
	"strings"

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
	grid   *grid.Grid
	theme  page.Theme
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
	id                                uint64
	reader                            *search.Many
	hops                              []story.Hop
	left                              int64
	cost                              client.ScanCost
	caused, counted, missing, lookups int64
	oldest, done, counts              bool
}

// percentiles opens them in the place of the tree, from a message of a stream.
func (p *Pane) percentiles(of search.Span, stream string) {
	p.manies++
	m := &many{of: of, stream: stream, reach: manyFirst, id: p.manies}
	m.grid = grid.New(grid.Options{Row: m.cells, Empty: "reading…", Columns: []grid.Column{
		{Title: "from", Min: 12, Flex: 2, Name: true}, {Title: "to", Min: 12, Flex: 2, Name: true}, {Title: "count", Min: 9, Right: true},
		{Title: "p50", Min: 9, Right: true}, {Title: "p99", Min: 9, Right: true}, {Title: "max", Min: 9, Right: true, Priority: 1},
		{Title: "slowest", Min: 14, Flex: 1, Priority: 2},
	}})
	p.many = m
}

// frame reads on, as far as it may.
func (m *many) frame(t *page.Turn, p *Pane) {
	if m.asking || m.halted || m.last.done || m.fault != "" || m.last.counts && m.last.cost.Messages >= m.reach {
		return
	}
	reader, id, of, links, moment, left := m.reader, m.id, m.of, t.Links, t.At, m.reach-m.last.cost.Messages
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
		r := manyReply{
			id: id, reader: reader, cost: reader.Read, caused: reader.Caused, counted: reader.Counted, missing: reader.Missing,
			lookups: reader.Lookups, oldest: reader.Oldest, done: reader.Done && reader.Counts(), counts: reader.Counts(),
		}
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
		m.grid.SetLen(len(r.hops), false)
		m.grid.Changed()
	}
	if msg.Err != nil && !client.Unreachable(msg.Err) {
		m.fault = msg.Err.Error()
	}
}

// halt stops the reading, and reports whether there was any.
func (m *many) halt() bool {
	if !m.asking || m.halted || m.last.done {
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
		m.reach = m.last.cost.Messages + manyFirst*4
		m.frame(t, p)
	case a == page.ActPercentiles:
		if m.of.Stream != "" {
			p.many = nil
			return
		}
		p.percentiles(search.Span{Stream: m.stream}, m.stream)
	case a == page.ActOpen:
		if i := m.grid.Cursor(); i >= 0 && i < len(m.last.hops) {
			at := m.last.hops[i].Slowest
			t.Go(page.Location{Page: page.Streams, Stream: at.Name, Position: at.Position, HasPosition: true, Tab: Title})
		}
	case a == page.ActCopyView:
		t.Copy("this view as a command", m.command(t.Env))
	default:
		kit.MoveGrid(m.grid, a)
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

func (m *many) cells(i int, cells []grid.Cell) {
	if i >= len(m.last.hops) {
		return
	}
	h, t := &m.last.hops[i], m.theme
	cells[0] = grid.Cell{Text: h.From}
	cells[1] = grid.Cell{Text: h.To}
	cells[2] = grid.Cell{Text: text.Count(h.Count)}
	for k, d := range []string{hop(h.P50), hop(h.P99), hop(h.Max)} {
		cells[3+k] = grid.Cell{Text: strings.TrimPrefix(d, "+")}
	}
	cells[6] = grid.Cell{Text: text.Name(h.Slowest.String()), Pen: t.Muted, Middle: true}
}

func (m *many) lines(env page.Env, w, h int) []string {
	if m.theme.Serial != env.Theme.Serial {
		m.theme = env.Theme
		kit.RestyleGrid(m.grid, env.Theme)
	}
	m.grid.SetSize(w, h)
	switch {
	case m.fault != "":
		m.grid.SetEmpty(text.Sanitize(m.fault))
	case !m.read || m.asking:
		m.grid.SetUnread(env.Pending("reading"))
	default:
		m.grid.SetEmpty("none of the messages read names a cause that is there")
	}
	return m.grid.Lines()
}

func (m *many) chrome() page.Chrome {
	of := "hops to " + strings.Join(m.of.Categories, ", ")
	if m.of.Stream != "" {
		of = "hops to " + m.of.Stream
	}
	c := page.Chrome{Crumbs: []string{of}, AsOf: true}
	order := "the newest "
	if m.last.oldest {
		order = "the oldest "
	}
	r := &m.last
	said := order + text.Count(r.cost.Messages) + " messages read"
	switch {
	case r.done:
		said = "all " + text.Count(r.cost.Messages) + " messages read"
	case m.asking && !m.halted:
		said += "… esc stops"
	default:
		said += ", + reads more"
	}
	c.Chips = append(c.Chips, said)
	if m.fault != "" {
		c.Chips = append(c.Chips, m.fault)
	}
	if r.missing > 0 {
		c.Chips = append(c.Chips, text.Count(r.missing)+" causes not found")
	}
	if r.left > 0 {
		c.Chips = append(c.Chips, text.Count(r.left)+" hops left out: too many")
	}
	kinds := int64(len(r.hops))
	c.Count = text.Count(r.counted) + " " + text.Plural(r.counted, "hop") + " of " + text.Count(kinds) + " " + text.Plural(kinds, "kind")
	return c
}
