package server

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/evtui/evtui/server/internal/machine"
	"github.com/evtui/evtui/server/internal/tally"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// samplesKept is one hour of a sample a second. A sample takes about 1.5 KB
// when half a dozen methods, namespaces and categories are in use, 5 MB an
// hour. At most it is 6 KB (30 methods called in one second, wire.TopRates
// namespaces and categories with the longest names, other ones every second),
// 24 MB an hour.
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
	rates                             tally.Rates
	engine                            engineCounts
}

// engineCounts are counters of the engine at the last sample.
type engineCounts struct{ hits, misses, opened, closed int64 }

// ProcessCPU returns the processor time that this process has used, 0 where the
// system does not tell.
func ProcessCPU() time.Duration { return machine.CPUTime() }

func newSampler(s *Server) *sampler {
	p := &sampler{s: s, at: time.Now(), cpu: machine.CPUTime()}
	p.heap = []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	debug.ReadGCStats(&p.gc)
	p.ui = p.s.cfg.UICPU()
	return p
}

// run takes a sample a second until the server stops.
func (p *sampler) run() {
	defer close(p.s.sampled)
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("actor", "sampler")))
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

// first returns the sample with which a server begins.
func (p *sampler) first(now time.Time) wire.Sample {
	s := p.take(now)
	s.Partial = true
	s.Appends, s.Reads, s.Announced, s.Errors = 0, 0, 0, 0
	s.GCs, s.GCPause, s.CPU, s.UICPU = 0, 0, 0, 0
	return s
}

// take returns the sample of the time since the last one.
func (p *sampler) take(now time.Time) wire.Sample {
	seconds := max(now.Sub(p.at).Seconds(), 1e-3)
	p.at = now
	p.witnessed()
	f := &p.s.figures
	pause, collections := p.gc.PauseTotal, p.gc.NumGC
	debug.ReadGCStats(&p.gc)
	metrics.Read(p.heap)
	cpu, ui := p.cpu, p.ui
	p.cpu, p.ui = machine.CPUTime(), p.s.cfg.UICPU()
	namespaces, categories := p.rates.Sample(&f.messages, seconds)
	free, size := machine.DiskSpace(p.s.cfg.DataDir)
	return wire.Sample{
		Time:        now.UTC(),
		Appends:     tally.Rate(&p.appended, f.appended.Load(), seconds),
		Reads:       tally.Rate(&p.read, f.read.Load(), seconds),
		Announced:   tally.Rate(&p.announced, f.announced.Load(), seconds),
		Errors:      tally.Rate(&p.errors, f.errors.Load(), seconds),
		Methods:     p.methods(seconds),
		Subscribers: int(p.s.subs.clients.Load()),
		Connections: int(p.s.conns.open.Load()),
		UIs:         p.s.uis.count(now),
		HeapBytes:   p.heap[0].Value.Uint64(),
		RSSBytes:    machine.RSS(),
		Goroutines:  runtime.NumGoroutine(),
		GCPause:     int64(p.gc.PauseTotal - pause),
		GCs:         float64(p.gc.NumGC-collections) / seconds,
		CPU:         (p.cpu - cpu).Seconds() / seconds,
		UICPU:       (p.ui - ui).Seconds() / seconds,
		DiskFree:    free,
		DiskSize:    size,
		Namespaces:  namespaces,
		Categories:  categories,
		Engine:      p.engineSample(),
		Values:      p.values(),
	}
}

// witnessed counts what others wrote as if they had written it here: it is what
// happens in the store.
func (p *sampler) witnessed() {
	witness, err := offered[store.Witness](p.s)
	if err != nil {
		return
	}
	for _, w := range witness.Witnessed() {
		p.s.figures.appended.Add(w.Messages)
		p.s.figures.messages.Count(w.Namespace, w.Category, w.Messages, 0)
	}
}

// values are the most telling values of an engine's sections, but for what it tells in figures
// of its own.
func (p *sampler) values() []wire.SampledValue {
	engine, err := offered[store.Sectioned](p.s)
	if err != nil {
		return nil
	}
	var list []wire.SampledValue
	for _, section := range engine.Sections() {
		if section.Elsewhere {
			continue
		}
		for _, row := range section.Rows {
			if row.Key && len(row.Values) == 1 && len(list) < wire.SampledValues {
				v := row.Values[0]
				list = append(list, wire.SampledValue{
					Section: section.Name, Namespace: section.Namespace, Name: row.Name,
					Unit: string(v.Unit), Number: v.Number, Text: v.Text, Verdict: string(v.Verdict),
				})
			}
		}
	}
	return list
}

// engineSample sums up the engine's figures, nil if it has none.
func (p *sampler) engineSample() *wire.EngineSample {
	if p.s.journal.engine == nil {
		return nil
	}
	f := p.s.journal.engine.EngineFigures()
	e := &wire.EngineSample{
		Open: len(f.Namespaces), Known: f.Known, MaxOpen: f.MaxOpen, Stalled: p.s.journal.stalls(),
		CacheBytes: f.BlockCache.Size, CacheCapacity: f.BlockCache.Capacity, FilesOpen: f.FileCache.Count,
	}
	for i := range f.Namespaces {
		addTree(e, &f.Namespaces[i])
	}
	e.Damaged = len(p.s.damaged())
	e.Notices, e.Noticed = p.s.sampledNotices()
	now := engineCounts{hits: f.BlockCache.Hits, misses: f.BlockCache.Misses, opened: f.Opened, closed: f.Closed}
	before := p.engine
	p.engine = now
	e.OpenedSince, e.ClosedSince = now.opened-before.opened, now.closed-before.closed
	// With no namespace open the caches tell nothing; they then begin again.
	if now.hits >= before.hits && now.misses >= before.misses {
		e.CacheHits = now.hits - before.hits
		e.CacheLookups = e.CacheHits + now.misses - before.misses
	}
	return e
}

// addTree adds the figures of one namespace's tree.
func addTree(e *wire.EngineSample, n *store.NamespaceFigures) {
	e.DiskBytes += n.DiskBytes
	e.WALBytes += n.WAL.Size
	e.MemtableBytes += n.MemtableBytes
	e.Debt += n.Debt
	e.Compacting += n.Compacting
	e.ReadAmp = max(e.ReadAmp, n.ReadAmp)
	e.Memtables = max(e.Memtables, n.Memtables)
	e.FsyncP99 = max(e.FsyncP99, int64(n.FsyncP99))
	e.SublevelsStop, e.MemtablesStop = n.Limits.StopAtSublevels, n.Limits.StopAtMemtables
	if len(n.Levels) > 0 && n.Levels[0].Sublevels > e.Sublevels {
		e.Sublevels, e.SublevelsIn = n.Levels[0].Sublevels, n.ID
	}
	if n.Poisoned {
		e.Poisoned++
	}
}

func (p *sampler) methods(seconds float64) map[string]wire.Method {
	called := make(map[string]wire.Method)
	for name, m := range p.s.methods {
		if sum, any := m.calls.Take(seconds); any {
			called[name] = sum
		}
	}
	return called
}
