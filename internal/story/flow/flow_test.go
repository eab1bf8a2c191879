package flow_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/story/flow"
)

// log is a category as tests make it.
type log struct {
	events    []flow.Event
	positions map[string]int64
	global    int64
	now       time.Time
}

func newLog() *log {
	return &log{positions: map[string]int64{}, now: time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)}
}

// add appends an event, so long after the one before.
func (l *log) add(stream, kind string, after time.Duration) {
	l.global++
	l.now = l.now.Add(after)
	l.events = append(l.events, flow.Event{Stream: stream, Type: kind, Position: l.positions[stream], Global: l.global, Time: l.now})
	l.positions[stream]++
}

func (l *log) graph(limits flow.Limits) *flow.Graph {
	g := flow.New(limits)
	for _, e := range l.events {
		g.Take(e)
	}
	return g
}

// seeded returns a source of random numbers whose seed the test prints.
func seeded(t testing.TB) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// random is a category of many streams, with some seen from their middle, holes, and
// a clock that runs backwards now and then.
func random(r *rand.Rand, n int) *log {
	l := newLog()
	kinds := []string{"Opened", "Deposited", "Withdrawn", "Closed", "\x1b[31mred", "näme", "a\nb"}
	for range n {
		s := fmt.Sprintf("account-%d", r.IntN(n/8+1))
		if _, known := l.positions[s]; !known && r.IntN(10) == 0 {
			l.positions[s] = 1 + r.Int64N(5)
		} else if known && r.IntN(200) == 0 {
			l.positions[s] += 1 + r.Int64N(3)
		}
		after := time.Duration(r.ExpFloat64()*1e9) / 1000 * 1000
		if r.IntN(20) == 0 {
			after = -after
		}
		l.add(s, kinds[r.IntN(len(kinds))], after)
	}
	return l
}

// counted is a transition counted the slow way.
type counted struct {
	gaps        []time.Duration
	n           int64
	first, last int64
}

// naive counts over a list a stream, as somebody would who has an export.
func naive(events []flow.Event) (pairs map[flow.Pair]*counted, variants map[string]int64, unknown int64) {
	lists := map[string][]flow.Event{}
	for _, e := range events {
		lists[e.Stream] = append(lists[e.Stream], e)
	}
	pairs, variants = map[flow.Pair]*counted{}, map[string]int64{}
	count := func(from, to flow.Node, at flow.Event) *counted {
		c := pairs[flow.Pair{From: from, To: to}]
		if c == nil {
			c = &counted{first: at.Global}
			pairs[flow.Pair{From: from, To: to}] = c
		}
		c.n++
		c.first, c.last = min(c.first, at.Global), max(c.last, at.Global)
		return c
	}
	bound := flow.Node{Bound: true}
	for _, list := range lists {
		whole := list[0].Position == 0
		if whole {
			count(bound, flow.Node{Type: list[0].Type}, list[0])
		}
		order := []string{list[0].Type}
		for i, e := range list[1:] {
			before := list[i]
			order = append(order, e.Type)
			if e.Position != before.Position+1 {
				whole = false
				continue
			}
			c := count(flow.Node{Type: before.Type}, flow.Node{Type: e.Type}, e)
			c.gaps = append(c.gaps, max(e.Time.Sub(before.Time), 0))
		}
		end := list[len(list)-1]
		count(flow.Node{Type: end.Type}, bound, end)
		if whole {
			variants[strings.Join(order, "|")]++
		} else {
			unknown++
		}
	}
	return pairs, variants, unknown
}

// percentile is by nearest rank: the least value that so many percent do not exceed.
func percentile(sorted []time.Duration, percent int) time.Duration {
	return sorted[max((percent*len(sorted)+99)/100, 1)-1]
}

func TestTransitionsEqualANaiveCount(t *testing.T) {
	r := seeded(t)
	for range 20 {
		l := random(r, 1+r.IntN(6000))
		want, _, _ := naive(l.events)
		after := map[flow.Node]int64{}
		for pair, c := range want {
			after[pair.From] += c.n
		}
		got := l.graph(flow.Limits{}).Transitions()
		if len(got) != len(want) {
			t.Fatalf("%d transitions, want %d", len(got), len(want))
		}
		for _, tr := range got {
			c := want[tr.Pair]
			if c == nil {
				t.Fatalf("%+v is not among those counted", tr.Pair)
			}
			if tr.Count != c.n || tr.First.Global != c.first || tr.Last.Global != c.last {
				t.Fatalf("%+v: %d from %d to %d, want %d from %d to %d", tr.Pair, tr.Count, tr.First.Global, tr.Last.Global, c.n, c.first, c.last)
			}
			if want := float64(c.n) / float64(after[tr.From]); tr.Share != want {
				t.Fatalf("%+v: share %v, want %v", tr.Pair, tr.Share, want)
			}
			checkGaps(t, tr, c.gaps)
		}
	}
}

