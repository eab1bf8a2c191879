package server

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// TestPlacesAreBounded counts in far more categories than are kept apart, from
// several goroutines, while places are forgotten: nothing is lost.
func TestPlacesAreBounded(t *testing.T) {
	const goroutines, rounds, categories = 4, 2, 1100
	var r rates
	var p placeRates
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for round := range rounds {
				for i := range categories {
					r.count(fmt.Sprintf("ns%d", i%3), fmt.Sprintf("c%d", (i*7+g*round)%categories), 1, 2)
				}
			}
		})
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	var appends, reads float64
	tally := func() {
		// The busiest few namespaces are all of them.
		namespaces, _ := p.sample(&r, 1)
		for _, n := range namespaces {
			appends += n.Appends
			reads += n.Reads
		}
	}
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				tally()
			}
		}
	}()
	wg.Wait()
	close(stop)
	<-done
	tally()
	if want := float64(goroutines * rounds * categories); appends != want || reads != 2*want {
		t.Errorf("samples add up to %.0f appends and %.0f reads, want %.0f and %.0f", appends, reads, want, 2*want)
	}
	if len(r.places()) > maxPlaces {
		t.Errorf("%d places are kept", len(r.places()))
	}
	sum := r.totals()
	if len(sum) != 3 || sum["ns0"][0]+sum["ns1"][0]+sum["ns2"][0] != goroutines*rounds*categories {
		t.Errorf("totals are %v", sum)
	}
	// What is idle makes room again; the namespace that is not keeps its total.
	for range idlePlace {
		r.count("ns0", "busy", 1, 0)
		tally()
	}
	before := r.totals()["ns0"]
	tally()
	if after := r.totals(); after["ns0"] != before || len(r.places()) >= maxPlaces*3/4 {
		t.Errorf("%d places are left, totals %v, %v before", len(r.places()), after, before)
	}
	r.forget("ns0")
	if r.totals()["ns0"] != [2]int64{} {
		t.Errorf("a deleted namespace is still counted: %v", r.totals())
	}
}

func TestBusiestPlaces(t *testing.T) {
	var r rates
	var p placeRates
	for i := range 20 {
		r.count(fmt.Sprintf("ns%02d", i), strings.Repeat("c", i+1), int64(i), int64(i))
	}
	r.count("ns00", strings.Repeat("long", 100), 1000, 0)
	namespaces, categories := p.sample(&r, 2)
	if len(namespaces) != wire.TopRates || namespaces[0] != (wire.NamespaceRate{Namespace: "ns00", Appends: 500}) ||
		namespaces[1] != (wire.NamespaceRate{Namespace: "ns19", Appends: 9.5, Reads: 9.5}) || namespaces[7].Namespace != "ns13" {
		t.Errorf("got %v", namespaces)
	}
	if len(categories) != wire.TopRates || categories[0].Category != strings.Repeat("c", 20) || categories[7].Namespace != "ns12" {
		t.Errorf("got %v", categories)
	}
	if n, c := p.sample(&r, 1); n != nil || c != nil {
		t.Errorf("nothing happened, got %v %v", n, c)
	}
}

func TestSightingsAreBounded(t *testing.T) {
	var o observer
	who := func(i int) member {
		return member{namespace: "default", category: fmt.Sprintf("c%d", i), group: store.Group{Size: 1}}
	}
	for i := range maxSightings {
		o.sawRead(who(i), 1, 0, 0, "x")
	}
	o.sawRead(who(0), 2, 0, 0, "x") // the newest again
	for i := range 10 {
		o.sawRead(who(maxSightings+i), 1, 0, 0, "x")
	}
	if len(o.by) != maxSightings || o.recent.Len() != maxSightings {
		t.Fatalf("%d are kept, %d in order", len(o.by), o.recent.Len())
	}
	for i, want := range map[int]bool{0: true, 1: false, 10: false, 11: true, maxSightings + 9: true} {
		if got := o.by[who(i)] != nil; got != want {
			t.Errorf("member %d is remembered: %t", i, got)
		}
	}
}

// forgetful is an engine that remembers ten events.
type forgetful struct {
	store.Engine
	last uint64
}

func (f *forgetful) EngineEvents(after uint64) []store.EngineEvent {
	oldest := uint64(0)
	if f.last > 10 {
		oldest = f.last - 10
	}
	var list []store.EngineEvent
	for seq := max(after, oldest) + 1; seq <= f.last; seq++ {
		list = append(list, store.EngineEvent{Seq: seq, Kind: store.EventFlush, BytesIn: int64(seq)})
	}
	return list
}

