package jsonview

import (
	"slices"
	"sort"
)

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
func (v *View) lineCount() int {
	switch {
	case v.literal():
		return len(v.textLines())
	case v.shown != nil:
		return len(v.shown)
	}
	return len(v.lines)
}

// lineAt returns the i-th line to show.
func (v *View) lineAt(i int) int32 {
	if v.literal() || v.shown == nil {
		return int32(i)
	}
	return v.shown[i]
}

func (v *View) rowCount() int {
	if v.rows != nil {
		return len(v.rows)
	}
	return v.lineCount()
}

// rowAt returns where row i begins.
func (v *View) rowAt(i int) pos {
	if v.rows != nil {
		return v.rows[i]
	}
	return v.first(v.lineAt(i))
}

// rowOf returns the row that shows p, or the last one before it.
func (v *View) rowOf(p pos) int {
	after := sort.Search(v.rowCount(), func(i int) bool { return p.before(v.rowAt(i)) })
	return max(after-1, 0)
}

// place returns what the cursor is on.
func (v *View) place() pos {
	if v.cursor >= v.rowCount() {
		return pos{}
	}
	return v.rowAt(v.cursor)
}

// relayout breaks lines into rows again and puts the cursor on p.
func (v *View) relayout(p pos) {
	v.rows = nil
	if v.wrap && v.w > 0 {
		v.rows = v.breakLines()
	}
	v.cursor = v.rowOf(p)
	v.reveal()
}

// breakLines finds where the rows begin when lines are wrapped.
func (v *View) breakLines() []pos {
	rows := make([]pos, 0, v.lineCount())
	pen := writer{view: v}
	for i := range v.lineCount() {
		p, more := v.first(v.lineAt(i)), true
		for more {
			rows = append(rows, p)
			p, more = pen.measure(p)
		}
	}
	return rows
}

// Rows returns how many rows of the screen the document takes at its width.
func (v *View) Rows() int { return v.rowCount() }

// Visible returns the rows [first, last) that the size shows.
func (v *View) Visible() (first, last int) { return v.top, min(v.top+max(v.h, 1), v.rowCount()) }

// Move moves the cursor by n lines.
func (v *View) Move(n int) {
	v.cursor += n
	v.reveal()
}

// Page moves the cursor and the view by n pages.
func (v *View) Page(n int) { v.jump(n * max(v.h, 1)) }

// HalfPage moves the cursor and the view by n half pages.
func (v *View) HalfPage(n int) { v.jump(n * max(v.h/2, 1)) }

func (v *View) jump(n int) {
	v.top += n
	v.Move(n)
}

// Home moves the cursor to the first line.
func (v *View) Home() { v.Move(-v.cursor) }

// End moves the cursor to the last line.
func (v *View) End() { v.Move(v.rowCount()) }

// Scroll moves the lines under a resting cursor by n rows.
func (v *View) Scroll(n int) {
	v.top = max(min(v.top+n, v.rowCount()-max(v.h, 1)), 0)
	v.cursor = min(max(v.cursor, v.top), v.top+max(v.h, 1)-1)
	v.reveal()
}

// Sideways scrolls unwrapped lines by n cells.
func (v *View) Sideways(n int) {
	if !v.wrap {
		v.left = max(v.left+n, 0)
		v.fresh = false
	}
}

// reveal brings cursor and place into their bounds and each other's sight.
func (v *View) reveal() {
	v.fresh = false
	h := max(v.h, 1)
	v.cursor = max(min(v.cursor, v.rowCount()-1), 0)
	v.top = max(min(v.top, v.rowCount()-h), 0)
	v.top = max(min(v.top, v.cursor), v.cursor-h+1)
}

// offset returns where in the document p stands.
func (v *View) offset(p pos) uint32 {
	switch {
	case len(v.raw) == 0:
		return 0
	case v.literal():
		return p.off
	case p.part == partKey || p.part == partValue:
		return max(p.off, v.lines[p.line].start())
	}
	return v.lines[p.line].start()
}

// locate returns the place of a document offset: the inverse of offset.
func (v *View) locate(at uint32) pos {
	if v.literal() {
		i, found := slices.BinarySearch(v.textLines(), at)
		if !found {
			i = max(i-1, 0)
		}
		return pos{line: int32(i), part: partValue, off: at}
	}
	i := v.lineOf(at)
	v.expose(i)
	p := pos{line: i, part: partValue, off: at}
	if len(v.lines) > 0 && at < v.lines[i].keyEnd {
		p.part = partKey
	}
	return p
}

// lineOf returns the line of the pretty form that a document offset is in.
func (v *View) lineOf(at uint32) int32 {
	after := sort.Search(len(v.lines), func(i int) bool { return v.lines[i].start() > at })
	return int32(max(after-1, 0))
}
