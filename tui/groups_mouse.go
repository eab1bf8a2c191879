package tui

import (
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// under returns the grid at a cell of the page, nil for none.
func (p *groups) under(env page.Env, x, y int) *grid.Grid {
	a := p.areas(env.Width, env.Height)
	switch {
	case a.list.W > 0 && x < a.list.W && y < a.list.H:
		return p.list
	case a.detail.W == 0 || x < a.detail.X || y < a.detail.Y:
		return nil
	}
	return p.tabGrid()
}

// click puts the keys and the cursor where the mouse is, turns to a tab, or
// orders a grid by the column whose head it is on.
func (p *groups) click(t *page.Turn, x, y int) {
	env := t.Env
	g := p.under(env, x, y)
	if g == nil {
		return
	}
	a := p.areas(env.Width, env.Height)
	if p.open = g != p.list; p.open {
		x -= a.detail.X
		y -= a.detail.Y
		if y == p.tabsLine(a.detail) {
			if tab, ok := p.tabAt(x); ok {
				p.tab = tab
			}
			return
		}
		y -= len(p.heads(&env, a.detail.W, a.detail.H))
	}
	if row := g.HitRow(x, y); row >= 0 {
		g.SetCursor(row)
		p.follow(t)
		return
	}
	if column := g.HitHeader(x, y); column >= 0 {
		p.sortBy(t, g, column)
	}
}

// tabsLine is the line of its area on which the tabs stand, -1 for none.
func (p *groups) tabsLine(a kit.Rect) int {
	if a.H < 5 {
		return -1
	}
	return min(len(p.summary(a.W)), a.H/3)
}

func (p *groups) sortBy(t *page.Turn, g *grid.Grid, column int) {
	switch g {
	case p.list:
		if p.byCount.Click(g, column); !p.byCount.On {
			p.byName()
		}
	case p.members:
		p.byMember.Click(g, column)
	case p.consumers:
		p.byConsumer.Click(g, column)
		p.showObserved()
	}
	p.show(t)
}