// TestJournalTellsItsGaps: what the engine forgot, and what the journal did.
func TestJournalTellsItsGaps(t *testing.T) {
	engine := &forgetful{last: 3}
	j := journal{engine: engine}
	seqs := func(after uint64) (text string) {
		for _, e := range j.after(after, 20) {
			text += fmt.Sprintf("%d=%s%d ", e.Seq, e.Kind[:1], e.BytesIn)
		}
		return text
	}
	j.note(store.EngineEvent{Kind: wire.EventProfile})
	engine.last = 5
	if got, want := seqs(0), "1=f1 2=f2 3=f3 4=p0 5=f4 6=f5 "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	engine.last = 25 // 6 to 15 are gone before anybody asked
	if got, want := seqs(5), "6=f5 17=f16 18=f17 19=f18 20=f19 21=f20 22=f21 23=f22 24=f23 25=f24 26=f25 "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for range eventsKept {
		j.note(store.EngineEvent{Kind: wire.EventProfile})
	}
	if list := j.after(0, eventsKept+1); len(list) != eventsKept || list[0].Seq != 27 || list[eventsKept-1].Seq != eventsKept+26 {
		t.Errorf("%d events from %d on", len(list), list[0].Seq)
	}
	if list := j.after(eventsKept+26, 1); list == nil || len(list) != 0 {
		t.Errorf("after the newest comes %v", list)
	}
}

func TestTotalsOfDurations(t *testing.T) {
	var l latencies
	for _, took := range []time.Duration{0, 9 * time.Microsecond, 24 * time.Microsecond, 900 * time.Microsecond, 3 * time.Second, time.Minute} {
		l.record(took)
	}
	if l.sum().calls != 0 {
		t.Error("totals are those up to the last sample")
	}
	l.take(1)
	l.record(20 * time.Microsecond)
	l.take(1)
	got := l.sum()
	if got.calls != 7 || got.counts != [15]uint64{0: 2, 1: 2, 6: 1, 14: 1} || got.spent != int64(63*time.Second+953*time.Microsecond) {
		t.Errorf("got %+v", got)
	}
}

// TestAnHourOfSamplesIsBounded fills the ring with samples of a busy server.
func TestAnHourOfSamplesIsBounded(t *testing.T) {
	methods := methodTable()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for name, c := range map[string]struct{ methods, places, bytes int }{
		"usual": {6, 4, 6 << 20}, "worst": {len(methods), wire.TopRates, 24 << 20},
	} {
		before := heap()
		var s samples
		for i := range samplesKept {
			sample := wire.Sample{Methods: map[string]wire.Method{}, Engine: &wire.EngineSample{}}
			for name := range methods {
				if len(sample.Methods) < c.methods {
					sample.Methods[name] = wire.Method{}
				}
			}
			long := ""
			if name == "worst" {
				long = strings.Repeat("x", maxPlaceName-20)
			}
			for j := range c.places {
				place := ""
				if long != "" {
					place = fmt.Sprintf("%s%d %d", long, i, j)
				}
				sample.Namespaces = append(sample.Namespaces, wire.NamespaceRate{Namespace: place})
				sample.Categories = append(sample.Categories, wire.CategoryRate{Category: place + "c"})
			}
			s.push(sample)
		}
		if used := int(heap() - before); used > c.bytes {
			t.Errorf("%s: an hour takes %.1f MB", name, float64(used)/1e6)
		} else {
			t.Logf("%s: an hour takes %.1f MB", name, float64(used)/1e6)
		}
		runtime.KeepAlive(&s)
	}
}

// The benchmarks below report the processor time of one run beside the time on
// the clock, which a busy machine makes meaningless. "contended" is every core
// at once with nothing between, which no server does.

// BenchmarkCount is what the figures cost a write: everything that serveRPC
// does for them. A call costs at least 12 µs of processor time (design section
// 9), of which 1 % is 120 ns.
func BenchmarkCount(b *testing.B) {
	var f figures
	m := &method{}
	c := &call{scope: scope{namespace: "default"}, appended: 1, category: "order"}
	costs(b, func() { f.count(m, 20*time.Microsecond, c, nil) })
}

// BenchmarkObserve is what remembering a member costs a read of its category,
// which costs at least 90 µs, of which 1 % is 900 ns.
func BenchmarkObserve(b *testing.B) {
	var o observer
	for i := range maxSightings {
		o.sawRead(member{namespace: "default", category: fmt.Sprintf("c%d", i), group: store.Group{Size: 1}}, 1, 0, 0, "x")
	}
	who := member{namespace: "default", category: "c77", group: store.Group{Size: 1}}
	costs(b, func() { o.sawRead(who, 1, 2, 0, "127.0.0.1:40000") })
}

func costs(b *testing.B, run func()) {
	b.Run("alone", func(b *testing.B) {
		before := ProcessCPU()
		for range b.N {
			run()
		}
		b.ReportMetric(float64(ProcessCPU()-before)/float64(b.N), "cpu-ns/op")
	})
	b.Run("contended", func(b *testing.B) {
		before := ProcessCPU()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				run()
			}
		})
		b.ReportMetric(float64(ProcessCPU()-before)/float64(b.N), "cpu-ns/op")
	})
}
