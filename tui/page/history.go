package page

import (
	"math"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// HistorySeconds is how many seconds a history keeps, as many as the server does.
const HistorySeconds = 3600

// Second is what the charts keep of one sample. Rates are per second, times in
// nanoseconds, sizes in bytes; NaN stands for a latency of what did not happen,
// and for a rate that is not known.
type Second struct {
	Index                  int64 // the history's count of seconds; 0: nothing there
	At                     time.Time
	Appends, Reads, Errors float64
	Announced              float64
	P50, P99               float64
	Heap                   float64
	CPU, UICPU             float64
	GCs, GCPause           float64
	Subscribers            int
	Connections            int
	DiskFree, DiskSize     int64               // where the data lies; a size of 0: not known
	Engine                 *wire.EngineSample  // nil: the engine shows nothing of itself
	Values                 []wire.SampledValue // the most telling of an engine's tables
	Places                 []placeRate         // the busiest namespaces and categories
}

// history is the engine's past hour, second by second. Samples are numbered by
// the clock, but a sampler that ticks a little early or late makes no gap.
type history struct {
	ring  [HistorySeconds]Second
	Last  Second
	names map[string]string // the names in the ring, each kept once
	full  int               // from how many names on those not in the ring are forgotten
}

// Add takes one sample, newer than those before, and reports whether it was.
func (h *history) Add(s wire.Sample) bool {
	if !s.Time.After(h.Last.At) {
		return false
	}
	x := Second{
		Index: s.Time.Unix(), At: s.Time,
		Appends: s.Appends, Reads: s.Reads, Errors: s.Errors, Announced: s.Announced, Heap: float64(s.HeapBytes),
		CPU: s.CPU, UICPU: s.UICPU, GCs: s.GCs, GCPause: float64(s.GCPause),
		Subscribers: s.Subscribers, Connections: s.Connections, DiskFree: s.DiskFree, DiskSize: s.DiskSize, Engine: s.Engine,
		Places: h.placesOf(&s), Values: h.valuesOf(s.Values),
	}
	x.P50, x.P99 = writeLatency(s)
	if s.Partial {
		none := math.NaN()
		x.Appends, x.Reads, x.Errors, x.Announced = none, none, none, none
		x.CPU, x.UICPU, x.GCs, x.GCPause = none, none, none, none
	}
	if !h.Last.At.IsZero() {
		next := h.Last.Index + int64(s.Time.Sub(h.Last.At).Round(time.Second)/time.Second)
		next = max(next, h.Last.Index+1)
		if drift := next - x.Index; drift >= -1 && drift <= 1 {
			x.Index = next
		}
	}
	h.ring[x.Index%HistorySeconds] = x
	h.Last = x
	return true
}

// writeLatency returns p50 and p99 of writing: those of the method that was
// called more, and the worse p99 of both. NaN when nothing was written.
func writeLatency(s wire.Sample) (p50, p99 float64) {
	p50, p99 = math.NaN(), math.NaN()
	calls := 0.0
	for _, name := range []string{"stream.write", "stream.append"} {
		m, called := s.Methods[name]
		if !called || m.Calls <= 0 {
			continue
		}
		if m.Calls > calls {
			calls, p50 = m.Calls, float64(m.P50)
		}
		if !(p99 > float64(m.P99)) {
			p99 = float64(m.P99)
		}
	}
	return p50, p99
}

// Empty reports whether there is no sample yet.
func (h *history) Empty() bool { return h.Last.Index == 0 }

// placeRate is how busy a namespace was in a second, or with a category one of
// its categories: messages a second.
type placeRate struct {
	Namespace, Category string
	Appends, Reads      float32
}

// mostNames is the least number of names from which on those are forgotten that
// are in no second any more.
const mostNames = 4096

// placesOf keeps who was busy in a second. Each sample brings its names anew;
// kept as they come they would be most of what an hour takes.
func (h *history) placesOf(s *wire.Sample) []placeRate {
	if len(s.Namespaces)+len(s.Categories) == 0 {
		return nil
	}
	h.forgetNames()
	places := make([]placeRate, 0, len(s.Namespaces)+len(s.Categories))
	for _, n := range s.Namespaces {
		places = append(places, placeRate{h.name(n.Namespace), "", float32(n.Appends), float32(n.Reads)})
	}
	for _, c := range s.Categories {
		places = append(places, placeRate{h.name(c.Namespace), h.name(c.Category), float32(c.Appends), float32(c.Reads)})
	}
	return places
}

// valuesOf keeps the values of an engine's tables, each of their words once.
func (h *history) valuesOf(list []wire.SampledValue) []wire.SampledValue {
	if len(list) == 0 {
		return nil
	}
	h.forgetNames()
	kept := make([]wire.SampledValue, len(list))
	for i, v := range list {
		kept[i] = wire.SampledValue{
			Section: h.name(v.Section), Namespace: h.name(v.Namespace), Name: h.name(v.Name), Unit: h.name(v.Unit), Number: v.Number,
			Text: h.name(v.Text), Verdict: h.name(v.Verdict),
		}
	}
	return kept
}

// forgetNames forgets the names that are in no second any more, once there are many.
func (h *history) forgetNames() {
	if len(h.names) < h.full {
		return
	}
	h.names = map[string]string{}
	for i := range h.ring {
		for _, p := range h.ring[i].Places {
			h.names[p.Namespace], h.names[p.Category] = p.Namespace, p.Category
		}
		for _, v := range h.ring[i].Values {
			for _, s := range []string{v.Section, v.Namespace, v.Name, v.Unit, v.Text, v.Verdict} {
				h.names[s] = s
			}
		}
	}
	h.full = max(mostNames, 2*len(h.names))
}

func (h *history) name(s string) string {
	if kept, known := h.names[s]; known {
		return kept
	}
	h.names[s] = s
	return s
}

// Locate returns how many seconds before the last one a time was, 0 for what
// is later; known says that there is a sample of then.
func (h *history) Locate(at time.Time) (before int, known bool) {
	if h.Empty() || at.After(h.Last.At) {
		return 0, !h.Empty() && at.Sub(h.Last.At) < time.Second
	}
	// The numbers of the seconds may be off the clock's by little, and a little
	// more after hours of a sampler that ticks late.
	guess := int((h.Last.At.Sub(at) + time.Second/2) / time.Second)
	off := time.Duration(math.MaxInt64)
	before = guess
	for n := max(guess-3, 0); n <= guess+3; n++ {
		x := h.second(n)
		if x == nil {
			continue
		}
		far := x.At.Sub(at).Abs()
		if x.At.Unix() == at.Unix() && far < time.Second {
			far /= 2 // the clock shows the same
		}
		if far < off {
			off, before, known = far, n, far < time.Second
		}
	}
	if !known {
		return guess, false
	}
	return before, true
}

// Oldest is how many seconds before the last one the first known one was.
func (h *history) Oldest() int {
	for n := HistorySeconds - 1; n > 0; n-- {
		if h.second(n) != nil {
			return n
		}
	}
	return 0
}

// Before returns the second that many seconds before the last one.
func (h *history) Before(n int) (Second, bool) {
	if x := h.second(n); x != nil {
		return *x, true
	}
	return Second{}, false
}

// second is Before without a copy; nil where there is no sample.
func (h *history) second(before int) *Second {
	index := h.Last.Index - int64(before)
	if index <= 0 || before >= HistorySeconds {
		return nil
	}
	if x := &h.ring[index%HistorySeconds]; x.Index == index {
		return x
	}
	return nil
}

// Values returns one figure of the last n seconds, oldest first; NaN where
// there is no sample.
func (h *history) Values(n int, figure func(*Second) float64) []float64 {
	return h.ValuesInto(make([]float64, n), figure)
}

// ValuesInto fills out instead of a slice of its own.
func (h *history) ValuesInto(out []float64, figure func(*Second) float64) []float64 {
	index := h.Last.Index - int64(len(out)-1)
	at := 0
	if index > 0 {
		at = int(index % HistorySeconds)
	}
	for i := range out {
		out[i] = math.NaN()
		if index > 0 {
			if x := &h.ring[at]; x.Index == index {
				out[i] = figure(x)
			}
			at++
		} else if index == 0 {
			at = 1
		}
		if at == HistorySeconds {
			at = 0
		}
		index++
	}
	return out
}

// Max returns the greatest of values, NaN when there is none.
func Max(values []float64) float64 {
	out := math.NaN()
	for _, v := range values {
		if !math.IsNaN(v) && !(out >= v) {
			out = v
		}
	}
	return out
}

// Past is the shell's memory of the engine: the past hour, second by second.
// Samples come with the looks at the server; what lies before the first one,
// and what was missed, from the server's own history. Panes read it by [Env].
type Past struct {
	history
	Fault string // why the server's history could not be had; "" when it could
}
