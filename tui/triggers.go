package tui

import (
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
	t := triggers{dir: cfg.ProfileDir, target: publicURL(cfg), span: triggerCPU}
	if t.target == "" {
		t.target = "this process"
	}
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

// observe takes a sample to the rules, and begins what they ask for.
func (a *app) observe(s wire.Sample) tea.Cmd {
	t := &a.triggers
	if t.rules == nil {
		return nil
	}
	firing, fires := t.rules.Observe(observationOf(s))
	switch {
	case fires && t.busy:
		return a.say(page.LevelWarn, "trigger "+firing.Rule.String()+": met, but a capture is under way")
	case fires:
		t.busy = true
		return tea.Batch(a.say(page.LevelWarn, "trigger "+firing.Rule.String()+": taking a CPU profile for "+t.span.String()), a.takeTriggered(firing))
	case !t.busy && t.rules.BaselineDue():
		t.busy = true
		return a.takeBaseline()
	}
	return nil
}

func (a *app) takeBaseline() tea.Cmd {
	ctx, server, target, request := a.ctx, a.server, a.triggers.recorder(a.root), a.triggers.request("a quiet baseline")
	return func() tea.Msg {
		msg := baselineMsg{server: server}
		labelled(ctx, func(ctx context.Context) {
			var taken *profiler.Recording
			if taken, msg.err = target.Record(ctx, request, nil); msg.err == nil {
				msg.base = &quietBase{taken: taken}
				msg.base.profile, msg.err = taken.Open(profiler.Limits{})
			}
		})
		return msg
	}
}

func (t *triggers) recorder(c *client.Client) *profiler.Recorder {
	return profiler.NewRecorder(profiler.NewRemote(t.target, c.In("").Profile))
}

func (t *triggers) request(by string) profiler.Request {
	return profiler.Request{Kind: profiler.CPU, Duration: t.span, By: by}
}

// takeTriggered keeps the goroutines and the next seconds' CPU, with the
// samples around them.
func (a *app) takeTriggered(f profiler.Firing) tea.Cmd {
	ctx, server := a.ctx, a.server
	load, _ := page.FiguresOf(a.env.Live)
	k := keeper{
		c: a.root, recorder: a.triggers.recorder(a.root), request: a.triggers.request("a trigger"),
		dir: a.triggers.dir, load: load,
	}
	base := a.triggers.base
	if base != nil {
		k.base = *base
	}
	return func() tea.Msg {
		msg := triggeredMsg{server: server, firing: f, base: base}
		labelled(ctx, func(ctx context.Context) {
			msg.grew, msg.err = k.keep(ctx, f)
			msg.baseID = k.base.id
		})
		return msg
	}
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
	kept, err := sessions.Keep(k.base.taken, profiler.Session{Note: "a quiet moment, for triggers to compare with"})
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
		return "next to no processor time was used", nil
	}
	return fmt.Sprintf("most time in %s, %s; there is no quiet baseline yet", profiler.ShortNames(rows[0].Name)[1], v.Format(rows[0].Flat)), nil
}

// triggered tells what a firing brought.
func (a *app) triggered(msg triggeredMsg) tea.Cmd {
	if msg.server == a.server {
		a.triggers.busy = false
	}
	if msg.base != nil {
		msg.base.id = msg.baseID
	}
	head := "trigger " + msg.firing.Rule.String() + ": "
	if msg.err != nil {
		return a.say(page.LevelError, head+msg.err.Error())
	}
	// Where first: what grew may be longer than the line.
	return a.say(page.LevelWarn, "trigger "+msg.firing.Rule.String()+", kept on the Profile page: "+msg.grew)
}

// based takes a baseline. One that could not be taken is of no concern: the
// next comes in ten minutes.
func (a *app) based(msg baselineMsg) tea.Cmd {
	if msg.server != a.server {
		return nil
	}
	a.triggers.busy = false
	if msg.err == nil {
		a.triggers.base = msg.base
	}
	return nil
}
