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

type drawing struct {
	made   bool
	w, h   int
	serial int // of the theme
	canvas *canvas
	rows   []int // of the table, that are drawn, in its order
	top    int   // first line that is on the screen
	height int   // lines that the screen shows
	cursor int   // row of the table that was brought into sight last
}

// drop has the drawing made again.
func (d *drawing) drop() { d.made, d.cursor = false, -1 }

// sketch is what is to be drawn of a table's rows: the arcs, the most frequent first.
func sketch(rows []*row, t page.Theme) (boxes []box, arcs []arc) {
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
			name := text.ShortenWith(text.Name(nodeName(n, from)), boxName, t.Sym.Ellipsis)
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
	turn(len(boxes), arcs)
	return boxes, arcs
}

// make draws as many arcs as fit, the most frequent first, and the boxes that they lead
// to and from.
func (d *drawing) make(rows []*row, t page.Theme, w, h int) {
	d.made, d.w, d.h, d.serial = true, w, h, t.Serial
	d.canvas = &canvas{w: w, ascii: t.Sym.ASCII, labels: map[int]int{}}
	boxes, arcs := sketch(rows, t)
	used := make([]int, len(arcs)+1) // how many boxes so many arcs have, which come in the arcs' order
	for i, a := range arcs {
		used[i+1] = max(used[i], a.from+1, a.to+1)
	}
	most, least := len(arcs), 0
	var best *plan
	for n := most; least < most; n = (least + most + 1) / 2 {
		if p, fits := layOut(boxes[:used[n]], arcs[:n], w); fits {
			best, least = p, n
		} else {
			most = n - 1
		}
	}
	if best != nil {
		_, height := best.tops(true)
		d.canvas.tall = height+linesBeside <= h
		best.draw(d.canvas)
	}
	d.rows = slices.Sorted(maps.Keys(d.canvas.labels))
	d.scroll(0)
}

// ends reports whether arcs end at the boxes above some links.
func ends(list []*link) bool {
	return slices.ContainsFunc(list, func(k *link) bool { return k.head && k.arc.back })
}

// tops are the first lines of the layers, with boxes of three lines or of one, and how
// many lines there are.
func (p *plan) tops(tall bool) (at []int, height int) {
	for i := range p.layers {
		if i > 0 {
			height += p.tracks[i-1] + 1
			if ends(p.links[i-1]) {
				height++
			}
		}
		at = append(at, height)
		if height++; tall {
			height += 2
		}
	}
	return at, height
}

