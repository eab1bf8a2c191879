package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/page"
)

func (p *streams) mouse(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		n := wheel(msg.Button) * 3
		switch {
		case p.picker != nil:
			p.picker.grid.Scroll(n)
		case p.compare.on():
			p.compare.grid.Scroll(n)
		case p.open != nil:
			p.open.active().Scroll(n)
		case p.lanes != nil:
			p.lanes.grid.Scroll(n)
		default:
			p.top().grid.Scroll(n)
		}
	case tea.MouseClickMsg:
		if p.picker == nil && p.lanes == nil && !p.compare.on() {
			p.click(t, msg.X, msg.Y)
		}
	}
}

// click puts the cursor where it hits: in the list with the keys a second
// click on the same row goes in; a click into the preview goes in at once, one
// into the outer list goes out.
func (p *streams) click(t *page.Turn, x, y int) {
	for _, a := range p.areas(t.Layout, t.Width, t.Height) {
		if x < a.x || x >= a.x+a.w || y < a.y || y >= a.y+a.h {
			continue
		}
		switch {
		case a.role == areaOuter:
			p.out(t)
		case a.role == areaInner:
			p.enter(t)
		case a.list != nil:
			row := a.list.grid.HitRow(x-a.x, y-a.y)
			if row >= 0 && row == a.list.grid.Cursor() {
				p.enter(t)
			} else if row >= 0 {
				a.list.grid.SetCursor(row)
			}
		}
		return
	}
}
