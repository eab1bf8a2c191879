package cli

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

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
	for text, want := range map[string]dbURL{
		"pebble:///var/lib/evtui":           {backend: pebbleBackend, dir: "/var/lib/evtui"},
		"pebble:///var/lib/evtui/":          {backend: pebbleBackend, dir: "/var/lib/evtui"},
		"pebble:///with%20space%3F":         {backend: pebbleBackend, dir: "/with space?"},
		"pebble://memory":                   {backend: pebbleBackend, dir: ""},
		"sqlite:///var/lib/evtui/meta.db":   {backend: sqliteBackend, dir: "/var/lib/evtui"},
		"sqlite:///meta.db":                 {backend: sqliteBackend, dir: "/"},
		"sqlite://memory":                   {backend: sqliteBackend, dir: ""},
		"sqlite:///var//lib/../lib/meta.db": {backend: sqliteBackend, dir: "/var/lib"},
	} {
		var u dbURL
		if err := u.Set(text); err != nil || u != want {
			t.Errorf("Set(%q): %+v, %v, want %+v", text, u, err, want)
		}
		var back dbURL
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
		if err := new(dbURL).Set(text); err == nil || !strings.Contains(err.Error(), "://memory") {
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
		if out, err := run(args...); exitCode(err) != exitUsage {
			t.Errorf("%q: %q, %v", args, out, err)
		}
	}
	if out, err := run("verify", "--db-url", "pebble://"+filepath.ToSlash(dir)); exitCode(err) != exitFailed || !strings.Contains(err.Error(), "holds a sqlite store") {
		t.Errorf("a SQLite store verified as Pebble: %q, %v", out, err)
	}
}

// TestHostOnSQLite serves a store in memory.
func TestHostOnSQLite(t *testing.T) {
	h, err := host.Open(t.Context(), host.Config{Backend: sqliteBackend, Listen: host.NoNetwork})
	if err != nil {
		t.Fatal(err)
	}
	s, err := (&target{}).embed(h, client.WithActor("test"))
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
