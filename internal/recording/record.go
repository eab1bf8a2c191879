package recording

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// Server is what a Recorder asks; a *client.Client is one.
type Server interface {
	Call(ctx context.Context, method string, args ...any) (json.RawMessage, error)
}

// Profiles tells of profiles that were kept meanwhile: those begun after a
// time, the oldest first.
type Profiles interface {
	Since(t time.Time) ([]Profile, error)
}

// Options say what is recorded beside what the server tells.
type Options struct {
	Past     time.Duration // how much of what was before the begin; 0: nothing
	Profiles Profiles      // nil: none
	Every    time.Duration // between two looks; 0: a second
	Now      func() time.Time
}

// How often that is asked for which need not be known each second, in looks.
const (
	looksEvery = 5
	namesEvery = 10
)

// Recorder asks a server and writes what it tells. It is used by one goroutine,
// [Recorder.Report] apart.
type Recorder struct {
	server Server
	w      *Writer
	o      Options
	began  time.Time

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

// Report tells where a recording stands.
type Report struct {
	Began   time.Time
	Bytes   int64
	Samples int64
	Fault   string // why nothing comes just now; "" when all is well
}

// New returns a recorder that begins now. The writer stays the caller's, which
// closes it.
func New(server Server, w *Writer, o Options) *Recorder {
	if o.Every == 0 {
		o.Every = time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	now := o.Now()
	r := &Recorder{server: server, w: w, o: o, began: now, from: now.Add(-o.Past), lacks: map[string]bool{}, taken: map[string]bool{}}
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
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Bytes = r.w.Size()
	r.report.Fault = ""
	if lost != nil {
		r.report.Fault = lost.Error()
	}
	return nil
}

// Report tells where the recording stands; any goroutine may ask.
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

// ask asks for all that is due.
func (r *Recorder) ask(ctx context.Context) error {
	steps := []func(context.Context) error{r.samples, r.events, r.lines}
	if r.rounds == 0 || r.lost {
		steps = append([]func(context.Context) error{r.info}, steps...)
	}
	if r.rounds%looksEvery == 0 {
		steps = append(steps, r.look(kindFigures, "engine.figures"), r.look(kindGroups, "engine.groups"), r.look(kindSubscriptions, "engine.subscriptions"))
	}
	if r.rounds%namesEvery == 0 {
		steps = append(steps, r.look(kindNamespaces, "ns.list"), r.look(kindCategories, "ns.categories"))
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if len(r.lacks) > 0 && r.lacks["engine.history"] && r.lacks["engine.events"] && r.lacks["engine.log"] {
		return fmt.Errorf("%w: figures, events and log are not offered by this server, or need the admin token", errNothing)
	}
	r.rounds++
	return nil
}

// call asks for what the server offers; ok is false for what it does not.
func (r *Recorder) call(ctx context.Context, method string, args ...any) (raw json.RawMessage, ok bool, err error) {
	if r.lacks[method] {
		return nil, false, nil
	}
	raw, err = r.server.Call(ctx, method, args...)
	if client.NotOffered(err) || client.Unauthorized(err) {
		r.lacks[method] = true
		return nil, false, nil
	}
	return raw, err == nil, err
}

// info asks which process it is: another one numbers its events anew.
func (r *Recorder) info(ctx context.Context) error {
	raw, ok, err := r.call(ctx, "engine.info")
	if err != nil || !ok {
		return err
	}
	var info wire.Info
	if err := json.Unmarshal(raw, &info); err != nil {
		return fmt.Errorf("understand engine.info: %w", err)
	}
	if info.StartedAt.Equal(r.started) {
		return nil
	}
	r.started, r.event, r.line = info.StartedAt, 0, 0
	return r.write(kindInfo, r.o.Now(), raw)
}

// look asks for an answer of which the newest counts.
func (r *Recorder) look(kind, method string) func(context.Context) error {
	return func(ctx context.Context) error {
		raw, ok, err := r.call(ctx, method)
		if err != nil || !ok {
			return err
		}
		return r.write(kind, r.o.Now(), raw)
	}
}

func (r *Recorder) samples(ctx context.Context) error {
	return r.each(ctx, "engine.history", map[string]any{"since": r.sample.UTC().Format(time.RFC3339Nano)}, func(raw json.RawMessage, s numbered) error {
		if !s.Time.After(r.sample) {
			return nil
		}
		r.sample = s.Time
		r.mu.Lock()
		r.report.Samples++
		r.mu.Unlock()
		return r.write(kindSample, s.Time, raw)
	})
}

func (r *Recorder) events(ctx context.Context) error {
	return r.sequence(ctx, kindEvent, "engine.events", &r.event)
}

func (r *Recorder) lines(ctx context.Context) error {
	return r.sequence(ctx, kindLog, "engine.log", &r.line)
}

// sequence writes what is numbered above after, and not older than what is
// recorded.
func (r *Recorder) sequence(ctx context.Context, kind, method string, after *uint64) error {
	return r.each(ctx, method, map[string]any{"after": *after, "limit": 1000}, func(raw json.RawMessage, n numbered) error {
		if n.Seq <= *after {
			return nil
		}
		*after = n.Seq
		if n.Time.Before(r.from) {
			return nil
		}
		return r.write(kind, n.Time, raw)
	})
}

// numbered is what is read of a value that is passed on to the letter.
type numbered struct {
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time"`
}

// each calls a method that answers a list, and f with each of its values.
func (r *Recorder) each(ctx context.Context, method string, options map[string]any, f func(json.RawMessage, numbered) error) error {
	raw, ok, err := r.call(ctx, method, options)
	if err != nil || !ok {
		return err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("understand %s: %w", method, err)
	}
	for _, value := range list {
		var n numbered
		if err := json.Unmarshal(value, &n); err != nil {
			return fmt.Errorf("understand %s: %w", method, err)
		}
		if err := f(value, n); err != nil {
			return err
		}
	}
	return nil
}

// newProfiles takes in the profiles that were kept meanwhile. One that cannot
// be read is left out: it is on disk for whoever wants it.
func (r *Recorder) newProfiles() error {
	if r.o.Profiles == nil {
		return nil
	}
	list, err := r.o.Profiles.Since(r.from)
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
	return r.write(kindProfile, p.About.Time, keptProfile(p))
}
