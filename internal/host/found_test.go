package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func mustHost(t *testing.T, cfg Config) *Host {
	t.Helper()
	h, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func TestServerIsFoundByItsURL(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_DATA_HOME", "")
	notes, dir := Notes(filepath.Join(t.TempDir(), "servers")), Place(t.TempDir())
	h := mustHost(t, Config{Dir: dir, Listen: "127.0.0.1:0", Notes: notes})
	port := h.URL()[strings.LastIndex(h.URL(), ":"):]
	for _, given := range []string{h.URL(), h.URL() + "/", "http://localhost" + port} {
		got, at, found := notes.ServerAt(t.Context(), given)
		if !found || got != dir || at != h.URL() {
			t.Errorf("%s: %q %q %v, want %q at %s", given, got, at, found, dir, h.URL())
		}
	}
	for _, given := range []string{"", "x", "http://127.0.0.1:1", "https://127.0.0.1" + port, "http://192.0.2.1" + port, "http://127.0.0.2" + port, "http://[::1]" + port, "ftp://127.0.0.1" + port} {
		if got, _, found := notes.ServerAt(t.Context(), given); found {
			t.Errorf("%s is taken for the server of %s", given, got)
		}
	}
	if _, _, found := Notes("").ServerAt(t.Context(), h.URL()); found {
		t.Error("found without a note")
	}
	if info, err := os.Stat(string(notes)); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the notes: %v, %v", info, err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(string(notes)); err != nil || len(left) > 0 {
		t.Errorf("a server that has ended left %v, %v", left, err)
	}
}

// TestServerThatWasKilledIsNotFound: its port may be somebody else's by now.
func TestServerThatWasKilledIsNotFound(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_DATA_HOME", "")
	notes, dir := Notes(filepath.Join(t.TempDir(), "servers")), Place(t.TempDir())
	h := mustHost(t, Config{Dir: dir, Listen: "127.0.0.1:0", Notes: notes})
	url := h.URL()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := dir.publish(url); err != nil { // as a server leaves it that is killed
		t.Fatal(err)
	}
	if err := notes.add(dir); err != nil {
		t.Fatal(err)
	}
	if got, _, found := notes.ServerAt(t.Context(), url); found {
		t.Errorf("%s is given the token of %s, which nobody serves", url, got)
	}
}

func TestServerOfTheDefaultDirectoryNeedsNoNote(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", home)
	h := mustHost(t, Config{Dir: Place(filepath.Join(home, "evtui")), Listen: "127.0.0.1:0"})
	if dir, _, found := Notes("").ServerAt(t.Context(), h.URL()); !found || dir != h.Dir {
		t.Errorf("found %q, %v", dir, found)
	}
}
