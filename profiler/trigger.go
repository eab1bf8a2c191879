package profiler

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Observation is one second of what is watched.
type Observation struct {
	Time   time.Time
	Values map[string]float64 // by metric; times in nanoseconds, sizes in bytes
}

// Firing says that a rule's condition was met for long enough.
type Firing struct {
	Rule  Rule
	Time  time.Time // of the observation that completed it
	Value float64   // of the rule's metric then
}

// Reading returns the value in the unit of its metric: 5.58ms, 512MB, 1.5.
func (f Firing) Reading() string {
	metric, _, _ := strings.Cut(f.Rule.Metric, "(")
	if in := measures[metric]; in != "" {
		return scaledLabel(int64(f.Value), in, "auto")
	}
	return strconv.FormatFloat(math.Round(f.Value*1000)/1000, 'f', -1, 64)
}

// How often triggers do something.
const (
	triggerRest   = time.Minute      // between two firings, whatever the rules
	triggerGap    = 3 * time.Second  // without observations, a condition starts again
	quietBefore   = time.Minute      // no condition met for so long: the engine is quiet
	baselineEvery = 10 * time.Minute // a quiet baseline grows old
)

// Triggers evaluates rules over observations. It takes no profiles itself, and
// reads no clock: time is what the observations say. It is not safe for
// concurrent use.
type Triggers struct {
	rules []Rule
	state []ruleState
	last  time.Time // of the last observation
	fired time.Time
	quiet time.Time // since when no condition was met
	based time.Time // when a baseline was last due
}

type ruleState struct {
	since time.Time // the condition has been met since; zero: it is not
	spent bool      // it has fired and must not be met once before it fires again
}

// NewTriggers returns triggers for the rules.
func NewTriggers(rules []Rule) *Triggers {
	return &Triggers{rules: rules, state: make([]ruleState, len(rules))}
}

// Observe takes the next observation and returns the firing that it brings
// about, if any. Observations that are not newer than the last are passed
// over. A rule fires once until its condition ends; one that comes within a
// minute of another firing waits, and fires then if it is still met.
func (t *Triggers) Observe(o Observation) (f Firing, fires bool) {
	if !o.Time.After(t.last) {
		return Firing{}, false
	}
	gap := o.Time.Sub(t.last) > triggerGap
	t.last = o.Time
	if gap {
		t.quiet = o.Time
		for i := range t.state {
			t.state[i].since = time.Time{}
		}
	}
	for i, r := range t.rules {
		s := &t.state[i]
		if !r.holds(o) {
			*s = ruleState{}
			continue
		}
		t.quiet = o.Time
		if s.since.IsZero() {
			s.since = o.Time
		}
		resting := !t.fired.IsZero() && o.Time.Sub(t.fired) < triggerRest
		if fires || s.spent || resting || o.Time.Sub(s.since) < r.For {
			continue
		}
		s.spent, t.fired = true, o.Time
		f, fires = Firing{Rule: r, Time: o.Time, Value: o.Values[r.Metric]}, true
	}
	return f, fires
}

// BaselineDue reports, at most once in ten minutes, that the engine has been
// quiet for a minute: the moment to take what a later firing is compared with.
func (t *Triggers) BaselineDue() bool {
	if t.last.IsZero() || t.last.Sub(t.quiet) < quietBefore || !t.based.IsZero() && t.last.Sub(t.based) < baselineEvery {
		return false
	}
	t.based = t.last
	return true
}
