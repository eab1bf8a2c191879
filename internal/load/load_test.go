package load

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/inprocess"
	"github.com/evtui/evtui/store"
)

func mustRun(t *testing.T, c Config, progress func(Report)) Report {
	t.Helper()
	report, err := Run(t.Context(), c, progress)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestMix: of every eleven calls ten write, and reads take turns.
func TestMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(fakeStore)
		r := mustRun(t, Config{Client: onMemory(t, f), Workers: 4, Calls: 4 * 440}, nil)
		if r.Writes != 1600 || r.Reads != 160 || r.Messages != 1600 || r.Errors != 0 || r.FirstError != "" {
			t.Errorf("%+v", r)
		}
		for method, want := range map[string]int{"stream.write": 1600, "stream.get": 40, "category.get": 40, "stream.version": 40, "stream.last": 40} {
			if n := f.called(method); n != want || r.Latency[method].Count != int64(want) {
				t.Errorf("%s: %d calls, %d in the report, want %d", method, n, r.Latency[method].Count, want)
			}
		}
		if len(r.Latency) != 5 {
			t.Errorf("latencies of %v", r.Latency)
		}
	})
}

func TestOnlyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := onMemory(t, new(fakeStore))
		if r := mustRun(t, Config{Client: c, Calls: 100, Writes: 1}, nil); r.Writes != 100 || r.Reads != 0 {
			t.Errorf("only writes: %+v", r)
		}
		if r := mustRun(t, Config{Client: c, Calls: 100, Reads: 1}, nil); r.Writes != 0 || r.Reads != 100 {
			t.Errorf("only reads: %+v", r)
		}
	})
}

func TestBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(fakeStore)
		r := mustRun(t, Config{Client: onMemory(t, f), Calls: 110, Batch: 7, Verify: true}, nil)
		if r.Writes != 100 || r.Messages != 700 || f.head != 700 || f.called("stream.append") != 100 {
			t.Errorf("%+v, head %d", r, f.head)
		}
		if v := r.Verification; v == nil || *v != (Verification{After: 700, Acknowledged: 700, OK: true}) {
			t.Errorf("%+v", v)
		}
	})
}

// TestSeed: with one worker the calls are the same byte for byte.
func TestSeed(t *testing.T) {
	calls := func(seed uint64) (made []string) {
		synctest.Test(t, func(t *testing.T) {
			f := new(fakeStore)
			mustRun(t, Config{Client: onMemory(t, f), Workers: 1, Calls: 200, Seed: seed}, nil)
			made = f.storeCalls()
		})
		return made
	}
	one := calls(1)
	if len(one) != 200 || !slices.Equal(one, calls(1)) {
		t.Errorf("the same seed made %d other calls", len(one))
	}
	if slices.Equal(one, calls(2)) {
		t.Error("another seed made the same calls")
	}
}

// TestRate: calls are spread evenly over the time, and progress says so.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reports []Report
		c := Config{Client: onMemory(t, new(fakeStore)), Workers: 3, Rate: 110, Duration: 10*time.Second - time.Millisecond}
		started := time.Now()
		r := mustRun(t, c, func(r Report) { reports = append(reports, r) })
		if took := time.Since(started); took != c.Duration || r.Elapsed != took {
			t.Errorf("took %s, reported %s", took, r.Elapsed)
		}
		if all := r.Writes + r.Reads; all != 1100 || r.Missed != 0 {
			t.Errorf("%d calls, %d missed", all, r.Missed)
		}
		if math.Abs(r.WriteRate-100) > 0.5 || math.Abs(r.ReadRate-10) > 0.5 || r.MessageRate != r.WriteRate {
			t.Errorf("rates %v, %v, %v", r.WriteRate, r.ReadRate, r.MessageRate)
		}
		if len(reports) != 9 {
			t.Fatalf("%d reports", len(reports))
		}
		for i, p := range reports {
			all := p.Writes + p.Reads
			if p.Elapsed != time.Duration(i+1)*time.Second || all < int64(i+1)*110 || all > int64(i+1)*110+1 || p.Workers != 3 {
				t.Errorf("report %d: %+v", i, p)
			}
			if p.WriteRate < 95 || p.WriteRate > 105 || p.Latency["stream.write"].Count > 105 {
				t.Errorf("report %d is not of its second: %+v", i, p)
			}
		}
	})
}

// TestOverload: what is sent late is measured from when it was due, and what
// cannot be caught up is given up, not hidden.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStore{before: func(method string) (int, string) {
			if method == "stream.write" {
				time.Sleep(1500 * time.Millisecond)
			}
			return 0, ""
		}}
		// The twentieth write is under way when time is up.
		r := mustRun(t, Config{Client: onMemory(t, f), Workers: 1, Writes: 1, Rate: 1, Duration: 29 * time.Second}, nil)
		if r.Writes != 20 || r.Missed < 8 || r.Missed > 10 {
			t.Errorf("%d writes, %d missed", r.Writes, r.Missed)
		}
		if l := r.Latency["stream.write"]; l.Max < 2400*time.Millisecond || l.P50 < 1600*time.Millisecond || l.Mean > l.Max {
			t.Errorf("%+v", l)
		}
	})
}

