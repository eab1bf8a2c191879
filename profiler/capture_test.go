package profiler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	httppprof "net/http/pprof"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a target whose profiles take exactly their time.
type fake struct{ calls []Kind }

func (f *fake) fetch(ctx context.Context, kind string, seconds int) ([]byte, error) {
	f.calls = append(f.calls, Kind(kind))
	timer := time.NewTimer(time.Duration(seconds) * time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return []byte("profile"), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// itself takes profiles of this process as net/http/pprof hands them out.
func itself(ctx context.Context, kind string, seconds int) ([]byte, error) {
	handle := httppprof.Handler(kind).ServeHTTP
	if kind == string(CPU) {
		handle = httppprof.Profile
	}
	path := "/"
	if seconds > 0 {
		path = fmt.Sprintf("/?seconds=%d", seconds)
	}
	w := httptest.NewRecorder()
	handle(w, httptest.NewRequestWithContext(ctx, "GET", path, nil))
	if w.Code != http.StatusOK {
		return nil, errors.New(w.Body.String())
	}
	return w.Body.Bytes(), nil
}

func TestRecordTellsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecorder("fake", (&fake{}).fetch)
		var told []Progress
		got, err := r.Record(t.Context(), Request{Kind: CPU, Duration: time.Second}, func(p Progress) { told = append(told, p) })
		if err != nil || got.Took != time.Second || got.Kind != CPU || got.Target != "fake" || string(got.Data) != "profile" {
			t.Fatalf("recording %+v, error %v", got, err)
		}
		if len(told) < 10 || told[0].Share() != 0 || told[5].Elapsed != 500*time.Millisecond || told[5].Share() != 0.5 {
			t.Errorf("progress %v", told)
		}
	})
}

func TestRecordOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecorder("fake", (&fake{}).fetch)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := r.Record(t.Context(), Request{Kind: CPU, Duration: 10 * time.Second, By: "a trigger"}, nil); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		time.Sleep(4 * time.Second)
		_, err := r.Record(t.Context(), Request{Kind: Heap}, nil)
		var busy *BusyError
		if !errors.As(err, &busy) || err.Error() != "a trigger is taking a cpu profile, for 6 s more" {
			t.Errorf("error %v", err)
		}
		if b := r.Busy(); b == nil || b.By != "a trigger" {
			t.Errorf("busy %v", b)
		}
		wg.Wait()
		if r.Busy() != nil {
			t.Error("still busy")
		}
		if _, err := r.Record(t.Context(), Request{Kind: Heap}, nil); err != nil {
			t.Error(err)
		}
	})
}

func TestRecordIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecorder("fake", (&fake{}).fetch)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := r.Record(ctx, Request{Kind: CPU, Duration: time.Minute}, func(Progress) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if took := time.Since(began); took != 2*time.Second || r.Busy() != nil {
			t.Errorf("took %v, busy %v", took, r.Busy())
		}
	})
}

func TestRecordChecksRequest(t *testing.T) {
	f := &fake{}
	r := NewRecorder("fake", f.fetch)
	for _, q := range []Request{{}, {Kind: "none"}, {Kind: CPU, Duration: -1}, {Kind: CPU, Duration: time.Hour}} {
		if _, err := r.Record(t.Context(), q, nil); err == nil {
			t.Errorf("%+v is accepted", q)
		}
	}
	if len(f.calls) > 0 {
		t.Errorf("captured %v", f.calls)
	}
}

// TestKindsOfARunningProcess takes every kind of this one and looks at what it is.
func TestKindsOfARunningProcess(t *testing.T) {
	runtime.SetMutexProfileFraction(10)
	runtime.SetBlockProfileRate(10_000)
	defer runtime.SetMutexProfileFraction(0)
	defer runtime.SetBlockProfileRate(0)
	r := NewRecorder("this process", itself)
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			stop := contend()
			got, err := r.Record(t.Context(), Request{Kind: kind, Duration: 200 * time.Millisecond}, nil)
			stop()
			if err != nil {
				t.Fatal(err)
			}
			p, err := got.Open(Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind() != kind {
				t.Errorf("looks like a %s profile", p.Kind())
			}
			if kind.Timed() != (p.Duration() >= 100*time.Millisecond) {
				t.Errorf("it is of %v", p.Duration())
			}
			v := mustView(t, p, Options{})
			if kind == Mutex || kind == Block {
				if _, err := v.Callers("contend"); err != nil {
					t.Errorf("what contends is not in it: %v", err)
				}
			}
			if err := v.Top(TopOptions{}).Write(io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
}

// contend fights over a lock and spends time until it is stopped.
func contend() (stop func()) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				mu.Lock()
				for range 20_000 {
					n += n ^ 3
				}
				mu.Unlock()
			}
		})
	}
	return func() { close(done); wg.Wait() }
}

func TestBusyProcess(t *testing.T) {
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Skip("the test itself is being profiled")
	}
	defer pprof.StopCPUProfile()
	_, err := NewRecorder("this process", itself).Record(t.Context(), Request{Kind: CPU, Duration: time.Millisecond}, nil)
	var busy *BusyError
	if !errors.As(err, &busy) {
		t.Errorf("error %v", err)
	}
}

func TestRemote(t *testing.T) {
	var asked []int
	fetch := func(_ context.Context, kind string, seconds int) ([]byte, error) {
		asked = append(asked, seconds)
		switch kind {
		case "cpu":
			return nil, errors.New("the terminal UI is taking a CPU profile, for 3 s more (PROFILE_BUSY)")
		case "block":
			return nil, errors.New("no route to host")
		}
		return []byte(kind), nil
	}
	r := NewRecorder("127.0.0.1:8080", fetch)
	_, err := r.Record(t.Context(), Request{Kind: CPU, Duration: 1500 * time.Millisecond}, nil)
	var busy *BusyError
	if !errors.As(err, &busy) || !strings.HasPrefix(err.Error(), "the terminal UI is taking") {
		t.Errorf("error %v", err)
	}
	if _, err = r.Record(t.Context(), Request{Kind: Block}, nil); err == nil || errors.As(err, &busy) || !strings.Contains(err.Error(), "127.0.0.1:8080") {
		t.Errorf("error %v", err)
	}
	got, err := r.Record(t.Context(), Request{Kind: Heap, Duration: time.Hour}, nil)
	if err != nil || string(got.Data) != "heap" {
		t.Errorf("%v, error %v", got, err)
	}
	if len(asked) != 3 || asked[0] != 2 || asked[1] != 0 || asked[2] != 0 {
		t.Errorf("seconds asked for: %v", asked)
	}
}
