package tui

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
)

// What a firing takes.
const (
	triggerCPU    = 5 * time.Second
	triggerAround = 30 * time.Second // of samples before
)

// triggers watches the engine's samples and takes profiles when a rule's
// condition is met.
type triggers struct {
	rules  *profiler.Triggers // nil: there are none
	busy   bool               // a capture of ours is under way
	base   *quietBase         // of the last quiet moment; nil: none yet
	dir    string
	target string
	span   time.Duration // of a CPU profile
}

func newTriggers(cfg Config) triggers {
	t := triggers{dir: cfg.ProfileDir, target: cmp.Or(publicURL(cfg), "this process"), span: triggerCPU}
	if len(cfg.Triggers) > 0 && cfg.ProfileDir != "" {
		t.rules = profiler.NewTriggers(cfg.Triggers)
	}
	return t
}

// quietBase is the CPU profile of a quiet moment. It is kept on disk with the
// first firing that is compared with it.
type quietBase struct {
	profile *profiler.Profile
	taken   *profiler.Recording
	id      string // of the kept profile; "": it is not kept
}

// observationOf is what rules see of a sample.
func observationOf(s wire.Sample) profiler.Observation {
	values := map[string]float64{
		profiler.MetricHeap: float64(s.HeapBytes), profiler.MetricRSS: float64(s.RSSBytes),
		profiler.MetricGoroutines: float64(s.Goroutines), profiler.MetricCPU: s.CPU,
		profiler.MetricErrors: s.Errors, profiler.MetricGCPause: float64(s.GCPause),
	}
	if s.Engine != nil {
		values[profiler.MetricStall] = float64(s.Engine.Stalled)
	}
	for name, m := range s.Methods {
		values["p50("+name+")"], values["p99("+name+")"], values["max("+name+")"] = float64(m.P50), float64(m.P99), float64(m.Max)
	}
	return profiler.Observation{Time: s.Time, Values: values}
}

// triggeredMsg is what a firing brought.
type triggeredMsg struct {
	server uint64 // which of those that the UI was on
	firing profiler.Firing
	grew   string
	base   *quietBase // what it was compared with; nil for nothing
	baseID string     // under which name that is kept; "" if it is not
	err    error
}

// baselineMsg is a quiet moment's profile.
type baselineMsg struct {
	server uint64 // which of those that the UI was on
	base   *quietBase
	err    error
}

// Update takes a sample to the rules and begins what they ask for, or takes what
// that brought. It returns what there is to say; "" for nothing.
func (t *triggers) Update(r reach, live page.Live, msg any) (toast page.Toast, cmd tea.Cmd) {
	switch msg := msg.(type) {
	case wire.Sample:
		return t.observe(r, live, observationOf(msg))
	case profiler.Observation:
		return t.observe(r, live, msg)
	case triggeredMsg:
		if msg.server == r.server {
			t.busy = false
		}
		return msg.toast(), nil
	case baselineMsg: // one that could not be taken is of no concern: the next comes in ten minutes
		if msg.server == r.server {
			t.busy = false
			if msg.err == nil {
				t.base = msg.base
			}
		}
	}
	return page.Toast{}, nil
}

func (t *triggers) observe(r reach, live page.Live, o profiler.Observation) (toast page.Toast, cmd tea.Cmd) {
	if t.rules == nil {
		return page.Toast{}, nil
	}
	firing, fires := t.rules.Observe(o)
	switch {
	case fires && t.busy:
		return page.Toast{Level: page.LevelWarn, Text: "trigger " + firing.Rule.String() + ": condition met, but a capture is already running"}, nil
	case fires:
		t.busy = true
		words := "trigger " + firing.Rule.String() + ": taking a CPU profile for " + t.span.String()
		return page.Toast{Level: page.LevelWarn, Text: words}, t.takeTriggered(r, live, firing)
	case !t.busy && t.rules.BaselineDue():
		t.busy = true
		return page.Toast{}, t.takeBaseline(r)
	}
	return page.Toast{}, nil
}

func (t *triggers) takeBaseline(r reach) tea.Cmd {
	target, request := t.recorder(r.root), t.request("a quiet baseline")
	return background(r.ctx, func(ctx context.Context) tea.Msg {
		taken, err := target.Record(ctx, request, nil)
		if err != nil {
			return baselineMsg{server: r.server, err: err}
		}
		opened, err := taken.Open(profiler.Limits{})
		return baselineMsg{server: r.server, base: &quietBase{profile: opened, taken: taken}, err: err}
	})
}

