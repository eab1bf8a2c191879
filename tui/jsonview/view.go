package jsonview

import "github.com/evtui/evtui/internal/text"

// Styles are the pens of a view, by role.
type Styles struct {
	Key     text.Pen
	String  text.Pen
	Escape  text.Pen // \n, \u00e9 inside strings
	Number  text.Pen
	Literal text.Pen // true, false, null
	Punct   text.Pen // braces, brackets, commas, colons
	Fold    text.Pen // the summary of what is folded
	Fault   text.Pen // where the document is no JSON
	Cursor  text.Pen // under the cursor's line
	Match   text.Pen // over what the search found
	Current text.Pen // over the match that the cursor is on
}

// View shows one document.
type View struct {
	styles Styles
	w, h   int
	blur   bool

	form form // what is shown
	wrap bool
	rows []pos // wrapped: where each row begins; nil: a row a line

	cursor, top, left int // in rows; left in cells

	found found

	out   []string
	fresh bool
}

// New makes a view of no document and no size. It has the focus.
func New(s Styles) *View { return &View{styles: s, found: found{match: -1}} }

// SetStyles replaces the pens.
func (v *View) SetStyles(s Styles) {
	v.styles, v.fresh = s, false
}

// SetASCII says whether the view's own symbols are plain ASCII.
func (v *View) SetASCII(on bool) {
	v.form.ascii = on
	v.relayout(v.place())
}

// SetEscapes says whether whatever the document holds beyond ASCII is shown as
// JSON escapes it.
func (v *View) SetEscapes(on bool) {
	v.form.escape = on
	v.relayout(v.place())
}

// SetFocus says whether the cursor's line is marked.
func (v *View) SetFocus(on bool) {
	v.fresh = v.fresh && v.blur == !on
	v.blur = !on
}

// SetSize sets the cells and lines that Lines fills.
func (v *View) SetSize(w, h int) {
	if w == v.w && h == v.h {
		return
	}
	p := v.place()
	wide := w != v.w
	v.w, v.h = max(w, 0), max(h, 0)
	if wide && v.wrap {
		v.relayout(p)
	}
	v.reveal()
}

// SetData shows another document, unfolded, from its start; search, raw mode
// and wrapping stay. The view keeps raw, which must not change.
func (v *View) SetData(raw []byte) {
	v.form.document, v.form.folded, v.form.shown = documentOf(raw), nil, nil
	v.cursor, v.top, v.left = 0, 0, 0
	v.found.look(&v.form.document)
	v.relayout(pos{})
}

// Err says why the document is not JSON, nil when it is (or there is none).
func (v *View) Err() error {
	if v.form.err == nil {
		return nil
	}
	return v.form.err
}

// SetRaw shows the document to the letter (true) or pretty (false).
func (v *View) SetRaw(raw bool) {
	if v.form.letter == raw {
		return
	}
	at := v.form.offset(v.place())
	v.form.letter = raw
	v.left = 0
	v.relayout(v.locate(at))
}

// Raw reports whether the document is shown to the letter.
func (v *View) Raw() bool { return v.form.letter }

// SetWrap breaks long lines (true) or cuts them (false).
func (v *View) SetWrap(wrap bool) {
	if v.wrap == wrap {
		return
	}
	p := v.place()
	v.wrap, v.left = wrap, 0
	v.relayout(p)
}

// Wrapped reports whether long lines are broken.
func (v *View) Wrapped() bool { return v.wrap }
