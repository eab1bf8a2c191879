package fleet

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// sampleAt is a calm second, so many after noon.
func sampleAt(second int, appends float64) wire.Sample {
	return wire.Sample{
		Time: noon.Add(time.Duration(second) * time.Second), Appends: appends, DiskFree: 50e9, DiskSize: 100e9,
		Engine: &wire.EngineSample{Open: 1, Known: 1, SublevelsStop: 20},
	}
}

// TestRecordKeepsWhatItKnew goes through looks that succeed, fail, and succeed
// again.
func TestRecordKeepsWhatItKnew(t *testing.T) {
	var r Record
	if s := r.State(noon); s.Status != Asking || !math.IsNaN(r.Rate()) || !math.IsNaN(r.P99()) {
		t.Errorf("at first %+v, %v w/s", s, r.Rate())
	}
	r.Begin(noon)
	lag := &Lag{Behind: 7, Namespace: "shop", Category: "order", Consumer: "0/2"}
	r.Take(Sight{Version: "1.2.3", Backend: "pebble", Samples: []wire.Sample{sampleAt(0, 5), sampleAt(1, 9)}, Lagged: true, Lag: lag}, nil, noon)
	if s := r.State(noon); s.Status != Healthy || r.Rate() != 9 || !r.Since().Equal(noon.Add(time.Second)) {
		t.Errorf("then %+v, %v w/s, since %v", s, r.Rate(), r.Since())
	}
	// The next look asks for less: what was known stays.
	r.Take(Sight{Samples: []wire.Sample{sampleAt(3, 11)}}, nil, noon.Add(2*time.Second))
	if r.Version != "1.2.3" || r.Lag != lag || !r.Lagged {
		t.Errorf("version %q, lag %+v", r.Version, r.Lag)
	}
	if rates := r.Rates(4); rates[0] != 5 || rates[1] != 9 || !math.IsNaN(rates[2]) || rates[3] != 11 {
		t.Errorf("rates %v", rates)
	}
	r.Take(Sight{}, ErrSilent, noon.Add(5*time.Second))
	if s := r.State(noon.Add(9 * time.Second)); s.Status != Silent || s.Words != "not answering for 7 s" || r.Rate() != 11 {
		t.Errorf("then %+v, %v w/s", s, r.Rate())
	}
	if !r.Since().IsZero() {
		t.Error("it goes on with what may be another process")
	}
	r.Take(Sight{}, errors.New("dial tcp 10.0.0.7:8080: connection refused"), noon.Add(10*time.Second))
	if s := r.State(noon.Add(70 * time.Second)); s.Status != Gone || s.Words != "gone for 1m 08s: connection refused" || !strings.HasPrefix(s.Detail, "dial tcp") {
		t.Errorf("then %+v", s)
	}
	r.Take(Sight{Version: "1.3.0", Samples: []wire.Sample{sampleAt(80, 1)}}, nil, noon.Add(80*time.Second))
	if s := r.State(noon.Add(80 * time.Second)); s.Status != Healthy || r.Version != "1.3.0" {
		t.Errorf("back, %+v, version %q", s, r.Version)
	}
	if rates := r.Rates(60); rates[59] != 1 || !math.IsNaN(rates[0]) {
		t.Errorf("what is older than the window is kept: %v", rates)
	}
}

