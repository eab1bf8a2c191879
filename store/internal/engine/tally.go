package engine

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// tally counts a namespace's messages by category and type, in the order of
// global positions, and keeps which types followed which in a stream. One
// goroutine at a time owns it: first the one that counts what is stored
// already, then the committer. Readers see what was published.
type tally struct {
	through int64 // the global position up to which messages are counted
	counted int64 // messages up to there
	byName  map[string]*tallied
	kinds   int // kept, in all categories
	steps   int
	serial  uint64  // of the current group
	touched []*kind // of the current group
	fresh   []*step // of the current group
	opened  []*kind // types that are new in the current group
	changed []*kind // not kept yet as they are
	unkept  []*step // not kept yet
	carried bool    // the last group is not published: it goes with the next one
	pending int     // messages counted that are not kept yet
	keptAt  int64   // Unix nanoseconds, when it was kept last
	stored  bool    // the database holds records, its own or others
	stale   bool    // others

	whole chan struct{} // closed once what is published lags no more than writes under way

	mu           sync.RWMutex // guards what follows, and shown of each kind
	shown        []*kind
	shownSteps   []*step
	shownCounted int64
}

// tallied is what a tally has of one category.
type tallied struct {
	of       *tally
	category string
	kinds    map[string]*kind
	bySum    map[uint16]*kind // by TypeSum; nil where several have it
	steps    int
	start    *kind // stands before a stream's first message
	beyond   *kind // stands for all types beyond the bounds
	full     *step // nil until a transition was not kept; it is never kept itself
}

// kind is one type in one category.
type kind struct {
	of          *tallied
	name        string
	count       int64
	first, last seen
	serial      uint64 // of the last group that touched it
	changed     bool   // since it was kept

	recent *kind // what followed it last, by a step that is in next
	next   map[*kind]*step

	shown struct { // what readers see
		there bool
		count int64
		last  seen
	}
}

// step is a transition between types that was seen.
type step struct {
	from, to *kind // of full: nil, to
	first    seen
}

// seen is where and when a message was written: global position and Unix
// nanoseconds.
type seen struct{ position, time int64 }

func (s seen) exported() store.Seen {
	return store.Seen{Position: s.position, Time: time.Unix(0, s.time).UTC()}
}

// kindCount is what a kind counted at the end of a group.
type kindCount struct {
	kind  *kind
	count int64
	last  seen
}

func newTally() *tally {
	return &tally{byName: map[string]*tallied{}, whole: make(chan struct{})}
}

// isWhole reports whether whole is closed.
func (t *tally) isWhole() bool {
	select {
	case <-t.whole:
		return true
	default:
		return false
	}
}

// of returns what there is of a category.
func (t *tally) of(category string) *tallied {
	c := t.byName[category]
	if c == nil {
		c = &tallied{of: t, category: strings.Clone(category), kinds: map[string]*kind{}, bySum: map[uint16]*kind{}}
		c.start, c.beyond = &kind{of: c}, &kind{of: c}
		t.byName[c.category] = c
	}
	return c
}

// all yields all kinds, start and beyond as well.
func (c *tallied) all() iter.Seq[*kind] {
	return func(yield func(*kind) bool) {
		for _, k := range c.kinds {
			if !yield(k) {
				return
			}
		}
		_ = yield(c.start) && yield(c.beyond)
	}
}

// kind returns the kind of a type, which it makes within the bounds.
func (c *tallied) kind(messageType string) *kind {
	if k := c.kinds[messageType]; k != nil {
		return k
	}
	if len(c.kinds) >= store.MaxTypes || c.of.kinds >= store.MaxTypesInAll {
		return c.beyond
	}
	k := &kind{of: c, name: strings.Clone(messageType)}
	c.kinds[k.name] = k
	c.of.kinds++
	sum := TypeSum(k.name)
	if _, taken := c.bySum[sum]; taken {
		c.bySum[sum] = nil
	} else {
		c.bySum[sum] = k
	}
	return k
}

// after returns the kind of a type that follows from in a stream. Streams of a
// category are alike: mostly it is what followed there last, which costs no look-up.
func (c *tallied) after(from *kind, messageType string) *kind {
	if k := from.recent; k != nil && k.name == messageType {
		return k
	}
	return c.kind(messageType)
}

// TypeSum is a short hash of a message's type (FNV-1a of 32 bits, folded). It is
// stored: it never changes.
func TypeSum(messageType string) uint16 {
	h := uint32(2166136261)
	for i := range len(messageType) {
		h = (h ^ uint32(messageType[i])) * 16777619
	}
	return uint16(h>>16) ^ uint16(h)
}

// ofSum returns the kind of a message of the category whose type has the sum, nil
// when the sum does not tell: all types must be known, and only one have it.
func (c *tallied) ofSum(sum uint16) *kind {
	if c.beyond.count > 0 {
		return nil
	}
	return c.bySum[sum]
}

