package tail

import (
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// front is what stands in front of the list: the columns that are chosen from, two
// messages that are compared, or one that is open.
type front struct {
	picker  *kit.Picker // open while columns are chosen
	compare kit.Comparison
	open    *kit.Message
}

// on reports whether anything does.
func (f *front) on() bool { return f.picker != nil || f.compare.On() || f.open != nil }

func (f *front) bindings() []page.Binding {
	switch {
	case f.picker != nil:
		return f.picker.Bindings()
	case f.compare.On():
		return f.compare.Bindings()
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
	case f.picker != nil:
		done, taken := f.picker.Act(t, a)
		if taken {
			l.show(f.picker.Chosen)
		}
		if done {
			f.picker = nil
		}
		return true
	case f.compare.On() && f.compare.Act(a):
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
	case f.picker != nil:
		f.picker.Grid.Scroll(n)
	case f.compare.On():
		f.compare.Grid.Scroll(n)
	case f.open != nil:
		f.open.Active().Scroll(n)
	}
}

// lines draws it, a message beside the list's grid where there is room; status
// reports whether the tail's own line goes below.
func (f *front) lines(env page.Env, w, h int, g *grid.Grid) (lines []string, status bool) {
	switch {
	case f.picker != nil:
		return f.picker.Lines(env, w, h), false
	case f.compare.On():
		return append([]string(nil), f.compare.View(env, w, h)...), false
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
	case f.picker != nil:
		c.Crumbs, c.Count = append(c.Crumbs, "columns"), f.picker.Grid.Status()
	case f.compare.On():
		c.Crumbs, c.Count = append(c.Crumbs, "difference"), f.compare.Count()
	case f.open != nil:
		c.Crumbs = append(c.Crumbs, f.open.M.Stream, f.open.Crumb())
		if env.Layout >= page.LayoutTwo {
			c.Rules = []int{env.Width / 3}
		}
	}
}