// TestCancel: the load ends at once, what is under way is in doubt, and
// nothing is an error.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStore{before: func(method string) (int, string) {
			if method == "stream.append" {
				time.Sleep(time.Hour)
			}
			return 0, ""
		}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second+time.Millisecond, cancel)
		started := time.Now()
		called := 0
		r, err := Run(ctx, Config{Client: onMemory(t, f), Workers: 5, Writes: 1, Batch: 3, Consumers: 2, Retry: true}, func(Report) { called++ })
		if err != nil || time.Since(started) > time.Second+2*time.Millisecond {
			t.Errorf("%v after %s", err, time.Since(started))
		}
		if r.Errors != 0 || r.Retries != 0 || r.FirstError != "" || r.Messages != 0 || r.Unknown != 15 || called != 1 {
			t.Errorf("%+v, %d reports", r, called)
		}
		if _, err := Run(ctx, Config{Client: onMemory(t, f)}, nil); err != nil {
			t.Errorf("with an ended context: %v", err)
		}
		time.Sleep(time.Hour) // let the fake's handlers go
	})
}

// flaky is a way to a server that cannot be reached for three seconds. Writes
// that are two seconds apart take no kept connection, so they meet it.
func flaky(t *testing.T, h http.Handler) *client.Client {
	l := inprocess.Listen()
	started := time.Now()
	return mustServe(t, h, l, func(ctx context.Context) (net.Conn, error) {
		if since := time.Since(started); since > 1500*time.Millisecond && since < 4500*time.Millisecond {
			return nil, errors.New("connection refused")
		}
		return l.Dial(ctx)
	})
}

func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(fakeStore)
		c := flaky(t, f)
		r := mustRun(t, Config{Client: c, Workers: 2, Writes: 1, Rate: 0.5, Duration: 10 * time.Second, Retry: true, Verify: true}, nil)
		if r.Errors != 0 || r.Retries == 0 || r.FirstError != "" || r.Writes < 3 || !r.Verification.OK {
			t.Errorf("%+v", r)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := flaky(t, new(fakeStore))
		started := time.Now()
		r, err := Run(t.Context(), Config{Client: c, Workers: 2, Writes: 1, Rate: 0.5, Duration: time.Hour}, nil)
		if !client.Unreachable(err) || r.Errors == 0 || r.FirstError == "" || time.Since(started) > 5*time.Second {
			t.Errorf("%v, %+v", err, r)
		}
	})
}

// TestErrors: errors of single calls are counted, slow the worker down, and
// leave nothing in doubt; those that all calls would have end the load.
func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		status int
		code   string
		fatal  bool
	}{
		{500, "BACKEND_ERROR", false}, {409, "STREAM_VERSION_CONFLICT", false},
		{401, "AUTH_REQUIRED", true}, {403, "AUTH_UNAUTHORIZED", true}, {404, "NAMESPACE_NOT_FOUND", true}, {404, "METHOD_NOT_FOUND", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeStore{before: func(method string) (int, string) {
				if method == "stream.write" {
					return tt.status, `{"error":{"code":"` + tt.code + `","message":"so it is"}}`
				}
				return 0, ""
			}}
			r, err := Run(t.Context(), Config{Client: onMemory(t, f), Workers: 1, Writes: 1, Duration: 10 * time.Second}, nil)
			if (err != nil) != tt.fatal {
				t.Errorf("%s: %v", tt.code, err)
			}
			if r.FirstError == "" || r.Writes != 0 || r.Unknown != 0 {
				t.Errorf("%s: %+v", tt.code, r)
			}
			if most := int64(20); r.Errors < 1 || r.Errors > most || tt.fatal && r.Errors != 1 {
				t.Errorf("%s: %d errors", tt.code, r.Errors)
			}
		})
	}
}

func TestVerifyFinds(t *testing.T) {
	for _, extra := range []int{-1, 1} {
		synctest.Test(t, func(t *testing.T) {
			f := new(fakeStore)
			var infos atomic.Int32
			f.before = func(method string) (int, string) {
				if method == "ns.info" && infos.Add(1) == 2 {
					f.mu.Lock()
					f.counted = extra // a message lost, or one too many
					f.mu.Unlock()
				}
				return 0, ""
			}
			r, err := Run(t.Context(), Config{Client: onMemory(t, f), Calls: 50, Verify: true}, nil)
			if !errors.Is(err, ErrVerify) || r.Verification == nil || r.Verification.OK {
				t.Errorf("%d off: %v, %+v", extra, err, r.Verification)
			}
		})
	}
}

func TestConsumers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(fakeStore)
		r := mustRun(t, Config{Client: onMemory(t, f), Workers: 1, Writes: 1, Rate: 10, Consumers: 3, Duration: time.Second - time.Millisecond}, nil)
		if l := r.Latency["consumer"]; l.Count != 30 || r.Reads != 0 || r.Consumed != 0 {
			t.Errorf("%+v", r)
		}
		members := 0
		for _, want := range []string{
			`["category.get","order",{"position":1,"batchSize":100,"consumerGroup":{"member":0,"size":3}}]`,
			`["category.get","order",{"position":1,"batchSize":100,"consumerGroup":{"member":2,"size":3}}]`,
		} {
			if slices.Contains(f.storeCalls(), want) {
				members++
			}
		}
		if members != 2 {
			t.Errorf("calls %v", f.storeCalls()[:4])
		}
	})
}

func TestBadConfigs(t *testing.T) {
	c := onMemory(t, new(fakeStore))
	for _, bad := range []Config{
		{}, {Client: c, Workers: -1}, {Client: c, Reads: -1}, {Client: c, Rate: -1}, {Client: c, Rate: math.NaN()}, {Client: c, Rate: math.Inf(1)},
		{Client: c, Duration: -1}, {Client: c, Calls: -1}, {Client: c, Batch: -1},
	} {
		_, err := Run(t.Context(), bad, nil)
		if _, ok := errors.AsType[*store.InvalidError](err); !ok {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
