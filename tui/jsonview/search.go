package jsonview

import (
	"bytes"
	"sort"
)

// span is a part of the document.
type span struct{ at, end uint32 }

// Search looks for text in keys and values, as they are spelled in the
// document, and returns how many matches there are. It ignores the case of
// ASCII letters unless the query has upper case. "" ends the search. The
// cursor goes to the first match at or after it, unfolding what hides it.
func (v *View) Search(query string) int {
	v.query = query
	v.find()
	v.fresh = false
	if len(v.matches) > 0 {
		from := v.offset(v.place())
		i := sort.Search(len(v.matches), func(i int) bool { return v.matches[i].at >= from })
		v.seek(i % len(v.matches))
	}
	return len(v.matches)
}

// NextMatch goes to the next match, around the end.
func (v *View) NextMatch() { v.step(1) }

// PrevMatch goes to the match before, around the start.
func (v *View) PrevMatch() { v.step(-1) }

// Match returns which match the cursor was sent to, from 1 (0: none), of how
// many.
func (v *View) Match() (current, total int) { return v.match + 1, len(v.matches) }

func (v *View) step(n int) {
	if total := len(v.matches); total > 0 {
		v.seek(((v.match+n)%total + total) % total)
	}
}

// seek puts the cursor on a match, and into sight what of it is far right.
func (v *View) seek(i int) {
	v.match = i
	p := v.locate(v.matches[i].at)
	v.cursor = v.rowOf(p)
	v.reveal()
	if v.wrap {
		return
	}
	at := (&writer{view: v}).column(p)
	if room := max(v.w-v.gutter(), 1); at < v.left || at >= v.left+room {
		v.left = max(at-room/2, 0)
	}
}

// find fills matches from query.
func (v *View) find() {
	v.matches, v.match = nil, -1
	if v.query == "" || len(v.raw) == 0 {
		return
	}
	text, query := v.raw, []byte(v.query)
	if folded := lower(query); bytes.Equal(folded, query) {
		text = lower(text)
	}
	for at := 0; ; {
		n := bytes.Index(text[at:], query)
		if n < 0 {
			return
		}
		m := span{uint32(at + n), uint32(at + n + len(query))}
		if v.within(m) {
			v.matches = append(v.matches, m)
			at += n + len(query)
		} else {
			at += n + 1
		}
	}
}

// within reports whether a match lies in one key or one value: what spans
// several cannot be seen in the pretty form.
func (v *View) within(m span) bool {
	if v.err != nil {
		return true
	}
	i := v.lineOf(m.at)
	l := v.lines[i]
	if m.at < l.keyEnd {
		return m.at >= l.keyAt && m.end <= l.keyEnd
	}
	return l.pair < 0 && m.at >= l.at && m.end <= l.end
}

// lower returns b with ASCII letters in lower case, of the same length.
func lower(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		out[i] = c
	}
	return out
}
