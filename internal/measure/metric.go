package measure

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/evtui/evtui/internal/text"
)

// Unit is what a value counts. It stands in JSON as it is.
type Unit string

// The units. Those of time differ in how a value is held and shown.
const (
	Number       Unit = ""
	PerCall      Unit = "/call"
	PerSecond    Unit = "/s"
	Bytes        Unit = "B"
	Cores        Unit = "cores"
	Nanoseconds  Unit = "ns"
	Milliseconds Unit = "ms"     // of a call, as its caller sees it
	CPUMicros    Unit = "µs CPU" // processor time of a call, in microseconds
)

// Format writes a value as people read it; NaN is a dash.
func (u Unit) Format(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case u == PerSecond:
		return text.Rate(v)
	case u == Bytes:
		return text.Bytes(v)
	case u == Nanoseconds:
		return text.Duration(time.Duration(v))
	case u == Cores:
		return fmt.Sprintf("%.2f", v)
	case u == Milliseconds:
		return fmt.Sprintf("%.2f ms", v)
	case u == CPUMicros:
		return fmt.Sprintf("%.1f µs", v)
	case u == PerCall:
		return fmt.Sprintf("%.1f", v)
	}
	return text.Count(int64(v + 0.5))
}

// Known is NaN for 0, where that stands for what was not measured.
func Known(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}

// Better is which way a metric is better.
type Better int

// The ways.
const (
	Neither Better = iota // in itself
	More
	Less
)

// Metric is what is measured.
type Metric struct {
	Name   string
	Unit   Unit
	Better Better
}

// Spread is what the values of a metric came to. Of none, all but N is NaN.
type Spread struct {
	N                           int
	Min, Median, P99, Max, Mean float64
}

// SpreadOf sums values up, apart from those that are NaN.
func SpreadOf(values []float64) Spread {
	sorted := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	n := len(sorted)
	if n == 0 {
		none := math.NaN()
		return Spread{Min: none, Median: none, P99: none, Max: none, Mean: none}
	}
	sum := 0.0
	for _, v := range sorted {
		sum += v
	}
	slices.Sort(sorted)
	return Spread{
		N: n, Min: sorted[0], Median: (sorted[(n-1)/2] + sorted[n/2]) / 2,
		P99: sorted[(n*99-1)/100], Max: sorted[n-1], Mean: sum / float64(n),
	}
}

// Of is the spread of a single value.
func Of(v float64) Spread { return SpreadOf([]float64{v}) }

// Format writes the median, and of several values the least and the greatest.
func (s Spread) Format(u Unit) string {
	if s.N < 2 {
		return u.Format(s.Median)
	}
	return fmt.Sprintf("%s (%s – %s)", u.Format(s.Median), u.Format(s.Min), u.Format(s.Max))
}

// Pair is a metric of two that are compared.
type Pair struct {
	Metric
	Sides [2]Spread
}

// Known reports whether both were measured.
func (p *Pair) Known() bool { return p.Sides[0].N > 0 && p.Sides[1].N > 0 }

// Apart reports whether the two differ: runs of either that do not overlap do,
// and single ones that differ by more than noise, a share of base.
func (p *Pair) Apart(noise, base float64) bool {
	a, b := p.Sides[0], p.Sides[1]
	switch {
	case !p.Known():
		return false
	case a.N > 1 && b.N > 1:
		return a.Min > b.Max || b.Min > a.Max
	}
	return math.Abs(b.Median-a.Median) > noise*math.Abs(base)
}

// Ahead returns which of two that are apart is better; -1 where neither way is.
func (p *Pair) Ahead() int {
	switch {
	case p.Better == Neither:
		return -1
	case (p.Sides[0].Median > p.Sides[1].Median) == (p.Better == More):
		return 0
	}
	return 1
}
