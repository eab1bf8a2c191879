package pebblestore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// TestTornEndIsNoDamage damages the last record of a log that a kill left, which
// nothing outside of it knows of yet: the namespace opens without that record,
// and says so.
func TestTornEndIsNoDamage(t *testing.T) {
	dir := t.TempDir()
	live := filepath.Join(dir, "live")
	st, err := pebblestore.Open(live, pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	if _, err := st.CreateNamespace(t.Context(), store.NamespaceSpec{ID: "n"}); err != nil {
		t.Fatal(err)
	}
	written := 0
	write := func() {
		t.Helper()
		ev := store.Event{Type: "T", Data: []byte(`{"text":"torn"}`)}
		if _, err := st.Append(t.Context(), "n", store.Write{Stream: "a-1", Events: []store.Event{ev}, ExpectedVersion: store.AnyVersion}); err != nil {
			t.Fatal(err)
		}
		written++
	}
	for {
		before := sizeOf(t, filepath.Join(live, "registry", "namespaces.log"))
		for range 3 {
			write()
		}
		killed := filepath.Join(dir, "killed")
		if err := os.RemoveAll(killed); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(killed, os.DirFS(live)); err != nil {
			t.Fatal(err)
		}
		if sizeOf(t, filepath.Join(killed, "registry", "namespaces.log")) == before {
			tear(t, killed)
			checkTorn(t, killed, written)
			return
		} // else what was written is noted already, and must be there
	}
}

func sizeOf(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// tear changes the last byte of the last record of the log.
func tear(t *testing.T, dir string) {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(dir, "ns", "n.1", "*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("logs: %v, %v", logs, err)
	}
	name := logs[len(logs)-1]
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[len(bytes.TrimRight(data, "\x00"))-1] ^= 0x40
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func checkTorn(t *testing.T, dir string, written int) {
	t.Helper()
	st, err := pebblestore.Open(dir, pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	if head, err := st.Head(t.Context(), "n"); err != nil || head != int64(written-1) {
		t.Errorf("head: %d, %v, want all but the last of %d", head, err, written)
	}
	if ns, err := st.Namespace(t.Context(), "n"); err != nil || ns.Notice == "" || ns.Damaged {
		t.Errorf("the namespace says %+v, %v, and should say what was dropped", ns, err)
	}
}
