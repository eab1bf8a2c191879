package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/evtui/evtui/internal/cli/profile"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
)

// TestProfilesOfAServerBeside keeps and lists the profiles of a server that
// another evtui runs in its data directory, where that can be written to.
func TestProfilesOfAServerBeside(t *testing.T) {
	home, data := t.TempDir(), t.TempDir()
	t.Setenv("XDG_STATE_HOME", home)
	own := filepath.Join(home, "evtui", "profiles")
	h := mustHost(t, host.Config{Dir: host.Place(data), Listen: "127.0.0.1:0"})
	s, err := (&target.Target{}).AttachDir(t.Context(), host.Place(data))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := profile.SessionDir(s, ""); got != filepath.Join(data, "profiles") {
		t.Errorf("beside it %q", got)
	}
	far, err := (&target.Target{}).Attach(t.Context(), h.URL(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	if got := profile.SessionDir(far, ""); got != own {
		t.Errorf("by its address %q", got)
	}
	// What is no directory can be written to by nobody, not even by root.
	if err := os.WriteFile(filepath.Join(data, "profiles"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := profile.SessionDir(s, ""); got != own {
		t.Errorf("where it cannot be kept %q", got)
	}
}
