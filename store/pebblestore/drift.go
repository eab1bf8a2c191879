package pebblestore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore/shape"
)

// Bounds of drift: how many fields an event names, and how many shapes a type may
// have. With more of them its fields differ from message to message.
const (
	maxDrift    = 6
	maxVariants = 32
)

// drift says in words what the shape changes about the fields of its type, as all
// other shapes of the type have them. It is "" for a type's first shape, where only
// values or the order of fields differ, and for a type of too many shapes.
func (t *shapeTable) drift(number uint32) string {
	fresh := t.all[number]
	var before []map[string]shape.Kinds
	for i, s := range t.all {
		if s != nil && uint32(i) != number && s.Type() == fresh.Type() {
			if before = append(before, s.Fields()); len(before) > maxVariants {
				return ""
			}
		}
	}
	if before == nil {
		return ""
	}
	var changes []string
	fields := fresh.Fields()
	for path, kinds := range fields {
		var known shape.Kinds
		for _, one := range before {
			known |= one[path]
		}
		switch {
		case known == 0:
			changes = append(changes, fmt.Sprintf("%s came (%s)", path, kinds))
		case kinds&^known != 0:
			changes = append(changes, fmt.Sprintf("%s became %s (was %s)", path, kinds&^known, known))
		}
	}
	for path := range before[0] {
		always := !slices.ContainsFunc(before, func(one map[string]shape.Kinds) bool { return one[path] == 0 })
		if always && fields[path] == 0 {
			changes = append(changes, path+" went")
		}
	}
	return joinChanges(changes)
}

func joinChanges(changes []string) string {
	slices.Sort(changes)
	if n := len(changes); n > maxDrift {
		changes = append(changes[:maxDrift], fmt.Sprintf("and %d more", n-maxDrift))
	}
	return strings.Join(changes, ", ")
}

// drifted notes, to be told once the batch is durable, what has changed about a
// shape's type; nothing, if there are no words for it.
func (b *batch) drifted(number uint32, category, words string) {
	if words == "" {
		return
	}
	b.drift = append(b.drift, store.EngineEvent{
		Namespace: b.of.id, Kind: store.EventDrift,
		Reason: fmt.Sprintf("type %q in category %q: %s", b.of.shapes.at(uint64(number)).Type(), category, words),
	})
}

// tellDrift tells of it.
func (b *batch) tellDrift() {
	for _, e := range b.drift {
		if b.of.note != nil {
			b.of.note(e)
		}
	}
	b.drift = nil
}

// A shape says of a value whether it is a string, and not whether it is a number,
// true, false or null: that stands in each message, and looking at every one of them
// would cost every write. So the committer looks at some: closely at first, and then
// at one of many. What it sees it knows until the namespace is closed; before it has
// seen enough it says nothing, so that a field that is null now and then is no news
// after each opening.
const (
	observedClosely = 256 // messages of a shape since opening that are all looked at
	observedOneIn   = 16  // of those that come after
	observedLeast   = 64  // looked at, of a type, before a kind is new
)

// observed is what was seen of the messages that have one shape.
type observed struct {
	messages uint64 // since opening
	looked   int    // at so many of them
	kinds    []shape.Kinds
	paths    []string // as kinds; nil until they are needed
}

// observe looks at a message that is put into the batch, if it is its turn, and
// notes drift, to be told once the batch is durable. Only the committer calls it.
func (b *batch) observe(number uint32, values []byte, category string) {
	d := b.of
	if n := int(number) + 1 - len(d.observed); n > 0 {
		d.observed = append(d.observed, make([]observed, n)...)
	}
	o := &d.observed[number]
	if o.messages++; o.messages > observedClosely && o.messages%observedOneIn != 0 {
		return
	}
	s := d.shapes.at(uint64(number))
	if o.kinds == nil {
		o.kinds = make([]shape.Kinds, s.Values())
	}
	o.looked++
	d.before = append(d.before[:0], o.kinds...)
	if s.Observe(values, o.kinds) {
		b.drifted(number, category, d.became(number))
	}
}

// became says in words which fields of the message looked at last have a kind that
// none of their type had before. It is "" when there is none, when too few messages
// were looked at, and for a type of too many shapes.
func (d *database) became(number uint32) string {
	all := d.shapes.known.Load().all
	known, looked, variants := map[string]shape.Kinds{}, -1, 0 // without this message
	for i, s := range all {
		if s == nil || s.Type() != all[number].Type() {
			continue
		}
		if variants++; variants > maxVariants {
			return ""
		}
		if i >= len(d.observed) || d.observed[i].kinds == nil {
			continue
		}
		o := &d.observed[i]
		if o.paths == nil {
			o.paths = s.Marks()
		}
		looked += o.looked
		kinds := o.kinds
		if i == int(number) {
			kinds = d.before
		}
		for mark, path := range o.paths {
			known[path] |= kinds[mark]
		}
	}
	if looked < observedLeast {
		return ""
	}
	var changes []string
	o := &d.observed[number]
	for mark, path := range o.paths {
		was := known[path]
		if fresh := o.kinds[mark] &^ d.before[mark] &^ was; path != "" && was != 0 && fresh != 0 {
			changes = append(changes, fmt.Sprintf("%s became %s (was %s)", path, fresh, was))
			known[path] |= fresh
		}
	}
	if changes == nil {
		return ""
	}
	return fmt.Sprintf("%s after %d messages looked at", joinChanges(changes), looked)
}
