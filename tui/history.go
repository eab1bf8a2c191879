package tui

import (
	"math"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// hour is how many seconds a history keeps, as many as the server does.
const hour = 3600

// second is what the charts keep of one sample. Rates are per second, times in
// nanoseconds, sizes in bytes; NaN stands for what did not happen.
type second struct {
	index                  int64 // the history's count of seconds; 0: nothing there
	at                     time.Time
	appends, reads, errors float64
	announced              float64
	p50, p99               float64
	heap                   float64
	cpu, uiCPU             float64
	gcs, gcPause           float64
	subscribers            int
	connections            int
	diskFree, diskSize     int64              // where the data lies; a size of 0: not known
	engine                 *wire.EngineSample // nil: the engine shows nothing of itself
	places                 []placeRate        // the busiest namespaces and categories
}

// history is the engine's past hour, second by second. Samples are numbered by
// the clock, but a sampler that ticks a little early or late makes no gap.
type history struct {
	ring  [hour]second
	last  second
	names map[string]string // the names in the ring, each kept once
	full  int               // from how many names on those not in the ring are forgotten
}

// add takes one sample, newer than those before, and reports whether it was.
func (h *history) add(s wire.Sample) bool {
	if !s.Time.After(h.last.at) {
		return false
	}
	x := second{
		index: s.Time.Unix(), at: s.Time,
		appends: s.Appends, reads: s.Reads, errors: s.Errors, announced: s.Announced, heap: float64(s.HeapBytes),
		cpu: s.CPU, uiCPU: s.UICPU, gcs: s.GCs, gcPause: float64(s.GCPause),
		subscribers: s.Subscribers, connections: s.Connections, diskFree: s.DiskFree, diskSize: s.DiskSize, engine: s.Engine,
		places: h.placesOf(&s),
	}
	x.p50, x.p99 = writeLatency(s)
	if !h.last.at.IsZero() {
		next := h.last.index + int64(s.Time.Sub(h.last.at).Round(time.Second)/time.Second)
		next = max(next, h.last.index+1)
		if drift := next - x.index; drift >= -1 && drift <= 1 {
			x.index = next
		}
	}
	h.ring[x.index%hour] = x
	h.last = x
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

// empty reports whether there is no sample yet.
func (h *history) empty() bool { return h.last.index == 0 }

// placeRate is how busy a namespace was in a second, or with a category one of
// its categories: messages a second.
type placeRate struct {
	namespace, category string
	appends, reads      float32
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
	if len(h.names) >= h.full {
		h.names = map[string]string{}
		for i := range h.ring {
			for _, p := range h.ring[i].places {
				h.names[p.namespace], h.names[p.category] = p.namespace, p.category
			}
		}
		h.full = max(mostNames, 2*len(h.names))
	}
	places := make([]placeRate, 0, len(s.Namespaces)+len(s.Categories))
	for _, n := range s.Namespaces {
		places = append(places, placeRate{h.name(n.Namespace), "", float32(n.Appends), float32(n.Reads)})
	}
	for _, c := range s.Categories {
		places = append(places, placeRate{h.name(c.Namespace), h.name(c.Category), float32(c.Appends), float32(c.Reads)})
	}
	return places
}

func (h *history) name(s string) string {
	if kept, known := h.names[s]; known {
		return kept
	}
	h.names[s] = s
	return s
}

// locate returns how many seconds before the last one a time was, 0 for what
// is later; known says that there is a sample of then.
func (h *history) locate(at time.Time) (before int, known bool) {
	if h.empty() || at.After(h.last.at) {
		return 0, !h.empty() && at.Sub(h.last.at) < time.Second
	}
	// The numbers of the seconds may be off the clock's by little, and a little
	// more after hours of a sampler that ticks late.
	guess := int((h.last.at.Sub(at) + time.Second/2) / time.Second)
	off := time.Duration(math.MaxInt64)
	before = guess
	for n := max(guess-3, 0); n <= guess+3; n++ {
		x, ok := h.before(n)
		if !ok {
			continue
		}
		far := x.at.Sub(at).Abs()
		if x.at.Unix() == at.Unix() && far < time.Second {
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

// oldest is how many seconds before the last one the first known one was.
func (h *history) oldest() int {
	for n := hour - 1; n > 0; n-- {
		if _, known := h.before(n); known {
			return n
		}
	}
	return 0
}

// before returns the second that many seconds before the last one.
func (h *history) before(n int) (second, bool) {
	index := h.last.index - int64(n)
	if index <= 0 || n >= hour {
		return second{}, false
	}
	x := h.ring[index%hour]
	return x, x.index == index
}

// values returns one figure of the last n seconds, oldest first; NaN where
// there is no sample.
func (h *history) values(n int, figure func(*second) float64) []float64 {
	return h.valuesInto(make([]float64, n), figure)
}

// valuesInto fills out instead of a slice of its own.
func (h *history) valuesInto(out []float64, figure func(*second) float64) []float64 {
	index := h.last.index - int64(len(out)-1)
	at := 0
	if index > 0 {
		at = int(index % hour)
	}
	for i := range out {
		out[i] = math.NaN()
		if index > 0 {
			if x := &h.ring[at]; x.index == index {
				out[i] = figure(x)
			}
			at++
		} else if index == 0 {
			at = 1
		}
		if at == hour {
			at = 0
		}
		index++
	}
	return out
}

// most returns the greatest of values, NaN when there is none.
func most(values []float64) float64 {
	out := math.NaN()
	for _, v := range values {
		if !math.IsNaN(v) && !(out >= v) {
			out = v
		}
	}
	return out
}
