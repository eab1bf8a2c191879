package engine

import (
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/evtui/evtui/store"
)

// Counts of a category.
type Counts struct {
	Streams, Messages int64
	Last              int64 // global position of its last message
}

// Category is what an engine knows of one category. The committer owns Counts;
// everybody reads what was published.
type Category struct {
	Name   string
	Number uint32 // from 1, unique in the namespace
	Counts Counts // as the committer assigned them
	Stored bool   // the backend's own: the database has it

	group   uint64 // serial of the last group that touched it
	durable struct{ streams, messages, last atomic.Int64 }
}

func (c *Category) publish(n Counts) {
	c.durable.streams.Store(n.Streams)
	c.durable.last.Store(n.Last)
	c.durable.messages.Store(n.Messages)
}

// categories holds all of a namespace's categories: there are few, and every
// write needs one.
type categories struct {
	mu     sync.RWMutex // guards what follows
	byName map[string]*Category
	next   uint32
}

func newCategories(loaded []*Category) *categories {
	cs := &categories{byName: make(map[string]*Category, len(loaded)), next: 1}
	for _, c := range loaded {
		c.publish(c.Counts)
		cs.byName[c.Name] = c
		cs.next = max(cs.next, c.Number+1)
	}
	return cs
}

func (cs *categories) find(name string) *Category {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	return cs.byName[name]
}

// ensure returns the category, making it if need be. Only the committer calls it.
func (cs *categories) ensure(name string) *Category {
	if c := cs.find(name); c != nil {
		return c
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := &Category{Name: strings.Clone(name), Number: cs.next}
	cs.byName[c.Name] = c
	cs.next++
	return c
}

// list returns all categories that hold durable messages, by name.
func (cs *categories) list() []store.CategoryCount {
	cs.mu.RLock()
	list := make([]store.CategoryCount, 0, len(cs.byName))
	for _, c := range cs.byName {
		n := store.CategoryCount{
			Category: c.Name, MessageCount: c.durable.messages.Load(),
			StreamCount: c.durable.streams.Load(), LastPosition: c.durable.last.Load(),
		}
		if n.MessageCount > 0 { // else its first message is not durable yet
			list = append(list, n)
		}
	}
	cs.mu.RUnlock()
	sort.Slice(list, func(i, j int) bool { return list[i].Category < list[j].Category })
	return list
}