func (t *triggers) recorder(c *client.Client) *profiler.Recorder {
	return profiler.NewRecorder(t.target, c.In("").Profile)
}

func (t *triggers) request(by string) profiler.Request {
	return profiler.Request{Kind: profiler.CPU, Duration: t.span, By: by}
}

// takeTriggered keeps the goroutines and the next seconds' CPU, with the
// samples around them.
func (t *triggers) takeTriggered(r reach, live page.Live, f profiler.Firing) tea.Cmd {
	load, _ := page.FiguresOf(live)
	k := keeper{
		c: r.root, recorder: t.recorder(r.root), request: t.request("a trigger"),
		dir: t.dir, load: load,
	}
	base := t.base
	if base != nil {
		k.base = *base
	}
	return background(r.ctx, func(ctx context.Context) tea.Msg {
		grew, err := k.keep(ctx, f)
		return triggeredMsg{server: r.server, firing: f, grew: grew, base: base, baseID: k.base.id, err: err}
	})
}

// keeper is what keeping a firing's profiles takes, as values.
type keeper struct {
	c        *client.Client
	recorder *profiler.Recorder
	request  profiler.Request // of the CPU profile
	dir      string
	base     quietBase // zero: there is none
	load     json.RawMessage
}

// keep takes and keeps the profiles, and says what grew most.
func (k *keeper) keep(ctx context.Context, f profiler.Firing) (string, error) {
	sessions, err := profiler.OpenSessions(k.dir, profiler.Limits{})
	if err != nil {
		return "", err
	}
	// First what stands now, for it may be gone in five seconds. A CPU profile
	// that somebody else is taking must not lose it.
	stands, err := k.recorder.Record(ctx, profiler.Request{Kind: profiler.Goroutine, By: "a trigger"}, nil)
	if err != nil {
		return "", err
	}
	cpu, cpuErr := k.recorder.Record(ctx, k.request, nil)
	about := profiler.Session{Note: fmt.Sprintf("trigger %s, at %s", f.Rule, f.Reading()), Load: k.load}
	if around, err := k.c.History(ctx, f.Time.Add(-triggerAround)); err == nil {
		about.Figures, _ = json.Marshal(around)
	}
	if _, err := sessions.Keep(stands, about); err != nil || cpuErr != nil {
		return "", errors.Join(cpuErr, err)
	}
	opened, err := cpu.Open(profiler.Limits{})
	if err != nil {
		return "", err
	}
	grew, err := grewMost(k.base.profile, opened)
	if err != nil {
		return "", err
	}
	if about.Base, err = k.keepBase(sessions); err != nil {
		return "", err
	}
	about.Note = grew + "; " + about.Note // what counts first: there may be little room
	_, err = sessions.Keep(cpu, about)
	return grew, err
}

// keepBase keeps the quiet baseline, once, so that the difference can be looked
// at later. It returns its name, "" without one.
func (k *keeper) keepBase(sessions *profiler.Sessions) (string, error) {
	if k.base.profile == nil || k.base.id != "" {
		return k.base.id, nil
	}
	kept, err := sessions.Keep(k.base.taken, profiler.Session{Note: "a quiet baseline for triggers to compare with"})
	k.base.id = kept.ID
	return kept.ID, err
}

// grewMost says in a sentence what is different from the quiet.
func grewMost(base, now *profiler.Profile) (string, error) {
	options := profiler.Options{OmitUI: true}
	if base != nil {
		g, err := profiler.GrewMost(base, now, options)
		return g.String(), err
	}
	v, err := now.View(options)
	if err != nil {
		return "", err
	}
	rows := v.Top(profiler.TopOptions{Count: 1}).Rows
	if len(rows) == 0 {
		return "almost no CPU time was used", nil
	}
	return fmt.Sprintf("most time in %s, %s; no quiet baseline yet", profiler.ShortNames(rows[0].Name)[1], v.Format(rows[0].Flat)), nil
}

func (m triggeredMsg) toast() page.Toast {
	if m.base != nil {
		m.base.id = m.baseID
	}
	head := "trigger " + m.firing.Rule.String()
	if m.err != nil {
		return page.Toast{Level: page.LevelError, Text: head + ": " + m.err.Error()}
	}
	// Where first: what grew may be longer than the line.
	return page.Toast{Level: page.LevelWarn, Text: head + ", saved on the Profile page: " + m.grew}
}
