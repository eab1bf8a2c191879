package server

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// samplesKept is one hour of a sample a second.
const samplesKept = 3600

// samples is a ring of the newest samples.
type samples struct {
	mu    sync.Mutex
	ring  []wire.Sample // grows to samplesKept, then the oldest goes
	start int           // index of the oldest
}

func (s *samples) push(sample wire.Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ring) < samplesKept {
		s.ring = append(s.ring, sample)
		return
	}
	s.ring[s.start] = sample
	s.start = (s.start + 1) % samplesKept
}

// latest returns the newest sample. There is always one: New takes the first.
func (s *samples) latest() wire.Sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ring[(s.start+len(s.ring)-1)%len(s.ring)]
}

// after returns the samples newer than t, oldest first; never nil. The maps in
// them are shared and do not change.
func (s *samples) after(t time.Time) []wire.Sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	newer := []wire.Sample{}
	for i := range s.ring {
		if sample := s.ring[(s.start+i)%len(s.ring)]; sample.Time.After(t) {
			newer = append(newer, sample)
		}
	}
	return newer
}

// sampler turns the figures into samples. Its fields are what they stood at
// when the last sample was taken.
type sampler struct {
	s *Server

	at                                time.Time
	appended, read, announced, errors int64
	cpu, ui                           time.Duration
	gc                                debug.GCStats
	heap                              []metrics.Sample
}

func newSampler(s *Server) *sampler {
	p := &sampler{s: s, at: time.Now(), cpu: processCPU()}
	p.heap = []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	debug.ReadGCStats(&p.gc)
	p.ui = p.uiCPU()
	return p
}

func (p *sampler) uiCPU() time.Duration {
	if p.s.cfg.UICPU == nil {
		return 0
	}
	return p.s.cfg.UICPU()
}

// run takes a sample a second until the server stops.
func (p *sampler) run() {
	defer close(p.s.sampled)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-p.s.stopping.Done():
			return
		case <-tick.C:
			p.s.samples.push(p.take(time.Now()))
		}
	}
}

// take returns the sample of the time since the last one.
func (p *sampler) take(now time.Time) wire.Sample {
	seconds := max(now.Sub(p.at).Seconds(), 1e-3)
	p.at = now
	f := &p.s.figures
	pause := p.gc.PauseTotal
	debug.ReadGCStats(&p.gc)
	metrics.Read(p.heap)
	cpu, ui := p.cpu, p.ui
	p.cpu, p.ui = processCPU(), p.uiCPU()
	return wire.Sample{
		Time:        now.UTC(),
		Appends:     rate(&p.appended, f.appended.Load(), seconds),
		Reads:       rate(&p.read, f.read.Load(), seconds),
		Announced:   rate(&p.announced, f.announced.Load(), seconds),
		Errors:      rate(&p.errors, f.errors.Load(), seconds),
		Methods:     p.methods(seconds),
		Subscribers: int(p.s.subscribers.Load()),
		Connections: int(p.s.conns.open.Load()),
		HeapBytes:   p.heap[0].Value.Uint64(),
		RSSBytes:    processRSS(),
		Goroutines:  runtime.NumGoroutine(),
		GCPause:     int64(p.gc.PauseTotal - pause),
		CPU:         (p.cpu - cpu).Seconds() / seconds,
		UICPU:       (p.ui - ui).Seconds() / seconds,
	}
}

func (p *sampler) methods(seconds float64) map[string]wire.Method {
	called := make(map[string]wire.Method)
	for name, m := range p.s.methods {
		if sum, any := m.calls.take(seconds); any {
			called[name] = sum
		}
	}
	return called
}

// rate returns the growth of a counter a second, and remembers where it stands.
func rate(last *int64, now int64, seconds float64) float64 {
	grown := now - *last
	*last = now
	return float64(grown) / seconds
}
