package recording

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Unit is what a figure counts.
type Unit string

// The units.
const (
	PerSecond   Unit = "/s"
	Nanoseconds Unit = "ns"
	Bytes       Unit = "B"
	Cores       Unit = "cores"
	Number      Unit = ""
)

// Figure is one line of a summary. Of is NaN for what did not happen or was not
// told.
type Figure struct {
	Name  string
	Unit  Unit
	Value float64
	Less  bool // less is better; for a figure that is neither, see Neutral
	// Neutral says that neither more nor less is better in itself.
	Neutral bool
}

// Series is a figure over the time of a recording, one value a second from its
// first sample on; NaN where there was none.
type Series struct {
	Name   string
	Unit   Unit
	Values []float64
}

// Summary is a recording in figures.
type Summary struct {
	Header
	Info    wire.Info
	Length  time.Duration // from the first sample to the last
	Samples int
	Gaps    int
	Torn    string
	Figures []Figure
	Series  []Series
}

// Summarize works a recording out. All recordings have the same figures and
// series, in the same order.
func (r *Recording) Summarize() Summary {
	s := Summary{Header: r.Header, Info: r.Info, Samples: len(r.Samples), Gaps: len(r.Gaps), Torn: r.Torn}
	if n := len(r.Samples); n > 1 {
		s.Length = r.Samples[n-1].Time.Sub(r.Samples[0].Time)
	}
	for _, f := range sampled() {
		values := r.values(f.of)
		for _, how := range f.how {
			s.Figures = append(s.Figures, Figure{Name: how.name(f.name), Unit: f.unit, Value: how.fold(values), Less: f.less, Neutral: f.neutral})
		}
		if f.drawn {
			s.Series = append(s.Series, Series{Name: f.name, Unit: f.unit, Values: r.overTime(f.of)})
		}
	}
	s.Figures = append(s.Figures, r.counted()...)
	return s
}

// sampledFigure is taken from each sample, and folded into figures.
type sampledFigure struct {
	name    string
	unit    Unit
	less    bool
	neutral bool
	drawn   bool // over time
	of      func(*wire.Sample) float64
	how     []fold
}

// fold makes one value of many.
type fold struct {
	label string // before the name; "" for none
	fold  func([]float64) float64
}

func (f fold) name(of string) string { return strings.TrimSpace(f.label + " " + of) }

func sampled() []sampledFigure {
	mean, most, middle := fold{"", average}, fold{"most", greatest}, fold{"", median}
	engine := func(of func(*wire.EngineSample) float64) func(*wire.Sample) float64 {
		return func(s *wire.Sample) float64 {
			if s.Engine == nil {
				return math.NaN()
			}
			return of(s.Engine)
		}
	}
	return []sampledFigure{
		{name: "appends", unit: PerSecond, drawn: true, of: inFull(func(s *wire.Sample) float64 { return s.Appends }), how: []fold{mean, most}},
		{name: "reads", unit: PerSecond, drawn: true, of: inFull(func(s *wire.Sample) float64 { return s.Reads }), how: []fold{mean, most}},
		{name: "announced", unit: PerSecond, of: inFull(func(s *wire.Sample) float64 { return s.Announced }), how: []fold{mean}},
		{name: "errors", unit: PerSecond, less: true, of: inFull(func(s *wire.Sample) float64 { return s.Errors }), how: []fold{mean}},
		{name: "write p50", unit: Nanoseconds, less: true, of: latency(false, "stream.write", "stream.append"), how: []fold{middle}},
		{name: "write p99", unit: Nanoseconds, less: true, drawn: true, of: latency(true, "stream.write", "stream.append"), how: []fold{middle, most}},
		{name: "read p50", unit: Nanoseconds, less: true, of: latency(false, "category.get", "stream.get"), how: []fold{middle}},
		{name: "read p99", unit: Nanoseconds, less: true, drawn: true, of: latency(true, "category.get", "stream.get"), how: []fold{middle, most}},
		{name: "CPU", unit: Cores, less: true, drawn: true, of: inFull(func(s *wire.Sample) float64 { return s.CPU - s.UICPU }), how: []fold{mean, most}},
		{name: "heap", unit: Bytes, less: true, drawn: true, of: func(s *wire.Sample) float64 { return float64(s.HeapBytes) }, how: []fold{mean, most}},
		{name: "resident memory", unit: Bytes, less: true, of: func(s *wire.Sample) float64 { return told(float64(s.RSSBytes)) }, how: []fold{most}},
		{name: "GC pause a second", unit: Nanoseconds, less: true, of: inFull(func(s *wire.Sample) float64 { return float64(s.GCPause) }), how: []fold{mean, most}},
		{name: "goroutines", unit: Number, less: true, of: func(s *wire.Sample) float64 { return float64(s.Goroutines) }, how: []fold{most}},
		{name: "connections", unit: Number, neutral: true, of: func(s *wire.Sample) float64 { return float64(s.Connections) }, how: []fold{most}},
		{name: "data on disk", unit: Bytes, neutral: true, drawn: true, of: engine(onDisk), how: []fold{most}},
		{name: "compaction debt", unit: Bytes, less: true, of: engine(func(e *wire.EngineSample) float64 { return float64(e.Debt) }), how: []fold{most}},
		{name: "L0 sublevels", unit: Number, less: true, of: engine(func(e *wire.EngineSample) float64 { return float64(e.Sublevels) }), how: []fold{most}},
		{name: "fsync p99", unit: Nanoseconds, less: true, of: engine(func(e *wire.EngineSample) float64 { return told(float64(e.FsyncP99)) }), how: []fold{most}},
	}
}

