package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestTallyIsKeptByWhatThatTakes keeps a tally by time and by messages, and less
// often the more types there are to keep.
func TestTallyIsKeptByWhatThatTakes(t *testing.T) {
	second := int64(time.Second)
	for _, c := range []struct {
		pending, changed int
		since            int64
		due              bool
	}{
		{pending: 0, changed: 0, since: 100 * second, due: false},
		{pending: 1, changed: 1, since: second - 1, due: false},
		{pending: 1, changed: 1, since: second, due: true},
		{pending: keepMessages - 1, changed: 10, since: 0, due: false},
		{pending: keepMessages, changed: 10, since: 0, due: true},
		{pending: keepMessages, changed: 3 * keepKinds, since: 0, due: false},
		{pending: 4 * keepMessages, changed: 3 * keepKinds, since: 0, due: true},
		{pending: keepMessages, changed: 3 * keepKinds, since: 4*second - 1, due: false},
		{pending: keepMessages, changed: 3 * keepKinds, since: 4 * second, due: true},
	} {
		tally := newTally()
		tally.pending, tally.changed = c.pending, make([]*kind, c.changed)
		if due := tally.due(c.since); due != c.due {
			t.Errorf("%d messages of %d types, %s after it was kept: due is %t", c.pending, c.changed, time.Duration(c.since), due)
		}
	}
}

// TestTypeAfterIsTheType asks for the types of streams in which now the same and
// now another follows: what followed last must never stand for the other.
func TestTypeAfterIsTheType(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	tally := newTally()
	c := tally.of("c")
	ends, want := map[int]*kind{}, map[string]int64{}
	for i := range 20_000 {
		stream, name := random.IntN(20), fmt.Sprint("T", min(random.IntN(6), random.IntN(6)))
		from := ends[stream]
		if from == nil {
			from = c.start
		}
		k := c.after(from, name)
		if k.name != name {
			t.Fatalf("message %d is of type %q, and counted as %q", i, name, k.name)
		}
		tally.begin()
		tally.add(from, k, seen{int64(i + 1), 0})
		ends[stream] = k
		want[name]++
	}
	for name, n := range want {
		if got := c.kind(name).count; got != n {
			t.Errorf("%d of type %q are counted, there are %d", got, name, n)
		}
	}
}

// TestTallyCarriesOver what a group counted that could not be finished: readers see
// it together with the next one.
func TestTallyCarriesOver(t *testing.T) {
	tally := newTally()
	c := tally.of("c")
	show := func() { tally.publish(tally.counts(nil), append([]*step(nil), tally.fresh...)) }
	tally.begin()
	tally.add(c.start, c.kind("A"), seen{1, 0})
	tally.carried = true
	tally.begin()
	tally.add(c.kind("A"), c.kind("B"), seen{2, 0})
	show()
	tally.begin()
	show()
	if counts, seen := tally.types(""), tally.transitions(""); counts.Counted != 2 || len(counts.Types) != 2 || len(seen.Seen) != 2 {
		t.Errorf("readers see %+v and %+v", counts, seen)
	}
}
