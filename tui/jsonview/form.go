package jsonview

import (
	"slices"

	"github.com/evtui/evtui/internal/text"
)

// form is how a document is written: pretty, less what is folded, or to the letter.
type form struct {
	document
	letter bool // raw mode
	ascii  bool // the view's own symbols
	escape bool // what is beyond ASCII in the document is drawn as its escape

	folded []bool  // by line; nil: none
	shown  []int32 // lines that no fold hides; nil: all
}

// literal reports whether the document is shown as its own lines of text: in
// raw mode, and when it is no JSON.
func (f *form) literal() bool { return f.letter || f.err != nil }

// pos is a place in what is drawn: a line (of the pretty form, or of the
// text), a part of it, and how far into the part's text.
type pos struct {
	line int32
	part int32
	off  uint32 // into the document; literals of ours are never entered
}

func (p pos) before(q pos) bool {
	if p.line != q.line {
		return p.line < q.line
	}
	if p.part != q.part {
		return p.part < q.part
	}
	return p.off < q.off
}

// lineCount returns how many lines there are to show, folds left out.
func (f *form) lineCount() int {
	switch {
	case f.literal():
		return len(f.textLines())
	case f.shown != nil:
		return len(f.shown)
	}
	return len(f.lines)
}

// lineAt returns the i-th line to show.
func (f *form) lineAt(i int) int32 {
	if f.literal() || f.shown == nil {
		return int32(i)
	}
	return f.shown[i]
}

// first returns where a line begins.
func (f *form) first(i int32) pos {
	if f.literal() {
		if int(i) < len(f.textLines()) {
			return pos{line: i, part: partValue, off: f.texts[i]}
		}
		return pos{line: i, part: partValue}
	}
	if int(i) >= len(f.lines) {
		return pos{line: i}
	}
	if l := &f.lines[i]; l.keyAt == l.keyEnd {
		return pos{line: i, part: partValue, off: l.at}
	}
	return pos{line: i, part: partKey, off: f.lines[i].keyAt}
}

// offset returns where in the document p stands.
func (f *form) offset(p pos) uint32 {
	switch {
	case len(f.raw) == 0:
		return 0
	case f.literal():
		return p.off
	case p.part == partKey || p.part == partValue:
		return max(p.off, f.lines[p.line].start())
	}
	return f.lines[p.line].start()
}

// locate returns the place of a document offset: the inverse of offset. A fold may
// hide it.
func (f *form) locate(at uint32) pos {
	if f.literal() {
		i, found := slices.BinarySearch(f.textLines(), at)
		if !found {
			i = max(i-1, 0)
		}
		return pos{line: int32(i), part: partValue, off: at}
	}
	i := f.lineOf(at)
	p := pos{line: i, part: partValue, off: at}
	if len(f.lines) > 0 && at < f.lines[i].keyEnd {
		p.part = partKey
	}
	return p
}

const gutterWidth = 2

// gutter returns the cells on the left of w that show what can be folded.
func (f *form) gutter(w int) int {
	if w < 20 || f.literal() {
		return 0
	}
	return gutterWidth
}

// indent returns the cells before a row of w: deep nesting never takes more than
// half of them.
func (f *form) indent(p pos, w int) int {
	deep := 0
	if !f.literal() && len(f.lines) > 0 {
		deep = 2 * int(f.lines[p.line].depth)
	}
	if p != f.first(p.line) {
		deep += 2
	}
	return min(deep, max(w-f.gutter(w), 0)/2)
}

// sign shows in the gutter whether a line can be folded, or is.
func (f *form) sign(p pos) string {
	open, folded := "▾ ", "▸ "
	if f.ascii {
		open, folded = "- ", "+ "
	}
	switch {
	case f.literal() || p != f.first(p.line) || !f.opens(p.line):
		return text.Spaces(gutterWidth)
	case f.isFolded(p.line):
		return folded
	}
	return open
}

// measure returns where the row after the one of w cells that begins at p begins; more
// is false when the line ends before.
func (f *form) measure(p pos, w int) (next pos, more bool) {
	room := max(w-f.gutter(w)-f.indent(p, w), 1)
	for cells := 0; ; {
		c, behind, more := f.chunk(p, room-cells)
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

// column returns how many cells of its unwrapped line stand before p where a row has w.
func (f *form) column(p pos, w int) int {
	at := f.first(p.line)
	cells := f.indent(at, w)
	for at.before(p) {
		c, behind, more := f.chunk(at, 1<<20)
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
