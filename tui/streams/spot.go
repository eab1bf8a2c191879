package streams

import (
	"slices"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// spot is a place on the page: the lists that led to it, the row, and what was
// open there.
type spot struct {
	stack []*list
	row   int
	key   string
	open  *kit.Brief // nil: none
	lanes *lanes
	tab   *tab
	age   uint64 // of what was read
}

// Spot implements [page.Placed].
func (p *streams) Spot() any {
	switch {
	case p.left != nil:
		return p.left
	case len(p.way.stack) == 0:
		return nil
	}
	return p.spot()
}

func (p *streams) spot() *spot {
	s := &spot{stack: slices.Clone(p.way.stack), row: p.way.top().grid.Cursor(), key: rowKey(p.way.top().current()), lanes: p.front.lanes, tab: p.tabs.open, age: p.age}
	if p.front.open != nil {
		s.open = kit.NewBrief(p.front.open.M, nil)
	}
	return s
}

// goBack shows a place again. Lists that are void by now, since the namespace
// or the server changed, are read again.
func (p *streams) goBack(t *page.Turn, s *spot) {
	p.tabs.park(t)
	p.front.clear()
	p.way.giveUp()
	p.way.stack, p.front.lanes = slices.Clone(s.stack), s.lanes
	p.tabs.unpark(t, s.tab)
	p.front.cover.Compare.Close()
	p.way.moved()
	if top := p.way.top(); rowKey(top.row(s.row)) == s.key {
		top.grid.SetCursor(s.row)
	}
	if s.age != p.age {
		p.front.lanes = nil
		p.tabs.pass(t, page.ReconnectMsg{})
		p.restart(t, page.ReconnectMsg{})
	}
	p.tabs.pass(t, page.ShowMsg{})
	p.front.reopen(t, s.open)
	for _, l := range p.way.stack {
		// An answer that was under way is nobody's now.
		l.gen, l.asking, l.down = p.way.next(), false, false
	}
	p.way.top().pull(t)
}
