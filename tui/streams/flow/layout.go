package flow

import (
	"cmp"
	"math"
	"slices"
)

// arc is an edge that is to be drawn.
type arc struct {
	from, to int    // of the boxes; the same: a loop, which is written into the box
	label    string // inert
	wide     int    // cells of the label
	row      int    // of the table
}

// vertex is a box, or a place where an arc passes a layer.
type vertex struct {
	box       int // -1: an arc passes
	layer     int
	x, w      int
	ins, outs []*link // to the layer above, and below
	at        float64 // where it would like to be, among its layer
}

// link is an arc's part between two layers.
type link struct {
	over, under *vertex
	arc         int
	back        bool // the arc runs from below to above
	head        bool // its end is here, with arrow and label
	x1, x2      int  // where it leaves the layer above, and meets the one below
	track       int  // row of its horizontal part
}

// plan is where everything stands.
type plan struct {
	layers [][]*vertex
	links  [][]*link // below each layer
	tracks []int     // rows of horizontal parts below each layer
	loops  []int     // arc of each box's loop; -1: none
}

// gapBetween is how many cells stand between two boxes of a layer.
const gapBetween = 2

// layOut places boxes in layers, so that arcs run downwards where they can, and
// reports whether they fit into w cells. widths are the boxes' own.
func layOut(widths []int, arcs []arc, w int) (*plan, bool) {
	p := &plan{loops: make([]int, len(widths))}
	for i := range p.loops {
		p.loops[i] = -1
	}
	for i, a := range arcs {
		if a.from == a.to {
			p.loops[a.from] = i
		}
	}
	back := backward(len(widths), arcs)
	layer := rank(len(widths), arcs, back)
	p.build(widths, arcs, back, layer)
	p.order()
	for _, l := range p.layers {
		if room(l) > w {
			return nil, false
		}
	}
	p.place(w)
	p.ports(arcs)
	p.route()
	return p, true
}

// backward chooses the arcs that run upwards: those that would close a circle of
// arcs that come before them, which are the more frequent ones.
func backward(n int, arcs []arc) []bool {
	back := make([]bool, len(arcs))
	next := make([][]int, n)
	var reaches func(from, to int, seen []bool) bool
	reaches = func(from, to int, seen []bool) bool {
		if from == to {
			return true
		}
		seen[from] = true
		for _, v := range next[from] {
			if !seen[v] && reaches(v, to, seen) {
				return true
			}
		}
		return false
	}
	for i, a := range arcs {
		if a.from == a.to {
			continue
		}
		if back[i] = reaches(a.to, a.from, make([]bool, n)); !back[i] {
			next[a.from] = append(next[a.from], a.to)
		}
	}
	return back
}

// rank puts each box below all that lead to it.
func rank(n int, arcs []arc, back []bool) []int {
	layer := make([]int, n)
	for moved := true; moved; {
		moved = false
		for i, a := range arcs {
			if a.from != a.to && !back[i] && layer[a.to] <= layer[a.from] {
				layer[a.to], moved = layer[a.from]+1, true
			}
		}
	}
	return layer
}

// build makes the vertices and links of the layers.
func (p *plan) build(widths []int, arcs []arc, back []bool, layer []int) {
	p.layers = make([][]*vertex, slices.Max(layer)+1)
	p.links = make([][]*link, len(p.layers))
	boxes := make([]*vertex, len(widths))
	for i, l := range layer {
		boxes[i] = &vertex{box: i, layer: l, w: widths[i]}
		p.layers[l] = append(p.layers[l], boxes[i])
	}
	for i, a := range arcs {
		if a.from == a.to {
			continue
		}
		over, under := boxes[a.from], boxes[a.to]
		if back[i] {
			over, under = under, over
		}
		last := over
		for l := over.layer; l < under.layer; l++ {
			next := under
			if l+1 < under.layer {
				next = &vertex{box: -1, layer: l + 1, w: 1}
				p.layers[l+1] = append(p.layers[l+1], next)
			}
			k := &link{over: last, under: next, arc: i, back: back[i]}
			k.head = !back[i] && next == under || back[i] && last == over
			last.outs, next.ins = append(last.outs, k), append(next.ins, k)
			p.links[l] = append(p.links[l], k)
			last = next
		}
	}
	for _, v := range boxes {
		v.w = max(v.w, slots(v.ins, arcs, false)+2, slots(v.outs, arcs, true)+2)
	}
}

