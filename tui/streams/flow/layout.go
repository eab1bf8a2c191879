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
	back     bool   // it runs from below to above
}

func (a *arc) loops() bool { return a.from == a.to }

// box is a node that is drawn.
type box struct {
	name string // inert
	wide int
}

// vertex is a box, or a place where an arc passes a layer.
type vertex struct {
	box       *box // nil: an arc passes
	loop      *arc // of the box; nil: none
	layer     int
	x, w      int
	ins, outs []*link // to the layer above, and below
	at        float64 // where it would like to be, among its layer
}

// link is an arc's part between two layers.
type link struct {
	over, under *vertex
	arc         *arc
	head        bool // its end is here, with arrow and label
	x1, x2      int  // where it leaves the layer above, and meets the one below
	track       int  // row of its horizontal part
}

// plan is where everything stands.
type plan struct {
	layers [][]*vertex
	links  [][]*link // below each layer
	tracks []int     // rows of horizontal parts below each layer
}

// gapBetween is how many cells stand between two boxes of a layer.
const gapBetween = 2

// layOut places boxes in layers, so that arcs run downwards where they can, and
// reports whether they fit into w cells.
func layOut(boxes []box, arcs []arc, w int) (*plan, bool) {
	p := build(boxes, arcs, rank(len(boxes), arcs))
	p.order()
	for _, l := range p.layers {
		if room(l) > w {
			return nil, false
		}
	}
	p.place(w)
	p.ports()
	p.route()
	return p, true
}

// turn chooses the arcs between n boxes that run upwards: those that would close a
// circle of arcs that come before them, which are the more frequent ones.
func turn(n int, arcs []arc) {
	next := make([][]int, n)
	var reaches func(from, to int, seen []bool) bool
	reaches = func(from, to int, seen []bool) bool {
		if from == to {
			return true
		}
		seen[from] = true
		return slices.ContainsFunc(next[from], func(v int) bool { return !seen[v] && reaches(v, to, seen) })
	}
	for i := range arcs {
		a := &arcs[i]
		if a.back = !a.loops() && reaches(a.to, a.from, make([]bool, n)); !a.back {
			next[a.from] = append(next[a.from], a.to)
		}
	}
}

// rank puts each of n boxes below all that lead to it.
func rank(n int, arcs []arc) []int {
	layer := make([]int, n)
	for moved := true; moved; {
		moved = false
		for _, a := range arcs {
			if !a.loops() && !a.back && layer[a.to] <= layer[a.from] {
				layer[a.to], moved = layer[a.from]+1, true
			}
		}
	}
	return layer
}

// build makes the vertices and links of the layers. A box is as wide as its name, its
// loop and the links on each of its sides are.
func build(boxes []box, arcs []arc, layer []int) *plan {
	p := &plan{layers: make([][]*vertex, slices.Max(layer)+1)}
	p.links = make([][]*link, len(p.layers))
	all := make([]*vertex, len(boxes))
	for i, l := range layer {
		all[i] = &vertex{box: &boxes[i], layer: l, w: boxes[i].wide + 4}
		p.layers[l] = append(p.layers[l], all[i])
	}
	for i := range arcs {
		if a := &arcs[i]; a.loops() {
			all[a.from].loop = a
			all[a.from].w += a.wide + 2
		} else {
			p.link(a, all[a.from], all[a.to])
		}
	}
	for _, v := range all {
		v.w = max(v.w, slots(v.ins, false)+2, slots(v.outs, true)+2)
	}
	return p
}

// link leads an arc from layer to layer.
func (p *plan) link(a *arc, over, under *vertex) {
	if a.back {
		over, under = under, over
	}
	last := over
	for l := over.layer; l < under.layer; l++ {
		next := under
		if l+1 < under.layer {
			next = &vertex{layer: l + 1, w: 1}
			p.layers[l+1] = append(p.layers[l+1], next)
		}
		k := &link{over: last, under: next, arc: a}
		k.head = !a.back && next == under || a.back && last == over
		last.outs, next.ins = append(last.outs, k), append(next.ins, k)
		p.links[l] = append(p.links[l], k)
		last = next
	}
}

// slots is how many cells the links on one side of a box take.
func slots(list []*link, below bool) int {
	n := 0
	for _, k := range list {
		n += k.slot(below)
	}
	return n
}

// slot is how many cells a link takes at a box: its line, and its label where the
// arc ends there.
func (k *link) slot(below bool) int {
	if k.head && k.arc.back == below {
		return k.arc.wide + 2
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
	for i, v := range slices.Backward(layer) {
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
	for _, v := range slices.Backward(layer) {
		v.x = min(v.x, x-v.w)
		x = v.x - gapBetween
	}
}

// ports gives the links their places at the boxes, in the order of where they lead.
func (p *plan) ports() {
	for _, l := range p.layers {
		for _, v := range l {
			if v.box == nil {
				v.ins[0].x2, v.outs[0].x1 = v.x, v.x
				continue
			}
			slices.SortStableFunc(v.outs, func(a, b *link) int { return cmp.Compare(a.under.x+a.under.w/2, b.under.x+b.under.w/2) })
			slices.SortStableFunc(v.ins, func(a, b *link) int { return cmp.Compare(a.over.x+a.over.w/2, b.over.x+b.over.w/2) })
			v.spread(v.outs, true)
			v.spread(v.ins, false)
		}
	}
	for _, list := range p.links {
		for _, k := range list {
			k.straighten()
		}
	}
}

// straighten takes the bend out of a link that stands alone on one side of a box,
// where the box is wide enough.
func (k *link) straighten() {
	fits := func(v *vertex, x int, below bool) bool {
		return v.box != nil && x > v.x && x+k.slot(below) < v.x+v.w
	}
	switch {
	case len(k.over.outs) == 1 && fits(k.over, k.x2, true):
		k.x1 = k.x2
	case len(k.under.ins) == 1 && fits(k.under, k.x1, false):
		k.x2 = k.x1
	}
}

// spread stands the links on one side of a box around its middle.
func (v *vertex) spread(list []*link, below bool) {
	if len(list) == 0 {
		return
	}
	x := v.x + v.w/2
	if len(list) > 1 {
		x = v.x + 1 + (v.w-2-slots(list, below))/2
	} else {
		x = min(x, v.x+v.w-1-list[0].slot(below))
	}
	for _, k := range list {
		if below {
			k.x1 = x
		} else {
			k.x2 = x
		}
		x += k.slot(below)
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
