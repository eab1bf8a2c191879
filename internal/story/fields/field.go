package fields

import (
	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/rawjson"
)

// KindCount is how many values of a field are of one kind.
type KindCount struct {
	Kind  Kind  `json:"-"`
	Count int64 `json:"count"`
	First Place `json:"first"`
	Last  Place `json:"last"`
}

// Field is what is known of one path of the messages read.
type Field struct {
	Part     Part
	Path     string // owner.name, items[].sku; "" is the whole document
	Filter   string // asks for messages that have it, in the filter language; "" where none can
	Kinds    []KindCount
	Present  int64 // messages that have it
	Of       int64 // messages that were read
	Values   int64 // of them an array has many
	Repeated int64 // of those, values whose name stood before in the same object
	Distinct int64 // values that are neither objects nor arrays
	About    bool  // Distinct is an estimate
	// Least and Greatest are of the numbers, or of the strings where there are more
	// of those; "" without any.
	Least, Greatest string
	Examples        []Example
	First, Last     Place
	Rest            bool // all that is beyond the bounds, together
}

// Fields lists what the messages have, their data first, in the order in which
// it was met.
func (s *Set) Fields() []Field {
	var out []Field
	for _, part := range []Part{Data, Metadata} {
		w := walk{set: s, part: part, each: func(n *node, path, filter string) {
			if n.parent != nil || n.kinds[Object].count < n.values {
				out = append(out, s.field(n, part, path, filter))
			}
		}}
		w.visit(s.roots[part], "", part.String())
	}
	return out
}

// walk visits the nodes of a part that some message has.
type walk struct {
	set  *Set
	part Part
	each func(n *node, path, filter string)
}

func (w *walk) visit(n *node, path, filter string) {
	if n.values == 0 {
		return
	}
	w.each(n, path, filter)
	for _, c := range n.children {
		step := spelled(c.name)
		own := step
		if path == "" && step[0] == '.' {
			own = step[1:]
		}
		w.visit(c, path+own, joined(filter, step))
	}
	if n.items != nil {
		w.visit(n.items, path+"[]", joined(filter, "[*]"))
	}
	if n.rest != nil {
		own := ".*"
		if path == "" {
			own = "*"
		}
		w.visit(n.rest, path+own, "")
	}
}

func joined(filter, step string) string {
	if filter == "" {
		return ""
	}
	return filter + step
}

// spelled is a name as a step of a path, as the filter language spells it.
func spelled(name string) string {
	if filter.IsName(name) {
		return "." + name
	}
	return string(append(rawjson.AppendString([]byte("["), name), ']'))
}

func (s *Set) field(n *node, part Part, path, filter string) Field {
	f := Field{
		Part: part, Path: path, Filter: filter, Present: n.present.all(), Of: s.messages, Values: n.values, Repeated: n.repeated,
		Examples: n.some.examples(), First: n.first.place(), Last: n.last.place(), Rest: n.step == byRest,
	}
	f.Distinct, f.About = n.seen.count()
	f.Distinct = min(f.Distinct, n.values) // an estimate may be above what is possible
	for k := range kinds {
		if seen := n.kinds[k]; seen.count > 0 {
			f.Kinds = append(f.Kinds, KindCount{k, seen.count, seen.first.place(), seen.last.place()})
		}
	}
	r := &n.number
	if n.kinds[String].count > n.kinds[Number].count {
		r = &n.text
	}
	f.Least, f.Greatest = r.least.String(), r.greatest.String()
	return f
}

// OfKind asks for the messages in which a value of the field is of a kind, in the
// filter language; "" where no filter can.
func (f *Field) OfKind(k Kind) string {
	if f.Filter == "" {
		return ""
	}
	return "kind(" + f.Filter + ")=" + k.String()
}

// Name is the path with its part, as a filter names it, but for items[].
func (f *Field) Name() string {
	switch {
	case f.Path == "":
		return f.Part.String()
	case f.Path[0] == '[':
		return f.Part.String() + f.Path
	}
	return f.Part.String() + "." + f.Path
}
