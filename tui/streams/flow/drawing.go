package flow

import (
	"cmp"
	"maps"
	"slices"

	"github.com/evtui/evtui/internal/story/flow"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// mostArcs and mostBoxes are how much is drawn: beyond that nobody follows a line.
const (
	mostArcs  = 60
	mostBoxes = 40
	boxName   = 26 // cells of a name in a box

	linesBeside = 3 // above and below the drawing
)

// drawing is the graph on the screen.
type drawing struct {
	made   bool
	w, h   int
	canvas *canvas
	rows   []int       // of the table, that are drawn, in its order
	labels map[int]int // line of each one's label
	top    int         // first line that is on the screen
	height int         // lines that the screen shows
	cursor int         // row of the table that was brought into sight last
}

// drop has the drawing made again.
func (d *drawing) drop() { d.made, d.cursor = false, -1 }

// box is a node that is drawn.
type box struct {
	name string // inert
	wide int
}

// sketch is what is to be drawn of a table's rows: the arcs, the most frequent first.
func sketch(rows []row, ascii bool) (boxes []box, arcs []arc) {
	var order []int
	for i := range rows {
		if !rows[i].unread {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		// Of two that close a circle, the one that came up first runs downwards.
		return cmp.Or(cmp.Compare(rows[b].Count, rows[a].Count), cmp.Compare(rows[a].First.Global, rows[b].First.Global))
	})
	index := map[flow.Pair]int{} // a pair of one node and the side that a bound is on
	place := func(n flow.Node, from bool) int {
		key := flow.Pair{From: n}
		if n.Bound && !from {
			key = flow.Pair{To: n}
		}
		i, known := index[key]
		if !known {
			if len(boxes) == mostBoxes {
				return -1
			}
			i = len(boxes)
			index[key] = i
			name := text.ShortenWith(text.Name(nodeName(n, from)), boxName, endOf(ascii))
			boxes = append(boxes, box{name, text.Width(name)})
		}
		return i
	}
	for _, i := range order[:min(len(order), mostArcs)] {
		from, to := place(rows[i].From, true), place(rows[i].To, false)
		if from < 0 || to < 0 {
			continue
		}
		label := text.Count(rows[i].Count)
		arcs = append(arcs, arc{from: from, to: to, label: label, wide: len(label), row: i})
	}
	return boxes, arcs
}

func endOf(ascii bool) string {
	if ascii {
		return text.ASCIIEllipsis
	}
	return text.Ellipsis
}

// make draws as many arcs as fit, the most frequent first.
func (d *drawing) make(rows []row, t page.Theme, w, h int) {
	d.made, d.w, d.h = true, w, h
	d.canvas, d.rows, d.labels = newCanvas(w), nil, map[int]int{}
	boxes, arcs := sketch(rows, t.Sym.ASCII)
	most, least := len(arcs), 0
	var best func()
	for n := most; least < most; n = (least + most + 1) / 2 {
		kept, used := compact(boxes, arcs[:n])
		p, fits := layOut(boxWidths(kept, used), used, w)
		if !fits {
			most = n - 1
			continue
		}
		least = n
		best = func() {
			p.draw(d.canvas, kept, used, d.labels, p.height(true)+linesBeside <= h, t.Sym.ASCII)
			d.canvas.rename(func(arc int) int { return used[arc].row })
		}
	}
	if best != nil {
		best()
	}
	d.rows = slices.Sorted(maps.Keys(d.labels))
	d.scroll(0)
}

// boxWidths are the cells that names and loops need in their boxes.
func boxWidths(boxes []box, arcs []arc) []int {
	widths := make([]int, len(boxes))
	for i, b := range boxes {
		widths[i] = b.wide + 4
	}
	for _, a := range arcs {
		if a.from == a.to {
			widths[a.from] += a.wide + 2
		}
	}
	return widths
}

// compact leaves out the boxes that no arc leads to or from.
func compact(boxes []box, arcs []arc) (kept []box, renamed []arc) {
	now := map[int]int{}
	place := func(i int) int {
		n, known := now[i]
		if !known {
			n = len(kept)
			now[i] = n
			kept = append(kept, boxes[i])
		}
		return n
	}
	for _, a := range arcs {
		a.from, a.to = place(a.from), place(a.to)
		renamed = append(renamed, a)
	}
	return kept, renamed
}

// heads reports whether arcs end at the boxes above some links, and whether below.
func heads(list []*link) (above, below bool) {
	for _, k := range list {
		above, below = above || k.head && k.back, below || k.head && !k.back
	}
	return above, below
}

// height is how many lines the plan takes, with boxes of three lines or of one.
func (p *plan) height(tall bool) int {
	n := 0
	for i := range p.layers {
		if n++; tall {
			n += 2
		}
		if i == len(p.layers)-1 {
			break
		}
		above, _ := heads(p.links[i])
		if n += p.tracks[i] + 1; above {
			n++
		}
	}
	return n
}

// draw draws the plan, and notes the lines of the labels.
func (p *plan) draw(c *canvas, boxes []box, arcs []arc, labels map[int]int, tall, ascii bool) {
	y, rows := 0, 1
	if tall {
		rows = 3
	}
	for i, layer := range p.layers {
		for _, v := range layer {
			if v.box < 0 {
				c.down(v.x, y, y+rows, v.ins[0].arc)
				continue
			}
			p.drawBox(c, v, y, boxes[v.box], arcs, labels, tall, ascii)
		}
		if y += rows; i == len(p.layers)-1 {
			break
		}
		above, _ := heads(p.links[i])
		first := y
		if above {
			first++
		}
		end := first + p.tracks[i] + 1
		for _, k := range p.links[i] {
			k.draw(c, y, first, end)
		}
		for _, k := range p.links[i] {
			if k.head {
				k.arrow(c, arcs[k.arc], y, end-1, tall, ascii, labels)
			}
		}
		y = end
	}
}

// draw draws a link's line through the lines from y to before end; horizontal parts
// begin at first.
func (k *link) draw(c *canvas, y, first, end int) {
	if k.track < 0 {
		c.down(k.x1, y, end, k.arc)
		return
	}
	turn := first + k.track
	c.down(k.x1, y, turn, k.arc)
	c.down(k.x2, turn+1, end, k.arc)
	left, right := k.x1, k.x2
	a, b := armUp|armRight, armLeft|armDown
	if k.x1 > k.x2 {
		left, right = k.x2, k.x1
		a, b = armRight|armDown, armUp|armLeft
	}
	c.line(left, turn, a, k.arc)
	for x := left + 1; x < right; x++ {
		c.line(x, turn, armLeft|armRight, k.arc)
	}
	c.line(right, turn, b, k.arc)
}

// arrow draws the end of an arc, with its label beside it.
func (k *link) arrow(c *canvas, a arc, top, bottom int, tall, ascii bool, labels map[int]int) {
	x, y, tip, border := k.x2, bottom, "▼", bottom+1
	if k.back {
		x, y, tip, border = k.x1, top, "▲", top-1
	}
	if ascii {
		tip = map[string]string{"▼": "v", "▲": "^"}[tip]
	}
	if tall {
		c.write(x, border, tip, 1, k.arc)
	} else {
		c.write(x, y, tip, 1, k.arc)
	}
	c.write(x+1, y, a.label, a.wide, k.arc)
	labels[a.row] = y
}

// drawBox draws a node, with the count of its loop.
func (p *plan) drawBox(c *canvas, v *vertex, y int, b box, arcs []arc, labels map[int]int, tall, ascii bool) {
	left, right := "[", "]"
	if tall {
		c.border(v, y, armRight|armDown, armLeft|armDown)
		c.border(v, y+2, armUp|armRight, armUp|armLeft)
		for _, k := range v.outs {
			c.at(k.x1, y+2).arms |= armDown
		}
		for _, k := range v.ins {
			c.at(k.x2, y).arms |= armUp
		}
		left, right = sign(armUp|armDown, ascii), sign(armUp|armDown, ascii)
		y++
	}
	c.write(v.x, y, left, 1, -1)
	c.write(v.x+v.w-1, y, right, 1, -1)
	wide, loop := b.wide, p.loops[v.box]
	mark := "↻"
	if ascii {
		mark = "@"
	}
	if loop >= 0 {
		wide += arcs[loop].wide + 2
	}
	x := v.x + 1 + (v.w-2-wide)/2
	for i := v.x + 1; i < v.x+v.w-1; i++ {
		c.write(i, y, " ", 1, -1)
	}
	c.write(x, y, b.name, b.wide, -1)
	if loop >= 0 {
		c.write(x+b.wide+1, y, mark+arcs[loop].label, arcs[loop].wide+1, loop)
		labels[arcs[loop].row] = y
	}
}

// border draws the upper or lower edge of a box.
func (c *canvas) border(v *vertex, y int, left, right uint8) {
	c.at(v.x, y).arms = left
	for x := v.x + 1; x < v.x+v.w-1; x++ {
		c.at(x, y).arms = armLeft | armRight
	}
	c.at(v.x+v.w-1, y).arms = right
}

// scroll moves the view by n lines.
func (d *drawing) scroll(n int) {
	if d.canvas != nil {
		d.top = max(min(d.top+n, len(d.canvas.cells)-d.height), 0)
	}
}

// prepare lays the graph out for a pane of h lines of w cells, some of which are for
// what is said above and below it.
func (d *drawing) prepare(rows []row, t page.Theme, w, h int) {
	if !d.made || d.w != w || d.h != h {
		d.make(rows, t, w, h)
	}
}

// lines draws the graph in h lines of w cells, once it is prepared.
func (d *drawing) lines(p *pane, env page.Env, w, h int) []string {
	d.height = h
	if at := p.table.Cursor(); at != d.cursor {
		d.cursor = at
		if y, drawn := d.labels[at]; drawn && (y < d.top || y >= d.top+h) {
			d.top = y - h/2
		}
	}
	d.scroll(0)
	chosen := p.table.Cursor()
	pen := func(k *cell) text.Pen {
		switch {
		case !k.owned:
			if k.arms != 0 {
				return env.Theme.Border
			}
			return env.Theme.Title
		case k.arc == chosen:
			return env.Theme.Selected
		}
		return sharePen(env.Theme, p.rows[k.arc].Share)
	}
	out := make([]string, 0, h)
	for y := d.top; y < min(d.top+h, len(d.canvas.cells)); y++ {
		out = append(out, d.canvas.render(y, env.Theme, pen))
	}
	if len(out) == 0 && h > 0 {
		empty := noMessages(&env)
		if !p.read.done && len(p.rows) == 0 {
			empty = "reading" + env.Theme.Sym.Ellipsis
		} else if len(p.rows) > 0 {
			empty = "too narrow to draw: tab turns to the table"
		}
		out = append(out, env.Theme.Muted.Paint(text.Fit(" "+empty, w)))
	}
	for len(out) < h {
		out = append(out, text.Spaces(w))
	}
	return out
}

// sharePen is the pen of a transition: the stronger, the greater its share.
func sharePen(t page.Theme, share float64) text.Pen {
	switch {
	case share >= 0.5:
		return t.Accent
	case share >= 0.1:
		return t.Text
	}
	return t.Muted
}

// said says what the transition under the cursor is, and what is not drawn.
func (d *drawing) said(p *pane, env page.Env) []string {
	var out []string
	if i := p.table.Cursor(); i >= 0 && i < len(p.rows) {
		s := sentence(" "+arrowOf(env.Theme)+" ", &p.rows[i].Transition)
		if _, drawn := d.labels[i]; !drawn {
			s += " (not drawn)"
		}
		out = append(out, s)
	}
	var passages int64
	left := 0
	for i := range p.rows {
		if _, drawn := d.labels[i]; !drawn && !p.rows[i].unread {
			left++
			passages += p.rows[i].Count
		}
	}
	if left > 0 {
		out = append(out, "not drawn: "+counted(int64(left), "transition")+", taken "+counted(passages, "time"))
	}
	return out
}

// count says how much is drawn.
func (d *drawing) count(p *pane) string {
	s := text.Count(int64(len(d.rows))) + " of " + counted(int64(len(p.rows)), "transition")
	if d.canvas != nil && len(d.canvas.cells) > d.height {
		s += ", lines " + text.Count(int64(d.top+1)) + "–" + text.Count(int64(min(d.top+d.height, len(d.canvas.cells)))) + " of " + text.Count(int64(len(d.canvas.cells)))
	}
	return s
}

// hit is the row of the transition that is drawn at a cell below the head; -1: none.
func (d *drawing) hit(x, y int) int {
	y += d.top - 1
	if d.canvas == nil || y < 0 || y >= len(d.canvas.cells) || x < 0 || x >= d.canvas.w || !d.canvas.cells[y][x].owned {
		return -1
	}
	return d.canvas.cells[y][x].arc
}

// moveInDrawing walks through the transitions that are drawn, and scrolls.
func (p *pane) moveInDrawing(a page.Action) {
	d := &p.drawing
	i, on := slices.BinarySearch(d.rows, p.table.Cursor())
	step := 0
	switch a {
	case page.ActUp, page.ActLeft:
		step = -1
	case page.ActDown, page.ActRight:
		if step = 1; !on {
			step = 0
		}
	case page.ActTop:
		i = 0
	case page.ActBottom:
		i = len(d.rows) - 1
	case page.ActHalfUp, page.ActPageUp:
		d.scroll(-max(d.height/2, 1))
		return
	case page.ActHalfDown, page.ActPageDown:
		d.scroll(max(d.height/2, 1))
		return
	default:
		return
	}
	if len(d.rows) > 0 {
		p.table.SetCursor(d.rows[min(max(i+step, 0), len(d.rows)-1)])
	}
}
