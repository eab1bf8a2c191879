package jsonview

import (
	"bytes"
	"errors"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/internal/text"
)

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
	ascii  bool
	escape bool // what is beyond ASCII in the document is drawn as its escape
	w, h   int
	blur   bool

	raw    []byte
	lines  []line
	err    *rawjson.SyntaxError
	texts  []uint32 // where the lines of the document as it is begin
	letter bool     // raw mode
	wrap   bool

	folded []bool  // by line; nil: none
	shown  []int32 // lines that no fold hides; nil: all
	rows   []pos   // wrapped: where each row begins; nil: a row a line

	cursor, top, left int // in rows; left in cells

	query   string
	matches []span // in the document, ascending
	match   int    // the current one, -1: none

	out   []string
	fresh bool
}

// New makes a view of no document and no size. It has the focus.
func New(s Styles) *View { return &View{styles: s, match: -1} }

// SetStyles replaces the pens.
func (v *View) SetStyles(s Styles) {
	v.styles, v.fresh = s, false
}

// SetASCII says whether the view's own symbols are plain ASCII.
func (v *View) SetASCII(on bool) {
	v.ascii = on
	v.relayout(v.place())
}

// SetEscapes says whether whatever the document holds beyond ASCII is shown as
// JSON escapes it.
func (v *View) SetEscapes(on bool) {
	v.escape = on
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
	v.raw, v.err, v.lines, v.texts = raw, nil, nil, nil
	v.folded, v.shown = nil, nil
	v.cursor, v.top, v.left = 0, 0, 0
	if len(raw) > 0 {
		lines, err := scan(raw)
		v.lines = lines
		if err != nil {
			errors.As(err, &v.err) // scan returns no other
		}
	}
	v.find()
	v.relayout(pos{})
}

// Err says why the document is not JSON, nil when it is (or there is none).
func (v *View) Err() error {
	if v.err == nil {
		return nil
	}
	return v.err
}

// SetRaw shows the document to the letter (true) or pretty (false).
func (v *View) SetRaw(raw bool) {
	if v.letter == raw {
		return
	}
	at := v.offset(v.place())
	v.letter = raw
	v.left = 0
	v.relayout(v.locate(at))
}

// Raw reports whether the document is shown to the letter.
func (v *View) Raw() bool { return v.letter }

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

// literal reports whether the document is shown as its own lines of text: in
// raw mode, and when it is no JSON.
func (v *View) literal() bool { return v.letter || v.err != nil }

// textLines finds the document's own lines when they are first needed.
func (v *View) textLines() []uint32 {
	if v.texts == nil && len(v.raw) > 0 {
		v.texts = []uint32{0}
		for at := 0; ; {
			n := bytes.IndexByte(v.raw[at:], '\n')
			if n < 0 || at+n+1 == len(v.raw) {
				break
			}
			at += n + 1
			v.texts = append(v.texts, uint32(at))
		}
	}
	return v.texts
}

// textEnd is where the text line i ends, without its line break.
func (v *View) textEnd(i int32) uint32 {
	end := len(v.raw)
	if int(i)+1 < len(v.texts) {
		end = int(v.texts[i+1])
	}
	if end > 0 && v.raw[end-1] == '\n' {
		end--
	}
	if end > 0 && v.raw[end-1] == '\r' && end > int(v.texts[i]) {
		end--
	}
	return uint32(end)
}
