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
	subscribers            int
	connections            int
	engine                 *wire.EngineSample // nil: the engine shows nothing of itself
}

// history is the engine's past hour, second by second. Samples are numbered by
// the clock, but a sampler that ticks a little early or late makes no gap.
type history struct {
	ring [hour]second
	last second
}

// add takes one sample, newer than those before, and reports whether it was.
func (h *history) add(s wire.Sample) bool {
	if !s.Time.After(h.last.at) {
		return false
	}
	x := second{
		index: s.Time.Unix(), at: s.Time,
		appends: s.Appends, reads: s.Reads, errors: s.Errors, announced: s.Announced, heap: float64(s.HeapBytes),
		subscribers: s.Subscribers, connections: s.Connections, engine: s.Engine,
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
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
		index := h.last.index - int64(n-1-i)
		if index <= 0 {
			continue
		}
		if x := &h.ring[index%hour]; x.index == index {
			out[i] = figure(x)
		}
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
