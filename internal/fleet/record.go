package fleet

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// Record is what is known of one server. The zero Record knows nothing yet. It
// is a value of one goroutine.
type Record struct {
	Sight              // the newest, with the version and the engine that are known
	Begun    time.Time // when it was looked at first; zero: never
	Answered time.Time // when it answered last; zero: never
	Err      error     // why the newest look failed; nil: it did not, or there was none
	window   []wire.Sample
}

// Begin notes that a look begins.
func (r *Record) Begin(now time.Time) {
	if r.Begun.IsZero() {
		r.Begun = now
	}
}

// Take takes what a look found, or why it failed. What was known before stays.
func (r *Record) Take(s Sight, err error, now time.Time) {
	if r.Err = err; err != nil {
		return
	}
	r.Answered = now
	if s.Plain {
		s.Refused = r.Refused
	}
	if s.Version == "" {
		s.Version, s.Backend = r.Version, r.Backend
	}
	if !s.Lagged {
		s.Lag, s.Lagged = r.Lag, r.Lagged
	}
	r.Sight = s
	if s.Refused != "" || s.Program {
		r.window = nil
		return
	}
	for _, sample := range s.Samples {
		if n := len(r.window); n == 0 || sample.Time.After(r.window[n-1].Time) {
			r.window = append(r.window, sample)
		}
	}
	r.trim()
}

// trim lets go of what is older than the window.
func (r *Record) trim() {
	if newest, known := r.Sample(); known {
		oldest := newest.Time.Add(-Window)
		first := slices.IndexFunc(r.window, func(s wire.Sample) bool { return s.Time.After(oldest) })
		r.window = slices.Clone(r.window[first:])
	}
}

// Since is the time of the newest sample, by the server's clock: where the next
// look goes on. It is zero where there is none, and after a look that failed:
// the server may be another process by then, whose engine and version differ.
func (r *Record) Since() time.Time {
	if r.Err != nil || len(r.window) == 0 {
		return time.Time{}
	}
	return r.window[len(r.window)-1].Time
}

// Sample is the newest one; known is false where there is none.
func (r *Record) Sample() (s wire.Sample, known bool) {
	if len(r.window) == 0 {
		return s, false
	}
	return r.window[len(r.window)-1], true
}

// Rate is how many messages were appended in the last second; NaN: not known.
func (r *Record) Rate() float64 {
	if s, known := r.Sample(); known {
		return s.Appends
	}
	return math.NaN()
}

// Rates are the messages appended in each of the last n seconds up to the newest
// sample, oldest first; NaN where there is no sample.
func (r *Record) Rates(n int) []float64 {
	rates := make([]float64, n)
	for i := range rates {
		rates[i] = math.NaN()
	}
	last := len(r.window) - 1
	for i := range r.window {
		ago := int(math.Round(r.window[last].Time.Sub(r.window[i].Time).Seconds()))
		if at := n - 1 - ago; at >= 0 && at < n {
			rates[at] = r.window[i].Appends
		}
	}
	return rates
}

// P99 is the slowest second's p99 of writes in the window, in nanoseconds; NaN
// where nothing was written in it, or it is not known.
func (r *Record) P99() float64 {
	worst := math.NaN()
	for i := range r.window {
		for _, method := range []string{"stream.write", "stream.append"} {
			if m, called := r.window[i].Methods[method]; called && m.Calls > 0 && !(worst >= float64(m.P99)) {
				worst = float64(m.P99)
			}
		}
	}
	return worst
}

// Stalls is in how many seconds of the window writes stood still in some
// namespace, and in how many they do now. known is false where the engine does
// not tell.
func (r *Record) Stalls() (seconds, now int, known bool) {
	for i := range r.window {
		e := r.window[i].Engine
		if e == nil {
			continue
		}
		if known, now = true, e.Stalled; now > 0 {
			seconds++
		}
	}
	return seconds, now, known
}

