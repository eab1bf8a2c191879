package host

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/durable"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/sqlitestore"
)

// TestBackends brings up either engine on a directory, finds it again without
// saying which it was, and refuses to take it for the other.
func TestBackends(t *testing.T) {
	for kind, other := range map[Backend]Backend{"pebble": "sqlite", "sqlite": "pebble"} {
		dir := Place(filepath.Join(t.TempDir(), "data"))
		for _, asked := range []Backend{kind, "", kind} {
			st, err := OpenStore(t.Context(), Config{Dir: dir, Backend: asked})
			if err != nil {
				t.Fatalf("open a %s store, asked for %q: %v", kind, asked, err)
			}
			if got := st.Describe().Backend; got != string(kind) {
				t.Errorf("opened %s, want %s", got, kind)
			}
			if _, err := OpenStore(t.Context(), Config{Dir: dir}); !Locked(err) {
				t.Errorf("opened twice: %v", err)
			}
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if !dir.HoldsStore() {
			t.Errorf("a %s store is not seen", kind)
		}
		_, err := OpenStore(t.Context(), Config{Dir: dir, Backend: other})
		if err == nil || !strings.Contains(err.Error(), "--db-url "+dir.URL(kind)) {
			t.Errorf("a %s store opened as %s: %v", kind, other, err)
		}
	}
}

func TestBothBackendsInOneDirectory(t *testing.T) {
	dir := Place(t.TempDir())
	p, err := pebblestore.Open(string(dir), pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlitestore.OpenMemory(sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Close(), s.Close(), durable.Write(filepath.Join(string(dir), sqlitestore.RegistryFile), nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenStore(t.Context(), Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "both") {
		t.Errorf("opened a directory of two stores: %v", err)
	}
}
