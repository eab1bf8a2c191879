package cli

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	httppprof "net/http/pprof"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/profiler"
)

// someServers are a server, one with a token that may not see metrics, a Go
// program, one that hangs, and one that is gone, as contexts of a configuration.
func someServers(t *testing.T) (text string) {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	place := host.Place(t.TempDir())
	h, err := host.Open(t.Context(), host.Config{Dir: place, Listen: "127.0.0.1:0", Version: "3.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	_, token, err := place.Endpoint()
	if err != nil {
		t.Fatal(err)
	}
	program := httptest.NewServer(http.HandlerFunc(httppprof.Index))
	t.Cleanup(program.Close)
	ended := make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}))
	t.Cleanup(func() { close(ended); hangs.Close() })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := listener.Addr().String()
	_ = listener.Close()
	return fmt.Sprintf("[contexts.good]\nurl = %q\ntoken = %q\n[contexts.blind]\nurl = %q\n[contexts.app]\nurl = %q\n[contexts.hangs]\nurl = %q\n[contexts.gone]\nurl = %q\n",
		h.URL(), token, h.URL(), program.URL, hangs.URL, "http://"+gone)
}

// TestServersLooksAtAllAtOnce prints a row for each, also for those that do not
// answer, and fails then.
func TestServersLooksAtAllAtOnce(t *testing.T) {
	mustConfig(t, someServers(t))
	out, _, err := runCommand(t, "servers", "-o", "json")
	if command.ExitCode(err) != command.ExitFailed || !strings.Contains(err.Error(), "3 of 5 servers do not answer or are failing") {
		t.Errorf("ends with %v", err)
	}
	var rows []serverRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != 5 {
		t.Fatalf("%v in %s", err, out)
	}
	by := map[string]serverRow{}
	for _, r := range rows {
		by[r.Context] = r
	}
	if r := by["good"]; r.Status != "healthy" || r.Version != "3.2.1" || r.Appends == nil || r.DiskFree == nil || r.StallSeconds == nil || *r.StallSeconds != 0 {
		t.Errorf("good: %+v", r)
	}
	for name, status := range map[string]string{"blind": "failing", "app": "limited", "hangs": "silent", "gone": "gone"} {
		if r := by[name]; r.Status != status || r.Appends != nil || r.DiskFree != nil || r.Health == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	out, _, err = runCommand(t, "servers", "good", "app")
	if err != nil || !strings.Contains(out, "CONTEXT") || !strings.Contains(out, "healthy") || !strings.Contains(out, "Go program, profiles only") || strings.Contains(out, "hangs") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, _, err := runCommand(t, "servers", "goood"); command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), "did you mean good?") {
		t.Errorf("a context that is none: %v", err)
	}
	mustConfig(t, "")
	if _, _, err := runCommand(t, "servers"); command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), "[contexts.NAME]") {
		t.Errorf("no contexts: %v", err)
	}
}

// TestContextsLeadToPrograms goes to a Go program as evtui attach does, with its
// triggers, and back to the event store with its own.
func TestContextsLeadToPrograms(t *testing.T) {
	text := someServers(t)
	file, err := config.Parse("config.toml", []byte(text), configChecks())
	if err != nil {
		t.Fatal(err)
	}
	// --ns and --trigger are of the server that evtui was started on.
	ctx := settings.With(t.Context(), &settings.Settings{File: file, Origins: map[string]string{"ns": "flag", "trigger": "flag"}})
	good, _ := file.Context("good")
	home, err := (&target.Target{}).DialContext(ctx, good)
	if err != nil {
		t.Fatal(err)
	}
	board := newSwitchboard(ctx, &screenFlags{triggers: profiler.DefaultRules()}, home, "")
	defer func() { _ = board.close() }()
	app, err := board.connect(ctx, "app")
	if err != nil || app.Program == nil || app.Load != nil || len(app.Triggers) != 2 || app.ProfileDir == "" || app.Context.Name != "app" {
		t.Errorf("to the program: %+v, %v", app, err)
	}
	back, err := board.connect(ctx, "good")
	if err != nil || back.Program != nil || len(back.Triggers) != len(profiler.DefaultRules()) || back.Load == nil {
		t.Errorf("back: %+v, %v", back, err)
	}
}
