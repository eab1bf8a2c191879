package flow

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// ExactGaps is how many times of a transition are kept each for itself, in sorted
// order. More are counted in a log-histogram.
const ExactGaps = 512

// The log-histogram: each power of two is divided into 1<<finest parts, and into
// half as many whenever there would be more than mostBuckets in use. A dense one, as
// HdrHistogram's, takes 46 KB for microseconds up to years, and there may be
// thousands of transitions.
const (
	finest      = 6
	mostBuckets = 512
)

// Gaps are the times between the messages of a transition.
type Gaps struct {
	Count     int64         // of how many times
	P50, P99  time.Duration // by nearest rank
	Error     float64       // how far they may be off, as a share of themselves; 0: they are exact
	Max       time.Duration // the longest, exactly
	Backwards int64         // times below zero, counted as 0
}

// gaps collects times, in microseconds.
type gaps struct {
	exact     []int64 // sorted; nil once the histogram has them
	buckets   []uint16
	counts    []int64 // of the buckets
	fine      uint8   // parts of a power of two, as a power of two
	count     int64
	max       int64
	backwards int64
}

func (g *gaps) add(micros int64, backwards bool) {
	g.count++
	g.max = max(g.max, micros)
	if backwards {
		g.backwards++
	}
	if g.buckets != nil {
		g.put(micros, 1)
		return
	}
	if len(g.exact) < ExactGaps {
		i, _ := slices.BinarySearch(g.exact, micros)
		g.exact = slices.Insert(g.exact, i, micros)
		return
	}
	g.fine = finest
	g.put(micros, 1)
	for _, v := range g.exact {
		g.put(v, 1)
	}
	g.exact = nil
}

// put counts a time in its bucket.
func (g *gaps) put(micros, n int64) {
	b := bucketOf(micros, g.fine)
	i, there := slices.BinarySearch(g.buckets, b)
	if there {
		g.counts[i] += n
		return
	}
	g.buckets, g.counts = slices.Insert(g.buckets, i, b), slices.Insert(g.counts, i, n)
	for len(g.buckets) > mostBuckets {
		g.coarsen()
	}
}

// coarsen makes one bucket of two.
func (g *gaps) coarsen() {
	buckets, counts := g.buckets[:0], g.counts[:0]
	for i, b := range g.buckets {
		low, _ := boundsOf(b, g.fine)
		n := g.counts[i]
		b = bucketOf(low, g.fine-1)
		if last := len(buckets) - 1; last >= 0 && buckets[last] == b {
			counts[last] += n
			continue
		}
		buckets, counts = append(buckets, b), append(counts, n)
	}
	g.buckets, g.counts, g.fine = buckets, counts, g.fine-1
}

// bucketOf is the bucket of a time, with so many parts of each power of two. Those
// of small times hold one value each.
func bucketOf(micros int64, fine uint8) uint16 {
	v := uint64(micros)
	e := max(bits.Len64(v)-1-int(fine), 0)
	return uint16(e<<fine) + uint16(v>>e)
}

// boundsOf returns the least and the greatest time of a bucket.
func boundsOf(b uint16, fine uint8) (low, high int64) {
	e := max(int(b>>fine)-1, 0)
	part := int64(b) - int64(e)<<fine
	return part << e, (part+1)<<e - 1
}

// at returns the time of a rank from 0.
func (g *gaps) at(rank int64) time.Duration {
	if g.buckets == nil {
		return time.Duration(g.exact[rank]) * time.Microsecond
	}
	for i, b := range g.buckets {
		if rank -= g.counts[i]; rank < 0 {
			low, high := boundsOf(b, g.fine)
			return time.Duration(low+(high-low)/2) * time.Microsecond
		}
	}
	return 0 // count is the sum of the counts
}

// sum returns the percentiles of what was added, and the greatest.
func (g *gaps) sum() Gaps {
	s := Gaps{Count: g.count, Backwards: g.backwards}
	if g.count == 0 {
		return s
	}
	s.P50, s.P99, s.Max = g.at(rank(g.count, 0.50)), g.at(rank(g.count, 0.99)), time.Duration(g.max)*time.Microsecond
	if g.buckets != nil {
		s.Error = 1 / float64(int64(2)<<g.fine)
	}
	return s
}

// rank is the nearest rank of a share, from 0.
func rank(count int64, share float64) int64 {
	return max(int64(math.Ceil(share*float64(count)))-1, 0)
}
