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
	slices.Sort(changes)
	if n := len(changes); n > maxDrift {
		changes = append(changes[:maxDrift], fmt.Sprintf("and %d more", n-maxDrift))
	}
	return strings.Join(changes, ", ")
}

// drifted notes, to be told once the batch is durable, what a shape that was just
// learned changes.
func (b *batch) drifted(number uint32, category string) {
	table := b.of.shapes.known.Load()
	if words := table.drift(number); words != "" {
		b.drift = append(b.drift, store.EngineEvent{
			Namespace: b.of.id, Kind: store.EventDrift,
			Reason: fmt.Sprintf("type %q in category %q: %s", table.all[number].Type(), category, words),
		})
	}
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
