package sqlitestore

import (
	"math"
	"sync/atomic"
	"time"
)

// histogram counts durations in buckets that are a fifth apart, from a
// microsecond on.
type histogram struct {
	buckets [96]atomic.Int64
}

// step is the ratio between two buckets' bounds: 96 of them reach 40 seconds.
const step = 1.2

func (h *histogram) add(d time.Duration) {
	i := int(math.Log(max(d.Seconds()*1e6, 1)) / math.Log(step))
	h.buckets[min(i, len(h.buckets)-1)].Add(1)
}

// read returns how many durations there were, and the bounds that half and 99
// in 100 of them stayed below.
func (h *histogram) read() (count int64, p50, p99 time.Duration) {
	var counts [len(h.buckets)]int64
	for i := range h.buckets {
		counts[i] = h.buckets[i].Load()
		count += counts[i]
	}
	at := func(share float64) time.Duration {
		seen := int64(0)
		for i, n := range counts {
			if seen += n; n > 0 && float64(seen) >= share*float64(count) {
				return time.Duration(math.Pow(step, float64(i+1)) * float64(time.Microsecond))
			}
		}
		return 0
	}
	return count, at(0.5), at(0.99)
}
