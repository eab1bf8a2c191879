package model

import (
	"cmp"
	"context"
	"slices"

	"github.com/evtui/evtui/store"
)

// CountTypes implements [store.TypeCounter]: it reads the log anew each time.
func (m *Store) CountTypes(ctx context.Context, namespace, category string) (store.TypeCounts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return store.TypeCounts{}, err
	}
	counts := store.TypeCounts{}
	kept := ns.keptTypes()
	for _, message := range ns.log {
		of := store.Category(message.Stream)
		if category != "" && of != category {
			continue
		}
		counts.Counted++
		counts.Messages++
		if !kept[kind{of, message.Type}] {
			counts.Overflow++
			continue
		}
		seen := store.Seen{Position: message.GlobalPosition, Time: message.Time}
		i := slices.IndexFunc(counts.Types, func(t store.TypeCount) bool { return t.Category == of && t.Type == message.Type })
		if i < 0 {
			i = len(counts.Types)
			counts.Types = append(counts.Types, store.TypeCount{Category: of, Type: message.Type, First: seen})
		}
		counts.Types[i].Count++
		counts.Types[i].Last = seen
	}
	slices.SortFunc(counts.Types, func(a, b store.TypeCount) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Type, b.Type))
	})
	return counts, nil
}

// Transitions implements [store.TypeCounter].
func (m *Store) Transitions(ctx context.Context, namespace, category string) (store.Transitions, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return store.Transitions{}, err
	}
	seen := store.Transitions{}
	kept, there := ns.keptTypes(), map[store.Transition]bool{}
	inAll, in := 0, map[string]int{}
	for _, message := range ns.log {
		of := store.Category(message.Stream)
		ours := category == "" || of == category
		if ours {
			seen.Counted++
			seen.Messages++
		}
		from := ns.before(message)
		made := store.Transition{Category: of, From: from, To: message.Type}
		switch {
		case there[made]:
			continue
		case !kept[kind{of, message.Type}], from != "" && !kept[kind{of, from}], in[of] == store.MaxTransitions, inAll == store.MaxTransitionsInAll:
			seen.Overflow = seen.Overflow || ours
			continue
		}
		there[made] = true
		in[of]++
		inAll++
		if ours {
			made.First = store.Seen{Position: message.GlobalPosition, Time: message.Time}
			seen.Seen = append(seen.Seen, made)
		}
	}
	slices.SortFunc(seen.Seen, func(a, b store.Transition) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return seen, nil
}

// kind is a type in a category.
type kind struct{ category, messageType string }

// keptTypes are the types within the bounds: those that came first.
func (ns *space) keptTypes() map[kind]bool {
	kept, in := map[kind]bool{}, map[string]int{}
	for _, message := range ns.log {
		k := kind{store.Category(message.Stream), message.Type}
		if !kept[k] && len(kept) < store.MaxTypesInAll && in[k.category] < store.MaxTypes {
			kept[k] = true
			in[k.category]++
		}
	}
	return kept
}

// before is the type of the message that comes before one in its stream, "" when
// it is the first.
func (ns *space) before(e *entry) string {
	stream := ns.streams[e.Stream]
	i, _ := slices.BinarySearchFunc(stream, e.Position, func(a *entry, position int64) int { return cmp.Compare(a.Position, position) })
	if i == 0 {
		return ""
	}
	return stream[i-1].Type
}
