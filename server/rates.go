package server

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/evtui/evtui/server/wire"
)

const (
	// maxPlaces is how many namespaces and categories are counted apart. What
	// goes beyond counts in its namespace only, and with that many namespaces
	// only in the total.
	maxPlaces = 1024
	// maxPlaceName is the longest name of a category that is counted apart, in
	// bytes, so that an hour of samples has a bound.
	maxPlaceName = 128
	// idlePlace is after how many samples without a message a place may be
	// forgotten to make room.
	idlePlace = 60
)

// place is a category, or with category "" what belongs to a namespace but to
// none of its categories that are counted apart.
type place struct{ namespace, category string }

// placeCounts count the messages of a place.
type placeCounts struct {
	appended, read atomic.Int64 // added to under at least the read lock of rates

	lastAppended, lastRead int64 // where they stood at the last sample; the sampler's
	idle                   int   // samples without a message; the sampler's
}

// rates count messages by place. The read lock is held while counting, so that
// a place that is forgotten leaves nothing behind uncounted.
type rates struct {
	mu sync.RWMutex // guards by
	by map[place]*placeCounts
}

// count adds messages to a place. It costs a lookup and one or two additions.
func (r *rates) count(namespace, category string, appended, read int64) {
	if len(category) > maxPlaceName {
		category = ""
	}
	if r.add(place{namespace, category}, appended, read) {
		return
	}
	r.makeRoom(place{strings.Clone(namespace), strings.Clone(category)})
	if !r.add(place{namespace, category}, appended, read) {
		r.add(place{namespace, ""}, appended, read)
	}
}

func (r *rates) add(p place, appended, read int64) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	c := r.by[p]
	if c == nil {
		return false
	}
	if appended > 0 {
		c.appended.Add(appended)
	}
	if read > 0 {
		c.read.Add(read)
	}
	return true
}

// makeRoom adds a place while there is room, and else the namespace's own.
func (r *rates) makeRoom(p place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = make(map[place]*placeCounts)
	}
	for _, p := range []place{{p.namespace, ""}, p} {
		if r.by[p] == nil && len(r.by) < maxPlaces {
			r.by[p] = &placeCounts{}
		}
	}
}

// forget drops all places of a namespace that is deleted.
func (r *rates) forget(namespace string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p := range r.by {
		if p.namespace == namespace {
			delete(r.by, p)
		}
	}
}

// totals adds up what was counted in each namespace.
func (r *rates) totals() map[string][2]int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	sums := make(map[string][2]int64)
	for p, c := range r.by {
		sum := sums[p.namespace]
		sums[p.namespace] = [2]int64{sum[0] + c.appended.Load(), sum[1] + c.read.Load()}
	}
	return sums
}

// placeRates turns the growth of the counts into rates; the sampler owns it.
type placeRates struct {
	namespaces map[string]*wire.NamespaceRate // emptied and filled again at every sample
	categories []wire.CategoryRate
}

// sample returns the busiest namespaces and categories since the last call.
func (s *placeRates) sample(r *rates, seconds float64) ([]wire.NamespaceRate, []wire.CategoryRate) {
	if s.namespaces == nil {
		s.namespaces = make(map[string]*wire.NamespaceRate)
	}
	clear(s.namespaces)
	s.categories = s.categories[:0]
	r.mu.RLock()
	for p, c := range r.by {
		s.add(p, c, seconds)
	}
	crowded := len(r.by) >= maxPlaces*3/4
	r.mu.RUnlock()
	if crowded {
		r.forgetIdle()
	}
	namespaces := make([]wire.NamespaceRate, 0, len(s.namespaces))
	for _, n := range s.namespaces {
		namespaces = append(namespaces, *n)
	}
	return busiest(namespaces, func(a, b wire.NamespaceRate) int {
			return cmp.Or(cmp.Compare(b.Appends+b.Reads, a.Appends+a.Reads), cmp.Compare(a.Namespace, b.Namespace))
		}), busiest(s.categories, func(a, b wire.CategoryRate) int {
			return cmp.Or(cmp.Compare(b.Appends+b.Reads, a.Appends+a.Reads), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Category, b.Category))
		})
}

func (s *placeRates) add(p place, c *placeCounts, seconds float64) {
	appends := rate(&c.lastAppended, c.appended.Load(), seconds)
	reads := rate(&c.lastRead, c.read.Load(), seconds)
	if appends == 0 && reads == 0 {
		c.idle++
		return
	}
	c.idle = 0
	n := s.namespaces[p.namespace]
	if n == nil {
		n = &wire.NamespaceRate{Namespace: p.namespace}
		s.namespaces[p.namespace] = n
	}
	n.Appends += appends
	n.Reads += reads
	if p.category != "" {
		s.categories = append(s.categories, wire.CategoryRate{Namespace: p.namespace, Category: p.category, Appends: appends, Reads: reads})
	}
}

// busiest returns the first TopRates of a list by order, in memory of their
// own; nil when there are none.
func busiest[T any](list []T, order func(a, b T) int) []T {
	slices.SortFunc(list, order)
	return append([]T(nil), list[:min(len(list), wire.TopRates)]...)
}

// forgetIdle drops the places where nothing happened for long. What they
// counted goes to their namespace, whose total must not fall, until that is
// idle as a whole.
func (r *rates) forgetIdle() {
	r.mu.Lock()
	defer r.mu.Unlock()
	busy := make(map[string]bool)
	for p, c := range r.by {
		busy[p.namespace] = busy[p.namespace] || c.idle < idlePlace
	}
	for p, c := range r.by {
		if c.idle < idlePlace || p.category == "" && busy[p.namespace] {
			continue
		}
		delete(r.by, p)
		if rest := r.by[place{p.namespace, ""}]; rest != nil && busy[p.namespace] {
			rest.inherit(c)
		}
	}
}

// inherit takes over the counts of a place that is forgotten, without them
// looking like new messages.
func (c *placeCounts) inherit(from *placeCounts) {
	appended, read := from.appended.Load(), from.read.Load()
	c.appended.Add(appended)
	c.read.Add(read)
	// What came after the last sample is new.
	c.lastAppended += from.lastAppended
	c.lastRead += from.lastRead
}
