package pebblestore

import (
	"context"
	"encoding/binary"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// counts of a category.
type counts struct {
	streams, messages int64
	last              int64 // global position of its last message
}

// category is what the engine knows of one category. The committer owns
// assigned and group; everybody reads durable.
type category struct {
	name     string
	number   uint32
	assigned counts
	group    uint64 // serial of the last group that touched it

	durable struct{ streams, messages, last atomic.Int64 }
}

func (c *category) publish(n counts) {
	c.durable.streams.Store(n.streams)
	c.durable.last.Store(n.last)
	c.durable.messages.Store(n.messages)
}

// categories holds all of a namespace's categories: there are few, and every
// write needs one.
type categories struct {
	mu     sync.RWMutex // guards what follows
	byName map[string]*category
	next   uint32
}

func newCategories() *categories {
	return &categories{byName: map[string]*category{}, next: 1}
}

func (cs *categories) find(name string) *category {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	return cs.byName[name]
}

// ensure returns the category, making it if need be. Only the committer calls it.
func (cs *categories) ensure(name string) *category {
	if c := cs.find(name); c != nil {
		return c
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := &category{name: strings.Clone(name), number: cs.next}
	cs.byName[c.name] = c
	cs.next++
	return c
}

func (cs *categories) load(db *pebble.DB) error {
	lower, upper := familyBounds(familyCategory)
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return err
	}
	defer func() { _ = it.Close() }()
	for it.First(); it.Valid(); it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		c, err := decodeCategory(string(it.Key()[1:]), value)
		if err != nil {
			return err
		}
		cs.byName[c.name] = c
		cs.next = max(cs.next, c.number+1)
	}
	return it.Error()
}

func (c *category) encode(dst []byte, n counts) []byte {
	dst = binary.AppendVarint(dst, int64(c.number))
	dst = binary.AppendVarint(dst, n.streams)
	dst = binary.AppendVarint(dst, n.messages)
	return binary.AppendVarint(dst, n.last)
}

func decodeCategory(name string, value []byte) (*category, error) {
	var number int64
	var n counts
	if _, err := decodeVarints(value, &number, &n.streams, &n.messages, &n.last); err != nil {
		return nil, err
	}
	c := &category{name: name, number: uint32(number), assigned: n}
	c.publish(n)
	return c, nil
}

// Categories returns all categories by name, from memory.
func (s *Store) Categories(_ context.Context, namespace string) ([]store.CategoryCount, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return nil, err
	}
	defer ns.h.release()
	ns.cats.mu.RLock()
	list := make([]store.CategoryCount, 0, len(ns.cats.byName))
	for _, c := range ns.cats.byName {
		n := store.CategoryCount{
			Category: c.name, MessageCount: c.durable.messages.Load(),
			StreamCount: c.durable.streams.Load(), LastPosition: c.durable.last.Load(),
		}
		if n.MessageCount > 0 { // else its first message is not durable yet
			list = append(list, n)
		}
	}
	ns.cats.mu.RUnlock()
	sort.Slice(list, func(i, j int) bool { return list[i].Category < list[j].Category })
	return list, nil
}
