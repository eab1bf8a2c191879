package tui

import "github.com/evtui/evtui/tui/grid"

// under returns the grid at a cell of the page, nil for none.
func (p *groups) under(env Env, x, y int) *grid.Grid {
	a := p.areas(env.Width, env.Height)
	switch {
	case a.list.w > 0 && x < a.list.w && y < a.list.h:
		return p.list
	case a.detail.w == 0 || x < a.detail.x || y < a.detail.y:
		return nil
	case p.moves:
		return p.moved
	}
	return p.members
}

// click puts the keys and the cursor where the mouse is.
func (p *groups) click(env Env, x, y int) {
	g := p.under(env, x, y)
	if g == nil {
		return
	}
	a := p.areas(env.Width, env.Height)
	if p.open = g != p.list; p.open {
		x -= a.detail.x
		// The grid is at the foot of its area.
		_, rows := g.Size()
		y -= a.detail.y + a.detail.h - rows
	}
	if row := g.HitRow(x, y); row >= 0 {
		g.SetCursor(row)
		p.follow()
	}
}