// Disk is how many bytes are left where the data lies, and how large that file
// system is; a size of 0: not known.
func (r *Record) Disk() (free, size int64) {
	s, _ := r.Sample()
	return s.DiskFree, s.DiskSize
}

// Status is how a server does, the better the less.
type Status int

// The statuses.
const (
	Healthy Status = iota
	Limited        // it answers, and shows no metrics
	Asking         // nothing is known yet
	Warned         // look there soon
	Failing        // something is wrong there
	Silent         // it does not answer in time
	Gone           // nobody answers
)

// String is the status in a word, as evtui servers prints it.
func (s Status) String() string {
	return [...]string{"healthy", "limited", "asking", "warning", "failing", "silent", "gone"}[s]
}

// State is a judgement on a server: its status, and why.
type State struct {
	Status Status
	Words  string // short: of an error its cause alone
	Detail string // the whole error; "" where Words is all
}

// State judges what is known at a time.
func (r *Record) State(now time.Time) State {
	switch {
	case r.Err != nil:
		return r.failed(now)
	case r.Answered.IsZero():
		return State{Status: Asking, Words: "asking"}
	case r.Program:
		return State{Status: Limited, Words: "Go program, profiles only"}
	case r.Refused != "":
		return State{Status: Limited, Words: "answers; " + r.Refused}
	}
	s, known := r.Sample()
	if !known {
		return State{Status: Asking, Words: "no metrics yet"}
	}
	return condition(&s)
}

// failed says why the newest look failed, and for how long none has worked.
func (r *Record) failed(now time.Time) State {
	since := r.Answered
	if since.IsZero() {
		since = r.Begun
	}
	long := text.Duration(max(now.Sub(since), 0).Truncate(time.Second))
	switch {
	case errors.Is(r.Err, ErrSilent):
		return State{Status: Silent, Words: "not answering for " + long}
	case client.Unauthorized(r.Err):
		return State{Status: Failing, Words: "token refused", Detail: r.Err.Error()}
	case r.Answered.IsZero():
		return State{Status: Gone, Words: cause(r.Err), Detail: r.Err.Error()}
	}
	return State{Status: Gone, Words: "gone for " + long + ": " + cause(r.Err), Detail: r.Err.Error()}
}

// cause is the end of an error's text, where it comes from.
func cause(err error) string {
	words := err.Error()
	return strings.TrimSpace(words[strings.LastIndex(words, ": ")+1:])
}

// condition is the worst there is to say of a sample.
func condition(s *wire.Sample) State {
	all := wire.Ailments(s.Engine, s.DiskFree, s.DiskSize)
	if len(all) == 0 {
		return State{Status: Healthy, Words: "healthy"}
	}
	a := &all[0]
	state := State{Status: Warned, Words: string(a.Kind)}
	if a.Severe() {
		state.Status = Failing
	}
	if a.Count > 0 {
		state.Words = fmt.Sprintf("%d %s", a.Count, a.Kind)
	}
	switch a.Kind {
	case wire.AilmentDamaged:
		state.Words += ": evtui verify"
	case wire.AilmentPoisoned:
		state.Words += ", reopen with :reopen"
	case wire.AilmentNearStop:
		state.Words += fmt.Sprintf(": %d of %d L0 sublevels", s.Engine.Sublevels, s.Engine.SublevelsStop)
	case wire.AilmentNoticed:
		state.Words = noticed(a.Notice)
	}
	return state
}

// noticed says what readers should know.
func noticed(n wire.NoticeSum) string {
	words := n.Words
	if words == "" {
		words = text.Bound(strconv.Itoa(n.Count), !n.AtLeast, true) + " " + n.State
	}
	if n.Age > 0 {
		words += ", " + text.Duration(time.Duration(n.Age).Truncate(time.Second)) + " old"
	}
	if n.State == wire.NoticeApart {
		words += ": evtui verify"
	}
	return words
}
