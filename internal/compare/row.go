package compare

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/measure"
)

// figure is a metric of every session.
type figure struct {
	name    string
	subject string // such as onThroughput
	telling bool   // it counts in the conclusions; others are there for who looks closer
	better  measure.Better
	unit    measure.Unit
	of      func(*Session) float64 // 0: not measured
}

// row is one figure of both engines.
type row struct {
	measure.Pair
	figure
	engines [2]string
}

// rows are all figures of the comparison.
func (c *Comparison) rows() []row {
	var rows []row
	for _, f := range c.figures() {
		r := row{Pair: measure.Pair{Metric: measure.Metric{Name: f.name, Unit: f.unit, Better: f.better}}, figure: f, engines: c.Engines}
		for i, engine := range c.Engines {
			r.Sides[i] = spreadOf(c.of(engine), f.of)
		}
		rows = append(rows, r)
	}
	return rows
}

// spreadOf is what an engine's runs measured.
func spreadOf(sessions []*Session, of func(*Session) float64) measure.Spread {
	values := make([]float64, len(sessions))
	for i, one := range sessions {
		values[i] = measure.Known(of(one))
	}
	return measure.SpreadOf(values)
}

// noise is up to what share single sessions differ without a clear difference.
const noise = 0.1

// noDifference stands where noise may be all that there is.
const noDifference = "no clear difference"

// ahead returns which engine is better, and how many times; -1 when they are
// not clearly different.
func (r *row) ahead() (engine int, times float64) {
	if !r.Known() {
		return -1, 0
	}
	a, b := r.Sides[0].Median, r.Sides[1].Median
	times = max(a, b) / min(a, b)
	if !r.Apart(noise, min(a, b)) {
		return -1, times
	}
	return r.Ahead(), times
}

// cells are the row in the table: name, both medians, and who is ahead.
func (r *row) cells() []string {
	ahead := "–"
	switch engine, times := r.ahead(); {
	case engine >= 0:
		ahead = title(r.engines[engine]) + " " + factor(times)
	case times > 0:
		ahead = noDifference
	}
	return []string{r.Name, r.Sides[0].Format(r.Unit), r.Sides[1].Format(r.Unit), ahead}
}

// factor is how many times one thing is another.
func factor(times float64) string {
	if times < 10 {
		return fmt.Sprintf("%.1f×", times)
	}
	return fmt.Sprintf("%.0f×", times)
}

// Subjects of figures, in the order of the conclusions.
const (
	onThroughput = "Throughput"
	onWriting    = "Writing"
	onReading    = "Reading"
	onProcessor  = "Processor"
	onMemory     = "Memory"
	onDisk       = "Disk"
)

// figures are the rows of the table, in its order.
func (c *Comparison) figures() []figure {
	perCall := func(of func(*Session) float64) func(*Session) float64 {
		return func(s *Session) float64 { return ratio(of(s), float64(s.calls())) }
	}
	list := []figure{
		{"messages written", onThroughput, true, measure.More, measure.PerSecond, func(s *Session) float64 { return s.Load.MessageRate }},
		{"calls that write", onThroughput, false, measure.More, measure.PerSecond, func(s *Session) float64 { return s.Load.WriteRate }},
		{"calls that read", onThroughput, false, measure.More, measure.PerSecond, func(s *Session) float64 { return s.Load.ReadRate }},
	}
	list = append(list, c.latencies()...)
	return append(list,
		figure{"server's CPU a call", onProcessor, true, measure.Less, measure.Nanoseconds, perCall(func(s *Session) float64 { return float64(s.CPU) })},
		figure{"cores busy in the server", onProcessor, false, measure.Less, measure.Cores, func(s *Session) float64 { return ratio(float64(s.CPU), float64(s.Load.Elapsed)) }},
		figure{"allocations a call", onMemory, true, measure.Less, measure.PerCall, perCall(func(s *Session) float64 { return float64(s.Allocs) })},
		figure{"bytes allocated a call", onMemory, true, measure.Less, measure.Bytes, perCall(func(s *Session) float64 { return float64(s.AllocBytes) })},
		figure{"memory, most resident", onMemory, true, measure.Less, measure.Bytes, func(s *Session) float64 { return float64(s.PeakMemory) }},
		figure{"Go's heap after the load", onMemory, false, measure.Less, measure.Bytes, func(s *Session) float64 { return float64(s.HeapBytes) }},
		figure{"bytes a message, compacted", onDisk, true, measure.Less, measure.Bytes, func(s *Session) float64 { return ratio(float64(s.DiskPacked), float64(s.Load.Messages)) }},
		figure{"bytes a message, as the load left it", onDisk, false, measure.Less, measure.Bytes, func(s *Session) float64 { return ratio(float64(s.DiskLeft), float64(s.Load.Messages)) }},
		figure{"log's sync, p50", onDisk, false, measure.Less, measure.Nanoseconds, func(s *Session) float64 { return float64(s.SyncP50) }},
		figure{"log's sync, p99", onDisk, false, measure.Less, measure.Nanoseconds, func(s *Session) float64 { return float64(s.SyncP99) }},
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
			figure{method + ", mean", subject, true, measure.Less, measure.Nanoseconds, of(func(l load.Latency) time.Duration { return l.Mean })},
			figure{method + ", p50", subject, false, measure.Less, measure.Nanoseconds, of(func(l load.Latency) time.Duration { return l.P50 })},
			figure{method + ", p99", subject, true, measure.Less, measure.Nanoseconds, of(func(l load.Latency) time.Duration { return l.P99 })})
	}
	return list
}

// methods are those that any load called, the writing one first.
func (c *Comparison) methods() []string {
	called := map[string]load.Latency{}
	for i := range c.Sessions {
		maps.Copy(called, c.Sessions[i].Load.Latency)
	}
	list := slices.Sorted(maps.Keys(called))
	if i := slices.Index(list, writing); i > 0 {
		list = slices.Insert(slices.Delete(list, i, i+1), 0, writing)
	}
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
