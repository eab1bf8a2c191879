package profiler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Request asks for a profile.
type Request struct {
	Kind     Kind
	Duration time.Duration // span of a timed kind; 0: 10 s for CPU, since the process began for mutex and block
	By       string        // who asks, as others see it: "the profile page", "a trigger"
}

// defaultCPU is how long a CPU profile takes unless it is said.
const defaultCPU = 10 * time.Second

// maxDuration is the longest that a profile may take.
const maxDuration = 5 * time.Minute

// normal checks a request and fills in its defaults.
func (r Request) normal() (Request, error) {
	if _, err := ParseKind(string(r.Kind)); err != nil {
		return r, err
	}
	if !r.Kind.Timed() {
		r.Duration = 0
	}
	if r.Kind == CPU && r.Duration == 0 {
		r.Duration = defaultCPU
	}
	if r.Duration < 0 || r.Duration > maxDuration {
		return r, fmt.Errorf("a profile of %v: must be between 0 and %v", r.Duration, maxDuration)
	}
	if r.By == "" {
		r.By = "somebody else"
	}
	return r, nil
}

// Fetch takes a profile of a process: of the kind ("cpu", "heap"…), of N seconds
// where that is above 0. It ends early with ctx's error when ctx does. The Profile
// method of the server's client is one.
type Fetch func(ctx context.Context, kind string, seconds int) ([]byte, error)

// BusyError is returned while somebody else is taking a profile.
type BusyError struct {
	By    string    // who; "" when only the other process knows, and Err says it
	Kind  Kind      // what they take
	Until time.Time // when it should be done; zero when that is not known
	Err   error     // what the process said, or nil
}

func (e *BusyError) Error() string {
	if e.By == "" && e.Err != nil {
		return e.Err.Error()
	}
	s := fmt.Sprintf("%s is taking a %s profile", e.By, e.Kind)
	if left := time.Until(e.Until); !e.Until.IsZero() && left > 0 {
		s += fmt.Sprintf(", for %.0f s more", left.Seconds())
	}
	return s
}

// Unwrap returns what the process said.
func (e *BusyError) Unwrap() error { return e.Err }

// Progress says how far a recording is.
type Progress struct {
	Kind    Kind
	Elapsed time.Duration
	Total   time.Duration // 0 for a snapshot
}

// Share returns how much of the time is over, from 0 to 1.
func (p Progress) Share() float64 {
	if p.Total <= 0 {
		return 0
	}
	return min(1, float64(p.Elapsed)/float64(p.Total))
}

// Recording is a profile just taken.
type Recording struct {
	Kind   Kind
	Target string
	Began  time.Time
	Took   time.Duration
	Data   []byte // a .pb.gz
}

// Open parses the recording.
func (r *Recording) Open(limits Limits) (*Profile, error) { return Parse(r.Data, limits) }

// Recorder takes profiles of a process, one at a time: two CPU profiles cannot
// run in one process, and others would disturb what is measured. It is safe
// for concurrent use and holds nothing that needs closing.
type Recorder struct {
	target string
	fetch  Fetch

	mu      sync.Mutex
	running *BusyError // what is going on; nil when idle
}

// NewRecorder returns a recorder of the process behind fetch; target is what it is
// called, such as its address.
func NewRecorder(target string, fetch Fetch) *Recorder {
	return &Recorder{target: target, fetch: fetch}
}

// Busy says who is recording what; nil when nobody is.
func (r *Recorder) Busy() *BusyError {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.running
}

// progressEvery is how often a recording reports how far it is.
const progressEvery = 100 * time.Millisecond

// Record takes a profile. It does not wait for another recording: that is a
// *BusyError that names who holds it. progress, unless nil, is called about
// ten times a second from one goroutine, and not after Record has returned.
// Cancelling ctx ends the recording and throws it away.
func (r *Recorder) Record(ctx context.Context, request Request, progress func(Progress)) (*Recording, error) {
	request, err := request.normal()
	if err != nil {
		return nil, fmt.Errorf("take profile: %w", err)
	}
	release, err := r.hold(request)
	if err != nil {
		return nil, err
	}
	defer release()
	began := time.Now()
	stop := report(request, began, progress)
	data, err := r.capture(ctx, request.Kind, request.Duration)
	stop()
	if err != nil {
		if busy, ok := errors.AsType[*BusyError](err); ok {
			return nil, busy
		}
		return nil, fmt.Errorf("take %s profile of %s: %w", request.Kind, r.target, err)
	}
	return &Recording{Kind: request.Kind, Target: r.target, Began: began, Took: time.Since(began), Data: data}, nil
}

// capture fetches a profile; d is rounded up to whole seconds. A process that
// is being profiled by somebody else gives a *BusyError that says whom, where
// the process reports it.
func (r *Recorder) capture(ctx context.Context, kind Kind, d time.Duration) ([]byte, error) {
	data, err := r.fetch(ctx, string(kind), int((d+time.Second-1)/time.Second))
	if err != nil && ctx.Err() == nil && isBusy(err) {
		err = &BusyError{Kind: kind, Err: err}
	}
	return data, err
}

// isBusy knows how evtui's server and net/http/pprof say that a profile is
// being taken.
func isBusy(err error) bool {
	said := err.Error()
	return strings.Contains(said, "PROFILE_BUSY") || strings.Contains(said, "already in use")
}

func (r *Recorder) hold(request Request) (release func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running != nil {
		return nil, r.running
	}
	r.running = &BusyError{By: request.By, Kind: request.Kind, Until: time.Now().Add(request.Duration)}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.running = nil
	}, nil
}

// report calls progress until it is stopped.
func report(request Request, began time.Time, progress func(Progress)) (stop func()) {
	if progress == nil {
		return func() {}
	}
	done := make(chan struct{})
	var reporting sync.WaitGroup
	reporting.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			progress(Progress{Kind: request.Kind, Elapsed: time.Since(began), Total: request.Duration})
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		reporting.Wait()
	}
}
