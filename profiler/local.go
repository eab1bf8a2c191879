package profiler

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/google/pprof/profile"
)

// Local takes profiles of the process that it is in. The runtime has one CPU
// profile and one pair of contention rates for the whole process, so make one
// Local and share it.
type Local struct {
	// MutexFraction records one of so many contended locks while a mutex
	// profile is taken; 0: 10.
	MutexFraction int
	// BlockRate records what blocks for so many nanoseconds once on average
	// while a block profile is taken; 0: 10,000.
	BlockRate int
	// BlockRateAfter is the rate that the process runs with otherwise; the
	// runtime does not tell. 0: off.
	BlockRateAfter int
	// CollectFirst runs the garbage collector before a heap profile, which
	// otherwise is as old as the last collection.
	CollectFirst bool
}

// NewLocal returns the target that is this process.
func NewLocal() *Local { return &Local{CollectFirst: true} }

// Name returns what the target is called.
func (l *Local) Name() string { return "this process" }

// Capture takes a profile. A CPU profile that somebody else in the process has
// begun is a *BusyError. The contention rates are on only while a mutex or
// block profile is taken.
func (l *Local) Capture(ctx context.Context, kind Kind, d time.Duration) ([]byte, error) {
	switch kind {
	case CPU:
		return l.cpu(ctx, d)
	case Mutex:
		before := runtime.SetMutexProfileFraction(positive(l.MutexFraction, 10))
		defer runtime.SetMutexProfileFraction(before)
		return contention(ctx, kind, d)
	case Block:
		runtime.SetBlockProfileRate(positive(l.BlockRate, 10_000))
		defer runtime.SetBlockProfileRate(l.BlockRateAfter)
		return contention(ctx, kind, d)
	case Heap:
		if l.CollectFirst {
			runtime.GC()
		}
	}
	return snapshot(kind)
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

func (l *Local) cpu(ctx context.Context, d time.Duration) ([]byte, error) {
	var b bytes.Buffer
	if err := pprof.StartCPUProfile(&b); err != nil {
		// The runtime has no other error, and does not tell who it is.
		return nil, &BusyError{By: "another part of this process", Kind: CPU, Err: err}
	}
	err := wait(ctx, d)
	pprof.StopCPUProfile()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func snapshot(kind Kind) ([]byte, error) {
	p := pprof.Lookup(string(kind))
	if p == nil {
		return nil, fmt.Errorf("this process has no %s profile", kind)
	}
	var b bytes.Buffer
	if err := p.WriteTo(&b, 0); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// contention takes what a cumulative profile gained within d; all that it has
// when d is 0.
func contention(ctx context.Context, kind Kind, d time.Duration) ([]byte, error) {
	if d == 0 {
		return snapshot(kind)
	}
	before, err := snapshot(kind)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := wait(ctx, d); err != nil {
		return nil, err
	}
	after, err := snapshot(kind)
	if err != nil {
		return nil, err
	}
	return gained(before, after, began, time.Since(began))
}

// gained returns what after has more than before, as a profile of that span.
func gained(before, after []byte, began time.Time, d time.Duration) ([]byte, error) {
	a, err := profile.ParseData(before)
	if err != nil {
		return nil, err
	}
	b, err := profile.ParseData(after)
	if err != nil {
		return nil, err
	}
	a.Scale(-1)
	sum, err := merge(b, a)
	if err != nil {
		return nil, err
	}
	sum.TimeNanos, sum.DurationNanos = began.UnixNano(), int64(d)
	var out bytes.Buffer
	if err := sum.Write(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
