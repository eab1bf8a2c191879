package fields

import (
	"bytes"

	"github.com/evtui/evtui/internal/rawjson"
)

// Kind is what a JSON value is.
type Kind int

// The kinds.
const (
	String Kind = iota
	Number
	Bool
	Null
	Object
	Array
	kinds
)

// String names the kind.
func (k Kind) String() string {
	return [...]string{"string", "number", "bool", "null", "object", "array"}[k]
}

// kindAt is the kind of the value that begins with a byte.
func kindAt(c byte) Kind {
	switch c {
	case '"':
		return String
	case '{':
		return Object
	case '[':
		return Array
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	}
	return Number
}

// step is how a node is reached from its parent.
type step int

const (
	byName step = iota
	byItem      // any element of an array
	byRest      // any name beyond the bounds
)

// node is what is known of one path.
type node struct {
	parent   *node
	name     string
	step     step
	children []*node
	index    map[string]*node // the children by name; nil while there are few
	items    *node
	rest     *node
	expected int // the child that stood next in the last object

	present  tally // messages that have it
	values   int64
	repeated int64 // values under a name that stood before in the same object
	kinds    [kinds]kindSeen
	first    mark
	last     mark

	message uint64 // the last that had it
	object  uint64 // likewise

	number span
	text   span
	seen   distinct
	some   samples
}

// tally counts messages by the side on which they were added, so that one can
// say how many lie on either side of a place: what was added as older than all
// before lies below it from then on, the rest above.
type tally struct{ older, newer int64 }

func (t tally) all() int64 { return t.older + t.newer }

// mark is a place with the parent's tally when it was set.
type mark struct {
	spot
	of    tally
	older bool // it was set by a message older than all before
}

// kindSeen counts the values of one kind.
type kindSeen struct {
	count       int64
	first, last spot
}

// value walks the value that begins at at, of a checked text, and returns its end.
func (s *Set) value(n *node, at, depth int) int {
	kind := kindAt(s.raw[at])
	s.note(n, kind)
	switch {
	case kind == Object && n.step != byRest && depth < MaxDepth:
		return s.members(n, at, depth)
	case kind == Array && n.step != byRest && depth < MaxDepth:
		return s.elements(n, at, depth)
	case kind == Object || kind == Array:
		if depth >= MaxDepth && n.rest == nil {
			n.rest = &node{parent: n, step: byRest} // so that it is seen that there is more
		}
		return rawjson.Pass(s.raw, at)
	}
	end := rawjson.Pass(s.raw, at)
	s.scalar(n, kind, s.raw[at:end])
	return end
}

func (s *Set) members(n *node, at, depth int) int {
	s.object++
	object := s.object
	n.expected = 0
	for at = rawjson.Space(s.raw, at+1); s.raw[at] != '}'; {
		end := rawjson.PassString(s.raw, at)
		child := s.child(n, s.raw[at:end])
		if child.object == object && child.step == byName {
			child.repeated++
		}
		child.object = object
		at = rawjson.Space(s.raw, rawjson.Space(s.raw, end)+1)
		at = rawjson.Space(s.raw, s.value(child, at, depth+1))
		if s.raw[at] == ',' {
			at = rawjson.Space(s.raw, at+1)
		}
	}
	return at + 1
}

func (s *Set) elements(n *node, at, depth int) int {
	at = rawjson.Space(s.raw, at+1)
	for s.raw[at] != ']' {
		if n.items == nil {
			n.items = s.below(n, byItem, "")
		}
		at = rawjson.Space(s.raw, s.value(n.items, at, depth+1))
		if s.raw[at] == ',' {
			at = rawjson.Space(s.raw, at+1)
		}
	}
	return at + 1
}

// below makes a node, or the one for all that is beyond the bounds.
func (s *Set) below(n *node, by step, name string) *node {
	if s.paths[s.part] >= MaxPaths {
		by = byRest
	}
	if by != byRest {
		s.paths[s.part]++
		return &node{parent: n, step: by, name: name}
	}
	if n.rest == nil {
		n.rest = &node{parent: n, step: byRest}
	}
	return n.rest
}

// few is up to how many children are looked through one by one.
const few = 8

// child is the node of a member by its name, given with its quotes.
func (s *Set) child(n *node, quoted []byte) *node {
	name := plain(quoted)
	if i := n.expected; i < len(n.children) && n.children[i].name == string(name) {
		n.expected++
		return n.children[i]
	}
	if n.index != nil {
		if c := n.index[string(name)]; c != nil {
			return c
		}
	} else {
		for i, c := range n.children {
			if c.name == string(name) {
				n.expected = i + 1
				return c
			}
		}
	}
	if len(name) > maxName || len(n.children) >= MaxNames {
		return s.below(n, byRest, "")
	}
	c := s.below(n, byName, string(name))
	if c.step == byRest {
		return c
	}
	n.children = append(n.children, c)
	n.expected = len(n.children)
	if n.index != nil {
		n.index[c.name] = c
	} else if len(n.children) > few {
		n.index = make(map[string]*node, 2*few)
		for _, c := range n.children {
			n.index[c.name] = c
		}
	}
	return c
}

// plain is what a string with its quotes stands for; as it is spelled where that
// is no text.
func plain(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	s := rawjson.New(quoted)
	if text, err := s.Text(); err == nil {
		return text
	}
	return quoted[1 : len(quoted)-1]
}

// note counts a value.
func (s *Set) note(n *node, kind Kind) {
	n.values++
	k := &n.kinds[kind]
	if k.count == 0 || s.here.global < k.first.global {
		k.first = s.here
	}
	if k.count == 0 || s.here.global > k.last.global {
		k.last = s.here
	}
	k.count++
	if n.message == s.message {
		return // an array has many of it
	}
	n.message = s.message
	of := s.of(n)
	if n.present.all() == 0 || s.older {
		n.first = mark{s.here, of, s.older}
	}
	if n.present.all() == 0 || !s.older {
		n.last = mark{s.here, of, s.older}
	}
	if s.older {
		n.present.older++
	} else {
		n.present.newer++
	}
}

// of is how many messages read so far have what the node is a part of, the one
// under way among them.
func (s *Set) of(n *node) tally {
	if n.parent != nil {
		return n.parent.present
	}
	if s.older {
		return tally{older: s.messages} // of all only the sum is ever asked for
	}
	return tally{newer: s.messages}
}

// since is how many messages that have the parent stand at the node's first
// place or after it.
func (n *node) since() int64 {
	if n.first.older {
		return n.parent.present.newer + n.first.of.older
	}
	return n.parent.present.newer - n.first.of.newer + 1
}

// until is how many messages that have the parent stand at the node's last
// place or before it.
func (n *node) until() int64 {
	if n.last.older {
		return n.parent.present.older - n.last.of.older + 1
	}
	return n.parent.present.older + n.last.of.newer
}

func (n *node) merged() bool {
	if n.rest != nil {
		return true
	}
	for _, c := range n.children {
		if c.merged() {
			return true
		}
	}
	return n.items != nil && n.items.merged()
}
