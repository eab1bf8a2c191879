package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/load"
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
	made, globErr := filepath.Glob(filepath.Join(into, "*-*-*"))
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
	mustBeLabelled(t, filepath.Join(dir, "goroutine.prof"))
	var results struct {
		Workers int
		Report  load.Report
	}
	raw, err := os.ReadFile(filepath.Join(dir, "load-test-results.json"))
	if err != nil || json.Unmarshal(raw, &results) != nil || results.Report.Messages == 0 || results.Report.Errors != 0 || results.Workers != 4 {
		t.Errorf("results %+v, error %v", results, err)
	}
	mustHold(t, dir, "pebble-namespace-count.txt", "namespaces: 2\n", "open:       ")
	mustHold(t, dir, "pebble-disk-usage.txt", "profile-", "open namespaces together")
	mustHold(t, dir, "README.md", "stream.write", "cores busy", "Type: cpu", "Type: alloc_space", "Type: inuse_space",
		"Type: goroutine", actorsOf(t, filepath.Join(dir, "cpu.prof")), "by flat", "by cum", "go tool pprof -http=: cpu.prof", "took")
	if left, err := filepath.Glob(filepath.Join(temp, "evtui-profile-*")); err != nil || len(left) > 0 {
		t.Errorf("test data was left: %q (%v)", left, err)
	}
}

