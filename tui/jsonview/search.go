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
	v.found.query = query
	v.found.look(&v.form.document)
	v.fresh = false
	if len(v.found.matches) > 0 {
		from := v.form.offset(v.place())
		i := sort.Search(len(v.found.matches), func(i int) bool { return v.found.matches[i].at >= from })
		v.seek(i % len(v.found.matches))
	}
	return len(v.found.matches)
}

// NextMatch goes to the next match, around the end.
func (v *View) NextMatch() { v.step(1) }

// PrevMatch goes to the match before, around the start.
func (v *View) PrevMatch() { v.step(-1) }

// Match returns which match the cursor was sent to, from 1 (0: none), of how
// many.
func (v *View) Match() (current, total int) { return v.found.match + 1, len(v.found.matches) }

func (v *View) step(n int) {
	if total := len(v.found.matches); total > 0 {
		v.seek(((v.found.match+n)%total + total) % total)
	}
}

// seek puts the cursor on a match, and into sight what of it is far right.
func (v *View) seek(i int) {
	v.found.match = i
	p := v.locate(v.found.matches[i].at)
	v.cursor = v.rowOf(p)
	v.reveal()
	if v.wrap {
		return
	}
	at := v.form.column(p, v.w)
	if room := max(v.w-v.form.gutter(v.w), 1); at < v.left || at >= v.left+room {
		v.left = max(at-room/2, 0)
	}
}

// found is what a search found.
type found struct {
	query   string
	matches []span // in the document, ascending
	match   int    // the current one, -1: none
}

// look searches a document from the start.
func (f *found) look(d *document) { f.matches, f.match = d.find(f.query), -1 }

// at returns the first match that ends behind an offset, and its number.
func (f *found) at(offset uint32) (span, int) {
	i := sort.Search(len(f.matches), func(i int) bool { return f.matches[i].end > offset })
	if i == len(f.matches) {
		return span{^uint32(0), ^uint32(0)}, -1
	}
	return f.matches[i], i
}

// find returns where a query stands in keys and values, ascending.
func (d *document) find(query string) (all []span) {
	if query == "" || len(d.raw) == 0 {
		return nil
	}
	text, want := d.raw, []byte(query)
	if folded := lower(want); bytes.Equal(folded, want) {
		text = lower(text)
	}
	for at := 0; ; {
		n := bytes.Index(text[at:], want)
		if n < 0 {
			return all
		}
		m := span{uint32(at + n), uint32(at + n + len(query))}
		if d.within(m) {
			all = append(all, m)
			at += n + len(query)
		} else {
			at += n + 1
		}
	}
}

// within reports whether a match lies in one key or one value: what spans
// several cannot be seen in the pretty form.
func (d *document) within(m span) bool {
	if d.err != nil {
		return true
	}
	i := d.lineOf(m.at)
	l := d.lines[i]
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
