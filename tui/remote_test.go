package tui

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// newRemoteStage is a stage whose user sits at another machine. A program that
// is started fails the test.
func newRemoteStage(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, 140, 40, pagetest.Shop())
	cfg := s.app.cfg
	cfg.ProfileDir, cfg.DataDir = "profiles", "data"
	cfg.Contexts = []Context{{Name: "prod"}}
	cfg.Triggers = []profiler.Rule{{}}
	a := newApp(t.Context(), cfg.remotely())
	s.byHand(a)
	a.editor.exec = func(c *exec.Cmd, _ tea.ExecCallback) tea.Cmd {
		t.Errorf("started %q", c.Args)
		return nil
	}
	s.app = a
	s.send(tea.WindowSizeMsg{Width: 140, Height: 40})
	s.run(a.Init())
	return s
}

// inEmptyPlace runs the rest of the test in a directory that holds a secret and
// nothing else, which is home, state and configuration too. It returns what
// lies there now.
func inEmptyPlace(t *testing.T) (secret string, list func() []string) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"HOME", "TMPDIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		t.Setenv(name, dir)
	}
	secret = filepath.Join(dir, "secret.evt")
	if err := os.WriteFile(secret, []byte("the-secret-of-the-server"), 0o600); err != nil {
		t.Fatal(err)
	}
	return secret, func() []string {
		var names []string
		err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			if path != dir {
				names = append(names, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
}

// Over a connection every action and every command of every page leaves the
// server's machine alone: nothing is started, read from its disk or written.
func TestRemoteTouchesNothingOfTheServer(t *testing.T) {
	secret, list := inEmptyPlace(t)
	s := newRemoteStage(t)
	answer := func() {
		// Whatever asks gets a file's name, then yes.
		for range 3 {
			if s.app.prompt != nil {
				s.press("ctrl+u", secret, "enter")
			}
		}
		s.press("esc")
	}
	run := 0
	for _, spec := range s.app.pages {
		for _, b := range registry().catalogue() {
			if b.Action == page.ActQuit || b.Action == page.ActCancelUI {
				continue
			}
			s.show(spec.Name)
			s.frames(2)
			for _, key := range b.Keys {
				s.press(strings.Fields(key)...)
				run++
				answer()
			}
			s.press(":", string(b.Action), "enter")
			answer()
		}
		for _, c := range registry().commands() {
			if c.Name == "q" {
				continue
			}
			for _, arg := range []string{"", secret, "http://127.0.0.1:1/" + secret, "stop", "default"} {
				s.press(":", strings.TrimSpace(c.Name+" "+arg), "enter")
				run++
				answer()
			}
		}
		if strings.Contains(s.text(), "the-secret") {
			t.Errorf("%s shows what a file of the server holds", spec.Name)
		}
	}
	if run < 500 {
		t.Errorf("only %d were run", run)
	}
	if got := list(); len(got) != 1 {
		t.Errorf("on the server's disk now: %q", got)
	}
}

// TestRemoteOffersNoOtherProgram: what the palette refuses there, the Profile
// page does not name.
func TestRemoteOffersNoOtherProgram(t *testing.T) {
	s := newRemoteStage(t)
	s.press("6")
	s.see("nothing captured yet", "c  capture")
	s.miss(":profile URL")
}

// Whatever is typed, in whatever order.
func TestRemoteKeysTouchNothingOfTheServer(t *testing.T) {
	_, list := inEmptyPlace(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	s := newRemoteStage(t)
	var keys []string
	for _, b := range registry().catalogue() {
		for _, key := range b.Keys {
			keys = append(keys, strings.Fields(key)...)
		}
	}
	keys = append(keys, "x", "y", "enter", "esc", "ctrl+v", "f1", "f5")
	for range 1500 {
		s.press(keys[random.IntN(len(keys))])
		s.quit = false
	}
	if got := list(); len(got) != 1 {
		t.Errorf("on the server's disk now: %q", got)
	}
}

// What is not there is not offered either.
func TestRemoteOffersNothingLocal(t *testing.T) {
	s := newRemoteStage(t)
	local := 0
	for _, b := range registry().catalogue() {
		if !b.Local {
			continue
		}
		local++
		for _, spec := range s.app.pages {
			s.show(spec.Name)
			for _, offered := range s.app.offer.bindings(s.app.panes[s.app.page], s.app.env.Layout) {
				if offered.Action == b.Action {
					t.Errorf("%s offers %s", spec.Name, b.Action)
				}
			}
		}
		s.press(":", string(b.Action), "enter")
		s.see(fmt.Sprintf("no command %q", b.Action))
	}
	if local < 3 {
		t.Errorf("%d actions are local", local)
	}
	for _, name := range []string{"record", "load", "ctx"} {
		s.press(":", name+" x", "enter")
		s.see(fmt.Sprintf("no command %q", name))
	}
	s.press("?")
	s.miss("$EDITOR", "export to a file", "suspend")
	s.press("esc", ":", "profile http://127.0.0.1:6060", "enter")
	s.see("this server alone")
}
