package jsonview

import "github.com/evtui/evtui/internal/text"

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
		if row >= v.Rows() || v.w <= 0 {
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
	w := writer{form: &v.form, found: &v.found, styles: &v.styles, base: base, dst: make([]byte, 0, 2*v.w+64), room: v.w}
	if v.form.gutter(v.w) > 0 {
		w.put(v.form.sign(p), gutterWidth, rolePunct)
	}
	w.skip = v.left
	indent := v.form.indent(p, v.w)
	w.put(text.Spaces(indent), indent, rolePlain)
	if v.wrap {
		end, more := v.form.measure(p, v.w)
		w.wrapped(p, end, more)
	} else {
		w.cutOff(p)
	}
	return string(base.Append(w.dst, text.Spaces(w.room)))
}

// writer fills one row.
type writer struct {
	form   *form
	found  *found
	styles *Styles
	base   text.Pen
	dst    []byte
	skip   int // cells still to leave out on the left
	room   int // cells still to fill
}

// wrapped writes the row that begins at p up to where it is broken, at end if there
// is more of its line.
func (w *writer) wrapped(p, end pos, more bool) {
	for {
		c, behind, on := w.form.chunk(p, w.room)
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
		c, behind, more := w.form.chunk(p, w.skip+w.room-1)
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
	if w.form.ascii {
		return "~"
	}
	return text.Ellipsis
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
		m, number := w.found.at(c.span.at)
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
	if number == w.found.match {
		return w.styles.Current
	}
	return w.styles.Match
}

func (w *writer) put(s string, cells int, r role) { w.putPen(s, cells, w.styles.pen(r)) }

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
