package flame

import "math/bits"

// steps returns how many steps wide a weight is.
func (g *Graph) steps(weight int64) int { return g.place(weight, g.tree.Weight(g.Zoomed())) }

// place returns weight/total of the width in steps, rounded down. It counts in
// 128 bits: weights are anything up to an int64.
func (g *Graph) place(weight, total int64) int {
	width := uint64(g.w * g.paint.steps)
	if total <= 0 || weight <= 0 || width == 0 {
		return 0
	}
	if weight >= total {
		return int(width)
	}
	high, low := bits.Mul64(uint64(weight), width)
	quotient, _ := bits.Div64(high, low, uint64(total))
	return int(quotient)
}

// span is a bar with the weight that lies to its left, from which the places
// of its children follow without adding up rounding.
type span struct {
	bar
	before int64
}

// layOut places the bars of the levels that are on the screen.
func (g *Graph) layOut() {
	if g.rows != nil {
		return
	}
	g.rows = make([][]bar, 0, g.h)
	if g.w == 0 || g.h == 0 || g.paint.steps == 0 {
		return
	}
	zoomed := len(g.path) - 1
	whole := bar{x1: g.w * g.paint.steps}
	for level := g.offset; level < zoomed && len(g.rows) < g.h; level++ {
		b := whole
		b.node = g.path[level]
		b.fill = g.fill(b)
		g.rows = append(g.rows, []bar{b})
	}
	top := span{bar: whole}
	top.node = g.Zoomed()
	row := []span{top}
	for level := zoomed; len(row) > 0 && len(g.rows) < g.h; level++ {
		if level >= g.offset {
			bars := make([]bar, len(row))
			for i := range row {
				bars[i] = row[i].bar
				bars[i].fill = g.fill(bars[i])
			}
			g.rows = append(g.rows, bars)
		}
		row = g.rowBelow(row)
	}
}

// rowBelow places the bars one level below a row's.
func (g *Graph) rowBelow(row []span) []span {
	total := g.tree.Weight(g.Zoomed())
	var out []span
	for _, s := range row {
		if s.node < 0 {
			continue
		}
		before := s.before
		for _, k := range g.tree.Children(s.node) {
			weight := g.tree.Weight(int(k))
			if !g.drawn(int(k)) {
				out = g.rest(out, s, before, total)
				break
			}
			b := bar{node: int(k), parent: s.node, x0: g.place(before, total), x1: g.place(before+weight, total)}
			out = g.push(out, span{b, before})
			before += weight
		}
	}
	return out
}

// rest stands for children that are too thin for bars of their own: what the
// node has beyond itself and the children drawn up to before.
func (g *Graph) rest(out []span, s span, before, total int64) []span {
	after := s.before + g.tree.Weight(s.node) - g.tree.Self(s.node)
	b := bar{node: -1, parent: s.node, x0: g.place(before, total), x1: g.place(after, total)}
	return g.push(out, span{b, before})
}

// push adds a bar unless rounding left nothing of it, and shades it unlike
// the one to its left.
func (g *Graph) push(row []span, s span) []span {
	if s.x1 <= s.x0 {
		return row
	}
	if n := len(row); n > 0 && row[n-1].x1 == s.x0 {
		s.shade = 1 - row[n-1].shade
	}
	return append(row, s)
}
