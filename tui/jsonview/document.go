package jsonview

import (
	"bytes"
	"errors"
	"sort"

	"github.com/evtui/evtui/internal/rawjson"
)

// document is the JSON that is shown, with its lines. It never changes, but for
// what is found out when it is first needed.
type document struct {
	raw   []byte
	lines []line               // of the pretty form; none of what is not JSON
	err   *rawjson.SyntaxError // why it is not JSON
	texts []uint32             // where the lines of the document as it is begin
}

// documentOf finds the lines of the pretty form.
func documentOf(raw []byte) document {
	d := document{raw: raw}
	if len(raw) > 0 {
		lines, err := scan(raw)
		d.lines = lines
		if err != nil {
			var fault *rawjson.SyntaxError
			errors.As(err, &fault) // scan returns no other
			d.err = fault
		}
	}
	return d
}

// textLines finds the document's own lines when they are first needed.
func (d *document) textLines() []uint32 {
	if d.texts == nil && len(d.raw) > 0 {
		d.texts = []uint32{0}
		for at := 0; ; {
			n := bytes.IndexByte(d.raw[at:], '\n')
			if n < 0 || at+n+1 == len(d.raw) {
				break
			}
			at += n + 1
			d.texts = append(d.texts, uint32(at))
		}
	}
	return d.texts
}

// textEnd is where the text line i ends, without its line break.
func (d *document) textEnd(i int32) uint32 {
	end := len(d.raw)
	if int(i)+1 < len(d.texts) {
		end = int(d.texts[i+1])
	}
	if end > 0 && d.raw[end-1] == '\n' {
		end--
	}
	if end > 0 && d.raw[end-1] == '\r' && end > int(d.texts[i]) {
		end--
	}
	return uint32(end)
}

// lineOf returns the line of the pretty form that a document offset is in.
func (d *document) lineOf(at uint32) int32 {
	after := sort.Search(len(d.lines), func(i int) bool { return d.lines[i].start() > at })
	return int32(max(after-1, 0))
}

// opens reports whether the line begins an object or array that has something in it.
func (d *document) opens(i int32) bool { return d.lines[i].pair > i }