// actorsOf is what the report says of who took the time in a CPU profile. On a
// busy machine the few samples of a second may all be the garbage collector's.
func actorsOf(t *testing.T, file string) string {
	t.Helper()
	p, err := profiler.OpenFile(file, profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.View(profiler.Options{Labels: []profiler.LabelCut{{Key: profiler.ActorLabel, Values: []string{"load"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if v.Total() == 0 {
		return "took 0%"
	}
	return "actor   load"
}

// mustBeLabelled asserts that every goroutine of the store says for whom it works.
func mustBeLabelled(t *testing.T, file string) {
	t.Helper()
	p, err := profiler.OpenFile(file, profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	options := profiler.Options{Focus: `evtui/store/`, Relative: true}
	all, err := p.View(options)
	if err != nil || all.Total() == 0 {
		t.Fatalf("%v goroutines of the store (%v)", all, err)
	}
	for _, key := range []string{"method", profiler.ActorLabel, "pebble"} {
		options.Labels = append(options.Labels, profiler.LabelCut{Key: key, Not: true})
	}
	if v, err := p.View(options); err != nil || v.Total() != 0 {
		var b bytes.Buffer
		_ = v.Flame().WriteText(&b, profiler.FlameText{})
		t.Errorf("%d of %d goroutines of the store carry no label (%v):\n%s", v.Total(), all.Total(), err, b.String())
	}
}

// TestProfileSessionShort looks at what the README says first.
func TestProfileSessionShort(t *testing.T) {
	dir, _, err := mustSession(t, "--duration", "1s", "--workers", "2", "--db-url", "pebble://memory")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`of a server of its own \(pebble\) in memory, with the load in the same process`,
		`## In short\n\n- [\d,]+ messages a second from 2 workers, 1 in a call; the engine took [\d.]+ cores for them, [\d.]+ [nµm]?s a message\.\n`,
		`\n- [\d.]+[kM]?B were allocated, [\d.]+ [kM]?B for each call, .*; the live heap changed by -?[\d.]+[kM]?B?, goroutines went from \d+ to \d+\.\n`,
		"\n- First of what was allocated: `\\S+`, [\\d.]+[kM]?B, [\\d.]+%",
	} {
		if !regexp.MustCompile(want).Match(text) {
			t.Errorf("the README holds nothing like %s:\n%.2000s", want, text)
		}
	}
}

// TestProfileSessionChoosesEngine runs on SQLite, in a directory that is not
// there, then in one that is.
func TestProfileSessionChoosesEngine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "lite")
	url := host.Place(data).URL(sqliteBackend)
	dir, _, err := mustSession(t, "--duration", "1s", "--workers", "2", "--db-url", url, "--durability", "interval")
	if err != nil || !strings.HasSuffix(dir, "-sqlite") {
		t.Fatalf("made %s (%v)", dir, err)
	}
	mustHold(t, dir, "README.md", "(sqlite) on a fresh directory", "SQLite")
	mustHold(t, dir, "sqlite-disk-usage.txt", "profile-")
	mustHold(t, dir, "sqlite-namespace-count.txt", "namespaces: 2\n")
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory that was not there before is left (%v)", err)
	}
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	dir, _, err = mustSession(t, "--duration", "1s", "--workers", "2", "--db-url", url, "--durability", "interval")
	if err != nil {
		t.Fatal(err)
	}
	mustHold(t, dir, "README.md", "(sqlite) on "+data)
	if there, err := host.Place(data).Backend(); err != nil || there != sqliteBackend {
		t.Errorf("the directory that was there before holds %q (%v)", there, err)
	}
	if _, _, err := runProfile(t, "--db-url", url, "--url", "http://127.0.0.1:1"); command.ExitCode(err) != command.ExitUsage {
		t.Errorf("two targets: %v", err)
	}
}

// TestProfileSessionEqualsPprof holds what the commands print of the profiles of
// an engine that ran just now against Go's own tool: of every kind, of every
// value, and with a base.
func TestProfileSessionEqualsPprof(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go tool here to compare with")
	}
	tool, err := exec.Command("go", "tool", "-n", "pprof").Output()
	if err != nil {
		t.Skipf("no go tool pprof here to compare with: %v", err)
	}
	dir, _, err := mustSession(t, "--duration", "2s", "--workers", "4", "--durability", "interval")
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct{ evtui, pprof []string }{
		{[]string{"top", at("cpu.prof")}, []string{at("cpu.prof")}},
		{[]string{"top", at("cpu.prof"), "--cum", "--tagfocus", "actor=commit"}, []string{"-cum", "-tagfocus=actor=commit", at("cpu.prof")}},
		{[]string{"top", at("heap-after.prof")}, []string{at("heap-after.prof")}},
		{[]string{"top", at("allocs-after.prof"), "--value", "alloc_objects"}, []string{"-sample_index=alloc_objects", at("allocs-after.prof")}},
		{[]string{"top", at("goroutine.prof")}, []string{at("goroutine.prof")}},
		{[]string{"diff", at("heap-before.prof"), at("heap-after.prof")}, []string{"-diff_base=" + at("heap-before.prof"), at("heap-after.prof")}},
		{
			[]string{"top", at("allocs-after.prof"), "--base", at("allocs-before.prof")},
			[]string{"-base=" + at("allocs-before.prof"), at("allocs-after.prof")},
		},
	} {
		got, _, err := runProfile(t, c.evtui...)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(strings.TrimSpace(string(tool)), append([]string{"-top"}, c.pprof...)...)
		cmd.Env = append(os.Environ(), "HOME="+dir, "PPROF_TMPDIR="+dir, "PPROF_BINARY_PATH="+dir)
		want, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("evtui profile %q\n%s\nand go tool pprof %q\n%s", c.evtui, got, c.pprof, want)
		}
	}
}

// TestProfileSessionElsewhere profiles a server behind a proxy that loses some
// of the calls: the session is kept, the data goes, the command fails.
func TestProfileSessionElsewhere(t *testing.T) {
	h := mustHost(t, host.Config{Dir: host.Place(t.TempDir()), Listen: "127.0.0.1:0"})
	to, err := url.Parse(h.URL())
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
	dir, _, err := mustSession(t, "--url", front.URL, "--token", h.Token, "--duration", "2s", "--workers", "2")
	if command.ExitCode(err) != command.ExitFailed || !strings.Contains(err.Error(), "lost on purpose") {
		t.Errorf("ended with %v, want the load's first error", err)
	}
	mustHold(t, dir, "README.md", front.URL, "the first error", "lost on purpose")
	all, err := h.Store.Namespaces(t.Context())
	if err != nil || len(all) != 1 {
		t.Errorf("the server is left with %d namespaces (%v), want default alone", len(all), err)
	}
}
