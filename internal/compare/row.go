package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/text"
)

// figure is one thing that is measured of every session.
type figure struct {
	name    string
	subject string // one of subjects
	telling bool   // it counts in what follows; others are there for who looks closer
	more    bool   // more is better
	format  func(float64) string
	of      func(*Session) float64 // 0: not measured
}

// spread is what an engine's runs measured.
type spread struct {
	values       []float64 // by run, those that were measured
	median       float64
	min, max     float64
	measuredOnce bool
}

func spreadOf(sessions []*Session, of func(*Session) float64) spread {
	var s spread
	for _, one := range sessions {
		if v := of(one); v > 0 {
			s.values = append(s.values, v)
		}
	}
	if len(s.values) == 0 {
		return s
	}
	sorted := slices.Sorted(slices.Values(s.values))
	n := len(sorted)
	s.median = (sorted[(n-1)/2] + sorted[n/2]) / 2
	s.min, s.max, s.measuredOnce = sorted[0], sorted[n-1], n == 1
	return s
}

func (s spread) known() bool { return len(s.values) > 0 }

// row is one figure of both engines.
type row struct {
	figure
	engines [2]string
	spreads [2]spread
}

// rows are all figures of the comparison.
func (c *Comparison) rows() []row {
	var rows []row
	for _, f := range c.figures() {
		r := row{figure: f, engines: c.Engines}
		for i, engine := range c.Engines {
			r.spreads[i] = spreadOf(c.of(engine), f.of)
		}
		rows = append(rows, r)
	}
	return rows
}

func (r *row) known() bool { return r.spreads[0].known() && r.spreads[1].known() }

// leastDifference is how far single sessions must be apart to be told from each other.
const leastDifference = 1.1

// ahead returns which engine is better, and how many times; -1 when they are
// not told apart: the runs overlap, or a single pair is too close.
func (r *row) ahead() (engine int, times float64) {
	a, b := r.spreads[0], r.spreads[1]
	if !r.known() {
		return -1, 0
	}
	times = max(a.median, b.median) / min(a.median, b.median)
	if a.measuredOnce || b.measuredOnce {
		if times < leastDifference {
			return -1, times
		}
	} else if a.min <= b.max && b.min <= a.max {
		return -1, times
	}
	if (a.median > b.median) == r.more {
		return 0, times
	}
	return 1, times
}

// cells are the row in the table: name, both medians, and who is ahead.
func (r *row) cells() []string {
	cells := []string{r.name, r.cell(0), r.cell(1), ""}
	switch engine, times := r.ahead(); {
	case engine >= 0:
		cells[3] = title(r.engines[engine]) + " " + factor(times)
	case times > 0:
		cells[3] = "not told apart"
	default:
		cells[3] = "–"
	}
	return cells
}

// cell is an engine's median, with the least and the most of several runs.
func (r *row) cell(engine int) string {
	s := r.spreads[engine]
	switch {
	case !s.known():
		return "–"
	case s.measuredOnce:
		return r.format(s.median)
	}
	return fmt.Sprintf("%s (%s – %s)", r.format(s.median), r.format(s.min), r.format(s.max))
}

// factor is how many times one thing is another.
func factor(times float64) string {
	switch {
	case times < 10:
		return fmt.Sprintf("%.1f×", times)
	default:
		return fmt.Sprintf("%.0f×", times)
	}
}

// Subjects of figures.
const (
	onThroughput = "Throughput"
	onWriting    = "Writing"
	onReading    = "Reading"
	onProcessor  = "Processor"
	onMemory     = "Memory"
	onDisk       = "Disk"
)

func subjects() []string {
	return []string{onThroughput, onWriting, onReading, onProcessor, onMemory, onDisk}
}

// figures are the rows of the table, in its order.
func (c *Comparison) figures() []figure {
	perCall := func(of func(*Session) float64) func(*Session) float64 {
		return func(s *Session) float64 { return ratio(of(s), float64(s.calls())) }
	}
	list := []figure{
		{"messages written", onThroughput, true, true, text.Rate, func(s *Session) float64 { return s.Load.MessageRate }},
		{"calls that write", onThroughput, false, true, text.Rate, func(s *Session) float64 { return s.Load.WriteRate }},
		{"calls that read", onThroughput, false, true, text.Rate, func(s *Session) float64 { return s.Load.ReadRate }},
	}
	list = append(list, c.latencies()...)
	return append(list,
		figure{"server's CPU a call", onProcessor, true, false, duration, perCall(func(s *Session) float64 { return float64(s.CPU) })},
		figure{"cores busy in the server", onProcessor, false, false, cores, func(s *Session) float64 { return ratio(float64(s.CPU), float64(s.Load.Elapsed)) }},
		figure{"allocations a call", onMemory, true, false, count, perCall(func(s *Session) float64 { return float64(s.Allocs) })},
		figure{"bytes allocated a call", onMemory, true, false, text.Bytes, perCall(func(s *Session) float64 { return float64(s.AllocBytes) })},
		figure{"memory, most resident", onMemory, true, false, text.Bytes, func(s *Session) float64 { return float64(s.PeakMemory) }},
		figure{"Go's heap after the load", onMemory, false, false, text.Bytes, func(s *Session) float64 { return float64(s.HeapBytes) }},
		figure{"bytes a message, compacted", onDisk, true, false, text.Bytes, func(s *Session) float64 { return ratio(float64(s.DiskPacked), float64(s.Load.Messages)) }},
		figure{"bytes a message, as the load left it", onDisk, false, false, text.Bytes, func(s *Session) float64 { return ratio(float64(s.DiskLeft), float64(s.Load.Messages)) }},
		figure{"log's sync, p50", onDisk, false, false, duration, func(s *Session) float64 { return float64(s.SyncP50) }},
		figure{"log's sync, p99", onDisk, false, false, duration, func(s *Session) float64 { return float64(s.SyncP99) }},
	)
}

// latencies are three rows for each method that the loads called.
func (c *Comparison) latencies() []figure {
	var list []figure
	for _, method := range c.methods() {
		subject := onReading
		if method == writing {
			subject = onWriting
		}
		of := func(part func(load.Latency) time.Duration) func(*Session) float64 {
			return func(s *Session) float64 { return float64(part(s.Load.Latency[method])) }
		}
		list = append(list,
			figure{method + ", mean", subject, true, false, duration, of(func(l load.Latency) time.Duration { return l.Mean })},
			figure{method + ", p50", subject, false, false, duration, of(func(l load.Latency) time.Duration { return l.P50 })},
			figure{method + ", p99", subject, true, false, duration, of(func(l load.Latency) time.Duration { return l.P99 })})
	}
	return list
}

// methods are those that any load called, the writing one first.
func (c *Comparison) methods() []string {
	var list []string
	for i := range c.Sessions {
		for method := range c.Sessions[i].Load.Latency {
			if !slices.Contains(list, method) {
				list = append(list, method)
			}
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		if wa, wb := a == writing, b == writing; wa != wb {
			if wa {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return list
}

// writing is the method of the load's appends.
const writing = "stream.write"

func ratio(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

func duration(v float64) string { return text.Duration(time.Duration(v)) }
func cores(v float64) string    { return fmt.Sprintf("%.2f", v) }
func count(v float64) string    { return fmt.Sprintf("%.1f", v) }

// title is an engine's name as its makers write it.
func title(engine string) string {
	switch engine {
	case "pebble":
		return "Pebble"
	case "sqlite":
		return "SQLite"
	}
	return engine
}
