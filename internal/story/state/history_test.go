package state_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/store"
)

// given is a source of messages that are at hand.
func given(list []store.Message) state.Source {
	return func(_ context.Context, from int64, limit int) iter.Seq2[store.Message, error] {
		return func(yield func(store.Message, error) bool) {
			for _, m := range list {
				if m.Position < from {
					continue
				}
				if limit--; limit < 0 || !yield(m, nil) {
					return
				}
			}
		}
	}
}

// random makes a stream of deposits and withdrawals, in which some positions may be
// missing.
func random(r *rand.Rand, n int, gaps bool) []store.Message {
	data := make([]string, n)
	for i := range data {
		data[i] = fmt.Sprintf(`{"amount":%d,"by":{"u%d":%d}}`, r.IntN(100)-48, r.IntN(5), i)
	}
	list := messagesOf(data...)
	position := int64(0)
	for i := range list {
		if gaps {
			position += int64(r.IntN(3))
		}
		list[i].Position = position
		position++
	}
	return list
}

const balance = `.balance += $event.data.amount | .by = (.by // {}) * $event.data.by`

var whole = state.Budget{Messages: 1 << 30, Time: time.Hour}

// linear folds one message after the other.
func linear(t *testing.T, r state.Reducer, list []store.Message) []string {
	t.Helper()
	states := make([]string, len(list))
	at := state.Initial()
	for i := range list {
		folded, err := r.Fold(t.Context(), at, list[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		at = folded.State
		states[i] = string(at)
	}
	return states
}

// TestHistory jumps about in streams: every state is the one that a fold from the
// beginning has, with whatever budget.
func TestHistory(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, gaps := range []bool{false, true} {
		for name, reducer := range map[string]state.Reducer{"merged": state.Merging{}, "jq": newProcess(t, balance, "", state.DefaultLimits())} {
			list := random(r, 700, gaps)
			want := linear(t, reducer, list)
			h := state.NewHistory(given(list), reducer)
			for range 60 {
				at := r.Int64N(list[len(list)-1].Position + 10)
				i := -1 // the last message there
				for i+1 < len(list) && list[i+1].Position <= at {
					i++
				}
				var m state.Moment
				for rounds := 0; !m.Done; rounds++ {
					var err error
					if m, err = h.At(t.Context(), at, state.Budget{Messages: 1 + r.IntN(100), Time: time.Hour}); err != nil || rounds > 2*len(list) {
						t.Fatal(rounds, err)
					}
				}
				now, before := "null", "null"
				if i >= 0 {
					now = want[i]
				}
				if i > 0 {
					before = want[i-1]
				}
				if string(m.State) != now {
					t.Fatalf("%s at %d: %s, want %s", name, at, m.State, now)
				}
				if m.Message != nil && (m.Message.Position != list[i].Position || string(m.Before) != before) {
					t.Fatalf("%s at %d: message %d after %s, want %d after %s", name, at, m.Message.Position, m.Before, list[i].Position, before)
				}
				if m.Message == nil && i >= 0 {
					t.Fatalf("%s at %d: no message", name, at)
				}
			}
		}
	}
}

// TestHistoryKeepsWhatItMay: states that are large are kept further apart.
func TestHistoryKeepsWhatItMay(t *testing.T) {
	data := make([]string, 3000)
	for i := range data {
		data[i] = fmt.Sprintf(`{"n":%d,"k%d":%q}`, i, i%1000, strings.Repeat("x", 1000))
	}
	list := messagesOf(data...)
	h := state.NewHistory(given(list), state.Merging{})
	m, err := h.At(t.Context(), 2999, whole)
	if err != nil || !m.Done || !strings.HasPrefix(string(m.State), `{"n":2999,`) {
		t.Fatalf("%.40s, %v", m.State, err)
	}
	if states, bytes := h.Kept(); states < 10 || bytes > 32<<20 || bytes < 8<<20 {
		t.Errorf("%d states of %d bytes are kept", states, bytes)
	}
	if cost := h.Cost(1500); cost > 512 {
		t.Errorf("a step costs %d messages", cost)
	}
	if m, err = h.At(t.Context(), 1500, whole); err != nil || !strings.HasPrefix(string(m.State), `{"n":1500,`) {
		t.Errorf("%.40s, %v", m.State, err)
	}
}

// TestAReducerThatFails keeps the state before the message, for it and all that come
// after.
func TestAReducerThatFails(t *testing.T) {
	list := messagesOf(`{"n":1}`, `{"n":2}`, `{"n":"x"}`, `{"n":4}`)
	h := state.NewHistory(given(list), newProcess(t, `. + $event.data.n`, "", state.DefaultLimits()))
	for _, at := range []int64{3, 2, 3} {
		m, err := h.At(t.Context(), at, whole)
		if err != nil || m.Fault == nil || m.Fault.Position != 2 || string(m.State) != "3" || !m.Done || m.Message == nil || m.Message.Position != 2 {
			t.Fatalf("at %d: %+v, %v", at, m, err)
		}
		if want := "message #2 (Changed): cannot add"; !strings.HasPrefix(m.Fault.Error(), want) {
			t.Errorf("%q, want %q", m.Fault, want)
		}
	}
	if m, err := h.At(t.Context(), 1, whole); err != nil || m.Fault != nil || string(m.State) != "3" || string(m.Before) != "1" {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestSearch finds what a look at all states finds, in one pass and, where the
// condition stays true, by bisection.
func TestSearch(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	const reducer = `.n += 1 | .sum += $event.data.amount | .most = ([.most, .sum] | max)`
	for _, gaps := range []bool{false, true} {
		list := random(r, 400, gaps)
		last := list[len(list)-1].Position
		p := newProcess(t, reducer, "", state.DefaultLimits())
		states := linear(t, p, list)
		for range 8 {
			bound := r.IntN(500) - 50
			for condition, stays := range map[string]bool{fmt.Sprintf(`.most > %d`, bound): true, fmt.Sprintf(`.sum == %d`, bound): false, fmt.Sprintf(`.n > %d`, bound): true} {
				want := int64(-1)
				for i, s := range states {
					var v struct{ N, Sum, Most int }
					if err := json.Unmarshal([]byte(s), &v); err != nil {
						t.Fatal(err)
					}
					if (map[byte]bool{'m': v.Most > bound, 's': v.Sum == bound, 'n': v.N > bound})[condition[1]] {
						want = list[i].Position
						break
					}
				}
				for _, bisecting := range []bool{false, stays} {
					ask := newProcess(t, reducer, condition, state.DefaultLimits())
					s := state.NewSearch(state.NewHistory(given(list), p), ask, last, bisecting)
					for over := false; !over; {
						var err error
						if over, err = s.Go(t.Context(), state.Budget{Messages: 1 + r.IntN(150), Time: time.Hour}); err != nil {
							t.Fatal(err)
						}
					}
					got := int64(-1)
					if s.Found != nil {
						got = s.Found.Position
					}
					if got != want {
						t.Fatalf("%s, bisecting %v: %d, want %d", condition, bisecting, got, want)
					}
					if s.Steps > s.Expected() {
						t.Errorf("%s, bisecting %v: %d steps, expected %d at most", condition, bisecting, s.Steps, s.Expected())
					}
					if err := ask.Close(); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// TestSearchBeforeAFault finds what is before the message that the reducer does not
// take, and says so where it finds nothing.
func TestSearchBeforeAFault(t *testing.T) {
	list := messagesOf(`{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":"x"}`, `{"n":5}`)
	const reducer = `. + $event.data.n`
	for _, c := range []struct {
		condition string
		want      int64
	}{{`. >= 3`, 1}, {`. > 100`, -1}} {
		for _, stays := range []bool{false, true} {
			h := state.NewHistory(given(list), newProcess(t, reducer, "", state.DefaultLimits()))
			s := state.NewSearch(h, newProcess(t, reducer, c.condition, state.DefaultLimits()), 4, stays)
			over, err := s.Go(t.Context(), whole)
			if err != nil || !over {
				t.Fatal(over, err)
			}
			if c.want >= 0 && (s.Found == nil || s.Found.Position != c.want) {
				t.Errorf("%s, stays %v: %+v", c.condition, stays, s.Found)
			}
			if c.want < 0 && (s.Found != nil || s.Fault == nil || s.Fault.Position != 3) {
				t.Errorf("%s, stays %v: %+v, %v", c.condition, stays, s.Found, s.Fault)
			}
		}
	}
}

// BenchmarkStep steps to versions of a stream of 10,000 messages at random, beside
// one fold over all of it.
func BenchmarkStep(b *testing.B) {
	list := random(rand.New(rand.NewPCG(1, 2)), 10_000, false)
	for name, program := range map[string]string{"merged": "", "jq": balance} {
		var reducer state.Reducer = state.Merging{}
		if program != "" {
			reducer = newProcess(b, program, "", state.DefaultLimits())
		}
		b.Run(name+"/fold", func(b *testing.B) {
			for b.Loop() {
				if _, err := state.NewHistory(given(list), reducer).At(b.Context(), 9_999, whole); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/message")
		})
		b.Run(name+"/step", func(b *testing.B) {
			h := state.NewHistory(given(list), reducer)
			if _, err := h.At(b.Context(), 9_999, whole); err != nil {
				b.Fatal(err)
			}
			r := rand.New(rand.NewPCG(3, 4))
			for b.Loop() {
				if _, err := h.At(b.Context(), r.Int64N(10_000), whole); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
