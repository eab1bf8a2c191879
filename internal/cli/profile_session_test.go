package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/profiler"
)

// mustSession runs `evtui profile` and returns the one directory it made.
func mustSession(t *testing.T, args ...string) (dir, out string, err error) {
	t.Helper()
	into := filepath.Join(t.TempDir(), "kept")
	var o, e bytes.Buffer
	root := newRoot()
	root.SetOut(&o)
	root.SetErr(&e)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetArgs(append([]string{"profile", "--into", into}, args...))
	err = root.ExecuteContext(t.Context())
	made, globErr := filepath.Glob(filepath.Join(into, "*-pebble"))
	if globErr != nil || len(made) != 1 {
		t.Fatalf("made %q (%v); the command ended with %v and said %s", made, globErr, err, e.String())
	}
	return made[0], o.String(), err
}

func sessionFiles() []string {
	return []string{
		"README.md", "allocs-after.prof", "allocs-before.prof", "cpu.prof", "goroutine.prof", "heap-after.prof",
		"heap-before.prof", "load-test-results.json", "pebble-disk-usage.txt", "pebble-namespace-count.txt",
	}
}

func mustHold(t *testing.T, dir, file string, want ...string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		if !strings.Contains(string(text), w) {
			t.Errorf("%s does not hold %q:\n%s", file, w, text)
		}
	}
}

func TestProfileSession(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dir, out, err := mustSession(t, "--duration", "2s", "--workers", "4", "--durability", "interval")
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "README.md") + "\n"; out != want {
		t.Errorf("printed %q, want %q", out, want)
	}
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if err != nil || !slices.Equal(names, sessionFiles()) {
		t.Errorf("made %q (%v), want %q", names, err, sessionFiles())
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".prof") {
			if _, err := profiler.OpenFile(filepath.Join(dir, name), profiler.Limits{}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	var results loadResults
	raw, err := os.ReadFile(filepath.Join(dir, "load-test-results.json"))
	if err != nil || json.Unmarshal(raw, &results) != nil || results.Report.Messages == 0 || results.Report.Errors != 0 || results.Workers != 4 {
		t.Errorf("results %+v, error %v", results, err)
	}
	mustHold(t, dir, "pebble-namespace-count.txt", "namespaces: 2\n", "open:       ")
	mustHold(t, dir, "pebble-disk-usage.txt", "profile-", "open namespaces together")
	mustHold(t, dir, "README.md", "stream.write", "cores busy", "Type: cpu", "Type: alloc_space", "Type: inuse_space",
		"Type: goroutine", "actor   load", "by flat", "by cum", "go tool pprof -http=: cpu.prof", "took")
	if left, err := filepath.Glob(filepath.Join(temp, "evtui-profile-*")); err != nil || len(left) > 0 {
		t.Errorf("test data was left: %q (%v)", left, err)
	}
}

// TestProfileSessionElsewhere profiles a server behind a proxy that loses some
// of the calls: the session is kept, the data goes, the command fails.
func TestProfileSessionElsewhere(t *testing.T) {
	h := mustHost(t, hostConfig{Dir: place(t.TempDir()), Listen: "127.0.0.1:0"})
	to, err := url.Parse(h.url())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	var writes atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 200 && writes.Add(1)%50 == 0 {
			http.Error(w, `{"error":{"code":"BACKEND_ERROR","message":"lost on purpose"}}`, http.StatusInternalServerError)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	dir, _, err := mustSession(t, "--url", front.URL, "--token", h.token, "--duration", "2s", "--workers", "2")
	if exitCode(err) != exitFailed || !strings.Contains(err.Error(), "lost on purpose") {
		t.Errorf("ended with %v, want the load's first error", err)
	}
	mustHold(t, dir, "README.md", front.URL, "the first error", "lost on purpose")
	all, err := h.store.Namespaces(t.Context())
	if err != nil || len(all) != 1 {
		t.Errorf("the server is left with %d namespaces (%v), want default alone", len(all), err)
	}
}

func TestMiddle(t *testing.T) {
	for _, c := range []struct {
		load, begin time.Duration
		seconds     int
	}{
		{30 * time.Second, 10 * time.Second, 10},
		{time.Minute, 25 * time.Second, 10},
		{10 * time.Second, 2500 * time.Millisecond, 5},
		{2 * time.Second, 500 * time.Millisecond, 1},
		{time.Second, 0, 1},
	} {
		if begin, seconds := middle(c.load); begin != c.begin || seconds != c.seconds {
			t.Errorf("of %v: %d s from %v, want %d s from %v", c.load, seconds, begin, c.seconds, c.begin)
		}
	}
	if got := bar(15*time.Second, 30*time.Second); got != "████████████░░░░░░░░░░░░  50%" {
		t.Errorf("half is %q", got)
	}
}
