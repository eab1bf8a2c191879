package load

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// op is what a worker can call; it indexes counts and histograms.
type op int

const (
	opWrite op = iota
	opAppend
	opStreamGet
	opCategoryGet
	opVersion
	opLast
	opConsume
	opCount
)

var opNames = [opCount]string{
	"stream.write", "stream.append", "stream.get", "category.get", "stream.version", "stream.last", "consumer",
}

func (o op) writes() bool { return o == opWrite || o == opAppend }

// Latencies are kept from a microsecond to two minutes, longer than any call's
// timeout, to two significant digits: 20 KB a histogram.
const (
	latencyUnit   = time.Microsecond
	latencyMax    = 2 * time.Minute
	latencyDigits = 2
)

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(latencyUnit), int64(latencyMax), latencyDigits)
}

// counts is what is added up.
type counts struct {
	calls    [opCount]int64
	messages int64
	consumed int64
	errors   int64
	retries  int64
	missed   int64
	unknown  int64
}

func (c *counts) add(d *counts) {
	for i, n := range d.calls {
		c.calls[i] += n
	}
	c.messages += d.messages
	c.consumed += d.consumed
	c.errors += d.errors
	c.retries += d.retries
	c.missed += d.missed
	c.unknown += d.unknown
}

// ledger is one goroutine's share of the tally since it was last collected.
type ledger struct {
	mu   sync.Mutex // uncontended but once a second
	sums            // latencies are nil until used
}

// record books a call that was answered well.
func (l *ledger) record(o op, took time.Duration, messages int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.calls[o]++
	switch {
	case o.writes():
		l.counts.messages += int64(messages)
	case o == opConsume:
		l.counts.consumed += int64(messages)
	}
	h := l.latencies[o]
	if h == nil {
		h = newHistogram()
		l.latencies[o] = h
	}
	// Clamped, it cannot be out of range.
	_ = h.RecordValue(int64(min(max(took, latencyUnit), latencyMax)))
}

func (l *ledger) book(change func(*counts)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.counts)
}

// tally adds up all ledgers. Its methods but fail are for one goroutine at a
// time.
type tally struct {
	ledgers []*ledger
	first   atomic.Pointer[string] // first error

	started, last time.Time
	whole         sums // since the start
	recent        sums // since the last interval
}

type sums struct {
	counts
	latencies [opCount]*hdrhistogram.Histogram
}

// take moves what another has to it.
func (s *sums) take(from *sums) {
	s.add(&from.counts)
	from.counts = counts{}
	for i, h := range from.latencies {
		if h != nil && h.TotalCount() > 0 {
			s.latencies[i].Merge(h)
			h.Reset()
		}
	}
}

func newTally(ledgers int) *tally {
	t := &tally{ledgers: make([]*ledger, ledgers)}
	for i := range t.ledgers {
		t.ledgers[i] = new(ledger)
	}
	for i := range opCount {
		t.whole.latencies[i], t.recent.latencies[i] = newHistogram(), newHistogram()
	}
	return t
}

func (t *tally) begin(now time.Time) { t.started, t.last = now, now }

// fail keeps the first error.
func (t *tally) fail(err error) {
	text := err.Error()
	t.first.CompareAndSwap(nil, &text)
}

// collect empties the ledgers into both sums.
func (t *tally) collect() {
	for _, l := range t.ledgers {
		l.mu.Lock()
		t.recent.take(&l.sums)
		l.mu.Unlock()
	}
}

// interval reports since the interval before.
func (t *tally) interval(workers int, now time.Time) Report {
	t.collect()
	r := t.describe(workers, &t.recent, now.Sub(t.last), now)
	t.fold(now)
	return r
}

// fold adds what is recent to the whole.
func (t *tally) fold(now time.Time) {
	t.whole.take(&t.recent)
	t.last = now
}

// total closes the books and reports the whole run.
func (t *tally) total(workers int, now time.Time) Report {
	t.collect()
	t.fold(now)
	return t.describe(workers, &t.whole, now.Sub(t.started), now)
}

// describe makes a report with rates and latencies of s, which took span, and
// counts of everything.
func (t *tally) describe(workers int, s *sums, span time.Duration, now time.Time) Report {
	all := t.whole.counts
	if s != &t.whole {
		all.add(&s.counts)
	}
	r := Report{
		Elapsed: now.Sub(t.started), Workers: workers,
		Writes: all.writeCalls(), Reads: all.readCalls(), Messages: all.messages, Consumed: all.consumed,
		Errors: all.errors, Retries: all.retries, Missed: all.missed, Unknown: all.unknown,
		Latency: make(map[string]Latency),
	}
	if seconds := span.Seconds(); seconds > 0 {
		r.WriteRate = float64(s.writeCalls()) / seconds
		r.ReadRate = float64(s.readCalls()) / seconds
		r.MessageRate = float64(s.messages) / seconds
	}
	for i, h := range s.latencies {
		if h.TotalCount() > 0 {
			r.Latency[opNames[i]] = summary(h)
		}
	}
	if first := t.first.Load(); first != nil {
		r.FirstError = *first
	}
	return r
}

func (c *counts) writeCalls() int64 { return c.calls[opWrite] + c.calls[opAppend] }

func (c *counts) readCalls() int64 {
	return c.calls[opStreamGet] + c.calls[opCategoryGet] + c.calls[opVersion] + c.calls[opLast]
}

func summary(h *hdrhistogram.Histogram) Latency {
	return Latency{
		Count: h.TotalCount(),
		Mean:  time.Duration(h.Mean()),
		P50:   time.Duration(h.ValueAtQuantile(50)),
		P99:   time.Duration(h.ValueAtQuantile(99)),
		Max:   time.Duration(h.Max()),
	}
}
