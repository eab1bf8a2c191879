package cli

import (
	"github.com/spf13/cobra"

	"context"
	"net/http"
	"net/http/httptest"
	httppprof "net/http/pprof"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui"
	"github.com/evtui/evtui/tui/page"
)

// TestAttachTellsProgramsFromEventStores, whatever they answer at /health, and
// sends a program no token.
func TestAttachTellsProgramsFromEventStores(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	var tokens atomic.Int32
	serve := func(h http.HandlerFunc) string {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" {
				tokens.Add(1)
			}
			h(w, r)
		}))
		t.Cleanup(web.Close)
		return web.URL
	}
	profiles := func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/debug/pprof/") {
			httppprof.Index(w, r)
			return true
		}
		return false
	}
	program := serve(func(w http.ResponseWriter, r *http.Request) {
		if !profiles(w, r) {
			http.NotFound(w, r)
		}
	})
	chatty := serve(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case profiles(w, r):
		case r.URL.Path == "/health" || r.URL.Path == "/version":
			_, _ = w.Write([]byte(`{"status":"ok","version":"1.2.3"}`))
		default:
			_, _ = w.Write([]byte("<html>the shop</html>")) // as sites of one page do
		}
	})
	mute := serve(http.NotFound)
	h := mustHost(t, host.Config{Dir: host.Place(t.TempDir()), Listen: "127.0.0.1:0"})
	look := func(url string) (*target.Session, error) {
		return lookInto(contextual(t), &target.Target{URL: url, Token: "ns_ZGVmYXVsdA_secret"})
	}
	for _, url := range []string{program, program + "/", program + "/debug/pprof/", program + "/debug/pprof/heap?debug=1", strings.TrimPrefix(program, "http://"), chatty} {
		s, err := look(url)
		if err != nil || s.Program == nil || !strings.HasPrefix(s.URL(), "http://127.0.0.1:") || strings.Contains(s.URL(), "debug") {
			t.Errorf("%s: %+v, error %v", url, s, err)
			continue
		}
		if data, err := s.Profile(t.Context(), "goroutine", 0); err != nil || len(data) == 0 {
			t.Errorf("%s: no profile: %v", url, err)
		}
		if _, err := s.Sample(t.Context()); !client.NotOffered(err) {
			t.Errorf("%s: a sample: %v", url, err)
		}
		s.Client.Close()
	}
	if n := tokens.Load(); n != 0 {
		t.Errorf("programs were sent %d tokens", n)
	}
	if s, err := look(h.URL()); err != nil || s.Program != nil {
		t.Errorf("an event store: %+v, error %v", s, err)
	}
	if s, err := look(mute); err == nil || s != nil {
		t.Errorf("neither: %+v", s)
	}
}

// contextual is a command that has the test's context.
func contextual(t *testing.T) *cobra.Command {
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	return cmd
}

func TestProgramConfig(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	web := httptest.NewServer(http.HandlerFunc(httppprof.Index))
	defer web.Close()
	s, err := lookInto(contextual(t), &target.Target{URL: web.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Client.Close()
	with := func(ctx context.Context, texts ...string) (tui.Config, error) {
		return (&screenFlags{triggers: texts}).config(ctx, s, "", "")
	}
	c, err := with(t.Context(), profiler.DefaultRules()...)
	if err != nil || c.Program == nil || c.Page != page.Profile || len(c.Triggers) != 2 || c.Load != nil || c.ProfileDir == "" {
		t.Errorf("%+v, error %v", c, err)
	}
	typed := settings.With(t.Context(), &settings.Settings{Origins: map[string]string{"trigger": "flag"}})
	if _, err := with(typed, "stall"); command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), "goroutines and heap alone") {
		t.Errorf("a rule that can never fire: %v", err)
	}
}
