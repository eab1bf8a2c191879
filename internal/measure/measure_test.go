package measure

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSpreadOf(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Spread
	}{
		{[]float64{3}, Spread{N: 1, Min: 3, Median: 3, P99: 3, Max: 3, Mean: 3}},
		{[]float64{4, 1}, Spread{N: 2, Min: 1, Median: 2.5, P99: 4, Max: 4, Mean: 2.5}},
		{[]float64{9, math.NaN(), 1, 2}, Spread{N: 3, Min: 1, Median: 2, P99: 9, Max: 9, Mean: 4}},
	} {
		if got := SpreadOf(c.values); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.values, got, c.want)
		}
	}
	hundred := make([]float64, 200)
	for i := range hundred {
		hundred[i] = float64(200 - i)
	}
	before := slices.Clone(hundred)
	if got := SpreadOf(hundred); got.P99 != 198 || got.Median != 100.5 || !slices.Equal(hundred, before) {
		t.Errorf("%+v of %v", got, hundred[:3])
	}
	for _, none := range [][]float64{nil, {math.NaN()}} {
		s := SpreadOf(none)
		for _, v := range []float64{s.Min, s.Median, s.P99, s.Max, s.Mean} {
			if s.N != 0 || !math.IsNaN(v) {
				t.Errorf("nothing is %+v", s)
			}
		}
		if s.Format(Bytes) != "–" {
			t.Errorf("nothing is shown as %s", s.Format(Bytes))
		}
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		unit  Unit
		value float64
		want  string
	}{
		{Number, 12431.6, "12,432"}, {PerCall, 3.14159, "3.1"}, {PerSecond, 1234, "1,234/s"}, {Bytes, 12_400, "12.4 kB"},
		{Cores, 1.5, "1.50"}, {Nanoseconds, 1.8e6, "1.8 ms"}, {Milliseconds, 4.126, "4.13 ms"}, {CPUMicros, 15.04, "15.0 µs"},
		{Bytes, math.NaN(), "–"}, {CPUMicros, Known(0), "–"}, {CPUMicros, Known(2), "2.0 µs"},
	} {
		if got := c.unit.Format(c.value); got != c.want {
			t.Errorf("%v %q: %q, want %q", c.value, c.unit, got, c.want)
		}
	}
	if got := SpreadOf([]float64{1000, 3000, 2000}).Format(PerSecond); got != "2,000/s (1,000/s – 3,000/s)" {
		t.Errorf("three runs are %q", got)
	}
}

func TestPairs(t *testing.T) {
	one := func(v float64) Spread { return SpreadOf([]float64{v}) }
	for _, c := range []struct {
		name  string
		sides [2]Spread
		apart bool
	}{
		{"single and close", [2]Spread{one(100), one(109)}, false},
		{"single and far", [2]Spread{one(100), one(111)}, true},
		{"single and equal", [2]Spread{one(0), one(0)}, false},
		{"single, from nothing", [2]Spread{one(0), one(1)}, true},
		{"runs that overlap", [2]Spread{SpreadOf([]float64{1, 5}), SpreadOf([]float64{4, 9})}, false},
		{"runs that touch", [2]Spread{SpreadOf([]float64{1, 4}), SpreadOf([]float64{4, 9})}, false},
		{"runs apart", [2]Spread{SpreadOf([]float64{1, 3}), SpreadOf([]float64{4, 9})}, true},
		{"one not measured", [2]Spread{one(100), SpreadOf(nil)}, false},
	} {
		p := Pair{Sides: c.sides}
		if got := p.Apart(0.1, c.sides[0].Median); got != c.apart {
			t.Errorf("%s: apart %v", c.name, got)
		}
		// Whichever way round they are.
		p.Sides[0], p.Sides[1] = p.Sides[1], p.Sides[0]
		if got := p.Apart(0.1, c.sides[0].Median); got != c.apart {
			t.Errorf("%s, swapped: apart %v", c.name, got)
		}
	}
	for better, want := range map[Better]int{More: 1, Less: 0, Neither: -1} {
		p := Pair{Metric: Metric{Better: better}, Sides: [2]Spread{one(1), one(2)}}
		if got := p.Ahead(); got != want {
			t.Errorf("better %d: %d is ahead, want %d", better, got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	var b strings.Builder
	if err := (Table{{"", "calls\t"}, {"read", "1,234"}, {"write", "9"}}).WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	if want := "|  | calls |\n|---|--:|\n| read | 1,234 |\n| write | 9 |\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}

func TestMiddle(t *testing.T) {
	for _, c := range []struct{ load, begin, span time.Duration }{
		{30 * time.Second, 10 * time.Second, 10 * time.Second},
		{time.Minute, 25 * time.Second, 10 * time.Second},
		{10 * time.Second, 2500 * time.Millisecond, 5 * time.Second},
		{2 * time.Second, 500 * time.Millisecond, time.Second},
		{time.Second, 0, time.Second},
	} {
		if begin, span := middle(c.load); begin != c.begin || span != c.span {
			t.Errorf("of %v: %v from %v, want %v from %v", c.load, span, begin, c.span, c.begin)
		}
	}
}
