package flow

import (
	"cmp"
	"time"

	"github.com/evtui/evtui/internal/story/flow"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// tableColumns are those of the table; the last one takes the cells of its marks.
func (p *pane) tableColumns() []kit.Column[*row] {
	from := func(t *page.Theme, r *row) grid.Cell { return nodeCell(t, r.From, true) }
	to := func(t *page.Theme, r *row) grid.Cell { return nodeCell(t, r.To, false) }
	count := func(t *page.Theme, r *row) grid.Cell { return grid.Cell{Text: text.Count(r.Count), Pen: t.Accent} }
	since := func(of func(r *row) flow.Moment) func(r *row) string {
		return func(r *row) string { return kit.Since(of(r).Time, p.env.Now, p.env.Absolute) }
	}
	first, last := func(r *row) flow.Moment { return r.First }, func(r *row) flow.Moment { return r.Last }
	when, byCount := kit.SinceWidth(p.absolute), kit.By(func(r *row) int64 { return r.Count })
	return []kit.Column[*row]{
		{Title: "from", Min: 13, Flex: 1, Max: 48, Name: true, Cell: from, Order: func(a, b *row) int { return compareNodes(a.From, b.From) }},
		{Title: "to", Min: 13, Flex: 1, Max: 48, Name: true, Cell: to, Order: func(a, b *row) int { return compareNodes(a.To, b.To) }},
		{Title: "count", Min: 10, Right: true, Cell: count, Order: byCount},
		{
			Title: "share", Min: 6, Right: true, Text: func(r *row) string { return text.Share(r.Share) },
			Order: kit.By(func(r *row) float64 { return r.Share }),
		},
		{
			Title: "p50", Min: 8, Right: true, Priority: 1, Text: func(r *row) string { return gap(&r.Gaps, r.Gaps.P50) },
			Order: kit.By(func(r *row) time.Duration { return r.Gaps.P50 }),
		},
		{
			Title: "p99", Min: 8, Right: true, Priority: 1, Text: func(r *row) string { return gap(&r.Gaps, r.Gaps.P99) },
			Order: kit.By(func(r *row) time.Duration { return r.Gaps.P99 }),
		},
		{
			Title: "max", Min: 8, Right: true, Priority: 2, Text: func(r *row) string { return longest(&r.Gaps) },
			Order: kit.By(func(r *row) time.Duration { return r.Gaps.Max }),
		},
		{
			Title: "last", Min: when, Right: true, Priority: 3, Text: since(last), Muted: true,
			Order: kit.By(func(r *row) int64 { return r.Last.Global }),
		},
		{
			Title: "first", Min: when, Right: true, Priority: 4, Text: since(first), Muted: true,
			Order: kit.By(func(r *row) int64 { return r.First.Global }),
		},
		{Min: p.marks, Cell: mark, Order: byCount},
	}
}

func nodeCell(t *page.Theme, n flow.Node, from bool) grid.Cell {
	pen := t.Text
	if n.Bound {
		pen = t.Muted
	}
	return grid.Cell{Text: nodeName(n, from), Pen: pen}
}

// mark says what is new, or was not read.
func mark(t *page.Theme, r *row) grid.Cell {
	switch {
	case r.unread:
		return grid.Cell{Text: "not read", Pen: t.Muted}
	case r.fresh:
		return grid.Cell{Text: "new", Pen: t.Warn}
	}
	return grid.Cell{}
}

// unread leaves open what is not known of a transition that was not read: from its
// count to when it came last.
func unread(t *page.Theme, r *row, cells []grid.Cell) {
	for i := 2; r.unread && i < 8; i++ {
		cells[i] = grid.Cell{Text: text.Unknown, Pen: t.Muted}
	}
}

func compareNodes(a, b flow.Node) int {
	if a.Bound != b.Bound {
		if a.Bound {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.Type, b.Type)
}

func orderColumns() []kit.Column[*flow.Variant] {
	streams := kit.By(func(v *flow.Variant) int64 { return v.Streams })
	return []kit.Column[*flow.Variant]{
		{
			Title: "streams", Min: 9, Right: true, Order: streams,
			Cell: func(t *page.Theme, v *flow.Variant) grid.Cell {
				return grid.Cell{Text: text.Count(v.Streams), Pen: t.Accent}
			},
		},
		{Title: "share", Min: 6, Right: true, Text: func(v *flow.Variant) string { return text.Share(v.Share) }, Order: streams},
		{
			Title: "events", Min: 6, Right: true, Priority: 2, Text: func(v *flow.Variant) string { return text.Count(int64(len(v.Types))) },
			Order: kit.By(func(v *flow.Variant) int { return len(v.Types) }),
		},
		{Title: "example", Min: 16, Name: true, Priority: 1, Text: func(v *flow.Variant) string { return v.Example }, Muted: true},
		{
			Title: "order", Min: 20, Flex: 1, Wide: 400, Order: kit.By(func(v *flow.Variant) string { return v.Spell(" ", "×") }),
			Cell: func(t *page.Theme, v *flow.Variant) grid.Cell {
				times := "×"
				if t.Sym.ASCII {
					times = "x"
				}
				return grid.Cell{Text: v.Spell(" "+arrowOf(*t)+" ", times), Pen: t.Text}
			},
		},
	}
}

// taken are the streams that took a transition.
type taken struct {
	*kit.List[*flow.Passage]
	of flow.Pair
	n  int64 // how often it was taken
}

func (p *pane) newTaken(of flow.Pair) *taken {
	return &taken{of: of, List: kit.NewList(kit.ListOptions[*flow.Passage]{
		Empty: "not in what was read", Same: func(a, b *flow.Passage) bool { return a.Stream == b.Stream },
		Columns: []kit.Column[*flow.Passage]{
			{Title: "stream", Min: 20, Flex: 1, Name: true, Text: func(s *flow.Passage) string { return s.Stream }},
			{Title: "position", Min: 9, Right: true, Text: func(s *flow.Passage) string { return text.Count(s.Position) }},
			{Title: "global", Min: 12, Right: true, Priority: 1, Text: func(s *flow.Passage) string { return text.Count(s.At.Global) }, Muted: true},
			{
				Title: "when", Min: kit.MomentWidth(p.env.Absolute), Right: true, Muted: true,
				Text: func(s *flow.Passage) string { return kit.Moment(s.At.Time, p.env.Now, p.env.Absolute) },
			},
		},
	})}
}

func (k *taken) act(t *page.Turn, a page.Action, namespace string) {
	s, on := k.Chosen()
	switch {
	case a == page.ActOpen && on:
		t.Go(page.Location{Page: page.Streams, Namespace: namespace, Stream: s.Stream, Position: s.Position, HasPosition: true})
	case a == page.ActCopyStream && on:
		t.Copy("stream", s.Stream)
	default:
		k.Act(t, a)
	}
}

// said says how many streams there are, and of how many.
func (k *taken) said() string {
	s := "the last " + counted(int64(len(k.Rows())), "stream")
	if len(k.Rows()) < flow.MostPassages {
		s = counted(int64(len(k.Rows())), "stream")
	}
	return s + " of " + counted(k.n, "passage")
}
