package server

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
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
	var l latencies
	var all []int64
	for range 10_000 {
		ns := int64(random.ExpFloat64() * 1e5)
		all = append(all, ns)
		l.record(time.Duration(ns))
	}
	slices.Sort(all)
	m, any := l.take(2)
	if !any || m.Calls != 5000 || m.Max != all[len(all)-1] {
		t.Errorf("got %+v, the longest was %d", m, all[len(all)-1])
	}
	for _, c := range []struct{ got, want int64 }{{m.P50, all[4999]}, {m.P99, all[9899]}} {
		if c.got < c.want || float64(c.got) > float64(c.want)*1.04 {
			t.Errorf("a quantile is told as %d, but is %d", c.got, c.want)
		}
	}
	if _, any := l.take(1); any {
		t.Error("taken twice")
	}
}

func TestTakingWhileRecordingLosesNothing(t *testing.T) {
	var l latencies
	var wg sync.WaitGroup
	const writers, each = 4, 5000
	for range writers {
		wg.Go(func() {
			for i := range each {
				l.record(time.Duration(i) * time.Microsecond)
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
		m, _ := l.take(1)
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
	var l latencies
	for i := 0; b.Loop(); i++ {
		l.record(time.Duration(i&0xffff) * time.Microsecond)
	}
}

func TestRingOfSamplesKeepsAnHour(t *testing.T) {
	var s samples
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var sample wire.Sample
	for i := range samplesKept + 100 {
		sample.Time = start.Add(time.Duration(i) * time.Second)
		s.push(sample)
	}
	all := s.after(time.Time{})
	if len(all) != samplesKept || !all[0].Time.Equal(start.Add(100*time.Second)) || !s.latest().Time.Equal(start.Add((samplesKept+99)*time.Second)) {
		t.Errorf("%d samples from %v, the latest of %v", len(all), all[0].Time, s.latest().Time)
	}
	for i := 1; i < len(all); i++ {
		if all[i].Time.Sub(all[i-1].Time) != time.Second {
			t.Fatalf("sample %d is not in order", i)
		}
	}
	if newer := s.after(all[samplesKept-3].Time); len(newer) != 2 {
		t.Errorf("%d samples are newer than the third last", len(newer))
	}
}
