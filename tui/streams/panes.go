package streams

import (
	"slices"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// panes are the lists of the way and the message of the innermost, as they share the
// screen.
type panes struct {
	way      *way // shared with the page
	fullName bool // the name under the cursor is shown whole
}

// areaRole is what a click into an area means.
type areaRole int

const (
	areaMain  areaRole = iota // has the keys
	areaOuter                 // the list we came from
	areaInner                 // the preview
)

// area is a part of the page with what is drawn there: a list or a message.
type area struct {
	kit.Rect
	role    areaRole
	list    *list
	message *kit.Message
}

// areas lays them out: the deeper the screen, the more of the way is seen
// at once. Columns are a cell apart, for the rule between them.
func (p *panes) areas(layout page.Layout, open *kit.Message, w, h int) []area {
	if len(p.way.stack) == 0 {
		return nil
	}
	main := area{Rect: kit.Rect{W: w, H: h}, role: areaMain, list: p.way.top()}
	if open != nil {
		return messageAreas(layout, main, open)
	}
	inner := area{role: areaInner, list: p.way.ahead, message: p.way.preview}
	switch {
	case layout == page.LayoutThree && len(p.way.stack) > 1:
		outer := area{Rect: kit.Rect{W: w / 5, H: h}, role: areaOuter, list: p.way.stack[len(p.way.stack)-2]}
		main.X = outer.W + 1
		main.W = (w - main.X) / 2
		inner.X = main.X + main.W + 1
		inner.W, inner.H = w-inner.X, h
		return []area{outer, main, inner}
	case layout >= page.LayoutTwo:
		main.W = w / 2
		inner.X, inner.W, inner.H = main.W+1, w-main.W-1, h
		return []area{main, inner}
	case layout == page.LayoutStacked && h >= 12:
		main.H = h * 3 / 5
		inner.Y, inner.W, inner.H = main.H+1, w, h-main.H-1
		return []area{main, inner}
	}
	return []area{main}
}

// messageAreas gives an open message most of the room; the list it came from
// stays beside it where there is some.
func messageAreas(layout page.Layout, main area, open *kit.Message) []area {
	doc := main
	doc.list, doc.message = nil, open
	if layout < page.LayoutTwo {
		return []area{doc}
	}
	main.role = areaOuter
	main.W = main.W / 3
	doc.X, doc.W = main.W+1, doc.W-main.W-1
	return []area{main, doc}
}

// view draws the areas, of the lists or of the message that is open, in h lines of w
// cells.
func (p *panes) view(env page.Env, areas []area, w, h int) []string {
	if len(areas) == 0 {
		return kit.BlankLines(w, h)
	}
	if len(areas) == 2 && areas[1].Y > 0 {
		return p.stacked(env, areas, w)
	}
	columns := make([][]string, len(areas))
	for i, a := range areas {
		columns[i] = p.draw(env, a)
	}
	rule := env.Theme.Border.Paint(env.Theme.Sym.Vertical)
	lines := make([]string, h)
	for y := range lines {
		parts := make([]string, len(columns))
		for i := range columns {
			parts[i] = columns[i][y]
		}
		lines[y] = strings.Join(parts, rule)
	}
	return lines
}

// stacked puts the preview under the list, below a rule that names it.
func (p *panes) stacked(env page.Env, areas []area, w int) []string {
	t := env.Theme
	name := ""
	if row := p.way.top().current(); row != nil {
		name = " " + text.Truncate(text.Sanitize(rowTitle(row)), max(0, w-6)) + " "
	}
	rule := t.Border.Paint(t.Sym.Horizontal) + t.Muted.Paint(name) +
		t.Border.Paint(strings.Repeat(t.Sym.Horizontal, max(w-1-text.Width(name), 0)))
	lines := append(slices.Clone(p.draw(env, areas[0])), rule) // they may be drawn over
	return append(lines, p.draw(env, areas[1])...)
}

func (p *panes) draw(env page.Env, a area) []string {
	switch {
	case a.message != nil:
		return a.message.Lines(env, a.W, a.H, a.role == areaMain)
	case a.list != nil:
		a.list.table.restyle(env, a.list.grid)
		a.list.grid.SetSize(a.W, a.H) // also of one that is not read: what it reads is what it will show
		if face := a.list.face(); face != a.list {
			a.list = face
			a.list.table.restyle(env, a.list.grid)
		}
		if note, known := a.list.emptyNote(&env); known {
			a.list.grid.SetEmpty(note)
		} else {
			a.list.grid.SetUnread(note)
		}
		a.list.grid.SetFocus(a.role == areaMain)
		a.list.grid.SetSize(a.W, a.H)
		if p.fullName && a.role == areaMain {
			return a.list.over(env.Theme, a.W)
		}
		return a.list.grid.Lines()
	}
	lines := kit.BlankLines(a.W, a.H)
	if b := p.way.brief(); b != nil && a.role == areaInner && a.H > 0 {
		note := env.Pending("reading")
		if p.way.whole.vain == rowKey(b) {
			note = "not read; enter tries again"
		}
		lines[0] = env.Theme.Muted.Paint(text.Fit(" "+note, a.W))
	}
	return lines
}
