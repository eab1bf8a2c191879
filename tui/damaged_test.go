package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/tui/page"
)

// mustLose opens a store of which the namespace shop has lost its directory.
func mustLose(t *testing.T) store.Store {
	t.Helper()
	dir := t.TempDir()
	st, err := pebblestore.Open(dir, pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.CreateNamespace(t.Context(), store.NamespaceSpec{ID: "shop"}); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "ns", "shop.*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("shop lies in %v, %v", found, err)
	}
	if err := os.RemoveAll(found[0]); err != nil {
		t.Fatal(err)
	}
	if st, err = pebblestore.Open(dir, pebblestore.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// await lets frames pass until the screen shows what.
func (s *stage) await(what string) {
	s.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(s.text(), what); {
		if time.Now().After(deadline) {
			s.Fatalf("the screen does not come to show %q:\n%s", what, s.text())
		}
		<-tick.C
		s.frames(5)
	}
}

// TestDamagedIsShown looks for a damaged namespace where people look: in the
// header at every width, on the Overview, in the lists of namespaces.
func TestDamagedIsShown(t *testing.T) {
	st := mustLose(t)
	s := newStageOn(t, 140, 30, st, nil)
	s.asIs = true
	s.await("✗ 1 damaged")
	for _, width := range []int{60, 80, 100, 160} {
		s.send(tea.WindowSizeMsg{Width: width, Height: 30})
		s.see("✗ 1 damaged")
	}
	s.show(page.Overview)
	s.await("✗ 1 damaged: evtui verify")
	s.show(page.Streams)
	s.press("esc") // out of the namespace
	s.await("✗ damaged")
	s.show(page.Engine)
	for range 8 {
		if s.press("]"); strings.Contains(s.text(), "its directory is missing") {
			return
		}
		s.frames(30)
	}
	s.see("its directory is missing")
}
