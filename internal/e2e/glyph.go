package e2e

import (
	"math/bits"
	"slices"
)

// Arms of a box-drawing character.
const (
	up = 1 << iota
	right
	down
	left
	heavy
	dashed
	round
)

// boxArms returns which arms a box-drawing character has, 0 for others.
func boxArms(r rune) int {
	const light = "╵╶└╷│┌├╴┘─┴┐┤┬┼" // by their arms: 1, 2, 3, …
	const strong = "╹╺┗╻┃┏┣╸┛━┻┓┫┳╋"
	if i := slices.Index([]rune(light), r); i >= 0 {
		return i + 1
	}
	if i := slices.Index([]rune(strong), r); i >= 0 {
		return i + 1 | heavy
	}
	switch r {
	case '╭':
		return right | down | round
	case '╮':
		return left | down | round
	case '╯':
		return left | up | round
	case '╰':
		return right | up | round
	case '╌', '┄', '┈':
		return left | right | dashed
	case '╎', '┆', '┊':
		return up | down | dashed
	}
	return 0
}

func isDrawn(r rune) bool {
	return r >= 0x2800 && r <= 0x28ff || r >= 0x2580 && r <= 0x259f || boxArms(r) != 0
}

// drawGlyph draws braille, blocks and box lines into the cell at x, y. It
// returns false for what is text.
func drawGlyph(p *picture, r rune, x, y float64, paint string) bool {
	switch {
	case r >= 0x2800 && r <= 0x28ff:
		drawBraille(p, r, x, y, paint)
	case r >= 0x2580 && r <= 0x259f:
		drawBlock(p, r, x, y, paint)
	case boxArms(r) != 0:
		drawBox(p, boxArms(r), x, y, paint)
	default:
		return false
	}
	return true
}

func drawBraille(p *picture, r rune, x, y float64, paint string) {
	// Dots 1–3 and 7 stand in the left column from above, 4–6 and 8 in the right.
	columns := [8]float64{0, 0, 0, 1, 1, 1, 0, 1}
	rows := [8]float64{0, 1, 2, 0, 1, 2, 3, 3}
	for set := uint8(r - 0x2800); set != 0; set &= set - 1 {
		dot := bits.TrailingZeros8(set)
		p.dots.add(paint, "M%g %gh0", x+cellWidth*(0.25+0.5*columns[dot]), y+cellHeight*(0.125+0.25*rows[dot]))
	}
}

func drawBlock(p *picture, r rune, x, y float64, paint string) {
	rect := func(paint string, fx, fy, fw, fh float64) {
		p.fills.add(paint, "M%g %gh%gv%gh%gz", x+fx*cellWidth, y+fy*cellHeight, fw*cellWidth, fh*cellHeight, -fw*cellWidth)
	}
	switch {
	case r == '▀':
		rect(paint, 0, 0, 1, 0.5)
	case r <= '█':
		n := float64(r-'▁'+1) / 8
		rect(paint, 0, 1-n, 1, n)
	case r <= '▏':
		rect(paint, 0, 0, float64('▏'-r+1)/8, 1)
	case r == '▐':
		rect(paint, 0.5, 0, 0.5, 1)
	case r <= '▓':
		opacity := [3]string{"0.25", "0.5", "0.75"}[r-'░']
		rect(paint+"\" fill-opacity=\""+opacity, 0, 0, 1, 1)
	case r == '▔':
		rect(paint, 0, 0, 1, 0.125)
	case r == '▕':
		rect(paint, 0.875, 0, 0.125, 1)
	default:
		// Quadrants: upper left 1, upper right 2, lower left 4, lower right 8.
		quadrants := [10]int{4, 8, 1, 13, 9, 7, 11, 2, 6, 14}[r-'▖']
		for i := range 4 {
			if quadrants>>i&1 == 1 {
				rect(paint, float64(i%2)/2, float64(i/2)/2, 0.5, 0.5)
			}
		}
	}
}

func drawBox(p *picture, arms int, x, y float64, paint string) {
	middleX, middleY := x+cellWidth/2, y+cellHeight/2
	if arms&heavy != 0 {
		paint += "\" stroke-width=\"2.4"
	} else {
		paint += "\" stroke-width=\"1.2"
	}
	if arms&dashed != 0 {
		paint += "\" stroke-dasharray=\"2 1"
	}
	if arms&round != 0 {
		endX, endY := x, y
		if arms&right != 0 {
			endX += cellWidth
		}
		if arms&down != 0 {
			endY += cellHeight
		}
		p.strokes.add(paint, "M%g %gQ%g %g %g %g", middleX, endY, middleX, middleY, endX, middleY)
		return
	}
	line := func(arm int, endX, endY float64) {
		if arms&arm != 0 {
			p.strokes.add(paint, "M%g %gL%g %g", middleX, middleY, endX, endY)
		}
	}
	line(up, middleX, y)
	line(right, x+cellWidth, middleY)
	line(down, middleX, y+cellHeight)
	line(left, x, middleY)
}
