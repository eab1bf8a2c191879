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
	case len(p.stack) == 0:
		return nil
	}
	return p.spot()
}

func (p *streams) spot() *spot {
	s := &spot{stack: slices.Clone(p.stack), row: p.top().grid.Cursor(), key: rowKey(p.top().current()), lanes: p.lanes, tab: p.tab, age: p.age}
	if p.open != nil {
		s.open = kit.NewBrief(p.open.M, nil)
	}
	return s
}

// goBack shows a place again. Lists that are void by now, since the namespace
// or the server changed, are read again.
func (p *streams) goBack(t *page.Turn, s *spot) {
	p.park(t)
	p.stack, p.open, p.lanes, p.picker, p.tab = slices.Clone(s.stack), nil, s.lanes, nil, s.tab
	p.unpark()
	p.compare.Close()
	p.ahead, p.preview, p.on = nil, nil, ""
	if top := p.top(); rowKey(top.row(s.row)) == s.key {
		top.grid.SetCursor(s.row)
	}
	if s.age != p.age {
		p.lanes = nil
		p.toTab(t, page.ReconnectMsg{})
		p.restart(t, page.ReconnectMsg{})
		p.toTab(t, page.ShowMsg{})
		p.reopen(t, s.open)
		p.top().pull(t)
		return
	}
	p.toTab(t, page.ShowMsg{})
	p.reopen(t, s.open)
	for _, l := range p.stack {
		p.gen++ // an answer that was under way is nobody's now
		l.gen, l.asking, l.down = p.gen, false, false
	}
	p.top().pull(t)
}

// reopen opens a message again, which never changes, and is read where it was
// let go of. Without one it does nothing.
func (p *streams) reopen(t *page.Turn, b *kit.Brief) {
	if b == nil {
		return
	}
	if m := p.whole.message(b); m != nil {
		p.open = kit.NewMessage(m)
		return
	}
	top := p.top()
	p.readWhole(t, b, func(*page.Turn) {
		if p.top() == top {
			p.open = kit.NewMessage(p.whole.m)
		}
	})
}