// checkGaps compares the percentiles with those of the sorted times.
func checkGaps(t *testing.T, tr flow.Transition, want []time.Duration) {
	t.Helper()
	if tr.Gaps.Count != int64(len(want)) {
		t.Fatalf("%+v: %d times, want %d", tr.Pair, tr.Gaps.Count, len(want))
	}
	if len(want) == 0 {
		return
	}
	if exact := len(want) <= flow.ExactGaps; exact != (tr.Gaps.Error == 0) {
		t.Fatalf("%+v: an error of %v for %d times", tr.Pair, tr.Gaps.Error, len(want))
	}
	slices.Sort(want)
	if longest := want[len(want)-1]; tr.Gaps.Max != longest {
		t.Fatalf("%+v: the longest of %d times is %v, want %v", tr.Pair, len(want), tr.Gaps.Max, longest)
	}
	for percent, got := range map[int]time.Duration{50: tr.Gaps.P50, 99: tr.Gaps.P99} {
		p := percentile(want, percent)
		// A microsecond for the middle of a bucket of two.
		if off := (got - p).Abs(); float64(off) > tr.Gaps.Error*float64(p)+float64(time.Microsecond)*min(tr.Gaps.Error*1e9, 1) {
			t.Fatalf("%+v: p%d of %d times is %v, want %v within %v", tr.Pair, percent, len(want), got, p, tr.Gaps.Error)
		}
	}
}

