package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// Column is what a table shows of a message: one of its own fields, or what
// stands at a path in its data or metadata.
type Column struct {
	field field
	path  Path
}

// ParseColumn reads a column as a filter names it: stream, time, data.amount,
// metadata.traceId. The error says what would be right.
func ParseColumn(name string) (Column, error) {
	name = strings.TrimSpace(name)
	p := &parser{src: name, words: messageVocabulary()}
	f, known := p.words.field(p.name())
	if !known {
		return Column{}, fmt.Errorf("there is no column %q; there are %s", name, p.words.names())
	}
	c := Column{field: f}
	if f.kind == kindDocument {
		steps, end, err := parseSteps(name, p.at)
		if err != nil {
			return Column{}, fmt.Errorf("column %q: %w", name, err)
		}
		c.path, p.at = Path{text: name[p.at:end], steps: steps}, end
	}
	if p.at < len(name) {
		return Column{}, fmt.Errorf("column %q: expected nothing behind %q", name, name[:p.at])
	}
	return c, nil
}

// ParseColumns reads a list with commas between; "" is none. A column that
// stands twice is an error.
func ParseColumns(list string) ([]Column, error) {
	var out []Column
	for name := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(name) == "" {
			continue
		}
		c, err := ParseColumn(name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(other Column) bool { return other.String() == c.String() }) {
			return nil, fmt.Errorf("column %q stands twice", c.String())
		}
		out = append(out, c)
	}
	return out, nil
}

// String returns the column's name: data.amount.
func (c Column) String() string { return c.field.name + c.path.text }

// Title is a short head for the column: the last names of its path.
func (c Column) Title() string {
	if len(c.path.steps) == 0 {
		return c.field.name
	}
	return c.path.String()
}

// Document reports whether the column shows JSON: all of the data or metadata,
// or what stands at a path in it.
func (c Column) Document() bool { return c.field.kind == kindDocument }

// JSON returns the JSON of what the column shows, part of the message; ok is
// false where there is none, and for the message's own fields.
func (c Column) JSON(m *store.Message) (raw []byte, ok bool) {
	if c.field.kind != kindDocument {
		return nil, false
	}
	return c.path.First(c.field.document(subject{message: m}))
}

// Text returns what the column shows of a message, "" where there is nothing:
// strings without quotes, other JSON as it is spelled, times in RFC 3339. It is
// not fit for a terminal as it is.
func (c Column) Text(m *store.Message) string {
	s := subject{message: m}
	switch c.field.kind {
	case kindInt:
		return strconv.FormatInt(c.field.number(s), 10)
	case kindTime:
		return c.field.time(s).UTC().Format(time.RFC3339Nano)
	case kindDocument:
		raw, ok := c.JSON(m)
		if !ok {
			return ""
		}
		return Text(raw)
	}
	return c.field.word(s)
}

// maxPaths bounds how many paths Paths visits, and pathDepth how deep it goes.
const (
	maxPaths  = 500
	pathDepth = 6
)

// Paths calls visit with the path of each scalar in a document, in its order,
// and with the scalar's JSON. Of arrays it looks at the first element. Large
// documents are left off after 500 paths, deep ones after six steps.
func Paths(raw []byte, visit func(path string, value []byte)) {
	w := pathWalker{raw: raw, visit: visit, left: maxPaths}
	w.walk(rawjson.Space(raw, 0), "", 0)
}

type pathWalker struct {
	raw   []byte
	visit func(string, []byte)
	left  int
}

func (w *pathWalker) walk(at int, path string, depth int) {
	if at >= len(w.raw) || depth > pathDepth || w.left <= 0 {
		return
	}
	switch w.raw[at] {
	case '{':
		w.object(at, path, depth)
	case '[':
		if at = rawjson.Space(w.raw, at+1); at < len(w.raw) && w.raw[at] != ']' {
			w.walk(at, path+"[0]", depth+1)
		}
	default:
		w.left--
		if end := rawjson.Pass(w.raw, at); end > 0 {
			w.visit(path, w.raw[at:end])
		}
	}
}

func (w *pathWalker) object(at int, path string, depth int) {
	raw := w.raw
	for at = rawjson.Space(raw, at+1); at >= 0 && at < len(raw) && raw[at] == '"' && w.left > 0; {
		end := rawjson.PassString(raw, at)
		if end < 0 {
			return
		}
		key := raw[at:end]
		at = rawjson.Space(raw, end)
		if at >= len(raw) || raw[at] != ':' {
			return
		}
		at = rawjson.Space(raw, at+1)
		w.walk(at, path+keyStep(key), depth+1)
		at = next(raw, at)
	}
}

// keyStep spells a key, given with its quotes, as a step of a path.
func keyStep(key []byte) string {
	inside := view(key[1 : len(key)-1])
	if !IsName(inside) {
		return "[" + string(key) + "]"
	}
	return "." + inside
}
