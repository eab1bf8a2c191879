package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// fillBatch is the most events that Fill appends at once.
const fillBatch = 100

// ErrNotEmpty is returned by Fill for a namespace that holds messages: what it
// makes is to be the same every time.
var ErrNotEmpty = errors.New("only an empty namespace can be filled")

// FillConfig says how large a store to make. Client, Messages and Streams must
// be given.
type FillConfig struct {
	Client     *client.Client // with the namespace that is written to
	Messages   int64
	Streams    int
	Categories int // 0: 5
	Workers    int // 0: 10
	Seed       uint64
}

// FillReport is how a fill goes or went.
type FillReport struct {
	Elapsed  time.Duration `json:"elapsed"` // nanoseconds
	Messages int64         `json:"messages"`
	Streams  int64         `json:"streams"`
	Rate     float64       `json:"rate"` // messages per second
	Verified bool          `json:"verified"`
}

func (c FillConfig) withDefaults() (FillConfig, error) {
	c.Categories = min(cmp.Or(c.Categories, DefaultCategories), len(catalogue))
	c.Workers = cmp.Or(c.Workers, DefaultWorkers)
	switch {
	case c.Client == nil:
		return c, &store.InvalidError{Field: "client", Reason: "must be given"}
	case c.Categories < 1 || c.Workers < 1 || c.Streams < c.Categories:
		return c, &store.InvalidError{Field: "streams", Reason: "must be at least one of each category"}
	case c.Messages < int64(c.Streams):
		return c, &store.InvalidError{Field: "messages", Reason: "must be at least one for each stream"}
	}
	return c, nil
}

// filling is one Fill under way.
type filling struct {
	FillConfig
	workload *workload
	stride   int64 // coprime to Streams: visits them all, in no order of names
	batch    int64 // messages of a visit
	rounds   int64 // visits to each stream
	stored   atomic.Int64
	started  time.Time
}

// Fill makes a large store in an empty namespace: every stream gets the same
// number of messages, give or take one, in visits that lie apart, so that streams
// and categories are interleaved. Which messages a stream holds follows from the
// config alone; their order in the log does not. It checks the server's count at
// the end, and returns ErrVerify when that differs. When ctx ends, the report
// says how far it came.
func Fill(ctx context.Context, c FillConfig, progress func(FillReport)) (FillReport, error) {
	c, err := c.withDefaults()
	if err != nil {
		return FillReport{}, fmt.Errorf("fill: %w", err)
	}
	f := &filling{FillConfig: c, started: time.Now()}
	f.workload = newWorkload(Config{Categories: c.Categories, Streams: c.Streams, Seed: c.Seed})
	each := (c.Messages + int64(c.Streams) - 1) / int64(c.Streams)
	f.batch = min(max(each/2, 1), fillBatch)
	f.rounds = (each + f.batch - 1) / f.batch
	f.stride = coprime(int64(c.Streams))
	if head, err := c.Client.Head(ctx); err != nil {
		return FillReport{}, fmt.Errorf("fill: %w", err)
	} else if head > 0 {
		return FillReport{}, fmt.Errorf("fill namespace %q, which holds messages: %w", c.Client.Namespace(), ErrNotEmpty)
	}
	if err := f.run(ctx, progress); err != nil {
		return f.report(), fmt.Errorf("fill: %w", err)
	}
	report := f.report()
	if ctx.Err() != nil {
		return report, nil //nolint:nilerr // stopped as asked, and the report says how far it came
	}
	err = f.verify(ctx, &report)
	return report, err
}

// coprime returns a stride that visits each of n places once.
func coprime(n int64) int64 {
	stride := n*61/100 | 1 // far apart, so that neighbours in time are none by name
	for gcd(stride, n) != 1 {
		stride += 2
	}
	return stride
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (f *filling) run(parent context.Context, progress func(FillReport)) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	var workers, reporter sync.WaitGroup
	var next atomic.Int64
	for range f.Workers {
		workers.Go(func() {
			if err := f.visit(ctx, &next); err != nil && parent.Err() == nil {
				cancel(err) // the first counts
			}
		})
	}
	ended := make(chan struct{})
	if progress != nil {
		reporter.Go(func() { everySecond(ended, func(time.Time) { progress(f.report()) }) })
	}
	workers.Wait()
	close(ended)
	reporter.Wait()
	if parent.Err() != nil {
		return nil
	}
	return context.Cause(ctx)
}

// visit makes visits, one after the other, until all are made.
func (f *filling) visit(ctx context.Context, next *atomic.Int64) error {
	source := rand.NewPCG(0, 0)
	random := rand.New(source)
	events := make([]client.Event, f.batch)
	var memory []byte
	streams := int64(f.Streams)
	for ctx.Err() == nil {
		i := next.Add(1) - 1
		if i >= f.rounds*streams {
			return nil
		}
		round, n := i/streams, i%streams*f.stride%streams
		// The remainder of the messages goes to the first streams, one each.
		size := min(f.share(n)-round*f.batch, f.batch)
		if size <= 0 {
			continue
		}
		source.Seed(f.Seed, uint64(i))
		l := &f.workload.categories[n%int64(len(f.workload.categories))]
		cause := link{f.name((n + 1) % streams), round, max(i*f.batch, 1)}
		memory = f.workload.fill(events[:size], memory[:0], l, cause, random)
		// A round of a stream may overtake the one before it, which is under
		// way on another connection, when there are hardly more streams than
		// workers: positions do not show it, so any version will do.
		if _, err := f.Client.Append(ctx, client.Write{Stream: f.name(n), Events: events[:size]}); err != nil {
			return err
		}
		f.stored.Add(size)
	}
	return nil
}

// share is how many messages stream n is to hold.
func (f *filling) share(n int64) int64 {
	share := f.Messages / int64(f.Streams)
	if n < f.Messages%int64(f.Streams) {
		share++
	}
	return share
}

func (f *filling) name(n int64) string {
	categories := int64(len(f.workload.categories))
	return string(f.workload.streamName(nil, f.workload.categories[n%categories].category, int(n/categories)))
}

func (f *filling) report() FillReport {
	r := FillReport{Elapsed: time.Since(f.started), Messages: f.stored.Load(), Streams: int64(f.Streams)}
	r.Rate = float64(r.Messages) / r.Elapsed.Seconds()
	return r
}

// verify compares the server's counts with what was asked for.
func (f *filling) verify(ctx context.Context, r *FillReport) error {
	head, err := f.Client.Head(ctx)
	if err != nil {
		return fmt.Errorf("fill: verify: %w", err)
	}
	info, err := f.Client.NamespaceInfo(ctx, f.Client.Namespace())
	if err != nil {
		return fmt.Errorf("fill: verify: %w", err)
	}
	if head != f.Messages || info.MessageCount != f.Messages || info.StreamCount != int64(f.Streams) {
		return fmt.Errorf("fill: %w: %d messages in %d streams asked for, head is %d, count %d, streams %d",
			ErrVerify, f.Messages, f.Streams, head, info.MessageCount, info.StreamCount)
	}
	r.Verified = true
	return nil
}