func TestVariantsEqualANaiveCount(t *testing.T) {
	r := seeded(t)
	for range 20 {
		l := random(r, 1+r.IntN(6000))
		_, want, unknown := naive(l.events)
		v := l.graph(flow.Limits{}).Variants(1 << 20)
		got := map[string]int64{}
		for i, variant := range v.List {
			got[strings.Join(variant.Types, "|")] = variant.Streams
			if i > 0 && v.List[i-1].Streams < variant.Streams {
				t.Fatalf("variant %d has more streams than the one before", i)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("variants\n%v\nwant\n%v", got, want)
		}
		if v.Middle+v.Holes != unknown || v.Long+v.Full+v.Rest != 0 {
			t.Fatalf("%+v, want %d streams of unknown order", v, unknown)
		}
	}
}

// TestOneByOne holds that a graph which goes on taking is the one that took all at
// once.
func TestOneByOne(t *testing.T) {
	l := random(seeded(t), 3000)
	live := flow.New(flow.Limits{})
	for i, e := range l.events {
		if live.Take(e); i%100 == 0 {
			live.Transitions() // looking changes nothing
			live.Variants(10)
		}
	}
	whole := l.graph(flow.Limits{})
	if !reflect.DeepEqual(live.Transitions(), whole.Transitions()) || !reflect.DeepEqual(live.Variants(100), whole.Variants(100)) || live.Sum() != whole.Sum() {
		t.Fatal("a graph that was looked at in between differs")
	}
}

func TestExample(t *testing.T) {
	l := newLog()
	for i := range 3 {
		l.add(fmt.Sprintf("order-%d", i), "Placed", time.Second)
	}
	for i := range 2 {
		l.add(fmt.Sprintf("order-%d", i), "Paid", time.Second)
	}
	l.add("order-1", "Paid", time.Second)
	g := l.graph(flow.Limits{})
	v := g.Variants(2)
	if v.List[0].Example != "order-2" || v.List[1].Example != "order-0" || v.Rest != 1 || v.Distinct != 3 {
		t.Fatalf("%+v", v)
	}
	if got := g.Variants(3).List[2].Spell(" → ", "×"); got != "Placed → Paid×2" {
		t.Errorf("spelled %q", got)
	}
	taken := g.Passages(flow.Pair{From: flow.Node{Type: "Placed"}, To: flow.Node{Type: "Paid"}})
	if len(taken) != 2 || taken[0].Stream != "order-1" || taken[0].Position != 1 || taken[1].Stream != "order-0" {
		t.Errorf("taken by %+v", taken)
	}
	ended := g.Passages(flow.Pair{From: flow.Node{Type: "Paid"}, To: flow.Node{Bound: true}})
	if len(ended) != 2 || ended[0].Stream != "order-1" || ended[0].Position != 2 {
		t.Errorf("ended by %+v", ended)
	}
}

// TestPassages holds that the streams which took a transition last are those kept.
func TestPassages(t *testing.T) {
	r, l := seeded(t), newLog()
	last := map[string]int64{}
	for range 5000 {
		s := fmt.Sprintf("a-%d", r.IntN(200))
		if l.add(s, "Ticked", time.Millisecond); l.positions[s] > 1 {
			last[s] = l.global
		}
	}
	var want []int64
	for _, global := range last {
		want = append(want, global)
	}
	slices.SortFunc(want, func(a, b int64) int { return cmp.Compare(b, a) })
	ticked := flow.Node{Type: "Ticked"}
	got := l.graph(flow.Limits{}).Passages(flow.Pair{From: ticked, To: ticked})
	if len(got) != flow.MostPassages {
		t.Fatalf("%d passages", len(got))
	}
	for i, p := range got {
		if p.At.Global != want[i] || last[p.Stream] != want[i] {
			t.Fatalf("passage %d is %+v, want one at %d", i, p, want[i])
		}
	}
}

// TestBounds holds that whatever comes is bounded, and that what is left out is
// counted.
func TestBounds(t *testing.T) {
	l := newLog()
	for i := range 20_000 {
		l.add(fmt.Sprintf("s-%d", i%1000), fmt.Sprintf("Type%d", i%7919), time.Second)
	}
	limits := flow.Limits{Types: 100, Transitions: 50, StreamBytes: 100_000, OrderBytes: 10_000, OrderLength: 8}
	g := l.graph(limits)
	sum := g.Sum()
	if sum.Types != 100 || sum.Streams+sum.Beyond.Streams != 1000 {
		t.Errorf("%+v", sum)
	}
	var listed, ends int64
	for _, tr := range g.Transitions() {
		if listed += tr.Count; tr.To.Bound {
			ends += tr.Count
		}
	}
	// Each message of a kept stream is the end of one transition, and each such stream
	// ends once.
	if got, want := listed+sum.Beyond.Transitions+sum.Beyond.Ends, sum.Messages-sum.Beyond.Messages+sum.Streams; got != want {
		t.Errorf("%d transitions are listed or counted as beyond, want %d", got, want)
	}
	if ends+sum.Beyond.Ends != sum.Streams {
		t.Errorf("%d streams end somewhere, of %d", ends+sum.Beyond.Ends, sum.Streams)
	}
	if v := g.Variants(5); v.Known+v.Long+v.Full != sum.Streams {
		t.Errorf("%+v of %d streams", v, sum.Streams)
	}
}

// TestKeptIsExact holds that what the bounds let in is counted as if there were none.
func TestKeptIsExact(t *testing.T) {
	l := random(seeded(t), 8000)
	g := l.graph(flow.Limits{StreamBytes: 30_000})
	if g.Sum().Beyond.Messages == 0 {
		t.Fatal("nothing was left out")
	}
	kept := map[string]bool{}
	for _, e := range l.events {
		if room := g.Sum().Streams; int64(len(kept)) < room {
			kept[e.Stream] = true
		}
	}
	own := slices.DeleteFunc(slices.Clone(l.events), func(e flow.Event) bool { return !kept[e.Stream] })
	want, _, _ := naive(own)
	for _, tr := range g.Transitions() {
		if c := want[tr.Pair]; c == nil || c.n != tr.Count {
			t.Fatalf("%+v: %d, want %+v", tr.Pair, tr.Count, c)
		}
	}
}

func TestRepeatedIsLeftOut(t *testing.T) {
	l := newLog()
	l.add("a-1", "A", 0)
	l.add("a-1", "B", time.Second)
	l.events = append(l.events, l.events...)
	g := l.graph(flow.Limits{})
	if s := g.Sum(); s.Repeated != 2 || s.Messages != 4 || len(g.Transitions()) != 3 {
		t.Errorf("%+v", s)
	}
}

// TestMemory holds that a graph takes about what it says, at its bounds.
func TestMemory(t *testing.T) {
	limits := flow.Limits{Types: 500, Transitions: 500, StreamBytes: 2 << 20, OrderBytes: 2 << 20}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r, g := seeded(t), flow.New(limits)
	at := time.Now()
	positions := map[int]int64{}
	for i := range 400_000 {
		n := r.IntN(50_000)
		at = at.Add(time.Duration(r.Int64N(1e12)))
		g.Take(flow.Event{Stream: fmt.Sprintf("s-%d", n), Type: fmt.Sprintf("T%d", r.IntN(30)), Position: positions[n], Global: int64(i + 1), Time: at})
		positions[n]++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	held, said := int(after.HeapAlloc)-int(before.HeapAlloc), g.Bytes()
	most := limits.StreamBytes + limits.OrderBytes + 500*(128+256) + 500*8500
	t.Logf("%d held, %d said, %d at most", held, said, most)
	if said > most || held > said*3/2 {
		t.Errorf("a graph holds %d bytes and says %d, of %d at most", held, said, most)
	}
	runtime.KeepAlive(g)
}

func BenchmarkGraph(b *testing.B) {
	r, l := rand.New(rand.NewPCG(1, 2)), newLog()
	kinds := []string{"Opened", "Deposited", "Withdrawn", "LimitRaised", "LimitLowered", "Frozen", "Thawed", "Closed"}
	for range 65_000 {
		l.add(fmt.Sprintf("account-%d", r.IntN(1000)), kinds[r.IntN(len(kinds))], time.Duration(r.Int64N(1e9)))
	}
	b.ReportAllocs()
	for b.Loop() {
		g := l.graph(flow.Limits{})
		g.Transitions()
		g.Variants(1000)
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/65,000")
}
