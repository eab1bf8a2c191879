package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// scenes are screens worth keeping, each reached by keys.
func scenes() map[string]func(*stage) {
	return map[string]func(*stage){
		"namespaces": func(s *stage) { s.frames(2); s.press("esc"); s.frames(3) },
		"categories": func(s *stage) { s.frames(3) },
		"streams":    func(s *stage) { s.frames(2); s.press("j", "enter"); s.frames(3) },
		"messages":   func(s *stage) { s.open(); s.press("j"); s.frames(2) },
		"message":    func(s *stage) { s.open(); s.press("j", "enter"); s.frames(1) },
		"all":        func(s *stage) { s.frames(2); s.press("m"); s.frames(3) },
		"tail":       func(s *stage) { s.press("3"); s.frames(2); s.write("order-7", 300); s.frames(2) },
		"log":        func(s *stage) { s.press(":load 10", "enter", "7"); s.frames(2) },
		"help":       func(s *stage) { s.open(); s.press("?") },
		"figures":    func(s *stage) { s.show(page.Engine); s.frames(2); s.send(tea.KeyPressMsg{Code: tea.KeyF1}) },
		"cursor":     func(s *stage) { s.frames(2); s.past(900); s.press(":at -2m", "enter", "1"); s.frames(1) },
		"palette":    func(s *stage) { s.press(":", "s") },
		"filter":     func(s *stage) { s.open(); s.press("\\", "type~Acc*", "enter"); s.frames(2) },
	}
}

func TestGoldenScreens(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}, {160, 50}, {40, 12}} {
		for name, play := range scenes() {
			if size.w == 40 && name != "categories" && name != "palette" && name != "cursor" {
				continue // all the same status page
			}
			t.Run(fmt.Sprintf("%s/%dx%d", name, size.w, size.h), func(t *testing.T) {
				s := newStage(t, size.w, size.h, pagetest.Shop())
				play(s)
				golden.RequireEqual(t, trimmed(s.text()))
			})
		}
	}
}

// TestGoldenLooks keeps the escape sequences of one rich screen in each look.
func TestGoldenLooks(t *testing.T) {
	looks := map[string]colorprofile.Profile{
		"colour": colorprofile.TrueColor, "basic": colorprofile.ANSI, "mono": colorprofile.ASCII,
	}
	for name, profile := range looks {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 80, 24, pagetest.Shop())
			s.send(tea.ColorProfileMsg{Profile: profile})
			s.open()
			s.press("j", "enter")
			s.frames(1)
			golden.RequireEqual(t, s.raw())
		})
	}
}

// TestMonoHasNoColour checks that nothing hangs on a colour with NO_COLOR.
func TestMonoHasNoColour(t *testing.T) {
	for _, page := range pages() {
		s := newStage(t, 120, 40, pagetest.Shop())
		s.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
		s.press(digitOf(page))
		s.frames(3)
		for _, seq := range sequences(s.raw()) {
			for _, n := range strings.Split(strings.Trim(seq, "\x1b[m"), ";") {
				if len(n) == 2 && (n[0] == '3' || n[0] == '4' || n[0] == '9') {
					t.Fatalf("page %s paints with %q in NO_COLOR", page, seq)
				}
			}
		}
	}
}

// TestASCII checks that the plain symbols are plain.
func TestASCII(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop()[:6])
	s.app.cfg.ASCII = true
	s.app.restyle()
	s.open()
	for _, line := range strings.Split(s.text(), "\n") {
		for _, r := range line {
			if r >= 0x2190 && r <= 0x2bff { // arrows, boxes, blocks, braille
				t.Fatalf("%q in %q", r, line)
			}
		}
	}
}

// sequences returns the SGR sequences of a screen.
func sequences(screen string) []string {
	var out []string
	for {
		i := strings.Index(screen, "\x1b[")
		if i < 0 {
			return out
		}
		end := strings.IndexByte(screen[i:], 'm')
		out = append(out, screen[i:i+end+1])
		screen = screen[i+end+1:]
	}
}

// trimmed takes the spaces off the ends of lines: editors do.
func trimmed(screen string) string {
	lines := strings.Split(ansi.Strip(screen), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}
