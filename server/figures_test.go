package server

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server/internal/machine"
	"github.com/evtui/evtui/server/internal/tally"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

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
				long = strings.Repeat("x", tally.MaxName-20)
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
		before := machine.CPUTime()
		for range b.N {
			run()
		}
		b.ReportMetric(float64(machine.CPUTime()-before)/float64(b.N), "cpu-ns/op")
	})
	b.Run("contended", func(b *testing.B) {
		before := machine.CPUTime()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				run()
			}
		})
		b.ReportMetric(float64(machine.CPUTime()-before)/float64(b.N), "cpu-ns/op")
	})
}
