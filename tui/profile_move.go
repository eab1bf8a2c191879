package tui

import (
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// move moves the cursor of the open view.
func (p *profilePage) move(a page.Action) {
	if p.tab != profileFlame {
		kit.MoveGrid(p.openGrid(), a)
		return
	}
	if p.graph == nil {
		return
	}
	switch a {
	case page.ActDown:
		p.graph.Down()
	case page.ActUp:
		p.graph.Up()
	case page.ActLeft:
		p.graph.Sideways(-1)
	case page.ActRight:
		p.graph.Sideways(1)
	case page.ActTop:
		p.graph.SetCursor(p.graph.Zoomed())
	case page.ActHalfDown, page.ActPageDown:
		p.graph.Scroll(10)
	case page.ActHalfUp, page.ActPageUp:
		p.graph.Scroll(-10)
	case page.ActBottom:
		for p.graph.Down() {
		}
	}
}

func (p *profilePage) openGrid() *grid.Grid {
	switch p.tab {
	case profileCallers:
		return p.callGrid
	case profileSource:
		return p.sourceGrid
	case profileKept:
		return p.keptGrid
	default:
		return p.topGrid
	}
}

func (p *profilePage) wheel(by int) {
	switch {
	case p.tab != profileFlame:
		p.openGrid().Scroll(3 * by)
	case p.graph != nil:
		p.graph.Scroll(2 * by)
	}
}

// click opens a tab, or puts the cursor somewhere; a click on the bar under
// the cursor zooms to it.
func (p *profilePage) click(t *page.Turn, x, y int) {
	head := p.headHeight(t.Height)
	switch {
	case y < head:
		if tab, ok := p.tabAt(x); ok && y == 0 {
			p.turn(t, tab)
		}
	case p.tab != profileFlame:
		p.clickGrid(t, x, y-head)
	case p.graph != nil:
		if node, ok := p.graph.Hit(x, y-head); ok {
			if node == p.graph.Cursor() {
				p.graph.Zoom(node)
			}
			p.graph.SetCursor(node)
		}
	}
}

// clickGrid puts the cursor on a row, or sorts top by the column whose head it is.
func (p *profilePage) clickGrid(t *page.Turn, x, y int) {
	g := p.openGrid()
	if row := g.HitRow(x, y); row >= 0 {
		g.SetCursor(row)
		return
	}
	if column := g.HitHeader(x, y); p.tab == profileTop && column >= 0 && column < topNames {
		p.orderBy(t, column >= topCum)
	}
}
