package recording

import (
	"math"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Figure is one line of a summary. Its value is NaN for what did not happen or
// was not reported.
type Figure struct {
	measure.Metric
	Value float64
}

// Series is a metric over the time of a recording, one value a second from its
// first sample on; NaN where there was none.
type Series struct {
	Name   string
	Unit   measure.Unit
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
		spread := measure.SpreadOf(r.values(f.of))
		for _, how := range f.how {
			m := measure.Metric{Name: strings.TrimSpace(how.label + " " + f.name), Unit: f.unit, Better: f.better}
			s.Figures = append(s.Figures, Figure{m, how.fold(spread)})
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
	name   string
	unit   measure.Unit
	better measure.Better
	drawn  bool // over time
	of     func(*wire.Sample) float64
	how    []fold
}

// fold makes one value of many.
type fold struct {
	label string // before the name; "" for none
	fold  func(measure.Spread) float64
}

func sampled() []sampledFigure {
	mean := fold{"", func(s measure.Spread) float64 { return s.Mean }}
	most := fold{"most", func(s measure.Spread) float64 { return s.Max }}
	middle := fold{"", func(s measure.Spread) float64 { return s.Median }}
	engine := func(of func(*wire.EngineSample) float64) func(*wire.Sample) float64 {
		return func(s *wire.Sample) float64 {
			if s.Engine == nil {
				return math.NaN()
			}
			return of(s.Engine)
		}
	}
	return []sampledFigure{
		{"appends", measure.PerSecond, measure.More, true, func(s *wire.Sample) float64 { return s.Appends }, []fold{mean, most}},
		{"reads", measure.PerSecond, measure.More, true, func(s *wire.Sample) float64 { return s.Reads }, []fold{mean, most}},
		{"announced", measure.PerSecond, measure.More, false, func(s *wire.Sample) float64 { return s.Announced }, []fold{mean}},
		{"errors", measure.PerSecond, measure.Less, false, func(s *wire.Sample) float64 { return s.Errors }, []fold{mean}},
		{"write p50", measure.Nanoseconds, measure.Less, false, latency(false, "stream.write", "stream.append"), []fold{middle}},
		{"write p99", measure.Nanoseconds, measure.Less, true, latency(true, "stream.write", "stream.append"), []fold{middle, most}},
		{"read p50", measure.Nanoseconds, measure.Less, false, latency(false, "category.get", "stream.get"), []fold{middle}},
		{"read p99", measure.Nanoseconds, measure.Less, true, latency(true, "category.get", "stream.get"), []fold{middle, most}},
		{"CPU", measure.Cores, measure.Less, true, func(s *wire.Sample) float64 { return s.CPU - s.UICPU }, []fold{mean, most}},
		{"heap", measure.Bytes, measure.Less, true, func(s *wire.Sample) float64 { return float64(s.HeapBytes) }, []fold{mean, most}},
		{"resident memory", measure.Bytes, measure.Less, false, func(s *wire.Sample) float64 { return measure.Known(float64(s.RSSBytes)) }, []fold{most}},
		{"GC pause a second", measure.Nanoseconds, measure.Less, false, func(s *wire.Sample) float64 { return float64(s.GCPause) }, []fold{mean, most}},
		{"goroutines", measure.Number, measure.Less, false, func(s *wire.Sample) float64 { return float64(s.Goroutines) }, []fold{most}},
		{"connections", measure.Number, measure.Neither, false, func(s *wire.Sample) float64 { return float64(s.Connections) }, []fold{most}},
		{"data on disk", measure.Bytes, measure.Neither, true, engine(func(e *wire.EngineSample) float64 { return float64(e.DiskBytes) }), []fold{most}},
		{"compaction debt", measure.Bytes, measure.Less, false, engine(func(e *wire.EngineSample) float64 { return float64(e.Debt) }), []fold{most}},
		{"L0 sublevels", measure.Number, measure.Less, false, engine(func(e *wire.EngineSample) float64 { return float64(e.Sublevels) }), []fold{most}},
		{"fsync p99", measure.Nanoseconds, measure.Less, false, engine(func(e *wire.EngineSample) float64 { return measure.Known(float64(e.FsyncP99)) }), []fold{most}},
	}
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

// values returns a metric of each sample, NaN for those that have none.
func (r *Recording) values(of func(*wire.Sample) float64) []float64 {
	out := make([]float64, len(r.Samples))
	for i := range r.Samples {
		out[i] = of(&r.Samples[i])
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
		{measure.Metric{Name: "flushes"}, kinds[store.EventFlush]},
		{measure.Metric{Name: "compactions"}, kinds[store.EventCompact]},
		{measure.Metric{Name: "read by compactions", Unit: measure.Bytes, Better: measure.Less}, moved},
		{measure.Metric{Name: "seconds with a write stall", Better: measure.Less}, stalled},
		{measure.Metric{Name: "profiles taken"}, float64(len(r.Profiles))},
		{measure.Metric{Name: "warnings in the log", Better: measure.Less}, levels["WARN"]},
		{measure.Metric{Name: "errors in the log", Better: measure.Less}, levels["ERROR"]},
	}
}

// Verdict says what a change from one recording to another is worth.
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
func Compare(before, after Summary) []measure.Pair {
	out := make([]measure.Pair, len(before.Figures))
	for i, f := range before.Figures {
		out[i] = measure.Pair{Metric: f.Metric, Sides: [2]measure.Spread{measure.Of(f.Value), measure.Of(after.Figures[i].Value)}}
	}
	return out
}

// VerdictOf judges a pair of Compare.
func VerdictOf(p measure.Pair) Verdict {
	switch {
	case !p.Known() || p.Better == measure.Neither:
		return Other
	case !p.Apart(noise, p.Sides[0].Median):
		return Same
	case p.Ahead() == 1:
		return Better
	}
	return Worse
}
