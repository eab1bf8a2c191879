package flame

import (
	"hash/fnv"
	"image/color"

	"charm.land/lipgloss/v2"

	"github.com/evtui/evtui/internal/text"
)

// Styles are the looks of a graph. Without Colours it draws in attributes
// alone, with a mark where a bar begins; those need the pens.
type Styles struct {
	// Colours fill the bars, by group. Each has two shades, so that
	// neighbours of one group stay apart.
	Colours [][2]color.Color
	Grown   [][2]color.Color // for differences, the weakest first
	Shrunk  [][2]color.Color // likewise
	Same    [2]color.Color   // what did not change
	Rest    [2]color.Color   // what is too thin to be drawn
	Match   [2]color.Color   // what a search found
	Cursor  color.Color
	Ink     color.Color // names
	InkOn   color.Color // the name under the cursor

	TextPen, MatchPen, CursorPen, FaintPen text.Pen // without colours

	ASCII  bool // no characters beyond ASCII: bars are whole cells wide
	Blocks bool // bars are whole cells wide, for fonts without the eighths of a block
}

// painter turns fills into pens. It is made once per Styles.
type painter struct {
	s      Styles
	colour []color.Color // by fill
	pens   []text.Pen    // for each fill, and none, on each other, made when first used
	made   []bool        // of pens
	inks   []text.Pen    // by fill
	steps  int           // of a cell

	grown, shrunk, same, rest, match, cursor int32 // where the fills of each role begin
}

const none = -1 // the fill of an empty place

func newPainter(s Styles) painter {
	p := painter{s: s, steps: 8}
	if s.ASCII || s.Blocks || len(s.Colours) == 0 {
		p.steps = 1
	}
	add := func(shades ...[2]color.Color) int32 {
		at := int32(len(p.colour))
		for _, c := range shades {
			p.colour = append(p.colour, c[0], c[1])
		}
		return at
	}
	add(s.Colours...)
	p.grown, p.shrunk = add(s.Grown...), add(s.Shrunk...)
	p.same, p.rest, p.match = add(s.Same), add(s.Rest), add(s.Match)
	p.cursor = add([2]color.Color{s.Cursor, s.Cursor})
	fills := len(p.colour) + 1
	p.pens, p.made = make([]text.Pen, fills*fills), make([]bool, fills*fills)
	p.inks = make([]text.Pen, len(p.colour))
	for fill := range p.colour {
		p.inks[fill] = p.newInk(int32(fill))
	}
	return p
}

func (p *painter) plain() bool { return len(p.s.Colours) == 0 }

// fill returns the colour of a bar that is not under the cursor.
func (g *Graph) fill(b bar) int32 {
	p := &g.paint
	switch {
	case b.node < 0:
		return p.rest + b.shade
	case g.matched(int(b.node)):
		return p.match + b.shade
	case g.diff:
		return g.change(int(b.node)) + b.shade
	case p.plain():
		return 0
	}
	return g.hue(b.node)*2 + b.shade
}

// hue returns which of the colours a node's group has. It is asked of every
// bar with every layout, so it is remembered.
func (g *Graph) hue(node int32) int32 {
	if int(node) >= len(g.hues) {
		g.hues = append(g.hues, make([]int32, int(node)+1-len(g.hues))...)
	}
	if g.hues[node] == 0 {
		h := fnv.New32a()
		_, _ = h.Write([]byte(g.group(g.tree.Name(int(node)))))
		g.hues[node] = 1 + int32(h.Sum32()%uint32(len(g.paint.s.Colours)))
	}
	return g.hues[node] - 1
}

// change returns the colour of a difference: the stronger the more of the
// node's weight changed one way.
func (g *Graph) change(node int) int32 {
	p := &g.paint
	value, weight := g.tree.Value(node), g.tree.Weight(node)
	scale, begin := p.s.Grown, p.grown
	if value < 0 {
		scale, begin, value = p.s.Shrunk, p.shrunk, -value
	}
	share := float64(value) / float64(max(1, weight))
	if share < 0.005 || len(scale) == 0 {
		return p.same
	}
	return begin + 2*int32(min(int(share*float64(len(scale))), len(scale)-1))
}

// pen returns the pen for the left part of a cell on its right part; where
// there is no right part, the terminal's own background shows.
func (p *painter) pen(left, right int32) text.Pen {
	at := int(left-none)*(len(p.colour)+1) + int(right-none)
	if !p.made[at] {
		p.pens[at], p.made[at] = p.newPen(left, right), true
	}
	return p.pens[at]
}

func (p *painter) newPen(left, right int32) text.Pen {
	style := lipgloss.NewStyle()
	switch {
	case left == none && right == none:
	case left == none:
		// The block is drawn in the background's own colour, which has no
		// name: turned around, the colour lies around it.
		style = style.Foreground(p.colour[right]).Reverse(true)
	case right == none:
		style = style.Foreground(p.colour[left])
	default:
		style = style.Foreground(p.colour[left]).Background(p.colour[right])
	}
	return text.NewPen(style)
}

// newInk returns the pen for a name on a fill.
func (p *painter) newInk(fill int32) text.Pen {
	ink := p.s.Ink
	if fill == p.cursor {
		ink = p.s.InkOn
	}
	return text.NewPen(lipgloss.NewStyle().Foreground(ink).Background(p.colour[fill]).Bold(fill == p.cursor))
}
