package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/rawjson"
)

// Path names values inside a JSON document: owner.name, items[0].sku,
// tags[*], ["odd key"].x. The zero Path names the document itself.
type Path struct {
	text  string
	steps []step
}

// step goes into an object by a key, or into an array.
type step struct {
	key   string
	index int // of an array; any: all its elements; byKey: an object
}

const (
	byKey   = -1
	anyItem = -2
)

// ParsePath reads a path. A leading dot may stand or not. The error says what
// would be right.
func ParsePath(s string) (Path, error) {
	s = strings.TrimSpace(s)
	source := s
	if s != "" && s[0] != '.' && s[0] != '[' {
		source = "." + s
	}
	steps, end, err := parseSteps(source, 0)
	if err == nil && end < len(source) {
		err = errors.New("a path goes on with .name, [0], [*] or [\"name\"]")
	}
	if err != nil {
		return Path{}, err
	}
	return Path{text: source, steps: steps}, nil
}

// String returns the path as it was written.
func (p Path) String() string { return strings.TrimPrefix(p.text, ".") }

// parseSteps reads the steps from at on, and returns where they end (or where
// the fault is).
func parseSteps(s string, at int) (steps []step, end int, err error) {
	for at < len(s) {
		switch s[at] {
		case '.':
			start := at + 1
			for at = start; at < len(s) && inName(s[at]); at++ {
			}
			if at == start {
				return nil, at, errors.New("expected a name after the dot, such as data.amount; odd names stand as data[\"odd name\"]")
			}
			steps = append(steps, step{key: s[start:at], index: byKey})
		case '[':
			st, next, err := bracket(s, at)
			if err != nil {
				return nil, next, err
			}
			steps, at = append(steps, st), next
		default:
			return steps, at, nil
		}
	}
	return steps, at, nil
}

// inName reports whether a byte can stand in a name without quotes.
func inName(c byte) bool {
	return c == '_' || c == '-' || c == '$' || c == '@' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// IsName reports whether a name can be a step of a path without brackets and quotes.
func IsName(s string) bool {
	for i := range len(s) {
		if !inName(s[i]) {
			return false
		}
	}
	return s != ""
}

// bracket reads [3], [*] or ["name"].
func bracket(s string, at int) (st step, next int, err error) {
	rest := s[at+1:]
	if strings.HasPrefix(rest, `"`) {
		end := rawjson.PassString([]byte(s), at+1)
		if end < 0 || end == len(s) || s[end] != ']' {
			return st, at, errors.New("this [ needs a name in quotes and a ], such as [\"odd name\"]")
		}
		return step{key: Text([]byte(s[at+1 : end])), index: byKey}, end + 1, nil
	}
	inside, _, closed := strings.Cut(rest, "]")
	switch n, err := strconv.Atoi(inside); {
	case !closed:
		return st, at, errors.New("this [ has no ]; a path goes on with [0], [*] or [\"name\"]")
	case inside == "*":
		return step{index: anyItem}, at + 3, nil
	case err != nil || n < 0 || n > 1<<30:
		return st, at + 1, errors.New("expected a place in the array, from 0, or * for any, or a name in quotes")
	default:
		return step{index: n}, at + len(inside) + 2, nil
	}
}

// Each calls visit with the JSON of each value at the path, without space
// around it, until visit returns true, and reports whether it did. The bytes
// are part of raw.
func (p Path) Each(raw []byte, visit func(value []byte) bool) bool {
	return each(raw, rawjson.Space(raw, 0), p.steps, visit)
}

// First returns the JSON of the first value at the path, part of raw.
func (p Path) First(raw []byte) (found []byte, ok bool) {
	ok = p.Each(raw, func(v []byte) bool { found = v; return true })
	return found, ok
}

func each(raw []byte, at int, steps []step, visit func([]byte) bool) bool {
	if at >= len(raw) {
		return false
	}
	if len(steps) == 0 {
		end := rawjson.Pass(raw, at)
		return end > at && visit(raw[at:end])
	}
	switch st := steps[0]; {
	case st.index == byKey && raw[at] == '{':
		return inObject(raw, at, steps, visit)
	case st.index != byKey && raw[at] == '[':
		return inArray(raw, at, steps, visit)
	}
	return false
}

func inObject(raw []byte, at int, steps []step, visit func([]byte) bool) bool {
	for at = rawjson.Space(raw, at+1); at < len(raw) && raw[at] == '"'; {
		end := rawjson.PassString(raw, at)
		if end < 0 {
			return false
		}
		key := raw[at:end]
		at = rawjson.Space(raw, end)
		if at >= len(raw) || raw[at] != ':' {
			return false
		}
		at = rawjson.Space(raw, at+1)
		if sameKey(key, steps[0].key) && each(raw, at, steps[1:], visit) {
			return true
		}
		if at = next(raw, at); at < 0 {
			return false
		}
	}
	return false
}

func inArray(raw []byte, at int, steps []step, visit func([]byte) bool) bool {
	at = rawjson.Space(raw, at+1)
	for i := 0; at < len(raw) && raw[at] != ']'; i++ {
		if steps[0].index == anyItem || steps[0].index == i {
			if each(raw, at, steps[1:], visit) {
				return true
			}
			if steps[0].index == i {
				return false
			}
		}
		if at = next(raw, at); at < 0 {
			return false
		}
	}
	return false
}

// next passes the value at at and the comma behind it; -1 when none follows.
func next(raw []byte, at int) int {
	end := rawjson.Pass(raw, at)
	if end < 0 {
		return -1
	}
	if end = rawjson.Space(raw, end); end == len(raw) || raw[end] != ',' {
		return -1
	}
	return rawjson.Space(raw, end+1)
}

// sameKey compares a key, with its quotes, to a name.
func sameKey(key []byte, name string) bool {
	if len(key) < 2 || len(key)-2 < len(name) {
		return false
	}
	if inside := key[1 : len(key)-1]; len(inside) == len(name) {
		return string(inside) == name
	}
	return lent(key) == name
}

// Text returns what a JSON value says: a string without its quotes and escapes,
// anything else as it is spelled.
func Text(raw []byte) string { return strings.Clone(lent(raw)) }

// lent is [Text] in raw's own memory where it can be: to look at, not to keep.
func lent(raw []byte) string {
	if !isString(raw) {
		return view(raw)
	}
	inside := raw[1 : len(raw)-1]
	if bytes.IndexByte(inside, '\\') >= 0 {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	}
	return view(inside)
}

func isString(raw []byte) bool { return len(raw) >= 2 && raw[0] == '"' && raw[len(raw)-1] == '"' }
