package flame

import "math/bits"

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

// forget drops what was worked out for another zoom, width or looks.
func (g *Graph) forget() {
	clear(g.levels)
	g.levels, g.lines = g.levels[:0], g.lines[:0]
	g.front, g.ended, g.arena = g.front[:0], false, g.arena[:0]
}

// rows returns the bars of the levels that are on the screen.
func (g *Graph) rows() [][]bar {
	if g.w == 0 || g.h == 0 {
		return nil
	}
	for len(g.levels) < g.offset+g.h && !g.ended {
		g.layOut()
	}
	return g.levels[min(g.offset, len(g.levels)):min(g.offset+g.h, len(g.levels))]
}

// layOut places the bars of the next level. The levels above the zoomed node
// hold one bar each, of the whole width.
func (g *Graph) layOut() {
	level, zoomed := len(g.levels), len(g.path)-1
	if level <= zoomed {
		whole := bar{node: int32(g.path[level]), parent: -1, x1: int32(g.w * g.paint.steps)}
		whole.fill = g.fill(whole)
		g.front = append(g.front[:0], span{bar: whole})
		g.levels = append(g.levels, []bar{whole})
		g.minWeight = g.oneStep()
		return
	}
	below := g.rowBelow(g.spare[:0], g.front)
	g.front, g.spare = below, g.front
	if len(below) == 0 {
		g.ended = true
		return
	}
	// Where the arena grows, the levels before stay in the memory that it had.
	first := len(g.arena)
	for i := range below {
		b := below[i].bar
		b.fill = g.fill(b)
		g.arena = append(g.arena, b)
	}
	g.levels = append(g.levels, g.arena[first:len(g.arena):len(g.arena)])
}

// oneStep returns the least weight that is one step wide; at least 1.
func (g *Graph) oneStep() int64 {
	total, width := g.tree.Weight(g.Zoomed()), int64(g.w*g.paint.steps)
	weight := total / width
	if total%width != 0 {
		weight++
	}
	return max(1, weight)
}

// rowBelow appends the bars one level below a row's to out.
func (g *Graph) rowBelow(out, row []span) []span {
	total := g.tree.Weight(g.Zoomed())
	for _, s := range row {
		if s.node < 0 {
			continue
		}
		before, x0 := s.before, s.x0
		for _, k := range g.tree.Children(int(s.node)) {
			weight := g.tree.Weight(int(k))
			if weight < g.minWeight {
				out = g.rest(out, s, before, total)
				break
			}
			x1 := int32(g.place(before+weight, total))
			out = push(out, span{bar{node: k, parent: s.node, x0: x0, x1: x1}, before})
			before, x0 = before+weight, x1
		}
	}
	return out
}

// rest stands for children that are too thin for bars of their own: what the
// node has beyond itself and the children drawn up to before.
func (g *Graph) rest(out []span, s span, before, total int64) []span {
	after := s.before + g.tree.Weight(int(s.node)) - g.tree.Self(int(s.node))
	b := bar{node: -1, parent: s.node, x0: int32(g.place(before, total)), x1: int32(g.place(after, total))}
	return push(out, span{b, before})
}

// push adds a bar unless rounding left nothing of it, and shades it unlike
// the one to its left.
func push(row []span, s span) []span {
	if s.x1 <= s.x0 {
		return row
	}
	if n := len(row); n > 0 && row[n-1].x1 == s.x0 {
		s.shade = 1 - row[n-1].shade
	}
	return append(row, s)
}
