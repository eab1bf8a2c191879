package profiler

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// unit is one name for a measure, as pprof knows it.
type unit struct {
	name    string
	aliases []string
	factor  float64
}

// dimension is the units that convert into each other; base is which of them pprof
// falls back on.
type dimension struct {
	base  int
	units []unit
}

// dimensions is what pprof can convert: sizes, times, and Google's compute
// units. It is never written to.
var dimensions = []dimension{
	{base: 0, units: []unit{
		{"B", []string{"b", "byte"}, 1},
		{"kB", []string{"kb", "kbyte", "kilobyte"}, 1 << 10},
		{"MB", []string{"mb", "mbyte", "megabyte"}, 1 << 20},
		{"GB", []string{"gb", "gbyte", "gigabyte"}, 1 << 30},
		{"TB", []string{"tb", "tbyte", "terabyte"}, 1 << 40},
		{"PB", []string{"pb", "pbyte", "petabyte"}, 1 << 50},
	}},
	{base: 3, units: []unit{
		{"ns", []string{"ns", "nanosecond"}, float64(time.Nanosecond)},
		{"us", []string{"μs", "us", "microsecond"}, float64(time.Microsecond)},
		{"ms", []string{"ms", "millisecond"}, float64(time.Millisecond)},
		{"s", []string{"s", "sec", "second"}, float64(time.Second)},
		{"hrs", []string{"hour", "hr"}, float64(time.Hour)},
	}},
	{base: 3, units: []unit{
		{"n*GCU", []string{"nanogcu"}, 1e-9},
		{"u*GCU", []string{"microgcu"}, 1e-6},
		{"m*GCU", []string{"milligcu"}, 1e-3},
		{"GCU", []string{"gcu"}, 1},
		{"k*GCU", []string{"kilogcu"}, 1e3},
		{"M*GCU", []string{"megagcu"}, 1e6},
		{"G*GCU", []string{"gigagcu"}, 1e9},
		{"T*GCU", []string{"teragcu"}, 1e12},
		{"P*GCU", []string{"petagcu"}, 1e15},
	}},
}

func (d dimension) find(name string) *unit {
	name = strings.ToLower(name)
	if len(name) > 2 {
		name = strings.TrimSuffix(name, "s")
	}
	for i := range d.units {
		if slices.Contains(d.units[i].aliases, name) {
			return &d.units[i]
		}
	}
	return nil
}

// largest converts v, in the dimension's smallest measure, to the largest unit
// in which it is at least 1.
func (d dimension) largest(v float64) (float64, string) {
	best := unit{}
	for _, u := range d.units {
		if u.factor >= best.factor && v/u.factor >= 1 {
			best = u
		}
	}
	if best.factor == 0 {
		best = d.units[d.base]
	}
	return v / best.factor, best.name
}

// scale converts a value between units. To "auto" and "minimum" it picks the
// largest unit in which the value is at least 1. The unit returned is empty
// where printing it would say nothing.
func scale(value int64, from, to string) (float64, string) {
	if value < 0 && -value > 0 {
		v, u := scale(-value, from, to)
		return -v, u
	}
	for _, d := range dimensions {
		u := d.find(from)
		if u == nil {
			continue
		}
		v := float64(value) * u.factor
		if to == "auto" || to == "minimum" {
			return d.largest(v)
		}
		if u = d.find(to); u == nil {
			u = &d.units[d.base]
		}
		return v / u.factor, u.name
	}
	switch to {
	case "count", "sample", "unit", "minimum", "auto":
		return float64(value), ""
	default:
		return float64(value), to
	}
}

func commensurable(a, b string) bool {
	return a == b || slices.ContainsFunc(dimensions, func(d dimension) bool {
		return d.find(a) != nil && d.find(b) != nil
	})
}

// scaledLabel prints a value in another unit with at most two decimals.
func scaledLabel(value int64, from, to string) string {
	v, u := scale(value, from, to)
	s := strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
	if s == "0" || s == "-0" {
		return "0"
	}
	return s + u
}

// Percent prints value as a share of total in the six cells that pprof gives
// it: " 12.34%", "  100%". The sign is dropped.
func Percent(value, total int64) string {
	var ratio float64
	if total != 0 {
		ratio = math.Abs(float64(value)/float64(total)) * 100
	}
	switch {
	case ratio >= 99.95 && ratio <= 100.05:
		return "  100%"
	case ratio >= 1:
		return fmt.Sprintf("%5.2f%%", ratio)
	default:
		return fmt.Sprintf("%5.2g%%", ratio)
	}
}

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}
