package cli

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/sqlitestore"
)

// The engines that the tests are about.
const (
	pebbleBackend backend = "pebble"
	sqliteBackend backend = "sqlite"
)

func TestDBURL(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the paths are of other systems")
	}
	for text, want := range map[string]dbURL{
		"pebble:///var/lib/evtui":           {pebbleBackend, "/var/lib/evtui"},
		"pebble:///var/lib/evtui/":          {pebbleBackend, "/var/lib/evtui"},
		"pebble:///with%20space%3F":         {pebbleBackend, "/with space?"},
		"pebble://memory":                   {pebbleBackend, ""},
		"sqlite:///var/lib/evtui/meta.db":   {sqliteBackend, "/var/lib/evtui"},
		"sqlite:///meta.db":                 {sqliteBackend, "/"},
		"sqlite://memory":                   {sqliteBackend, ""},
		"sqlite:///var//lib/../lib/meta.db": {sqliteBackend, "/var/lib"},
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
		"sqlite:///dir/other.db", "sqlite://meta.db", "postgres:///x", "sqlite:///d/meta.db?mode=ro", "pebble://me@memory", "pebble:///%zz",
	} {
		if err := new(dbURL).Set(text); err == nil || !strings.Contains(err.Error(), "://memory") {
			t.Errorf("Set(%q): %v", text, err)
		}
	}
}

// TestBackends brings up either engine on a directory, finds it again without
// saying which it was, and refuses to take it for the other.
func TestBackends(t *testing.T) {
	for kind, other := range map[backend]backend{pebbleBackend: sqliteBackend, sqliteBackend: pebbleBackend} {
		dir := place(filepath.Join(t.TempDir(), "data"))
		for _, asked := range []backend{kind, "", kind} {
			st, err := openStore(t.Context(), hostConfig{Dir: dir, Backend: asked})
			if err != nil {
				t.Fatalf("open a %s store, asked for %q: %v", kind, asked, err)
			}
			if got := st.Describe().Backend; got != string(kind) {
				t.Errorf("opened %s, want %s", got, kind)
			}
			if _, err := openStore(t.Context(), hostConfig{Dir: dir}); !isLocked(err) || exitCode(err) != exitTryAgain {
				t.Errorf("opened twice: %v", err)
			}
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if !dir.holdsStore() {
			t.Errorf("a %s store is not seen", kind)
		}
		_, err := openStore(t.Context(), hostConfig{Dir: dir, Backend: other})
		if err == nil || !strings.Contains(err.Error(), "--db-url "+dir.url(kind)) {
			t.Errorf("a %s store opened as %s: %v", kind, other, err)
		}
	}
}

func TestBothBackendsInOneDirectory(t *testing.T) {
	dir := place(t.TempDir())
	p, err := pebblestore.Open(string(dir), pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlitestore.OpenMemory(sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Close(), s.Close(), dir.writeWhole(filepath.Join(string(dir), sqlitestore.RegistryFile), nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(t.Context(), hostConfig{Dir: dir}); err == nil || !strings.Contains(err.Error(), "both") {
		t.Errorf("opened a directory of two stores: %v", err)
	}
}

// TestCommandsOnSQLite runs commands on a directory that they open themselves.
func TestCommandsOnSQLite(t *testing.T) {
	dir := t.TempDir()
	url := place(dir).url(sqliteBackend)
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
	h, err := openHost(t.Context(), hostConfig{Backend: sqliteBackend, Listen: noNetwork})
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
	if _, err := h.store.Head(t.Context(), "default"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("the store is open after its host: %v", err)
	}
}