// begin starts a group: what is counted from here on is published together, and
// with it what a group carried over that could not be finished.
func (t *tally) begin() {
	t.serial++
	if t.carried {
		t.carried = false
		return
	}
	t.touched, t.fresh, t.opened = t.touched[:0], t.fresh[:0], t.opened[:0]
}

// add counts a message of a kind that follows one of the kind from in its stream.
func (t *tally) add(from, k *kind, at seen) {
	t.through = at.position
	t.counted++
	t.pending++
	if k.count == 0 {
		k.first = at
		if k != k.of.beyond {
			t.opened = append(t.opened, k)
		}
	}
	k.count++
	k.last = at
	if k.serial != t.serial {
		k.serial = t.serial
		t.touched = append(t.touched, k)
	}
	if !k.changed {
		k.changed = true
		t.changed = append(t.changed, k)
	}
	if from.recent != k {
		t.step(from, k, at)
	}
}

// step notes that k followed from.
func (t *tally) step(from, k *kind, at seen) {
	c := k.of
	if from == c.beyond || k == c.beyond {
		t.fill(c)
		return
	}
	s := from.next[k]
	if s == nil {
		if c.steps >= store.MaxTransitions || t.steps >= store.MaxTransitionsInAll {
			t.fill(c)
			return
		}
		s = t.restore(from, k, at)
		t.fresh, t.unkept = append(t.fresh, s), append(t.unkept, s)
	}
	from.recent = k
}

// restore puts a step into its place.
func (t *tally) restore(from, to *kind, first seen) *step {
	s := &step{from: from, to: to, first: first}
	if from.next == nil {
		from.next = map[*kind]*step{}
	}
	from.next[to] = s
	from.of.steps++
	t.steps++
	return s
}

// fill notes that a transition of the category is not kept.
func (t *tally) fill(c *tallied) {
	if c.full == nil {
		c.full = &step{to: c.beyond}
		t.fresh, t.unkept = append(t.fresh, c.full), append(t.unkept, c.full)
	}
}

// counts appends what the current group changed.
func (t *tally) counts(to []kindCount) []kindCount {
	for _, k := range t.touched {
		to = append(to, kindCount{kind: k, count: k.count, last: k.last})
	}
	return to
}

// publish moves what readers see to the counts, and adds steps.
func (t *tally) publish(counts []kindCount, steps []*step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range counts {
		n := &counts[i]
		shown := &n.kind.shown
		if !shown.there {
			shown.there = true
			t.shown = append(t.shown, n.kind)
		}
		t.shownCounted += n.count - shown.count
		shown.count, shown.last = n.count, n.last
	}
	t.shownSteps = append(t.shownSteps, steps...)
}

// publishAll moves what readers see to all that is counted.
func (t *tally) publishAll() {
	var counts []kindCount
	var steps []*step
	for _, c := range t.byName {
		for k := range c.all() {
			if k.count > 0 {
				counts = append(counts, kindCount{kind: k, count: k.count, last: k.last})
			}
			steps = slices.AppendSeq(steps, maps.Values(k.next))
		}
		if c.full != nil {
			steps = append(steps, c.full)
		}
	}
	t.publish(counts, steps)
}

// types returns what readers see of a category's types, of all when it is "".
func (t *tally) types(category string) (counts store.TypeCounts) {
	t.mu.RLock()
	for _, k := range t.shown {
		if category != "" && k.of.category != category {
			continue
		}
		counts.Counted += k.shown.count
		if k == k.of.beyond {
			counts.Overflow += k.shown.count
			continue
		}
		counts.Types = append(counts.Types, store.TypeCount{
			Category: k.of.category, Type: k.name, Count: k.shown.count, First: k.first.exported(), Last: k.shown.last.exported(),
		})
	}
	t.mu.RUnlock()
	slices.SortFunc(counts.Types, func(a, b store.TypeCount) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Type, b.Type))
	})
	return counts
}

// transitions returns what readers see of a category's transitions, of all when
// it is "".
func (t *tally) transitions(category string) (seen store.Transitions) {
	t.mu.RLock()
	for _, s := range t.shownSteps {
		if category != "" && s.to.of.category != category {
			continue
		}
		if s.from == nil {
			seen.Overflow = true
			continue
		}
		seen.Seen = append(seen.Seen, store.Transition{
			Category: s.to.of.category, From: s.from.name, To: s.to.name, First: s.first.exported(),
		})
	}
	for _, k := range t.shown {
		if category == "" || k.of.category == category {
			seen.Counted += k.shown.count
		}
	}
	t.mu.RUnlock()
	slices.SortFunc(seen.Seen, func(a, b store.Transition) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return seen
}
