package fields

import (
	"cmp"
	"slices"
	"strings"

	"github.com/evtui/evtui/store"
)

// MaxTypes is how many types a Tally tells apart. Messages of others are counted
// together.
const MaxTypes = 65_536

// Tally counts messages by category and type. The zero value counts none.
type Tally struct {
	counts   map[kindOf]*counted
	messages int64
	overflow int64
}

type kindOf struct{ category, name string }

type counted struct {
	count       int64
	first, last spot
}

// Add counts a message, which it does not keep. It is up to the caller that none
// is counted twice.
func (t *Tally) Add(m *store.Message) {
	t.messages++
	here := spot{m.GlobalPosition, m.Time.UnixNano()}
	key := kindOf{store.Category(m.Stream), m.Type}
	c := t.counts[key]
	if c == nil {
		if len(t.counts) == MaxTypes {
			t.overflow++
			return
		}
		if t.counts == nil {
			t.counts = map[kindOf]*counted{}
		}
		c = &counted{first: here, last: here}
		t.counts[kindOf{strings.Clone(key.category), strings.Clone(key.name)}] = c
	}
	c.count++
	if here.global < c.first.global {
		c.first = here
	}
	if here.global > c.last.global {
		c.last = here
	}
}

// Messages is how many were counted.
func (t *Tally) Messages() int64 { return t.messages }

// Counts returns the counts by category, then by type, as a server has them.
// Messages is what was counted: what else there is, is not known here.
func (t *Tally) Counts() store.TypeCounts {
	all := store.TypeCounts{Counted: t.messages, Messages: t.messages, Overflow: t.overflow, Types: make([]store.TypeCount, 0, len(t.counts))}
	for key, c := range t.counts {
		all.Types = append(all.Types, store.TypeCount{
			Category: key.category, Type: key.name, Count: c.count, First: c.first.seen(), Last: c.last.seen(),
		})
	}
	slices.SortFunc(all.Types, func(a, b store.TypeCount) int {
		return cmp.Or(strings.Compare(a.Category, b.Category), strings.Compare(a.Type, b.Type))
	})
	return all
}

func (s spot) seen() store.Seen {
	p := s.place()
	return store.Seen{Position: p.Global, Time: p.Time}
}
