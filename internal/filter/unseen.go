package filter

import (
	"slices"

	"github.com/evtui/evtui/store"
)

// named is what a condition names: a name that a field shall have, or a path in
// the JSON.
type named struct {
	field field
	path  Path
	text  string // the name; "" for a path
	met   test   // whether a message has it
}

// note keeps what a condition names. Numbers, times and ids are of one message
// each: that they were not seen yet says nothing.
func (p *parser) note(f field, path Path, v value, t test) {
	switch {
	case len(path.steps) > 0:
		p.noteThere(f, path)
	case f.kind == kindWord && f.name != "id":
		text := v.text
		if v.re != nil {
			text = v.re.String()
		}
		p.named = append(p.named, named{field: f, text: text, met: t})
	}
}

// noteThere is the condition that there is a value at a path, and keeps what it names.
func (p *parser) noteThere(f field, path Path) test {
	there := func(s subject) bool { return path.Each(f.document(s), func([]byte) bool { return true }) }
	p.named = append(p.named, named{field: f, path: path, met: there})
	return there
}

// Unseen is something that a filter names and that no message has, of those that
// were looked at.
type Unseen struct {
	Field string // "type", "stream" or "category", or the path: "data.amout"
	Text  string // what the field is compared with; "" for a path
}

// Unseen returns what the filter names and none of the messages has: a type, a
// stream or a category of that name, or a value at that path. A filter can keep
// none of them because of it, if it is no mistake. It does not change or keep the
// messages.
func (f Filter) Unseen(list []*store.Message) []Unseen {
	var out []Unseen
	for _, n := range f.named {
		if !slices.ContainsFunc(list, func(m *store.Message) bool { return n.met(subject{message: m}) }) {
			out = append(out, Unseen{Field: n.field.name + n.path.text, Text: n.text})
		}
	}
	return out
}
