package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (p *streams) mouse(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		n := kit.Wheel(msg.Button) * 3
		switch {
		case p.picker != nil:
			p.picker.Grid.Scroll(n)
		case p.compare.On():
			p.compare.Grid.Scroll(n)
		case p.open != nil:
			p.open.Active().Scroll(n)
		case p.lanes != nil:
			p.lanes.grid.Scroll(n)
		default:
			p.top().grid.Scroll(n)
		}
	case tea.MouseClickMsg:
		if p.picker == nil && p.lanes == nil && !p.compare.On() {
			p.click(t, msg.X, msg.Y)
		}
	}
}

// click puts the cursor where it hits: in the list with the keys a second
// click on the same row goes in; a click into the preview goes in at once, one
// into the outer list goes out.
func (p *streams) click(t *page.Turn, x, y int) {
	for _, a := range p.areas(t.Layout, t.Width, t.Height) {
		if x < a.X || x >= a.X+a.W || y < a.Y || y >= a.Y+a.H {
			continue
		}
		switch {
		case a.role == areaOuter:
			p.out(t)
		case a.role == areaInner:
			p.enter(t)
		case a.list != nil:
			row := a.list.grid.HitRow(x-a.X, y-a.Y)
			if row >= 0 && row == a.list.grid.Cursor() {
				p.enter(t)
			} else if row >= 0 {
				a.list.grid.SetCursor(row)
			}
		}
		return
	}
}
