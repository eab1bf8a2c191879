package jsonview

import "github.com/evtui/evtui/internal/text"

const gutterWidth = 2

// gutter returns the cells on the left that show what can be folded.
func (v *View) gutter() int {
	if v.w < 20 || v.literal() {
		return 0
	}
	return gutterWidth
}

// indent returns the cells before a row: deep nesting never takes more than
// half of the width.
func (v *View) indent(p pos) int {
	deep := 0
	if !v.literal() && len(v.lines) > 0 {
		deep = 2 * int(v.lines[p.line].depth)
	}
	if p != v.first(p.line) {
		deep += 2
	}
	return min(deep, max(v.w-v.gutter(), 0)/2)
}

// Lines returns the view in exactly the lines and cells of its size. The slice
// is the view's, valid until its next change.
func (v *View) Lines() []string {
	if v.fresh {
		return v.out
	}
	v.fresh = true
	v.out = v.out[:0]
	for i := range v.h {
		row := v.top + i
		if row >= v.rowCount() || v.w <= 0 {
			v.out = append(v.out, text.Spaces(v.w))
			continue
		}
		base := text.Pen{}
		if row == v.cursor && !v.blur {
			base = v.styles.Cursor
		}
		v.out = append(v.out, v.row(v.rowAt(row), base))
	}
	return v.out
}

func (v *View) row(p pos, base text.Pen) string {
	w := writer{view: v, base: base, dst: make([]byte, 0, 2*v.w+64), room: v.w}
	if v.gutter() > 0 {
		w.put(v.sign(p), gutterWidth, rolePunct)
	}
	w.skip = v.left
	w.put(text.Spaces(v.indent(p)), v.indent(p), rolePlain)
	if v.wrap {
		w.wrapped(p)
	} else {
		w.cutOff(p)
	}
	return string(base.Append(w.dst, text.Spaces(w.room)))
}

// sign shows in the gutter whether a line can be folded, or is.
func (v *View) sign(p pos) string {
	open, folded := "▾ ", "▸ "
	if v.ascii {
		open, folded = "- ", "+ "
	}
	switch {
	case v.literal() || p != v.first(p.line) || !v.opens(p.line):
		return text.Spaces(gutterWidth)
	case v.isFolded(p.line):
		return folded
	}
	return open
}

// writer fills one row.
type writer struct {
	view *View
	base text.Pen
	dst  []byte
	skip int // cells still to leave out on the left
	room int // cells still to fill
}

// measure returns where the row after the one that begins at p begins; more
// is false when the line ends before.
func (w *writer) measure(p pos) (next pos, more bool) {
	v := w.view
	room := max(v.w-v.gutter()-v.indent(p), 1)
	for cells := 0; ; {
		c, behind, more := v.chunk(p, room-cells)
		if cells > 0 && cells+c.cells > room {
			return p, true
		}
		cells += c.cells
		if p = behind; !more {
			return p, false
		}
		if cells >= room {
			return p, true
		}
	}
}

// wrapped writes the row that begins at p up to where measure breaks it.
func (w *writer) wrapped(p pos) {
	end, more := w.measure(p)
	for {
		c, behind, on := w.view.chunk(p, w.room)
		w.chunk(c)
		p = behind
		if !on || more && !p.before(end) {
			return
		}
	}
}

// cutOff writes the line from p on, ending it with … where it does not fit.
func (w *writer) cutOff(p pos) {
	for {
		c, behind, more := w.view.chunk(p, w.skip+w.room-1)
		if fits := w.skip + w.room - c.cells; fits < 0 || fits == 0 && more {
			w.chunk(clip(c, w.skip+w.room-1))
			w.put(w.dots(), 1, rolePunct)
			return
		}
		w.chunk(c)
		if p = behind; !more {
			return
		}
	}
}

func (w *writer) dots() string {
	if w.view.ascii {
		return "~"
	}
	return text.Ellipsis
}

// column returns how many cells of its unwrapped line stand before p.
func (w *writer) column(p pos) int {
	v := w.view
	at := v.first(p.line)
	cells := v.indent(at)
	for at.before(p) {
		c, behind, more := v.chunk(at, 1<<20)
		if behind.line == p.line && p.before(behind) {
			if int(c.span.end-c.span.at) == c.cells {
				cells += int(p.off - at.off)
			}
			return cells
		}
		cells += c.cells
		if at = behind; !more {
			break
		}
	}
	return cells
}

// clip shortens a chunk to w cells.
func clip(c chunk, w int) chunk {
	if w >= c.cells {
		return c
	}
	if int(c.span.end-c.span.at) == c.cells && len(c.text) == c.cells {
		w = max(w, 0)
		c.text, c.cells, c.span.end = c.text[:w], w, c.span.at+uint32(w)
		return c
	}
	c.text, c.cells = text.Cut(c.text, 0, w), max(w, 0)
	return c
}

// chunk writes a chunk, with what the search found in it.
func (w *writer) chunk(c chunk) {
	for c.cells > 0 {
		m, number := w.view.matchAt(c.span.at)
		if c.span.at == c.span.end || number < 0 || m.at >= c.span.end {
			w.put(c.text, c.cells, c.role)
			return
		}
		if len(c.text) != c.cells || c.role == roleEscape { // not one byte a cell: no parts
			w.putPen(c.text, c.cells, w.matchPen(number))
			return
		}
		if n := int(m.at) - int(c.span.at); n > 0 {
			w.put(c.text[:n], n, c.role)
			c.text, c.cells, c.span.at = c.text[n:], c.cells-n, m.at
			continue
		}
		n := min(int(m.end-c.span.at), c.cells)
		w.putPen(c.text[:n], n, w.matchPen(number))
		c.text, c.cells, c.span.at = c.text[n:], c.cells-n, c.span.at+uint32(n)
	}
}

func (w *writer) matchPen(number int) text.Pen {
	if number == w.view.match {
		return w.view.styles.Current
	}
	return w.view.styles.Match
}

func (w *writer) put(s string, cells int, r role) { w.putPen(s, cells, w.view.styles.pen(r)) }

// putPen writes s, less what is still to be left out, up to the room there is.
func (w *writer) putPen(s string, cells int, pen text.Pen) {
	if hidden := min(w.skip, cells); hidden > 0 {
		w.skip -= hidden
		s, cells = text.Cut(s, hidden, cells-hidden), cells-hidden
	}
	if cells > w.room {
		s, cells = text.Cut(s, 0, w.room), w.room
	}
	w.room -= cells
	w.dst = pen.Over(w.base).Append(w.dst, s)
}
