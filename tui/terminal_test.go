package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestOutsideUTF8 looks at every page, a message with foreign names, and the
// help: nothing beyond ASCII reaches the terminal, in the cells that there are.
func TestOutsideUTF8(t *testing.T) {
	for _, size := range []struct{ w, h int }{{160, 50}, {120, 40}, {80, 24}, {60, 15}, {40, 10}} {
		s := newStage(t, size.w, size.h, pagetest.Shop())
		s.app.cfg.Escape = true
		s.restyle()
		look := func(what string) {
			t.Helper()
			for y, line := range strings.Split(s.raw(), "\n") {
				if n := ansi.StringWidth(line); n != size.w {
					t.Errorf("%dx%d, %s: line %d has %d cells: %q", size.w, size.h, what, y, n, line)
				}
				for _, r := range line {
					if r >= 0x7f {
						t.Fatalf("%dx%d, %s: %q in %q", size.w, size.h, what, r, line)
					}
				}
			}
		}
		for _, p := range pages() {
			s.press(digitOf(p))
			s.frames(3)
			look(string(p))
		}
		s.press("?")
		look("the keys")
		s.press("esc", "2", "enter", "G", "enter")
		s.frames(3)
		look("a stream with a foreign name")
		s.press("enter")
		look("its message")
	}
}

// TestPayloadOutsideUTF8 reads a message: what is beyond ASCII stands as JSON
// writes it, whole.
func TestPayloadOutsideUTF8(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.app.cfg.Escape = true
	s.restyle()
	s.open()
	s.press("enter")
	s.frames(2)
	s.see(`\u001b[31m\u00e9`)
	s.app.env.Namespace = "größe"
	if title := s.app.View().WindowTitle; title != text.ASCII("evtui größe") {
		t.Errorf("the window's title is %q", title)
	}
}

// TestBlocks looks for braille on the pages of a terminal that has none.
func TestBlocks(t *testing.T) {
	braille, halves := 0, 0
	for _, blocks := range []bool{false, true} {
		s := newStage(t, 140, 40, pagetest.Shop())
		s.app.cfg.Blocks = blocks
		s.restyle()
		for _, p := range pages() {
			s.press(digitOf(p))
			s.write("account-1", 40)
			s.frames(8)
			for _, r := range s.text() {
				switch {
				case r > 0x2800 && r < 0x2900 && blocks:
					t.Fatalf("page %s draws %q", p, r)
				case r > 0x2800 && r < 0x2900:
					braille++
				case blocks && (r == '▀' || r == '▄'):
					halves++
				case blocks && strings.ContainsRune("▁▂▃▅▆▇▏▎▍▋▊▉", r):
					t.Fatalf("page %s draws %q, which the fonts without braille lack as well", p, r)
				}
			}
		}
	}
	if braille == 0 || halves == 0 {
		t.Errorf("%d cells of braille, %d of half blocks: the test shows nothing", braille, halves)
	}
}

// TestBackgroundThatTheEnvironmentTells holds until the terminal answers.
func TestBackgroundThatTheEnvironmentTells(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		dark bool
	}{
		{Config{}, true},
		{Config{Light: true}, false},
		{Config{Light: true, Theme: "dark"}, true},
		{Config{Theme: "light"}, false},
	} {
		s := newStage(t, 120, 40, nil)
		cfg := c.cfg
		cfg.Client = s.app.cfg.Client
		a := newApp(t.Context(), cfg)
		if a.display.dark != c.dark || a.env.Theme.Dark != c.dark {
			t.Errorf("%+v: dark %v, the theme's %v", c.cfg, a.display.dark, a.env.Theme.Dark)
		}
		a.display.Update(&a.cfg, &a.env, tea.BackgroundColorMsg{Color: ansi.White})
		if want := cfg.Theme == "dark"; a.display.dark != want {
			t.Errorf("%+v, and the terminal says white: dark %v", c.cfg, a.display.dark)
		}
	}
}

// TestSuspendNeedsJobControl presses ctrl-z with a shell above that resumes, and
// without one.
func TestSuspendNeedsJobControl(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.app.resumable = func() bool { return false }
	if cmd := s.app.key(tea.KeyPressMsg{Code: 'z', Mod: tea.ModCtrl}); suspends(cmd) {
		t.Error("suspended with nobody above who could resume it")
	}
	s.see("not suspended: no shell with job control")
	s.app.resumable = func() bool { return true }
	if cmd := s.app.key(tea.KeyPressMsg{Code: 'z', Mod: tea.ModCtrl}); !suspends(cmd) {
		t.Error("not suspended under a shell with job control")
	}
}

func suspends(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	_, ok := cmd().(tea.SuspendMsg)
	return ok
}