// slots is how many cells the links on one side of a box take.
func slots(list []*link, arcs []arc, below bool) int {
	n := 0
	for _, k := range list {
		n += k.slot(arcs, below)
	}
	return n
}

// slot is how many cells a link takes at a box: its line, and its label where the
// arc ends there.
func (k *link) slot(arcs []arc, below bool) int {
	if k.head && k.back == below {
		return arcs[k.arc].wide + 2
	}
	return 2
}

// order sorts each layer so that few arcs cross: by the mean place of what they lead
// to, downwards and upwards in turn.
func (p *plan) order() {
	for sweep := range 8 {
		for i := range p.layers {
			down := sweep%2 == 0
			if !down {
				i = len(p.layers) - 1 - i
			}
			place := map[*vertex]float64{}
			for _, l := range p.layers {
				for n, v := range l {
					place[v] = (float64(n) + 0.5) / float64(len(l))
				}
			}
			for _, v := range p.layers[i] {
				if v.at = place[v]; down && len(v.ins) > 0 {
					v.at = mean(v.ins, func(k *link) float64 { return place[k.over] })
				} else if !down && len(v.outs) > 0 {
					v.at = mean(v.outs, func(k *link) float64 { return place[k.under] })
				}
			}
			slices.SortStableFunc(p.layers[i], func(a, b *vertex) int { return cmp.Compare(a.at, b.at) })
		}
	}
}

func mean(list []*link, of func(*link) float64) float64 {
	sum := 0.0
	for _, k := range list {
		sum += of(k)
	}
	return sum / float64(len(list))
}

// room is how many cells a layer takes.
func room(layer []*vertex) int {
	n := (len(layer) - 1) * gapBetween
	for _, v := range layer {
		n += v.w
	}
	return n
}

// place gives the vertices their x: each near the middle of what it is linked to, as
// far as its neighbours let it.
func (p *plan) place(w int) {
	for _, l := range p.layers {
		x := (w - room(l)) / 2
		for _, v := range l {
			v.x = x
			x += v.w + gapBetween
		}
	}
	middle := func(v *vertex) float64 { return float64(v.x) + float64(v.w)/2 }
	for sweep := range 12 {
		for i := range p.layers {
			if sweep%2 == 1 {
				i = len(p.layers) - 1 - i
			}
			for _, v := range p.layers[i] {
				sum, n := 0.0, 0
				for _, k := range v.ins {
					sum, n = sum+middle(k.over), n+1
				}
				for _, k := range v.outs {
					sum, n = sum+middle(k.under), n+1
				}
				if v.at = float64(v.x); n > 0 {
					v.at = sum/float64(n) - float64(v.w)/2
				}
			}
			settle(p.layers[i], w)
		}
	}
	p.centre(w)
}

// centre stands the whole in the middle of w cells.
func (p *plan) centre(w int) {
	left, right := w, 0
	for _, l := range p.layers {
		left, right = min(left, l[0].x), max(right, l[len(l)-1].x+l[len(l)-1].w)
	}
	for _, l := range p.layers {
		for _, v := range l {
			v.x += (w-right+left)/2 - left
		}
	}
}

// settle puts the vertices of a layer where they want to be, apart from each other
// and inside w cells: halfway between being pushed to the right and to the left.
func settle(layer []*vertex, w int) {
	pushed := make([]int, len(layer))
	x := 0
	for i, v := range layer {
		pushed[i] = max(int(math.Round(v.at)), x)
		x = pushed[i] + v.w + gapBetween
	}
	x = w
	for i := len(layer) - 1; i >= 0; i-- {
		v := layer[i]
		left := min(int(math.Round(v.at)), x-v.w)
		x = left - gapBetween
		v.x = (pushed[i] + left) / 2
	}
	inside(layer, w)
}

