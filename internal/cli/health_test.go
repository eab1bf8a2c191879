package cli

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/host"
)

// runHealth runs the command as Main would, without its process.
func runHealth(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := healthCommand()
	command.AllByUse(cmd)
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestHealth(t *testing.T) {
	var ill atomic.Int64 // answers that are still refused
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" || r.Header.Get("Authorization") != "" {
			t.Errorf("asked for %s with %q", r.URL, r.Header.Get("Authorization"))
		}
		if ill.Add(-1) >= 0 {
			http.Error(w, `{"error":{"code":"BACKEND_ERROR","message":"starting"}}`, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"status":"ok"}`)
	}))
	defer s.Close()

	if out, err := runHealth(t, s.URL); err != nil || out != "ok: "+s.URL+"\n" {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := runHealth(t, s.URL, "-q"); err != nil || out != "" {
		t.Errorf("quiet: %q, %v", out, err)
	}
	ill.Store(1)
	if _, err := runHealth(t, s.URL); err == nil {
		t.Error("a server that is ill is said to be well")
	}
	ill.Store(2)
	if _, err := runHealth(t, s.URL, "--wait", "1m"); err != nil {
		t.Errorf("waiting: %v", err)
	}

	dir := host.Place(t.TempDir())
	if _, err := runHealth(t, "--data", string(dir)); command.ExitCode(err) != command.ExitTryAgain || !strings.Contains(err.Error(), "no server runs on") {
		t.Errorf("an empty directory: %v", err)
	}
	if err := os.WriteFile(filepath.Join(string(dir), "endpoint"), []byte(s.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := runHealth(t, "--data", string(dir)); err != nil || !strings.Contains(out, s.URL) {
		t.Errorf("by the directory: %q, %v", out, err)
	}
}

func TestHealthOfNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	l.Close()
	_, err = runHealth(t, url, "--wait", (2 * healthAgain).String())
	if command.ExitCode(err) != command.ExitTryAgain || !strings.Contains(err.Error(), url) {
		t.Errorf("exit %d: %v", command.ExitCode(err), err)
	}
	for _, args := range [][]string{{"--url", url, "--data", "x"}, {url, "--timeout", "0s"}, {url, url}} {
		var wrong *command.UsageError
		if _, err := runHealth(t, args...); !errors.As(err, &wrong) {
			t.Errorf("%v: %v", args, err)
		}
	}
	if _, err := runHealth(t, url, "--timeout", time.Second.String()); command.ExitCode(err) != command.ExitTryAgain {
		t.Errorf("exit %d: %v", command.ExitCode(err), err)
	}
}

// A server that serves TLS is asked by its directory, whatever names its
// certificate is for, and by URL with those who vouch for it.
func TestHealthOverTLS(t *testing.T) {
	first, dir, _ := secured(t)
	if out, err := runHealth(t, "--data", string(dir)); err != nil || !strings.Contains(out, "https://") {
		t.Errorf("by the directory: %q, %v", out, err)
	}
	if _, err := runHealth(t, first.URL()); err == nil {
		t.Error("a certificate that nobody vouches for is trusted")
	}
	h, _, cert := secured(t)
	if _, err := runHealth(t, h.URL(), "--tls-ca", cert); err != nil {
		t.Errorf("by URL: %v", err)
	}
}
