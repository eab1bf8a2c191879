package kinds

import (
	"strings"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// area is a part of the tab, with the list that fills it, if one does.
type area struct {
	kit.Rect
	list *kit.Table
}

// areas lays the tab out, from the top: a line of words, the changes, the rows,
// and what is known of the one under the cursor.
func (p *kinds) areas(w, h int) []area {
	at := 0
	var out []area
	add := func(n int, l *kit.Table) {
		if n = min(n, h-at); n > 0 {
			out = append(out, area{kit.Rect{Y: at, W: w, H: n}, l})
			at += n
		}
	}
	if h > 3 {
		add(1, nil)
	}
	if p.open == nil {
		add(h, p.tally.list)
		return out
	}
	told, detail := p.open.beside(h)
	add(told, &p.open.told.Table)
	add(h-at-detail, p.open.list)
	add(detail, nil)
	return out
}

// View implements [page.Pane].
func (p *kinds) View(env page.Env, w, h int) string {
	if p.clock.now = env.Now; p.clock.absolute != env.Absolute {
		p.clock.absolute = env.Absolute
		p.tally.types.SetColumns(p.tally.columns())
	}
	p.tally.say(&env)
	if p.open != nil {
		p.open.say(&env)
	}
	var lines []string
	areas := p.areas(w, h)
	for _, a := range areas {
		if a.list != nil {
			a.list.SetFocus(a.list == p.focused())
			a.list.View(&env.Theme, a.W, a.H)
		}
	}
	for i, a := range areas {
		switch {
		case a.list != nil:
			lines = append(lines, a.list.Lines()...)
		case i == 0:
			lines = append(lines, p.front().words(&env.Theme, w, h))
		default:
			lines = append(lines, p.open.detail(&env.Theme, w, a.H)...)
		}
	}
	lines = append(lines, kit.BlankLines(w, h-len(lines))...)
	return strings.Join(lines[:h], "\n")
}

// Chrome implements [page.Pane].
func (p *kinds) Chrome(page.Env) page.Chrome {
	s := p.front().base()
	c := page.Chrome{AsOf: true, Count: s.list.Status()}
	if s.find != "" {
		c.Chips = []string{"filter " + s.find}
	}
	if o := p.open; o != nil {
		c.Crumbs = []string{o.key.name}
		if p.tally.at.Category == "" {
			c.Crumbs = []string{o.key.category, o.key.name}
		}
	}
	return c
}
