package jsonview

import "sort"

// Rows returns how many rows of the screen the document takes at its width.
func (v *View) Rows() int {
	if v.rows != nil {
		return len(v.rows)
	}
	return v.form.lineCount()
}

// rowAt returns where row i begins.
func (v *View) rowAt(i int) pos {
	if v.rows != nil {
		return v.rows[i]
	}
	return v.form.first(v.form.lineAt(i))
}

// rowOf returns the row that shows p, or the last one before it.
func (v *View) rowOf(p pos) int {
	after := sort.Search(v.Rows(), func(i int) bool { return p.before(v.rowAt(i)) })
	return max(after-1, 0)
}

// place returns what the cursor is on.
func (v *View) place() pos {
	if v.cursor >= v.Rows() {
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
	rows := make([]pos, 0, v.form.lineCount())
	for i := range v.form.lineCount() {
		p, more := v.form.first(v.form.lineAt(i)), true
		for more {
			rows = append(rows, p)
			p, more = v.form.measure(p, v.w)
		}
	}
	return rows
}

// Visible returns the rows [first, last) that the size shows.
func (v *View) Visible() (first, last int) { return v.top, min(v.top+max(v.h, 1), v.Rows()) }

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
func (v *View) End() { v.Move(v.Rows()) }

// Scroll moves the lines under a resting cursor by n rows.
func (v *View) Scroll(n int) {
	v.top = max(min(v.top+n, v.Rows()-max(v.h, 1)), 0)
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
	v.cursor = max(min(v.cursor, v.Rows()-1), 0)
	v.top = max(min(v.top, v.Rows()-h), 0)
	v.top = max(min(v.top, v.cursor), v.cursor-h+1)
}

// locate returns the place of a document offset, and unfolds what hides it.
func (v *View) locate(at uint32) pos {
	p := v.form.locate(at)
	if v.form.expose(p.line) {
		v.refold(p.line)
	}
	return p
}
