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

	group   uint64   // serial of the last group that touched it
	tallied *tallied // what the committer's tally has of it; of another tally when it began again
	durable struct{ streams, messages, last atomic.Int64 }
}

// publish moves what readers see to n, and reports whether it is the first that
// they see.
func (c *Category) publish(n Counts) (first bool) {
	first = n.Messages > 0 && c.durable.messages.Load() == 0
	c.durable.streams.Store(n.Streams)
	c.durable.last.Store(n.Last)
	c.durable.messages.Store(n.Messages)
	return first
}

// counted returns what readers see of it.
func (c *Category) counted() store.CategoryCount {
	return store.CategoryCount{
		Category: c.Name, MessageCount: c.durable.messages.Load(),
		StreamCount: c.durable.streams.Load(), LastPosition: c.durable.last.Load(),
	}
}

// categories holds all of a namespace's categories: there are few, and every
// write needs one.
type categories struct {
	mu     sync.RWMutex // guards what follows
	byName map[string]*Category
	next   uint32

	settling sync.Mutex // held while a group is published; guards totals
	totals   store.CategoryTotals
}

func newCategories(loaded []*Category) *categories {
	cs := &categories{byName: make(map[string]*Category, len(loaded)), next: 1}
	for _, c := range loaded {
		cs.byName[c.Name] = c
		cs.next = max(cs.next, c.Number+1)
		cs.publish([]*Category{c}, []Counts{c.Counts})
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

// publish moves what readers see of some categories to the counts with their
// numbers.
func (cs *categories) publish(list []*Category, counts []Counts) {
	cs.settling.Lock()
	defer cs.settling.Unlock()
	for i, c := range list {
		before, now := c.counted(), counts[i]
		if c.publish(now) {
			cs.totals.Categories++
		}
		cs.totals.StreamCount += now.Streams - before.StreamCount
		cs.totals.MessageCount += now.Messages - before.MessageCount
		cs.totals.LastPosition = max(cs.totals.LastPosition, now.Last)
	}
}

// count returns those of the named categories that hold durable messages, and what
// all come to, as of the end of one group.
func (cs *categories) count(names []string) ([]store.CategoryCount, store.CategoryTotals) {
	cs.settling.Lock()
	defer cs.settling.Unlock()
	list := make([]store.CategoryCount, 0, len(names))
	for _, name := range names {
		if c := cs.find(name); c != nil {
			if n := c.counted(); n.MessageCount > 0 {
				list = append(list, n)
			}
		}
	}
	return list, cs.totals
}

// list returns all categories that hold durable messages, by name.
func (cs *categories) list() []store.CategoryCount {
	cs.mu.RLock()
	list := make([]store.CategoryCount, 0, len(cs.byName))
	for _, c := range cs.byName {
		if n := c.counted(); n.MessageCount > 0 { // else its first message is not durable yet
			list = append(list, n)
		}
	}
	cs.mu.RUnlock()
	sort.Slice(list, func(i, j int) bool { return list[i].Category < list[j].Category })
	return list
}
