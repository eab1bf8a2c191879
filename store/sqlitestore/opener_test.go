package sqlitestore_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/sqlitestore"
)

// TestOpener opens stores by their URLs, there and back.
func TestOpener(t *testing.T) {
	var openers store.Openers
	openers.Register(sqlitestore.Opener())
	one := sqlitestore.Opener()
	dir := filepath.Join(t.TempDir(), "a b%ä?#")
	if one.Holds(dir) {
		t.Error("holds a store before there is one")
	}
	for _, c := range []struct{ url, dir string }{{one.URL(dir), dir}, {"sqlite://memory", ""}, {one.URL(""), ""}} {
		u, found, err := openers.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := found.Dir(u); err != nil || got != c.dir {
			t.Errorf("%s names %q, %v, want %q", c.url, got, err, c.dir)
		}
		s, err := found.Open(t.Context(), u, store.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if d := s.Describe(); d.Backend != "sqlite" || d.InMemory != (c.dir == "") || d.ReadOnly || !d.Dense || d.Counts != store.CountsExact {
			t.Errorf("%s opens %+v", c.url, d)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if !one.Holds(dir) {
		t.Error("does not hold the store that was made")
	}
	wrong := []string{"sqlite:///tmp/x", "sqlite://host/tmp/meta.db", "sqlite:///tmp/meta.db?mode=ro", "sqlite://u:p@memory", "sqlite:meta.db"}
	for _, text := range wrong {
		u, found, err := openers.Parse(text)
		if err == nil {
			_, err = found.Dir(u)
		}
		if err == nil || strings.Contains(err.Error(), "p@") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if runtime.GOOS != "windows" && one.URL("/data/x") != "sqlite:///data/x/meta.db" {
		t.Errorf("URL %q", one.URL("/data/x"))
	}
}
