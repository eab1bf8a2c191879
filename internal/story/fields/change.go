package fields

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// What is not one of the changes that a Set knows.
const (
	// MaxChanges is how many changes are listed.
	MaxChanges = 100
	// byChance is how likely it may at most be that a field which is merely
	// optional is missing from one end of the messages only by chance.
	byChance = 0.001
	// A field is rare that fewer than rareShare of at least rareOf messages have.
	rareShare = 0.005
	rareOf    = 200
	// An object of more names than that is taken for a map with keys for names,
	// which come and go.
	mapNames = 32
)

// What a change is.
type What int

// The changes.
const (
	Came   What = iota // the field is there since
	Gone               // it was there until
	Became             // its values are of another kind since
	Mixed              // some of its values are of another kind
	Rare               // next to no message has it
)

// String names what it is, for programs.
func (w What) String() string { return [...]string{"came", "gone", "became", "mixed", "rare"}[w] }

// Change is something that is not the same in all messages read.
type Change struct {
	What   What
	Part   Part
	Path   string
	Filter string // as [Field.Filter]
	Kind   Kind   // with Became and Mixed
	Was    Kind   // what the others are
	Count  int64  // messages that have it, or values of the kind
	Of     int64  // messages on its side of At, or values in all
	At     Place  // the first message that shows it; of Gone the last that had it
}

// Changes lists what changed within the messages read, the newest first.
// What it tells of is certain of those read, and of no others.
func (s *Set) Changes() (list []Change, more int) {
	for _, part := range []Part{Data, Metadata} {
		w := walk{set: s, part: part, each: func(n *node, path, filter string) {
			of := Change{Part: part, Path: path, Filter: filter}
			list = n.presence(list, of)
			list = n.mixture(list, of)
		}}
		w.visit(s.roots[part], "", part.String())
	}
	slices.SortStableFunc(list, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.What/Rare, b.What/Rare), -cmp.Compare(a.At.Global, b.At.Global))
	})
	if more = len(list) - MaxChanges; more <= 0 {
		return list, 0
	}
	return list[:MaxChanges], more
}

// presence says whether the field came, went, or is next to never there.
func (n *node) presence(list []Change, c Change) []Change {
	p := n.parent
	if p == nil || p.parent == nil && p.present.all() == 0 || n.step != byName || len(p.children) > mapNames {
		return list
	}
	present, of := n.present.all(), p.present.all()
	c.Count = present
	changed := false
	if since := n.since(); missing(present, since, of-since) {
		c.What, c.Of, c.At = Came, since, n.first.place()
		list, changed = append(list, c), true
	}
	if until := n.until(); missing(present, until, of-until) {
		c.What, c.Of, c.At = Gone, until, n.last.place()
		list, changed = append(list, c), true
	}
	if !changed && of >= rareOf && float64(present) < rareShare*float64(of) {
		c.What, c.Of, c.At = Rare, of, n.first.place()
		list = append(list, c)
	}
	return list
}

// missing reports whether what present of within messages have is missing from
// the others for another reason than chance.
func missing(present, within, others int64) bool {
	if others < 1 {
		return false
	}
	lacking := 1 - float64(present)/float64(within)
	return lacking <= 0 || float64(others)*math.Log(lacking) < math.Log(byChance)
}

// mixture says which of the field's kinds are not like the others.
func (n *node) mixture(list []Change, c Change) []Change {
	most := n.dominant()
	for k := range kinds {
		seen, main := &n.kinds[k], &n.kinds[most]
		if k == most || seen.count == 0 {
			continue
		}
		c.Kind, c.Was, c.Count, c.Of, c.At = k, most, seen.count, n.values, seen.first.place()
		switch {
		case seen.first.global > main.last.global:
			c.What = Became
		case seen.last.global < main.first.global:
			c.What, c.Kind, c.Was, c.Count, c.At = Became, most, k, main.count, main.first.place()
		case k == Null || most == Null:
			continue // what is optional is null now and then
		default:
			c.What = Mixed
		}
		list = append(list, c)
	}
	return list
}

// dominant is the kind that most values are of.
func (n *node) dominant() Kind {
	most := String
	for k := range kinds {
		if n.kinds[k].count > n.kinds[most].count {
			most = k
		}
	}
	return most
}

// Name is the path with its part, as [Field.Name].
func (c *Change) Name() string {
	f := Field{Part: c.Part, Path: c.Path}
	return f.Name()
}

// OfKind asks for the messages that have the kind which the change is of, as
// [Field.OfKind]; "" where it is of none.
func (c *Change) OfKind() string {
	if c.What != Became && c.What != Mixed {
		return ""
	}
	f := Field{Filter: c.Filter}
	return f.OfKind(c.Kind)
}

// Words say what changed. count and clock write numbers and times.
func (c *Change) Words(count func(int64) string, clock func(time.Time) string) string {
	at := "#" + count(c.At.Global) + " (" + clock(c.At.Time) + ")"
	share := count(c.Count) + " of " + count(c.Of)
	switch c.What {
	case Came:
		return c.Name() + " since " + at + ", in " + share + " since"
	case Gone:
		return c.Name() + " not since " + at + ", in " + share + " until then"
	case Became:
		return c.Name() + " became " + article(c.Kind) + " at " + at + ", was " + article(c.Was)
	case Mixed:
		return c.Name() + " is " + article(c.Kind) + " in " + share + ", else " + article(c.Was) + "; first " + at
	}
	return c.Name() + " in only " + share + ", first " + at
}

func article(k Kind) string {
	switch k {
	case Null:
		return "null"
	case Object, Array:
		return "an " + k.String()
	}
	return "a " + k.String()
}
