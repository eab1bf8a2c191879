package causes

import (
	"slices"
	"strconv"
	"strings"
	"time"

	story "github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// The tree's columns.
const (
	colTime = iota
	colHop
	colType
	colPlace
)

func columns(w int, absolute bool) []grid.Column {
	place := max(min(w/3, 48), 17)
	return []grid.Column{
		{Title: "time", Min: kit.MomentWidth(absolute)}, {Title: "hop", Min: 11, Right: true},
		{Title: "type", Min: 16, Flex: 3}, {Title: "stream#position", Min: 17, Max: place, Flex: 1},
	}
}

// View implements [page.Pane].
func (p *Pane) View(env page.Env, w, h int) string {
	var lines []string
	switch {
	case p.open != nil:
		lines = p.open.Lines(env, w, h, true)
	case p.many != nil:
		lines = p.many.lines(env, w, h)
	default:
		lines = p.tree(env, w, h)
	}
	return strings.Join(lines, "\n")
}

func (p *Pane) tree(env page.Env, w, h int) []string {
	p.env = env
	if p.theme.Serial != env.Theme.Serial {
		p.theme = env.Theme
		kit.RestyleGrid(p.grid, env.Theme)
	}
	p.grid.SetColumns(columns(w, env.Absolute))
	p.grid.SetSize(w, max(h-1, 1))
	switch {
	case p.note != "":
		p.grid.SetEmpty(text.Sanitize(p.note))
	case p.fault != "":
		p.grid.SetEmpty(text.Sanitize(p.fault))
	default:
		p.grid.SetUnread(env.Pending("reading"))
	}
	p.grid.Changed()
	lines := slices.Clone(p.grid.Lines())
	switch {
	case h < 2:
	case len(p.sight.Nodes) == 0:
		lines = append(lines, text.Spaces(w))
	default:
		lines = append(lines, env.Theme.Muted.Paint(text.Fit(" "+p.status(), w)))
	}
	return lines
}

// cells draws a row of the tree; the last row leads further down.
func (p *Pane) cells(i int, cells []grid.Cell) {
	n := p.node(i)
	if n == nil {
		cells[colType] = grid.Cell{Text: "more effects" + p.theme.Sym.Ellipsis, Pen: p.theme.Muted}
		return
	}
	row, t := p.sight.Rows[i], p.theme
	cells[colTime] = grid.Cell{Text: kit.Moment(n.Time, p.env.Now, p.env.Absolute), Pen: t.Muted}
	slow := p.sight.Slow[row.Node]
	if d, ok := p.sight.Hops[row.Node]; ok {
		cells[colHop] = grid.Cell{Text: hop(d), Pen: t.Muted}
		if slow {
			cells[colHop] = grid.Cell{Text: p.sign() + " " + hop(d), Pen: t.Warn}
		}
	} else if slow {
		cells[colHop] = grid.Cell{Text: p.sign(), Pen: t.Warn}
	}
	room := max(p.grid.Width(colType), 1)
	rails := row.Rails(max(room/4, 1), t.Sym.ASCII)
	pen, name := t.Text, text.Sanitize(n.Type)
	if row.Node == p.sight.Origin {
		pen, name = t.Accent, t.Sym.Pointer+" "+name
	}
	if words := n.Words(); len(words) > 0 {
		name = text.Truncate(name, max(room-text.Width(rails)-2, room/3))
		name = pen.Paint(name) + " " + t.Warn.Paint(text.Sanitize(strings.Join(words, "; ")))
	} else {
		name = pen.Paint(name)
	}
	cells[colType] = grid.Cell{Text: t.Border.Paint(rails) + name, Styled: true}
	cells[colPlace] = grid.Cell{Text: text.Name(n.Stream) + "#" + strconv.FormatInt(n.Position, 10), Middle: true}
}

// sign marks what is on the slowest way.
func (p *Pane) sign() string {
	if p.theme.Sym.ASCII {
		return "*"
	}
	return "◆"
}

// hop writes how long a hop took; with its sign, where clocks differ.
func hop(d time.Duration) string {
	if d < 0 {
		return "-" + text.Duration(-d)
	}
	return "+" + text.Duration(d)
}

// status says what was looked through for effects, and what going on costs.
func (p *Pane) status() string {
	v := &p.sight
	done := "looked through " + text.Count(v.Looked.Messages)
	if v.Looked.Here {
		done = "read " + text.Count(v.Looked.Messages)
	}
	total := ""
	if v.Ahead >= 0 {
		total = " of " + text.Count(v.Looked.Messages+v.Ahead)
	}
	switch {
	case p.fault != "":
		return text.Sanitize(p.fault) + "; + tries again"
	case v.Full:
		return "the first " + text.Count(int64(v.Limit)) + " messages of it: there are more"
	case v.End && !p.env.At.IsZero():
		return done + " messages after it, up to " + p.env.AsOfMessages() + "; 0 is live again"
	case v.End:
		return done + " messages after it, to the end; new ones come in"
	case p.asking && p.reach > cheap && !p.halted:
		return done + total + " messages after it, " + text.Duration(v.Looked.Time) + p.theme.Sym.Ellipsis + " esc stops"
	case !v.Begun && (p.asking || v.Ahead <= cheap):
		return "looking for effects" + p.theme.Sym.Ellipsis
	case v.Ahead < 0:
		return done + " messages after it: + goes on, esc stops"
	}
	return done + total + " messages after it: + looks through the rest, esc stops"
}

// Chrome implements [page.Pane].
func (p *Pane) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{AsOf: true}
	if p.many != nil {
		return p.many.chrome()
	}
	if p.at.HasPosition {
		c.Crumbs = append(c.Crumbs, "#"+strconv.FormatInt(p.at.Position, 10))
	}
	if p.open != nil {
		c.Crumbs = append(c.Crumbs, p.open.Crumb()+" of "+p.open.M.Stream)
	}
	v := &p.sight
	if len(v.Nodes) == 0 {
		return c
	}
	if total, ok := p.slowest(); ok {
		c.Chips = append(c.Chips, p.sign()+" slowest path "+text.Duration(total))
	}
	for _, s := range v.Shared {
		c.Chips = append(c.Chips, s.Name+" "+text.Shorten(text.Name(s.Value), 24))
	}
	if v.Through {
		c.Chips = append(c.Chips, "no index leads to its cause: looked for before it")
	}
	above, below := int64(v.Origin), int64(len(v.Nodes)-v.Origin-1)
	up, down := text.Count(above)+" "+text.Plural(above, "cause")+", ", text.Count(below)+" "+text.Plural(below, "effect")
	c.Count = up + down
	if !v.End || v.Full {
		c.Count = up + "at least " + down
	}
	return c
}

