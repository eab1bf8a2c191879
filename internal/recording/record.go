package recording

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/evtui/evtui/profiler"
)

// Server is what a Recorder asks; a *client.Client is one.
type Server interface {
	Call(ctx context.Context, method string, args ...any) (json.RawMessage, error)
}

// Options say what is recorded beside what the server reports.
type Options struct {
	Past     time.Duration      // how much of what was before the begin; 0: nothing
	Profiles *profiler.Sessions // those that are kept meanwhile are taken in; nil: none
	Every    time.Duration      // between two looks; 0: a second
	Now      func() time.Time
}

// How often that is asked for which need not be known each second, in looks.
const (
	looksEvery = 5
	namesEvery = 10
)

// Recorder asks a server and writes what it reports. It is used by one goroutine,
// [Recorder.Report] apart.
type Recorder struct {
	server Server
	w      *Writer
	o      Options

	from    time.Time // of what is recorded
	sample  time.Time // the last one written
	event   uint64
	line    uint64
	started time.Time       // the server process whose numbers event and line are
	taken   map[string]bool // profiles, by id
	lacks   map[string]bool
	rounds  int
	lost    bool

	mu     sync.Mutex
	report Report
}

// Report is where a recording stands.
type Report struct {
	Began   time.Time
	Bytes   int64
	Samples int64
	Fault   string // why nothing comes just now; "" when all is well
}

// New returns a recorder that begins now. The writer stays the caller's, which
// closes it.
func New(server Server, w *Writer, o Options) *Recorder {
	o.Every = cmp.Or(o.Every, time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	now := o.Now()
	r := &Recorder{server: server, w: w, o: o, from: now.Add(-o.Past), lacks: map[string]bool{}, taken: map[string]bool{}}
	r.sample = r.from
	r.report.Began = now
	return r
}

// Run records until ctx ends, which is no error. It returns an error when the
// file cannot be written, or when the server offers nothing to record.
func (r *Recorder) Run(ctx context.Context) error {
	tick := time.NewTicker(r.o.Every)
	defer tick.Stop()
	for {
		if err := r.Look(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			// What the last second brought; the server need not be there.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			return r.Look(last)
		case <-tick.C:
		}
	}
}

// Look asks the server once and writes what is new. A server that is not there
// is no error: it may come back.
func (r *Recorder) Look(ctx context.Context) error {
	lost := r.ask(ctx)
	if errors.Is(lost, errUnwritten) || errors.Is(lost, errNothing) {
		return lost
	}
	if ctx.Err() != nil {
		lost = nil // it is we who are gone
	}
	if err := r.gap(lost); err != nil {
		return err
	}
	if err := r.newProfiles(); err != nil {
		return err
	}
	if err := r.w.Flush(); err != nil {
		return err
	}
	size, err := r.w.Size()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Bytes, r.report.Fault = size, ""
	if lost != nil {
		r.report.Fault = lost.Error()
	}
	return nil
}

// Report returns where the recording stands; any goroutine may ask.
func (r *Recorder) Report() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.report
}

// errUnwritten wraps what happened to the file, errNothing what the server
// does not have.
var (
	errUnwritten = errors.New("the recording cannot go on")
	errNothing   = errors.New("nothing can be recorded")
)

func (r *Recorder) write(kind string, at time.Time, value any) error {
	if err := r.w.write(kind, at, value); err != nil {
		return fmt.Errorf("%w: %w", errUnwritten, err)
	}
	return nil
}

// gap writes down once that the server is gone.
func (r *Recorder) gap(lost error) error {
	was := r.lost
	r.lost = lost != nil
	if lost == nil || was {
		return nil
	}
	return r.write(kindGap, r.o.Now(), lost.Error())
}

// newProfiles takes in the profiles that were kept meanwhile. One that cannot
// be read is left out: it is on disk for whoever wants it.
func (r *Recorder) newProfiles() error {
	if r.o.Profiles == nil {
		return nil
	}
	list, err := keptSince(r.o.Profiles, r.from)
	if err != nil {
		return nil //nolint:nilerr // the profiles' directory is not the recording's
	}
	for _, p := range list {
		if r.taken[p.About.ID] {
			continue
		}
		r.taken[p.About.ID] = true
		if err := r.Profile(p); err != nil {
			return err
		}
	}
	return nil
}

// Profile takes in one profile. Any goroutine may call it.
func (r *Recorder) Profile(p Profile) error {
	return r.write(kindProfile, p.About.Time, p)
}