// inside moves vertices as little as keeps them apart and between 0 and w.
func inside(layer []*vertex, w int) {
	x := 0
	for _, v := range layer {
		v.x = max(v.x, x)
		x = v.x + v.w + gapBetween
	}
	x = w
	for i := len(layer) - 1; i >= 0; i-- {
		v := layer[i]
		v.x = min(v.x, x-v.w)
		x = v.x - gapBetween
	}
}

// ports gives the links their places at the boxes, in the order of where they lead.
func (p *plan) ports(arcs []arc) {
	for _, l := range p.layers {
		for _, v := range l {
			if v.box < 0 {
				v.ins[0].x2, v.outs[0].x1 = v.x, v.x
				continue
			}
			slices.SortStableFunc(v.outs, func(a, b *link) int { return cmp.Compare(a.under.x+a.under.w/2, b.under.x+b.under.w/2) })
			slices.SortStableFunc(v.ins, func(a, b *link) int { return cmp.Compare(a.over.x+a.over.w/2, b.over.x+b.over.w/2) })
			v.spread(v.outs, arcs, true)
			v.spread(v.ins, arcs, false)
		}
	}
	for _, list := range p.links {
		for _, k := range list {
			k.straighten(arcs)
		}
	}
}

// straighten takes the bend out of a link that stands alone on one side of a box,
// where the box is wide enough.
func (k *link) straighten(arcs []arc) {
	fits := func(v *vertex, x int, below bool) bool {
		return v.box >= 0 && x > v.x && x+k.slot(arcs, below) < v.x+v.w
	}
	switch {
	case len(k.over.outs) == 1 && fits(k.over, k.x2, true):
		k.x1 = k.x2
	case len(k.under.ins) == 1 && fits(k.under, k.x1, false):
		k.x2 = k.x1
	}
}

// spread stands the links on one side of a box around its middle.
func (v *vertex) spread(list []*link, arcs []arc, below bool) {
	if len(list) == 0 {
		return
	}
	x := v.x + v.w/2
	if len(list) > 1 {
		x = v.x + 1 + (v.w-2-slots(list, arcs, below))/2
	} else {
		x = min(x, v.x+v.w-1-list[0].slot(arcs, below))
	}
	for _, k := range list {
		if below {
			k.x1 = x
		} else {
			k.x2 = x
		}
		x += k.slot(arcs, below)
	}
}

// route gives the horizontal parts of links rows of their own, as few as there can
// be: two share one where they do not meet.
func (p *plan) route() {
	p.tracks = make([]int, len(p.links))
	for i, list := range p.links {
		var bent []*link
		for _, k := range list {
			if k.track = -1; k.x1 != k.x2 {
				bent = append(bent, k)
			}
		}
		p.tracks[i] = assign(bent)
	}
}

// assign chooses the rows of bent links, from the top, and returns how many there
// are. Where one comes down in the column in which another leaves, that one turns
// first.
func assign(bent []*link) int {
	slices.SortStableFunc(bent, func(a, b *link) int {
		return cmp.Or(cmp.Compare(min(a.x1, a.x2), min(b.x1, b.x2)), cmp.Compare(a.x1, b.x1))
	})
	left, row := slices.Clone(bent), 0
	for len(left) > 0 {
		var now, later []*link
		for _, k := range left {
			waits := slices.ContainsFunc(left, func(o *link) bool { return o != k && o.x1 == k.x2 })
			meets := slices.ContainsFunc(now, func(o *link) bool { return k.meets(o) })
			if waits || meets {
				later = append(later, k)
				continue
			}
			k.track = row
			now = append(now, k)
		}
		if len(now) == 0 { // they wait for each other: one has to go first
			later[0].track = row
			later = later[1:]
		}
		left, row = later, row+1
	}
	return row
}

// meets reports whether the horizontal parts of two links would touch.
func (k *link) meets(o *link) bool {
	return min(k.x1, k.x2) <= max(o.x1, o.x2)+1 && min(o.x1, o.x2) <= max(k.x1, k.x2)+1
}