// inFull is a figure of a whole second, NaN before the server has seen one.
func inFull(of func(*wire.Sample) float64) func(*wire.Sample) float64 {
	return func(s *wire.Sample) float64 {
		if s.Partial {
			return math.NaN()
		}
		return of(s)
	}
}

// onDisk is what the data takes on disk, NaN where that is not known.
func onDisk(e *wire.EngineSample) float64 {
	bytes, _, known := e.Disk()
	if !known {
		return math.NaN()
	}
	return float64(bytes)
}

// told is NaN for 0, where that stands for not known.
func told(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}

// latency is the worst of the methods in a second; NaN when none was called.
func latency(p99 bool, methods ...string) func(*wire.Sample) float64 {
	return func(s *wire.Sample) float64 {
		out := math.NaN()
		for _, name := range methods {
			m, called := s.Methods[name]
			if !called || m.Calls <= 0 {
				continue
			}
			v := float64(m.P50)
			if p99 {
				v = float64(m.P99)
			}
			if !(out >= v) {
				out = v
			}
		}
		return out
	}
}

// values returns a figure of each sample, without those that have none.
func (r *Recording) values(of func(*wire.Sample) float64) []float64 {
	out := make([]float64, 0, len(r.Samples))
	for i := range r.Samples {
		if v := of(&r.Samples[i]); !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

// longest bounds a series: beyond it the seconds are not drawn one by one.
const longest = 24 * 3600

// overTime returns a figure second by second.
func (r *Recording) overTime(of func(*wire.Sample) float64) []float64 {
	if len(r.Samples) == 0 {
		return nil
	}
	first := r.Samples[0].Time
	n := int(r.Samples[len(r.Samples)-1].Time.Sub(first).Round(time.Second)/time.Second) + 1
	out := make([]float64, min(max(n, 1), longest))
	for i := range out {
		out[i] = math.NaN()
	}
	for i := range r.Samples {
		at := int(r.Samples[i].Time.Sub(first).Round(time.Second) / time.Second)
		if at >= 0 && at < len(out) {
			out[at] = of(&r.Samples[i])
		}
	}
	return out
}

// counted are the figures of events and log.
func (r *Recording) counted() []Figure {
	kinds := map[string]float64{}
	var moved float64
	for i := range r.Events {
		kinds[r.Events[i].Kind]++
		if r.Events[i].Kind == store.EventCompact {
			moved += float64(r.Events[i].BytesIn)
		}
	}
	levels := map[string]float64{}
	for i := range r.Log {
		levels[r.Log[i].Level]++
	}
	stalled := 0.0
	for i := range r.Samples {
		if e := r.Samples[i].Engine; e != nil && e.Stalled > 0 {
			stalled++
		}
	}
	return []Figure{
		{Name: "flushes", Value: kinds[store.EventFlush], Neutral: true},
		{Name: "compactions", Value: kinds[store.EventCompact], Neutral: true},
		{Name: "read by compactions", Unit: Bytes, Value: moved, Less: true},
		{Name: "seconds with a write stall", Value: stalled, Less: true},
		{Name: "profiles taken", Value: float64(len(r.Profiles)), Neutral: true},
		{Name: "warnings in the log", Value: levels["WARN"], Less: true},
		{Name: "errors in the log", Value: levels["ERROR"], Less: true},
	}
}

func average(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func greatest(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return slices.Max(values)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Change is a figure of two recordings, side by side.
type Change struct {
	Figure
	Before, After float64 // NaN: not told, or it did not happen
	Verdict       Verdict
}

// Verdict says what a change is worth.
type Verdict string

// The verdicts. Same is a change of less than noise.
const (
	Better Verdict = "better"
	Worse  Verdict = "worse"
	Same   Verdict = "same"
	Other  Verdict = "" // neither is better in itself, or one of them is not known
)

// noise is by how much two runs of the same differ anyway.
const noise = 0.05

// Compare lays two summaries over each other, figure by figure.
func Compare(before, after Summary) []Change {
	out := make([]Change, len(before.Figures))
	for i, f := range before.Figures {
		out[i] = Change{Figure: f, Before: f.Value, After: after.Figures[i].Value}
		out[i].Verdict = verdict(out[i])
	}
	return out
}

func verdict(c Change) Verdict {
	difference := c.After - c.Before
	switch {
	case math.IsNaN(difference) || c.Neutral:
		return Other
	case difference == 0 || math.Abs(difference) <= noise*math.Abs(c.Before):
		return Same
	case (difference < 0) == c.Less:
		return Better
	}
	return Worse
}
