package tail

import (
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// front is what stands in front of the list: what covers it, or a message that is open.
type front struct {
	cover kit.Cover
	open  *kit.Message
}

// on reports whether anything does.
func (f *front) on() bool { return f.cover.On() || f.open != nil }

func (f *front) bindings() []page.Binding {
	if f.cover.On() {
		return f.cover.Bindings()
	}
	return append([]page.Binding{
		page.Bind(page.ActOut, "back to the tail", "out"), page.Bind(page.ActPrevious, "", "previous"), page.Bind(page.ActNext, "", "next"),
		page.Bind(page.ActOpen, "fold or unfold", "fold"), page.Bind(page.ActFold, "", ""), page.Bind(page.ActFoldAll, "", ""), page.Bind(page.ActRaw, "", "raw"),
		page.Bind(page.ActNextPane, "to the metadata, or back", "metadata"), page.Bind(page.ActPrevPane, "to the metadata, or back", ""),
		page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""), page.Bind(page.ActWrap, "", ""),
		page.Bind(page.ActGoStream, "", "stream"), page.Bind(page.ActGoCategory, "", ""), page.Bind(page.ActGoProcess, "", ""), page.Bind(page.ActGoCauses, "", ""), page.Bind(page.ActLanes, "", "lanes"),
		page.Bind(page.ActCompare, "", "compare"), page.Bind(page.ActCopyValue, "", ""), page.Bind(page.ActCopyPath, "", ""), page.Bind(page.ActCopyID, "", ""),
		page.Bind(page.ActCopyStream, "", ""), page.Bind(page.ActCopyCurl, "", ""), page.Bind(page.ActCopyView, "", ""),
		page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""),
	}, page.Movement()...)
}

// act does what can be done there, and reports whether it did.
func (f *front) act(t *page.Turn, a page.Action, l *list) bool {
	switch {
	case f.cover.Act(t, a, l.show):
		return true
	case f.open == nil:
		return false
	}
	switch a {
	case page.ActOut:
		f.open = nil
	case page.ActNext, page.ActPrevious:
		if m := l.step(a == page.ActPrevious); m != nil {
			f.open.Show(m)
		}
	case page.ActNextMatch, page.ActPrevMatch:
		f.open.NextMatch(a == page.ActPrevMatch)
	default:
		return f.open.Act(t, a)
	}
	return true
}

func (f *front) scroll(n int) {
	switch {
	case f.cover.On():
		f.cover.Scroll(n)
	case f.open != nil:
		f.open.Active().Scroll(n)
	}
}

// lines draws it, a message beside the list's grid where there is room; status
// reports whether the tail's own line goes below.
func (f *front) lines(env page.Env, w, h int, g *grid.Grid) (lines []string, status bool) {
	switch {
	case f.cover.On():
		return f.cover.Lines(env, w, h), false
	case env.Layout < page.LayoutTwo:
		return f.open.Lines(env, w, max(h-1, 1), true), h > 1
	}
	left := w / 3
	g.SetFocus(false)
	g.SetSize(left, h-1)
	list := g.Lines()
	rule := env.Theme.Border.Paint(env.Theme.Sym.Vertical)
	lines = make([]string, 0, h)
	for i, line := range f.open.Lines(env, w-left-1, h-1, true) {
		lines = append(lines, list[i]+rule+line)
	}
	return lines, true
}

// chrome adds what it is to the page's.
func (f *front) chrome(env *page.Env, c *page.Chrome) {
	switch {
	case f.cover.On():
		crumb, count := f.cover.Status()
		c.Crumbs, c.Count = append(c.Crumbs, crumb), count
	case f.open != nil:
		c.Crumbs = append(c.Crumbs, f.open.M.Stream, f.open.Crumb())
		if env.Layout >= page.LayoutTwo {
			c.Rules = []int{env.Width / 3}
		}
	}
}
