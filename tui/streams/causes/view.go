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
	place := min(w/3, 48)
	if w < 100 {
		place = max(w/4, 17) // the tree and its words go before
	}
	return []grid.Column{
		{Title: "time", Min: kit.MomentWidth(absolute), Priority: 1}, {Title: "hop", Min: 11, Right: true},
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
		said := p.status(false)
		if text.Width(said) >= w {
			said = p.status(true)
		}
		lines = append(lines, env.Theme.Muted.Paint(text.Fit(" "+said, w)))
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
	cells[colHop] = p.hopCell(row.Node)
	room := max(p.grid.Width(colType), 1)
	rails := row.Rails(max(room/4, 1), t.Sym.ASCII)
	pen, name := t.Text, text.Sanitize(n.Type)
	if row.Node == p.sight.Origin {
		pen, name = t.Accent, t.Sym.Pointer+" "+name
	}
	if words := p.remarks(row.Node); len(words) > 0 {
		said := text.Sanitize(strings.Join(words, "; "))
		left := room - text.Width(rails)
		name = text.Truncate(name, max(left-1-text.Width(said), left/5, 1))
		name = pen.Paint(name) + " " + t.Warn.Paint(said)
	} else {
		name = pen.Paint(name)
	}
	cells[colType] = grid.Cell{Text: t.Border.Paint(rails) + name, Styled: true}
	cells[colPlace] = grid.Cell{Text: text.Name(n.Stream) + "#" + strconv.FormatInt(n.Position, 10), Middle: true}
}

// hopCell is how long a message came after its cause: with a sign on the slowest
// way, another one for the slowest hop of it, and coloured where its time went.
func (p *Pane) hopCell(node int) grid.Cell {
	t := &p.theme
	d, ok := p.sight.Hops[node]
	var said string
	if ok {
		said = hop(d)
	}
	switch {
	case node == p.sight.SlowHop:
		return grid.Cell{Text: signs(t).slow + " " + said, Pen: t.Warn}
	case p.share(node) >= heavy:
		return grid.Cell{Text: signs(t).path + " " + said, Pen: t.Warn}
	case p.sight.Slow[node]:
		return grid.Cell{Text: strings.TrimSpace(signs(t).path + " " + said), Pen: t.Text}
	}
	return grid.Cell{Text: said, Pen: t.Muted}
}

// pathSigns mark the hops of the slowest way, and the slowest of them.
type pathSigns struct{ path, slow string }

func signs(t *page.Theme) pathSigns {
	if t.Sym.ASCII {
		return pathSigns{path: "*", slow: "!"}
	}
	return pathSigns{path: "◇", slow: "◆"}
}

// heavy is the part of the slowest way's time from which on a hop of it says its
// share, as its slowest hop always does.
const heavy = 0.25

// share is the part of the slowest way's time that a hop of it took; 0 where it is
// not on it, or is all there is of it.
func (p *Pane) share(node int) float64 {
	if p.path <= 0 || p.sight.SlowHop < 0 || !p.sight.Slow[node] {
		return 0
	}
	return float64(p.sight.Hops[node]) / float64(p.path)
}

// percent is a share in whole percents: what is not all is never 100%.
func percent(share float64) string {
	n := int(100*share + 0.5)
	if share < 1 {
		n = min(n, 99)
	}
	return strconv.Itoa(n) + "%"
}

// remarks say what a row's message stands out by: its hop, and what is odd about it.
func (p *Pane) remarks(node int) []string {
	var out []string
	switch share := p.share(node); {
	case node == p.sight.SlowHop:
		out = append(out, "slowest, "+percent(share))
	case share >= heavy:
		out = append(out, percent(share)+" of path")
	}
	return append(out, p.sight.Nodes[node].Words()...)
}

// hop writes how long a hop took; with its sign, where clocks differ.
func hop(d time.Duration) string {
	if d < 0 {
		return "-" + text.Duration(-d)
	}
	return "+" + text.Duration(d)
}

// status says what was looked through for effects, and what going on costs; brief
// with the keys alone, where there is little room.
func (p *Pane) status(brief bool) string {
	v := &p.sight
	done := "looked through " + text.Count(v.Looked.Messages)
	if v.Looked.Here {
		done = "read " + text.Count(v.Looked.Messages)
	}
	after, goOn := " messages after it", "looks through the rest"
	if brief {
		done, after, goOn = text.Count(v.Looked.Messages), " after it", "goes on"
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
		return done + after + ", up to " + p.env.AsOfMessages() + "; 0 is live again"
	case v.End:
		return done + after + ", to the end; new ones come in"
	case p.asking && p.reach > cheap && !p.halted:
		return done + total + after + ", " + text.Duration(v.Looked.Time) + p.theme.Sym.Ellipsis + " esc stops"
	case !v.Begun && (p.asking || v.Ahead <= cheap):
		return "looking for effects" + p.theme.Sym.Ellipsis
	case v.Ahead < 0:
		return done + after + ": + goes on, esc stops"
	}
	return done + total + after + ": + " + goOn + ", esc stops"
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
	if len(v.Slow) > 0 {
		c.Chips = append(c.Chips, signs(&env.Theme).path+" "+text.Duration(p.path)+" slowest path")
		if at := v.SlowHop; at >= 0 {
			c.Chips = append(c.Chips, signs(&env.Theme).slow+" "+text.Duration(v.Hops[at])+" slowest hop")
		}
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
		for _, words := range p.remarks(row.Node) {
			line += ", " + text.Sanitize(words)
		}
		out = append(out, line)
	}
	return append(out, p.status(false))
}

func (p *Pane) command(env page.Env) string {
	n := &story.Node{Stream: p.at.Stream, Position: p.at.Position}
	if len(p.sight.Nodes) > 0 {
		n = &p.sight.Nodes[p.sight.Origin]
	}
	return kit.Command(env, "causes", story.Place(n.Stream, n.Position).String())
}
