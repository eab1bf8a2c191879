package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
)

func (h *host) sample() (sample wire.Sample) {
	h.t.Helper()
	_, text := h.request("POST", "/rpc", h.admin, `["engine.sample"]`, wire.ActorHeader, "ui")
	mustDecode(h.t, text, &sample)
	return sample
}

func TestEngineInfo(t *testing.T) {
	h := newHost(t)
	var info wire.Info
	mustDecode(t, h.call(`["engine.info"]`), &info)
	if info.Version != "1.2.3" || info.Backend != *backend || info.Durability == "" || info.PID != os.Getpid() || info.TestMode || time.Since(info.StartedAt) > time.Minute {
		t.Errorf("got %+v", info)
	}
}

func TestSamplesTellWhatHappened(t *testing.T) {
	var used atomic.Int64
	h := newHost(t, func(c *server.Config) {
		c.UICPU = func() time.Duration { return time.Duration(used.Add(int64(time.Second))) }
	})
	if first := h.sample(); first.Time.IsZero() || first.Goroutines == 0 || first.HeapBytes == 0 || first.Methods == nil {
		t.Errorf("the first sample is %+v", first)
	}
	e := h.subscribe("all=true")
	h.write("a-1", 5)
	h.call(`["stream.get","a-1"]`)
	h.refused(h.admin, `["nowhere"]`, 404, "METHOD_NOT_FOUND")
	h.refused(h.admin, `["stream.get",5]`, 400, "INVALID_REQUEST")
	e.pokes(5)
	// The UI's requests are left out, whatever they do.
	ui := func(body string) {
		t.Helper()
		if answer, text := h.request("POST", "/rpc", h.admin, body, wire.ActorHeader, "ui"); answer.StatusCode != 200 {
			t.Fatal(text)
		}
	}
	ui(`["stream.write","a-1",{"type":"T","data":{}}]`)
	ui(`["stream.last","a-1"]`)
	e.pokes(1)

	// Rates of all samples together are the counts: each is one second's, and
	// a sample's own span is what its rates were divided by.
	var appends, reads, announced, errors, writes float64
	seen := map[string]bool{}
	h.eventually("everything is in the samples", func() bool {
		appends, reads, announced, errors, writes = 0, 0, 0, 0, 0
		var history []wire.Sample
		_, text := h.request("POST", "/rpc", h.admin, `["engine.history"]`, wire.ActorHeader, "ui")
		mustDecode(t, text, &history)
		for i, s := range history {
			if i == 0 {
				continue
			}
			span := s.Time.Sub(history[i-1].Time).Seconds()
			appends += s.Appends * span
			reads += s.Reads * span
			announced += s.Announced * span
			errors += s.Errors * span
			writes += s.Methods["stream.write"].Calls * span
			for name, m := range s.Methods {
				seen[name] = true
				if m.P50 <= 0 || m.P99 < m.P50 || m.Max < m.P99 || m.Max > int64(time.Minute) {
					t.Errorf("%s: %+v", name, m)
				}
			}
		}
		return announced > 5.5
	})
	for name, pair := range map[string][2]float64{"appends": {appends, 5}, "reads": {reads, 5}, "announced": {announced, 6}, "errors": {errors, 2}, "writes": {writes, 5}} {
		if d := pair[0] - pair[1]; d > 0.1 || d < -0.1 {
			t.Errorf("%s: the samples add up to %.2f, want %.0f", name, pair[0], pair[1])
		}
	}
	if !seen["stream.write"] || !seen["stream.get"] || seen["stream.last"] || seen["nowhere"] {
		t.Errorf("the samples name the methods %v", seen)
	}
	last := h.sample()
	if last.Subscribers != 1 || last.Connections < 2 || last.CPU < 0 || last.UICPU < 0.5 || last.UICPU > 2 || runtime.GOOS == "linux" && last.RSSBytes == 0 {
		t.Errorf("got %+v", last)
	}
	h.expect(`["engine.history",{"since":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`"}]`, `[]`)
	h.refused(h.admin, `["engine.history",{"since":"now"}]`, 400, "INVALID_REQUEST")
}

func TestEngineLog(t *testing.T) {
	ring := server.NewLogRing(3, slog.LevelInfo, nil)
	h := newHost(t, func(c *server.Config) { c.Log = ring })
	h.expect(`["engine.log"]`, `[]`)
	log := slog.New(ring)
	for i := range 5 {
		log.Info("line", "n", i)
	}
	lines := func(options string) string {
		t.Helper()
		var all []wire.LogLine
		mustDecode(t, h.call(`["engine.log"`+options+`]`), &all)
		var texts []string
		for _, l := range all {
			texts = append(texts, fmt.Sprintf("%d %s %s %s", l.Seq, l.Level, l.Text, l.Attrs))
		}
		return strings.Join(texts, "|")
	}
	for options, want := range map[string]string{
		``:                        `3 INFO line {"n":2}|4 INFO line {"n":3}|5 INFO line {"n":4}`,
		`,{"after":4}`:            `5 INFO line {"n":4}`,
		`,{"after":5}`:            ``,
		`,{"after":99}`:           ``,
		`,{"limit":1}`:            `3 INFO line {"n":2}`,
		`,{"after":3,"limit":1}`:  `4 INFO line {"n":3}`,
		`,{"after":0,"limit":10}`: `3 INFO line {"n":2}|4 INFO line {"n":3}|5 INFO line {"n":4}`,
	} {
		if got := lines(options); got != want {
			t.Errorf("%s: got %s, want %s", options, got, want)
		}
	}
	for _, wrong := range []string{`{"after":-1}`, `{"limit":0}`, `{"limit":10001}`, `{"after":"1"}`} {
		h.refused(h.admin, `["engine.log",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
	h = newHost(t) // without a ring
	h.expect(`["engine.log"]`, `[]`)
}

func TestProfiles(t *testing.T) {
	h := newHost(t)
	tenant := h.namespace("tenant")
	for _, path := range []string{"", "heap", "goroutine", "profile?seconds=1", "cmdline", "trace?seconds=1", "nowhere"} {
		answer, text := h.request("GET", "/debug/pprof/"+path, "", "")
		h.fault(path, answer, text, 401, "AUTH_REQUIRED")
		answer, text = h.request("GET", "/debug/pprof/"+path, tenant, "")
		h.fault(path, answer, text, 403, "AUTH_UNAUTHORIZED")
	}
	for _, path := range []string{"heap", "allocs", "goroutine", "mutex", "block", "threadcreate", "profile?seconds=1", "mutex?seconds=1", "block?seconds=1", "heap?seconds=1"} {
		answer, text := h.request("GET", "/debug/pprof/"+path, h.admin, "")
		if answer.StatusCode != 200 {
			t.Errorf("%s: %s", path, text)
			continue
		}
		if _, err := profile.ParseData([]byte(text)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{"", "goroutine?debug=2", "cmdline", "symbol"} {
		if answer, text := h.request("GET", "/debug/pprof/"+path, h.admin, ""); answer.StatusCode != 200 || text == "" {
			t.Errorf("%s: %s", path, answer.Status)
		}
	}
	answer, text := h.request("GET", "/debug/pprof/nowhere", h.admin, "")
	h.fault("nowhere", answer, text, 404, "NOT_FOUND")
	for _, seconds := range []string{"0", "-1", "301", "x", "1.5"} {
		answer, text := h.request("GET", "/debug/pprof/profile?seconds="+seconds, h.admin, "")
		h.fault(seconds, answer, text, 400, "INVALID_REQUEST")
	}
	if runtime.SetMutexProfileFraction(-1) != 0 {
		t.Error("the mutex profile was left on")
	}
}

func TestOneCPUProfileAtATime(t *testing.T) {
	h := newHost(t)
	// One captures until it leaves; it may have come second first.
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", h.url+"/debug/pprof/profile?seconds=300", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	var first sync.WaitGroup
	defer first.Wait()
	defer leave()
	first.Go(func() {
		for ctx.Err() == nil {
			answer, err := http.DefaultClient.Do(req)
			if err != nil {
				continue
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusConflict {
				t.Errorf("a capture that nobody ended: %s", answer.Status)
				return
			}
		}
	})
	refused := 0
	h.eventually("others are refused", func() bool {
		answer, text := h.request("GET", "/debug/pprof/profile?seconds=1", h.admin, "")
		if answer.StatusCode == http.StatusOK {
			return false // it came first
		}
		if e := h.fault("second capture", answer, text, http.StatusConflict, "PROFILE_BUSY"); !strings.Contains(e.Message, "127.0.0.1") {
			t.Errorf("it does not tell who captures: %s", e.Message)
		}
		refused++
		return refused == 3
	})
	leave()
	first.Wait()
	// Afterwards it is free again, also when a client did not wait.
	for _, patience := range []time.Duration{50 * time.Millisecond, time.Minute} {
		client := http.Client{Timeout: patience}
		req, err = http.NewRequest("GET", h.url+"/debug/pprof/profile?seconds=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+h.admin)
		h.eventually("the profile is free", func() bool {
			answer, err := client.Do(req)
			if err != nil {
				return true // gave up on purpose
			}
			defer func() { _ = answer.Body.Close() }()
			_, _ = io.Copy(io.Discard, answer.Body)
			return answer.StatusCode == 200
		})
	}
}