// TestStates is the worst there is to say of each.
func TestStates(t *testing.T) {
	for _, test := range []struct {
		change func(s *wire.Sample)
		want   State
	}{
		{func(*wire.Sample) {}, State{Status: Healthy, Words: "healthy"}},
		{func(s *wire.Sample) { s.DiskFree = 1e9 }, State{Status: Warned, Words: "disk low"}},
		{func(s *wire.Sample) { s.Engine.Sublevels = 15 }, State{Status: Warned, Words: "near stop: 15 of 20 L0 sublevels"}},
		{func(s *wire.Sample) { s.Engine.Stalled, s.DiskFree = 1, 0 }, State{Status: Failing, Words: "1 stalled"}},
		{func(s *wire.Sample) { s.Engine.Poisoned, s.Engine.Stalled = 2, 1 }, State{Status: Failing, Words: "2 WAL failed, reopen with :reopen"}},
		{func(s *wire.Sample) { s.Engine.Damaged, s.Engine.Poisoned = 3, 1 }, State{Status: Failing, Words: "3 damaged: evtui verify"}},
		{func(s *wire.Sample) {
			s.Engine.Notices, s.Engine.Noticed = []wire.Notice{{Namespace: "a", State: "cut off", Age: 14e9}, {Namespace: "b", State: "foreign"}}, 2
		}, State{Status: Warned, Words: "1 cut off, 14 s old"}},
		{func(s *wire.Sample) {
			s.Engine.Notices, s.Engine.Noticed = []wire.Notice{{Namespace: "a", State: wire.NoticeApart}}, 1
		}, State{Status: Failing, Words: "1 not following: evtui verify"}},
		{func(s *wire.Sample) {
			s.Engine.Notices, s.Engine.Noticed = []wire.Notice{{State: "warning", Words: "one of three servers is not reached"}}, 1
		}, State{Status: Warned, Words: "one of three servers is not reached"}},
		{func(s *wire.Sample) { s.Engine.Debt, s.Engine.DiskBytes = 2e9, 3e9 }, State{Status: Warned, Words: "debt high"}},
		{func(s *wire.Sample) { s.Engine, s.DiskSize = nil, 0 }, State{Status: Healthy, Words: "healthy"}},
	} {
		var r Record
		s := sampleAt(0, 1)
		test.change(&s)
		r.Take(Sight{Samples: []wire.Sample{s}}, nil, noon)
		if got := r.State(noon); got != test.want {
			t.Errorf("%+v is %+v, want %+v", s.Engine, got, test.want)
		}
	}
	var program, refused Record
	program.Take(Sight{Program: true}, nil, noon)
	refused.Take(Sight{Refused: "metrics need the admin token", Version: "1.0.0"}, nil, noon)
	if p, q := program.State(noon), refused.State(noon); p.Status != Limited || q.Status != Limited || !strings.HasSuffix(q.Words, "admin token") {
		t.Errorf("a program is %+v, a server without metrics %+v", p, q)
	}
}

// TestStallsAndLatency are of the whole window.
func TestStallsAndLatency(t *testing.T) {
	var r Record
	calm, stalled := sampleAt(0, 1), sampleAt(1, 1)
	stalled.Engine.Stalled = 2
	calm.Methods = map[string]wire.Method{"stream.append": {Calls: 1, P99: 9e6}}
	stalled.Methods = map[string]wire.Method{"stream.write": {Calls: 3, P99: 4e6}, "stream.get": {Calls: 9, P99: 9e9}}
	r.Take(Sight{Samples: []wire.Sample{calm, stalled}}, nil, noon)
	if seconds, now, known := r.Stalls(); seconds != 1 || now != 2 || !known {
		t.Errorf("%d s of stalls, %d now, known %v", seconds, now, known)
	}
	if r.P99() != 9e6 {
		t.Errorf("p99 %v", r.P99())
	}
}

// TestLooksHaveDeadlines has a server that never answers.
func TestLooksHaveDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := Within(t.Context(), func(ctx context.Context) (Sight, error) {
			<-ctx.Done()
			return Sight{}, ctx.Err()
		})
		if !errors.Is(err, ErrSilent) || time.Since(begun) != Patience {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Within(ended, func(ctx context.Context) (Sight, error) { return Sight{}, ctx.Err() }); errors.Is(err, ErrSilent) {
			t.Error("what the caller ended is said to be the server's fault")
		}
	})
}

// TestLagIsInMessages prefers messages to positions, says which is a bound, and
// leaves out who is perhaps no consumer.
func TestLagIsInMessages(t *testing.T) {
	n := func(k int64) *int64 { return &k }
	for _, test := range []struct {
		member wire.GroupMember
		want   string
	}{
		{wire.GroupMember{Lag: n(900), Messages: n(12), Size: 4, Member: 1}, "12 1/4"},
		{wire.GroupMember{Lag: n(900), Messages: n(12), AtLeast: true, Consumer: "billing"}, "≥12 billing"},
		{wire.GroupMember{Lag: n(900), Consumer: "billing"}, "≤900 billing"},
		{wire.GroupMember{Lag: n(0), Consumer: "billing"}, "0 billing"},
		{wire.GroupMember{Lag: n(900), Once: true}, ""},
		{wire.GroupMember{}, ""},
	} {
		got := ""
		if l := lagOf(&test.member); l != nil {
			got = l.String() + " " + l.Consumer
		}
		if got != test.want {
			t.Errorf("%+v is %q, want %q", test.member, got, test.want)
		}
	}
}

// TestTokenIsNamed tells a refused token from a server that is gone.
func TestTokenIsNamed(t *testing.T) {
	var r Record
	r.Begin(noon)
	r.Take(Sight{}, &client.Error{Status: 401, Code: wire.AuthInvalidToken, Message: "no such token"}, noon)
	if s := r.State(noon); s.Status != Failing || !strings.Contains(s.Words, "token refused") {
		t.Errorf("it is %+v", s)
	}
}
