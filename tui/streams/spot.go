package streams

import (
	"slices"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// spot is a place on the page: the lists that led to it, the row, and what was
// open there.
type spot struct {
	stack []*list
	row   int
	key   string
	open  *store.Message
	lanes *lanes
	age   uint64 // of what was read
}

// Spot implements [page.Placed].
func (p *streams) Spot() any {
	if len(p.stack) == 0 {
		return nil
	}
	s := spot{stack: slices.Clone(p.stack), row: p.top().grid.Cursor(), key: rowKey(p.top().current()), lanes: p.lanes, age: p.age}
	if p.open != nil {
		s.open = p.open.M
	}
	return s
}

// goBack shows a place again. Lists that are void by now, since the namespace
// or the server changed, are read again.
func (p *streams) goBack(t *page.Turn, s spot) {
	p.stack, p.open, p.lanes, p.picker = slices.Clone(s.stack), nil, s.lanes, nil
	p.compare.Close()
	p.ahead, p.preview, p.on = nil, nil, ""
	if top := p.top(); rowKey(top.row(s.row)) == s.key {
		top.grid.SetCursor(s.row)
	}
	if s.open != nil {
		p.open = kit.NewMessage(s.open) // a message never changes
	}
	if s.age != p.age {
		p.lanes = nil
		p.restart(t, page.ReconnectMsg{})
		p.top().pull(t)
		return
	}
	for _, l := range p.stack {
		p.gen++ // an answer that was under way is nobody's now
		l.gen, l.asking, l.down = p.gen, false, false
	}
	p.top().pull(t)
}
