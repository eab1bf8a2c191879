package tally

import (
	"cmp"
	"maps"
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
	// MaxName is the longest name of a category that is counted apart, in
	// bytes, so that an hour of samples has a bound.
	MaxName = 128
	// idlePlace is after how many samples without a message a place may be
	// forgotten to make room.
	idlePlace = 60
)

// place is a category, or with category "" what belongs to a namespace but to
// none of its categories that are counted apart.
type place struct{ namespace, category string }

type placeCounts struct {
	appended, read atomic.Int64
	settled        atomic.Bool // it left, and its counts were given on

	lastAppended, lastRead int64 // where they stood at the last sample; the sampler's
	idle                   int   // samples without a message; the sampler's
}

// Messages counts messages by place. Counting takes no lock: it looks into a map
// that never changes, since a place that comes or goes makes a new one.
type Messages struct {
	by atomic.Pointer[map[place]*placeCounts]

	mu sync.Mutex // held by who replaces by; guards what follows
	// leaving are places that were forgotten at the last sample. Somebody may
	// still have been counting there, so they are settled at the next.
	leaving map[place]*placeCounts
}

// places returns the map as it is now, nil before the first place.
func (r *Messages) places() map[place]*placeCounts {
	if by := r.by.Load(); by != nil {
		return *by
	}
	return nil
}

// Count adds messages to a place. It costs a lookup and one or two additions.
func (r *Messages) Count(namespace, category string, appended, read int64) {
	if len(category) > MaxName {
		category = ""
	}
	by := r.places()
	c := by[place{namespace, category}]
	if c == nil && len(by) < maxPlaces {
		c = r.newPlace(place{strings.Clone(namespace), strings.Clone(category)})
	} else if c == nil {
		c = by[place{namespace, ""}]
	}
	if c == nil {
		return // counted in the total only
	}
	if appended > 0 {
		c.appended.Add(appended)
	}
	if read > 0 {
		c.read.Add(read)
	}
	if c.settled.Load() { // between the lookup and here
		r.Count(namespace, "", c.appended.Swap(0), c.read.Swap(0))
	}
}

// newPlace makes room for a place and for its namespace, and returns where to
// count; nil if there is no room after all.
func (r *Messages) newPlace(p place) *placeCounts {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.newPlaceLocked(p)
}

func (r *Messages) newPlaceLocked(p place) *placeCounts {
	by := make(map[place]*placeCounts, len(r.places())+2)
	maps.Copy(by, r.places())
	whole := place{p.namespace, ""}
	for _, p := range []place{whole, p} {
		if by[p] == nil && len(by) < maxPlaces {
			by[p] = &placeCounts{}
		}
	}
	r.by.Store(&by)
	return cmp.Or(by[p], by[whole])
}

// Forget drops all places of a namespace that is deleted.
func (r *Messages) Forget(namespace string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	by := maps.Clone(r.places())
	of := func(p place, _ *placeCounts) bool { return p.namespace == namespace }
	maps.DeleteFunc(by, of)
	maps.DeleteFunc(r.leaving, of)
	r.by.Store(&by)
}

// Totals adds up what was appended and read in each namespace.
func (r *Messages) Totals() map[string][2]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	sums := make(map[string][2]int64)
	for _, by := range []map[place]*placeCounts{r.places(), r.leaving} {
		for p, c := range by {
			sum := sums[p.namespace]
			sums[p.namespace] = [2]int64{sum[0] + c.appended.Load(), sum[1] + c.read.Load()}
		}
	}
	return sums
}

// Rates turns the growth of the counts into rates; the sampler owns it.
type Rates struct {
	namespaces map[string]*wire.NamespaceRate // emptied and filled again at every sample
	categories []wire.CategoryRate
}

// Sample returns the busiest namespaces and categories since the last call.
func (s *Rates) Sample(r *Messages, seconds float64) ([]wire.NamespaceRate, []wire.CategoryRate) {
	if s.namespaces == nil {
		s.namespaces = make(map[string]*wire.NamespaceRate)
	}
	clear(s.namespaces)
	s.categories = s.categories[:0]
	r.settle()
	for p, c := range r.places() {
		s.add(p, c, seconds)
	}
	r.forgetIdle()
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

func (s *Rates) add(p place, c *placeCounts, seconds float64) {
	appends := Rate(&c.lastAppended, c.appended.Load(), seconds)
	reads := Rate(&c.lastRead, c.read.Load(), seconds)
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

// forgetIdle drops the places where nothing happened for long, when room gets
// scarce: a namespace's own place last, after all of its others.
func (r *Messages) forgetIdle() {
	if len(r.places()) < maxPlaces*3/4 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	busy := make(map[string]bool)
	for p, c := range r.places() {
		busy[p.namespace] = busy[p.namespace] || c.idle < idlePlace
	}
	by := maps.Clone(r.places())
	r.leaving = make(map[place]*placeCounts)
	maps.DeleteFunc(by, func(p place, c *placeCounts) bool {
		if c.idle < idlePlace || p.category == "" && busy[p.namespace] {
			return false
		}
		r.leaving[p] = c
		return true
	})
	r.by.Store(&by)
}

// settle gives what the places that left had counted to their namespaces, whose
// totals must not fall. A namespace that left as a whole begins again, with what
// came after the last sample. Who still counts in such a place takes that along.
func (r *Messages) settle() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p, c := range r.leaving {
		c.settled.Store(true)
		appended, read := c.appended.Swap(0), c.read.Swap(0)
		p.category = ""
		whole := r.places()[p]
		if whole == nil {
			if appended, read = appended-c.lastAppended, read-c.lastRead; appended+read == 0 {
				continue
			}
			if whole = r.newPlaceLocked(p); whole == nil {
				continue
			}
		} else {
			whole.lastAppended += c.lastAppended
			whole.lastRead += c.lastRead
		}
		whole.appended.Add(appended)
		whole.read.Add(read)
	}
	r.leaving = nil
}

// Rate returns the growth of a counter a second, and remembers where it stands.
func Rate(last *int64, now int64, seconds float64) float64 {
	grown := now - *last
	*last = now
	return float64(grown) / seconds
}
