package tally

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestBucketsAreInOrderAndClose(t *testing.T) {
	last := -1
	for ns := uint64(0); ns < 1<<topBits; ns += 1 + ns/100 {
		b := bucketOf(ns)
		if b < last || b >= buckets {
			t.Fatalf("%d ns fall into bucket %d after %d", ns, b, last)
		}
		last = b
		if top := bucketTop(b); uint64(top) < ns || float64(top) > float64(ns)*(1+1.0/(1<<subBits)) {
			t.Fatalf("%d ns are told as %d", ns, top)
		}
	}
	if b := bucketOf(1 << 63); b != buckets-1 {
		t.Errorf("the longest falls into bucket %d", b)
	}
}

func TestQuantiles(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var l Latencies
	var all []int64
	for range 10_000 {
		ns := int64(random.ExpFloat64() * 1e5)
		all = append(all, ns)
		l.Record(time.Duration(ns))
	}
	slices.Sort(all)
	m, any := l.Take(2)
	if !any || m.Calls != 5000 || m.Max != all[len(all)-1] {
		t.Errorf("got %+v, the longest was %d", m, all[len(all)-1])
	}
	for _, c := range []struct{ got, want int64 }{{m.P50, all[4999]}, {m.P99, all[9899]}} {
		if c.got < c.want || float64(c.got) > float64(c.want)*1.04 {
			t.Errorf("a quantile is told as %d, but is %d", c.got, c.want)
		}
	}
	if _, any := l.Take(1); any {
		t.Error("taken twice")
	}
}

func TestTakingWhileRecordingLosesNothing(t *testing.T) {
	var l Latencies
	var wg sync.WaitGroup
	const writers, each = 4, 5000
	for range writers {
		wg.Go(func() {
			for i := range each {
				l.Record(time.Duration(i) * time.Microsecond)
			}
		})
	}
	recorded := make(chan struct{})
	go func() { wg.Wait(); close(recorded) }()
	var calls float64
	for done := false; !done; {
		select {
		case <-recorded:
			done = true
		default:
		}
		m, _ := l.Take(1)
		calls += m.Calls
	}
	var left int64 // counted in a bucket after its turn, with calls taken before
	for i := range l.counts {
		left += int64(l.counts[i].Load())
	}
	if int64(calls)+left != writers*each {
		t.Errorf("counted %v and %d, want %d", calls, left, writers*each)
	}
}

func BenchmarkRecord(b *testing.B) {
	var l Latencies
	for i := 0; b.Loop(); i++ {
		l.Record(time.Duration(i&0xffff) * time.Microsecond)
	}
}

func TestTotalsOfDurations(t *testing.T) {
	var l Latencies
	for _, took := range []time.Duration{0, 9 * time.Microsecond, 24 * time.Microsecond, 900 * time.Microsecond, 3 * time.Second, time.Minute} {
		l.Record(took)
	}
	if l.Totals().Calls != 0 {
		t.Error("totals are those up to the last sample")
	}
	l.Take(1)
	l.Record(20 * time.Microsecond)
	l.Take(1)
	got := l.Totals()
	if got.Calls != 7 || got.Counts != [15]uint64{0: 2, 1: 2, 6: 1, 14: 1} || got.Spent != int64(63*time.Second+953*time.Microsecond) {
		t.Errorf("got %+v", got)
	}
}
