package cli

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// The engines that the tests are about.
const (
	pebbleBackend host.Backend = "pebble"
	sqliteBackend host.Backend = "sqlite"
)

func TestDBURL(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the paths are of other systems")
	}
	for text, want := range map[string]target.DBURL{
		"pebble:///var/lib/evtui":           {Backend: pebbleBackend, Dir: "/var/lib/evtui"},
		"pebble:///var/lib/evtui/":          {Backend: pebbleBackend, Dir: "/var/lib/evtui"},
		"pebble:///with%20space%3F":         {Backend: pebbleBackend, Dir: "/with space?"},
		"pebble://memory":                   {Backend: pebbleBackend, Dir: ""},
		"sqlite:///var/lib/evtui/meta.db":   {Backend: sqliteBackend, Dir: "/var/lib/evtui"},
		"sqlite:///meta.db":                 {Backend: sqliteBackend, Dir: "/"},
		"sqlite://memory":                   {Backend: sqliteBackend, Dir: ""},
		"sqlite:///var//lib/../lib/meta.db": {Backend: sqliteBackend, Dir: "/var/lib"},
	} {
		var u target.DBURL
		if err := u.Set(text); err != nil || u != want {
			t.Errorf("Set(%q): %+v, %v, want %+v", text, u, err, want)
		}
		var back target.DBURL
		if strings.Contains(text, "%") {
			continue // String is for people
		}
		if err := back.Set(u.String()); err != nil || back != u {
			t.Errorf("%q does not come back from %q: %v", text, u.String(), err)
		}
	}
	for _, text := range []string{
		"", "/var/lib", "pebble", "pebble:", "pebble:x", "pebble://", "pebble://host/dir", "pebble://memory/x", "sqlite:///dir",
		"sqlite:///dir/other.db", "sqlite://meta.db", "mysql:///x", "sqlite:///d/meta.db?mode=ro", "pebble://me@memory", "pebble:///%zz",
	} {
		if err := new(target.DBURL).Set(text); err == nil || !strings.Contains(err.Error(), "://memory") {
			t.Errorf("Set(%q): %v", text, err)
		}
	}
}

// TestCommandsOnSQLite runs commands on a directory that they open themselves.
func TestCommandsOnSQLite(t *testing.T) {
	dir := t.TempDir()
	url := host.Place(dir).URL(sqliteBackend)
	run := func(args ...string) (string, error) {
		t.Helper()
		out, _, err := runCommand(t, args...)
		return out, err
	}
	if out, err := run("append", "--db-url", url, "x-1", "T", `{"a":1}`); err != nil || !strings.Contains(out, "x-1") {
		t.Fatalf("append: %q, %v", out, err)
	}
	if out, err := run("verify", "--data", dir, "-o", "json"); err != nil || !strings.Contains(out, `"messages": 1`) {
		t.Errorf("verify: %q, %v", out, err)
	}
	for _, args := range [][]string{
		{"verify", "--data", dir, "--db-url", url}, {"verify", "--db-url", "sqlite://memory"}, {"append", "--db-url", "pebble://memory", "x-1", "T", "{}"},
	} {
		if out, err := run(args...); command.ExitCode(err) != command.ExitUsage {
			t.Errorf("%q: %q, %v", args, out, err)
		}
	}
	if out, err := run("verify", "--db-url", "pebble://"+filepath.ToSlash(dir)); command.ExitCode(err) != command.ExitFailed || !strings.Contains(err.Error(), "holds a sqlite store") {
		t.Errorf("a SQLite store verified as Pebble: %q, %v", out, err)
	}
}

// TestHostOnSQLite serves a store in memory.
func TestHostOnSQLite(t *testing.T) {
	h, err := host.Open(t.Context(), host.Config{Backend: sqliteBackend, Listen: host.NoNetwork})
	if err != nil {
		t.Fatal(err)
	}
	s, err := (&target.Target{}).Embed(h, client.WithActor("test"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(t.Context())
	if err != nil || info.Backend != "sqlite" {
		t.Errorf("info %+v, %v", info, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Store.Head(t.Context(), "default"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("the store is open after its host: %v", err)
	}
}
