package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestHelpIsSearchedAndRun finds an action by a word and runs it.
func TestHelpIsSearchedAndRun(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(2)
	s.press("?", "/")
	s.press("xyzzy", "enter")
	s.see("nothing matches")
	s.press("/")
	for range 5 {
		s.press("backspace")
	}
	s.press("page: over") // what is typed filters at once
	s.miss("ctrl-l")
	s.press("enter", "esc")
	s.see("go to a time", "copy the name") // esc takes the search off first
	s.press("/", "overview", "enter", "enter")
	s.see("appended")
	if s.app.page != page.Overview || s.app.help != nil {
		t.Errorf("on page %s, help %v", s.app.page, s.app.help)
	}
}

// TestHelpRunsCommands hands a command that wants a word to the palette, and
// runs one that does not.
func TestHelpRunsCommands(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(2)
	s.press("?", "/", "messages of a stream", "enter", "enter")
	if s.app.prompt == nil || s.app.prompt.input.Value() != "stream " {
		t.Fatal("the palette is not open on :stream")
	}
	s.press("esc", "?", "/", ":engine", "enter", "enter")
	if s.app.page != page.Engine {
		t.Errorf("on page %s", s.app.page)
	}
}

// TestHelpShowsCommandsInFull gives usages the room that a wide screen has.
func TestHelpShowsCommandsInFull(t *testing.T) {
	for w, want := range map[int]string{80: ":types [CATEGORY [T…  ", 140: ":types [CATEGORY [TYPE]]  "} {
		s := newStage(t, w, 40, pagetest.Shop())
		s.frames(2)
		s.press("?", "/", "types of a category", "enter")
		s.see(want)
	}
}

func TestHelpByMouse(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(2)
	s.press("?")
	y := -1
	for i, line := range strings.Split(s.text(), "\n") {
		if strings.Contains(line, "go to a time") {
			y = i
		}
	}
	click := tea.MouseClickMsg{X: 10, Y: y, Button: tea.MouseLeft}
	s.send(click)
	s.see("▸ gt")
	s.send(click)
	if s.app.prompt == nil || s.app.help != nil {
		t.Error("a second click does not run the line")
	}
	s.press("esc", "?")
	s.send(tea.MouseClickMsg{X: 3, Y: tabsRow, Button: tea.MouseLeft})
	if s.app.page != page.Overview || s.app.help != nil {
		t.Error("tabs cannot be clicked while the help is open")
	}
}

// TestFiguresAreExplained opens F1 on every page: those with figures of their
// own explain them, in lines that fit.
func TestFiguresAreExplained(t *testing.T) {
	words := map[page.Name]string{
		page.Overview: "events:", page.Groups: "skew:", page.Engine: "fsync p99:", page.Profile: "flat:", page.Log: "level:",
		page.Streams: "streams:", page.Tail: "matched:",
	}
	for _, w := range []int{62, 120} {
		for page, want := range words {
			s := newStage(t, w, 40, pagetest.Shop())
			s.show(page)
			s.frames(2)
			s.send(tea.KeyPressMsg{Code: tea.KeyF1})
			s.see(want)
			s.press("G", "esc")
			if s.app.help != nil {
				t.Error("esc does not close it")
			}
		}
	}
}
