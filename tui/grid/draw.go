package grid

import (
	"strings"
	"unicode/utf8"

	"github.com/evtui/evtui/internal/text"
)

// Lines returns the grid in exactly the lines and cells of its size. The slice
// is the grid's, valid until its next change.
func (g *Grid) Lines() []string {
	if g.fresh {
		return g.lines
	}
	g.fresh = true
	g.lines = g.lines[:0]
	if g.h <= 0 || g.w <= 0 {
		for range g.h {
			g.lines = append(g.lines, "")
		}
		return g.lines
	}
	if g.body() < g.h {
		g.lines = append(g.lines, g.header())
	}
	if len(g.rows) > 8*g.h+64 {
		clear(g.rows)
	}
	first, last := g.Visible()
	for row := first; row < last; row++ {
		g.lines = append(g.lines, g.row(row))
	}
	if g.n == 0 && g.o.Empty != "" {
		line := text.Spaces(g.layout.gutter) + text.Sanitize(g.o.Empty)
		g.lines = append(g.lines, g.o.Styles.Muted.Paint(text.Fit(line, g.w)))
	}
	for len(g.lines) < g.h {
		g.lines = append(g.lines, text.Spaces(g.w))
	}
	return g.lines
}

// row returns one rendered row, from memory unless the cursor is on it.
func (g *Grid) row(row int) string {
	if row == g.cursor {
		base := g.o.Styles.Selected
		if g.blur {
			base = g.o.Styles.Blurred
		}
		return g.draw(row, base)
	}
	line, ok := g.rows[row]
	if !ok {
		line = g.draw(row, text.Pen{})
		g.rows[row] = line
	}
	return line
}

func (g *Grid) draw(row int, base text.Pen) string {
	clear(g.cells)
	if g.o.Row != nil {
		g.o.Row(row, g.cells)
	}
	marked := g.o.Marked != nil && g.o.Marked(row)
	dst := make([]byte, 0, 2*g.w+64)
	dst = g.appendGutter(dst, row, marked, base)
	body := len(dst)
	for i, c := range g.layout.shown {
		cell := g.cells[c]
		pen := cell.Pen
		if pen.IsZero() {
			pen = g.o.Styles.Text
		}
		if marked {
			pen = g.o.Styles.Marked.Over(pen)
		}
		if g.o.Styles.Solid && !base.IsZero() {
			pen = text.Pen{}
		}
		dst = g.appendCell(dst, cell, i, pen.Over(base), base)
	}
	dst = append(dst, base.Paint(text.Spaces(g.w-g.layout.gutter-g.layout.total))...)
	if g.left > 0 || g.layout.total > g.w-g.layout.gutter {
		return string(dst[:body]) + text.Cut(string(dst[body:]), g.left, g.w-g.layout.gutter)
	}
	return string(dst)
}

// appendCell appends the i-th shown column's cell, with the gap that follows.
func (g *Grid) appendCell(dst []byte, cell Cell, i int, pen, base text.Pen) []byte {
	width := g.layout.widths[i]
	gap := ""
	if i < len(g.layout.shown)-1 {
		gap = text.Spaces(g.layout.gap)
	}
	if cell.Styled {
		dst = append(dst, base.Wrap(g.align(cell.Text, g.layout.shown[i], width))...)
		return base.Append(dst, gap)
	}
	s := g.align(g.clean(cell, g.layout.shown[i], width), g.layout.shown[i], width)
	if s == text.Spaces(width) {
		return base.Append(dst, s+gap)
	}
	// The gap is painted apart: an underlined cell must not underline it.
	return base.Append(pen.Append(dst, s), gap)
}

func (g *Grid) align(s string, column, width int) string {
	if g.o.ASCII {
		s = text.TruncateWith(s, width, text.ASCIIEllipsis)
	}
	if g.o.Columns[column].Right {
		return text.FitLeft(s, width)
	}
	return text.Fit(s, width)
}

// nameBytes is how much of either end of a long name is looked at.
const nameBytes = 4096

// clean makes a cell's text inert. Names, and what the row says to be cut in its
// middle, get that shortened.
func (g *Grid) clean(c Cell, column, width int) string {
	s, name := c.Text, g.o.Columns[column].Name
	if !name && !c.Middle {
		return clean(s, width)
	}
	if len(s) > 2*nameBytes {
		s = strings.ToValidUTF8(s[:nameBytes], "") + strings.ToValidUTF8(s[len(s)-nameBytes:], "")
	}
	sign := text.Ellipsis
	if g.o.ASCII {
		sign = text.ASCIIEllipsis
	}
	if name {
		s = text.Name(s)
	} else {
		s = text.Sanitize(s)
	}
	return text.ShortenWith(s, width, sign)
}

// clean sanitizes what of s can be seen in width cells, and a little more, so
// that a cell of a megabyte costs what its beginning costs.
func clean(s string, width int) string {
	limit := 16*width + 64
	if len(s) <= limit {
		return text.Sanitize(s)
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return text.Sanitize(s[:limit]) + text.Ellipsis
}

func (g *Grid) appendGutter(dst []byte, row int, marked bool, base text.Pen) []byte {
	if g.layout.gutter == 0 {
		return dst
	}
	cursor, mark := "▌", "●"
	if g.o.ASCII {
		cursor, mark = ">", "*"
	}
	if row != g.cursor || g.blur {
		cursor = " "
	}
	if !marked {
		mark = " "
	}
	return g.o.Styles.Gutter.Over(base).Append(dst, cursor+mark)
}

func (g *Grid) header() string {
	up, down := "▲", "▼"
	if g.o.ASCII {
		up, down = "^", "v"
	}
	line := ""
	for i, c := range g.layout.shown {
		title := text.Sanitize(g.o.Columns[c].Title)
		if c == g.sort && g.desc {
			title += down
		} else if c == g.sort {
			title += up
		}
		if i > 0 {
			line += text.Spaces(g.layout.gap)
		}
		line += g.align(title, c, g.layout.widths[i])
	}
	line = text.Cut(line, g.left, g.w-g.layout.gutter)
	return g.o.Styles.Header.Paint(text.Spaces(g.layout.gutter) + line)
}
