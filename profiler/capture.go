package profiler

import (
	"context"
	"errors"
	"fmt"
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

// Target is what profiles are taken of. Capture returns the profile as a file
// holds it; it ends early with ctx's error when ctx does, and is called for
// one request at a time.
type Target interface {
	Name() string
	Capture(ctx context.Context, kind Kind, d time.Duration) ([]byte, error)
}

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

// Recorder takes profiles of a target, one at a time: two CPU profiles cannot
// run in one process, and others would disturb what is measured. It is safe
// for concurrent use and holds nothing that needs closing.
type Recorder struct {
	target Target

	mu      sync.Mutex
	running *BusyError // what is going on; nil when idle
}

// NewRecorder returns a recorder for the target.
func NewRecorder(target Target) *Recorder { return &Recorder{target: target} }

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
	data, err := r.target.Capture(ctx, request.Kind, request.Duration)
	stop()
	if err != nil {
		var busy *BusyError
		if errors.As(err, &busy) {
			return nil, busy
		}
		return nil, fmt.Errorf("take %s profile of %s: %w", request.Kind, r.target.Name(), err)
	}
	return &Recording{Kind: request.Kind, Target: r.target.Name(), Began: began, Took: time.Since(began), Data: data}, nil
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
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
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
	}()
	return func() {
		close(done)
		<-ended
	}
}
