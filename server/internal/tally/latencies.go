package tally

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// A histogram in the manner of HDR: values up to 2^subBits fall into buckets
// of their own, above that each power of two is cut into 2^subBits buckets, so
// that a quantile is off by at most 1/2^subBits, 3 %. Above 2^topBits
// nanoseconds, 18 minutes, all is one.
const (
	subBits = 5
	topBits = 40
	buckets = (topBits - subBits + 1) << subBits
)

// Latencies counts how long the calls of one method took, since the sampler
// last took the counts away. Recording takes no lock.
type Latencies struct {
	calls  atomic.Int64
	max    atomic.Int64
	spent  atomic.Int64 // nanoseconds of all calls ever
	counts [buckets]atomic.Uint32

	mu    sync.Mutex // guards total
	total Totals
}

// Bounds are the upper bounds of the buckets that a scrape tells, in
// nanoseconds: from a read out of memory to a call that is far too slow.
func Bounds() [15]int64 {
	return [...]int64{10e3, 25e3, 50e3, 100e3, 250e3, 500e3, 1e6, 2.5e6, 5e6, 10e6, 25e6, 100e6, 250e6, 1e9, 10e9}
}

// Totals are the calls of one method since the start, up to the last sample.
type Totals struct {
	Calls  uint64
	Spent  int64      // nanoseconds
	Counts [15]uint64 // by Bounds, not cumulative; longer calls are in none
}

// Totals returns them.
func (l *Latencies) Totals() Totals {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

// keep adds what Take took away to the totals. A call whose bucket reaches
// across a bound counts as above it.
func (l *Latencies) keep(counts *[buckets]uint32, calls int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total.Calls += uint64(calls)
	l.total.Spent = l.spent.Load()
	bounds, at := Bounds(), 0
	for i, n := range counts {
		for at < len(bounds) && bucketTop(i) > bounds[at] {
			at++
		}
		if at == len(bounds) {
			return
		}
		l.total.Counts[at] += uint64(n)
	}
}

// Record counts a call that took so long.
func (l *Latencies) Record(took time.Duration) {
	ns := max(int64(took), 0)
	// The longest first and the count last, so that what Take sees of a call
	// includes its time.
	for seen := l.max.Load(); ns > seen && !l.max.CompareAndSwap(seen, ns); {
		seen = l.max.Load()
	}
	l.spent.Add(ns)
	l.counts[bucketOf(uint64(ns))].Add(1)
	l.calls.Add(1)
}

func bucketOf(ns uint64) int {
	if ns >= 1<<topBits {
		return buckets - 1
	}
	exponent := bits.Len64(ns >> subBits) // 0: a bucket of its own
	if exponent == 0 {
		return int(ns)
	}
	return exponent<<subBits | int(ns>>(exponent-1))&(1<<subBits-1)
}

// bucketTop returns the greatest value that falls into a bucket.
func bucketTop(bucket int) int64 {
	exponent := bucket >> subBits
	if exponent == 0 {
		return int64(bucket)
	}
	low := int64(1<<subBits|bucket&(1<<subBits-1)) << (exponent - 1)
	return low + 1<<(exponent-1) - 1
}

// Take empties the histogram and sums up what it held. What is recorded
// meanwhile counts now or at the next Take, never twice and never not at all.
func (l *Latencies) Take(seconds float64) (m wire.Method, any bool) {
	if l.calls.Swap(0) == 0 {
		return wire.Method{}, false
	}
	var counts [buckets]uint32
	var total int64
	for i := range l.counts {
		if l.counts[i].Load() != 0 {
			counts[i] = l.counts[i].Swap(0)
			total += int64(counts[i])
		}
	}
	l.keep(&counts, total)
	m = wire.Method{Calls: float64(total) / seconds, Max: l.max.Swap(0)}
	m.P50 = min(quantile(&counts, total, 50), m.Max)
	m.P99 = min(quantile(&counts, total, 99), m.Max)
	return m, true
}

// quantile returns a value that percent of all are not above.
func quantile(counts *[buckets]uint32, total, percent int64) int64 {
	rank := (total*percent + 99) / 100
	for i, n := range counts {
		if rank -= int64(n); rank <= 0 {
			return bucketTop(i)
		}
	}
	return 0
}