// slowest is how long the slowest way took.
func (p *Pane) slowest() (total time.Duration, ok bool) {
	for i := range p.sight.Slow {
		total += p.sight.Hops[i]
		ok = true
	}
	return total, ok
}

// Linear implements [page.Linear].
func (p *Pane) Linear(env page.Env) []string {
	if p.note != "" || len(p.sight.Nodes) == 0 {
		return []string{text.Sanitize(p.note + p.fault)}
	}
	var out []string
	for _, row := range p.sight.Rows {
		n := &p.sight.Nodes[row.Node]
		line := "level " + strconv.Itoa(row.Depth) + ": " + text.Sanitize(n.Type) + " in " + text.Name(n.Stream) + ", position " + text.Count(n.Position)
		if d, caused := p.sight.Hops[row.Node]; caused {
			line += ", " + hop(d) + " after its cause"
		}
		if row.Node == p.sight.Origin {
			line += ", this message"
		}
		if p.sight.Slow[row.Node] {
			line += ", on the slowest path"
		}
		for _, words := range n.Words() {
			line += ", " + text.Sanitize(words)
		}
		out = append(out, line)
	}
	return append(out, p.status())
}

// command is the tree as a command.
func (p *Pane) command(env page.Env) string {
	n := &story.Node{Stream: p.at.Stream, Position: p.at.Position}
	if len(p.sight.Nodes) > 0 {
		n = &p.sight.Nodes[p.sight.Origin]
	}
	return kit.Command(env, "causes", story.Place(n.Stream, n.Position).String())
}
