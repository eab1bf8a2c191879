package jsonview

import (
	"slices"
	"strconv"
)

// subject returns the line whose value the cursor names: of a closing line its
// opening one; -1 when there is none.
func (v *View) subject() int32 {
	if v.form.literal() || v.Rows() == 0 {
		return -1
	}
	i := v.place().line
	if l := v.form.lines[i]; l.pair >= 0 && l.pair < i {
		return l.pair
	}
	return i
}

// Path names the value under the cursor: items[3].amount, meta["odd key"]; ""
// for the document itself, and in raw mode. Keys that are no plain names stand
// in it as they are spelled in the document.
func (v *View) Path() string { return v.form.path(v.subject()) }

// path names the value of a line; "" where it is -1, which is none.
func (d *document) path(i int32) string {
	var steps []string
	for ; i >= 0 && d.lines[i].parent >= 0; i = d.lines[i].parent {
		l := d.lines[i]
		switch key := d.raw[l.keyAt:l.keyEnd]; {
		case len(key) == 0:
			steps = append(steps, "["+strconv.Itoa(int(l.index))+"]")
		case plain(key[1 : len(key)-1]):
			steps = append(steps, "."+string(key[1:len(key)-1]))
		default:
			steps = append(steps, "["+string(key)+"]")
		}
	}
	slices.Reverse(steps)
	path := ""
	for _, step := range steps {
		path += step
	}
	if path != "" && path[0] == '.' {
		return path[1:]
	}
	return path
}

// plain reports whether a key can stand in a path without quotes.
func plain(key []byte) bool {
	for i, c := range key {
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return len(key) > 0
}

// Value returns the JSON of the value under the cursor, to the letter, without
// its key; in raw mode, and when it is no JSON, the whole document. It is part
// of the document: do not change it.
func (v *View) Value() []byte {
	i := v.subject()
	if i < 0 {
		return v.form.raw
	}
	return v.form.raw[v.form.lines[i].at:v.form.lines[i].end]
}
