package shape

import (
	"strconv"
	"strings"
)

// Kinds is a set of kinds of values, as far as a shape tells them apart.
type Kinds uint8

// The kinds. An outline holds a string's quotes and not what a bare word is: Fields
// says Bare of it, and Observe, of a message's values, which one.
const (
	String Kinds = 1 << iota
	Bare         // a number, true, false or null
	Object
	Array
	Number
	Boolean
	Null
)

// String names the kinds.
func (k Kinds) String() string {
	var names []string
	for i, name := range [...]string{"string", "number, boolean or null", "object", "array", "number", "boolean", "null"} {
		if k&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

// maxPath is how long a path of Fields may become, in bytes.
const maxPath = 256

// Fields returns the kinds of all values by path, as data.lines[].sku and
// metadata.traceId. Keys that are no plain names are quoted. The elements of an
// array have one path.
func (s *Shape) Fields() map[string]Kinds {
	fields := map[string]Kinds{}
	s.walk(func(path string, kind Kinds, _ int) { fields[path] |= kind })
	return fields
}

// Marks returns the paths of the values that a message has, in their order; "" of
// strings, which are always that.
func (s *Shape) Marks() []string {
	paths := make([]string, len(s.cuts))
	s.walk(func(path string, kind Kinds, mark int) {
		if kind == Bare {
			paths[mark] = path
		}
	})
	return paths
}

// walk visits all values: path, kind, and which of a message's values it is, -1 for
// objects and arrays.
func (s *Shape) walk(visit func(path string, kind Kinds, mark int)) {
	walk(visit, "metadata", s.literals[:s.metadata], s.cuts[:s.marks], 0, 0)
	walk(visit, "data", s.literals[s.metadata:], s.cuts[s.marks:], s.metadata, s.marks)
}

// level is an object or an array that a walk is in.
type level struct {
	path  string // of it
	array bool
	key   string // of an object: the one read last
}

// walk visits the values of a text of which values were taken out at the cuts, which
// count from offset on, as marks do from first.
func walk(visit func(path string, kind Kinds, mark int), root string, text []byte, cuts []uint16, offset, first int) {
	var levels []level
	at := func() string {
		switch top := len(levels) - 1; {
		case top < 0:
			return root
		case levels[top].array:
			return levels[top].path + "[]"
		default:
			return appendKey(levels[top].path, levels[top].key)
		}
	}
	isKey := false
	next := 0 // of cuts
	cut := func(i int) bool {
		if next < len(cuts) && int(cuts[next])-offset == i {
			next++
			return true
		}
		return false
	}
	for i := 0; i <= len(text); i++ {
		if cut(i) {
			visit(at(), Bare, first+next-1)
		}
		if i == len(text) {
			return
		}
		switch c := text[i]; c {
		case '{', '[':
			kind := Object
			if c == '[' {
				kind = Array
			}
			path := at()
			visit(path, kind, -1)
			levels = append(levels, level{path: path, array: c == '['})
			isKey = c == '{'
		case '}', ']':
			levels = levels[:max(0, len(levels)-1)]
			isKey = false
		case ',':
			isKey = len(levels) > 0 && !levels[len(levels)-1].array
		case ':':
			isKey = false
		case '"':
			if isKey && len(levels) > 0 {
				end := stringEnd(text, i+1)
				if end < 0 {
					return
				}
				levels[len(levels)-1].key = string(text[i+1 : end])
				i = end
				continue
			}
			if cut(i + 1) {
				visit(at(), String, first+next-1)
				i++ // the closing quote
			}
		}
	}
}

// appendKey appends a key to a path.
func appendKey(path, key string) string {
	for _, c := range []byte(key) {
		if c != '_' && c != '$' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			key = strconv.Quote(key)
			break
		}
	}
	if len(path)+len(key) > maxPath {
		return path
	}
	return path + "." + key
}