// draw draws the plan, and notes the lines of the labels.
func (p *plan) draw(c *canvas) {
	tops, _ := p.tops(c.tall)
	for i, layer := range p.layers {
		y := tops[i] + 1
		if c.tall {
			y += 2
		}
		for _, v := range layer {
			if v.box == nil {
				c.down(v.x, tops[i], y, v.ins[0].arc)
			} else {
				c.drawBox(v, tops[i])
			}
		}
		if i == len(p.layers)-1 {
			break
		}
		for _, k := range p.links[i] {
			k.draw(c, y, tops[i+1]-p.tracks[i]-1, tops[i+1])
		}
		for _, k := range p.links[i] {
			if k.head {
				k.arrow(c, y, tops[i+1]-1)
			}
		}
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
func (k *link) arrow(c *canvas, top, bottom int) {
	x, y, tip, border := k.x2, bottom, c.or("▼", "v"), bottom+1
	if k.arc.back {
		x, y, tip, border = k.x1, top, c.or("▲", "^"), top-1
	}
	if !c.tall {
		border = y
	}
	c.write(x, border, tip, 1, k.arc)
	c.write(x+1, y, k.arc.label, k.arc.wide, k.arc)
	c.labels[k.arc.row] = y
}

// drawBox draws a node, with the count of its loop.
func (c *canvas) drawBox(v *vertex, y int) {
	left, right := "[", "]"
	if c.tall {
		c.border(v, y, armRight|armDown, armLeft|armDown)
		c.border(v, y+2, armUp|armRight, armUp|armLeft)
		for _, k := range v.outs {
			c.at(k.x1, y+2).arms |= armDown
		}
		for _, k := range v.ins {
			c.at(k.x2, y).arms |= armUp
		}
		left, right = c.sign(armUp|armDown), c.sign(armUp|armDown)
		y++
	}
	c.write(v.x, y, left, 1, nil)
	c.write(v.x+v.w-1, y, right, 1, nil)
	for i := v.x + 1; i < v.x+v.w-1; i++ {
		c.write(i, y, " ", 1, nil)
	}
	wide := v.box.wide
	if v.loop != nil {
		wide += v.loop.wide + 2
	}
	x := v.x + 1 + (v.w-2-wide)/2
	c.write(x, y, v.box.name, v.box.wide, nil)
	if v.loop != nil {
		c.write(x+v.box.wide+1, y, c.or("↻", "@")+v.loop.label, v.loop.wide+1, v.loop)
		c.labels[v.loop.row] = y
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

func (d *drawing) scroll(n int) {
	if d.canvas != nil {
		d.top = max(min(d.top+n, len(d.canvas.cells)-d.height), 0)
	}
}

// prepare lays the graph out for a pane of h lines of w cells, some of which are for
// what is said above and below it.
func (d *drawing) prepare(rows []*row, t page.Theme, w, h int) {
	if !d.made || d.w != w || d.h != h || d.serial != t.Serial {
		d.make(rows, t, w, h)
	}
}

// lines draws the graph in h lines of w cells, once it is prepared.
func (d *drawing) lines(p *pane, env page.Env, w, h int) []string {
	d.height = h
	if at := p.table.Cursor(); at != d.cursor {
		d.cursor = at
		if y, drawn := d.canvas.labels[at]; drawn && (y < d.top || y >= d.top+h) {
			d.top = y - h/2
		}
	}
	d.scroll(0)
	chosen, rows := p.table.Cursor(), p.table.Rows()
	pen := func(k *cell) text.Pen {
		switch {
		case k.arc == nil && k.arms != 0:
			return env.Theme.Border
		case k.arc == nil:
			return env.Theme.Title
		case k.arc.row == chosen:
			return env.Theme.Selected
		}
		return sharePen(env.Theme, rows[k.arc.row].Share)
	}
	out := make([]string, 0, h)
	for y := d.top; y < min(d.top+h, len(d.canvas.cells)); y++ {
		out = append(out, d.canvas.render(y, pen))
	}
	if len(out) == 0 && h > 0 {
		empty := noMessages(&env)
		if !p.read.done && len(rows) == 0 {
			empty = "reading" + env.Theme.Sym.Ellipsis
		} else if len(rows) > 0 {
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
	if r, ok := p.table.Chosen(); ok {
		s := sentence(" "+arrowOf(env.Theme)+" ", &r.Transition)
		if _, drawn := d.canvas.labels[p.table.Cursor()]; !drawn {
			s += " (not drawn)"
		}
		out = append(out, s)
	}
	var passages int64
	left := 0
	for i, r := range p.table.Rows() {
		if _, drawn := d.canvas.labels[i]; !drawn && !r.unread {
			left++
			passages += r.Count
		}
	}
	if left > 0 {
		out = append(out, "not drawn: "+counted(int64(left), "transition")+", taken "+counted(passages, "time"))
	}
	return out
}

func (d *drawing) count(p *pane) string {
	s := text.Count(int64(len(d.rows))) + " of " + counted(int64(len(p.table.Rows())), "transition")
	if d.canvas != nil && len(d.canvas.cells) > d.height {
		s += ", lines " + text.Count(int64(d.top+1)) + "–" + text.Count(int64(min(d.top+d.height, len(d.canvas.cells)))) + " of " + text.Count(int64(len(d.canvas.cells)))
	}
	return s
}

// hit is the row of the transition that is drawn at a cell below the head; -1: none.
func (d *drawing) hit(x, y int) int {
	y += d.top - 1
	if d.canvas == nil || y < 0 || y >= len(d.canvas.cells) || x < 0 || x >= d.canvas.w || d.canvas.cells[y][x].arc == nil {
		return -1
	}
	return d.canvas.cells[y][x].arc.row
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
