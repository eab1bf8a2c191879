package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// Defaults of a Config's zero values.
const (
	DefaultWorkers    = 10
	DefaultWrites     = 10
	DefaultReads      = 1
	DefaultCategories = 5
	DefaultStreams    = 1000
)

// Config says what load to make. Only Client must be given.
type Config struct {
	Client     *client.Client // with the namespace that is written to; one with client.Once, or retries are not counted
	Workers    int            // calls under way at once; 0: 10
	Duration   time.Duration  // 0: until the context ends, or Calls are made
	Calls      int64          // end after N calls; 0: no such end
	Writes     int            // mix of writes …
	Reads      int            // … to reads; both 0: 10:1
	Rate       float64        // calls per second of all workers together; 0: as fast as it goes
	Categories int            // 0: 5
	Streams    int            // of all categories together; 0: 1000
	Batch      int            // events of one append; 0: 1
	Seed       uint64
	Consumers  int  // members of a consumer group that follows the first category
	Retry      bool // go on when the server cannot be reached for a while
	Verify     bool // check at the end that the server's count rose by what was acknowledged
}

// ErrVerify is returned by Run when the server's count does not fit what it
// acknowledged.
var ErrVerify = errors.New("the server's messages do not add up")

func (c Config) withDefaults() (Config, error) {
	for _, n := range []*int{&c.Workers, &c.Writes, &c.Reads, &c.Categories, &c.Streams, &c.Batch, &c.Consumers} {
		if *n < 0 {
			return c, &store.InvalidError{Field: "load", Reason: "must have no negative numbers"}
		}
	}
	switch {
	case c.Client == nil:
		return c, &store.InvalidError{Field: "client", Reason: "must be given"}
	case c.Rate < 0 || math.IsNaN(c.Rate) || math.IsInf(c.Rate, 0):
		return c, &store.InvalidError{Field: "rate", Reason: "must be calls per second, or 0 for no limit"}
	case c.Duration < 0 || c.Calls < 0:
		return c, &store.InvalidError{Field: "duration", Reason: "must not be negative"}
	}
	if c.Writes == 0 && c.Reads == 0 {
		c.Writes, c.Reads = DefaultWrites, DefaultReads
	}
	c.Workers = cmp.Or(c.Workers, DefaultWorkers)
	c.Categories = min(cmp.Or(c.Categories, DefaultCategories), len(catalogue))
	c.Streams = max(cmp.Or(c.Streams, DefaultStreams), c.Categories)
	c.Batch = cmp.Or(c.Batch, 1)
	return c, nil
}

// run is one Run under way.
type run struct {
	Config
	workload *workload
	pace     *pacer
	tally    *tally
	start    int64   // where the log ended before the run
	head     highest // highest global position that the run knows of
	stop     context.Context
	giveUp   context.CancelCauseFunc // ends stop, with why
	callCtx  context.Context         // of the calls: outlives the time that is up
}

// Run makes the load until its time is up or ctx ends, neither of which is an
// error, and returns what came of it. progress, unless nil, is called about
// once a second, from one goroutine, never after Run has returned. Errors of
// single calls are counted in the report; Run returns the one after which
// going on makes no sense: the server refuses the token or has no such
// namespace, or cannot be reached and Retry is off.
func Run(ctx context.Context, c Config, progress func(Report)) (Report, error) {
	c, err := c.withDefaults()
	if err != nil {
		return Report{}, fmt.Errorf("load: %w", err)
	}
	// Profiles of a process that holds both distinguish the load from the server.
	defer pprof.SetGoroutineLabels(ctx)
	ctx = pprof.WithLabels(ctx, pprof.Labels("actor", "load"))
	pprof.SetGoroutineLabels(ctx)

	r := &run{Config: c, workload: newWorkload(c), callCtx: ctx, tally: newTally(c.Workers + c.Consumers)}
	before, err := r.prepare(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return Report{Workers: c.Workers}, nil
		}
		return Report{}, fmt.Errorf("load: %w", err)
	}
	err = r.drive(ctx, progress)
	report := r.tally.total(c.Workers, time.Now())
	if c.Verify {
		report.Verification, err = r.verify(ctx, before, report, err)
	}
	if err != nil {
		return report, fmt.Errorf("load: %w", err)
	}
	return report, nil
}

// prepare asks what must be known before the first call.
func (r *run) prepare(ctx context.Context) (before int64, err error) {
	head, err := r.Client.Head(ctx)
	if err != nil && !client.NotOffered(err) {
		return 0, err
	}
	r.start = head
	r.head.raise(head)
	if r.Verify {
		return r.count(ctx)
	}
	return 0, nil
}

// drive starts workers, consumers and the reporter, and waits for all of them.
func (r *run) drive(ctx context.Context, progress func(Report)) error {
	var giveUp context.CancelCauseFunc
	r.stop, giveUp = context.WithCancelCause(ctx)
	defer giveUp(nil)
	r.giveUp = giveUp
	if r.Duration > 0 {
		timer := time.AfterFunc(r.Duration, func() { giveUp(errDone) })
		defer timer.Stop()
	}
	r.pace = newPacer(r.Rate, time.Now())
	r.tally.begin(time.Now())

	var workers, others sync.WaitGroup
	for i := range r.Workers {
		workers.Go(func() { newWorker(r, i).loop() })
	}
	for i := range r.Consumers {
		others.Go(func() { r.consume(i) })
	}
	if progress != nil {
		others.Go(func() {
			everySecond(r.stop.Done(), func(now time.Time) { progress(r.tally.interval(r.Workers, now)) })
		})
	}
	workers.Wait()
	giveUp(errDone)
	others.Wait()
	switch cause := context.Cause(r.stop); {
	case errors.Is(cause, errDone), ctx.Err() != nil:
		return nil
	default:
		return cause
	}
}

// errDone ends a run that has done what it was to do.
var errDone = errors.New("done")

// everySecond calls report once a second until done is closed.
func everySecond(done <-chan struct{}, report func(now time.Time)) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			report(now)
		case <-done:
			return
		}
	}
}
