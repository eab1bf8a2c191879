package tui

import (
	"testing"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestReboundKeysAct rebinds quitting and follows it through keys, footer,
// help and palette.
func TestReboundKeysAct(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop()[:12])
	m, wrong := NewKeymap([]page.Rebinding{{Action: page.ActQuit, Keys: []string{"Q"}}, {Action: page.ActHelp, Keys: []string{"f2"}}, {Action: "tail-page", Keys: nil}}, nil)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	s.app.offer.keys = m
	s.app.screen.touch()
	s.see("f2 keys")
	s.press("3")
	if s.app.page != page.Streams {
		t.Error("3 still opens a page")
	}
	s.press("q")
	if s.quit {
		t.Fatal("q still quits")
	}
	s.press(":quit", "enter")
	if !s.quit {
		t.Error("the palette no longer quits")
	}
	s.quit = false
	s.press("Q")
	if !s.quit {
		t.Error("Q does not quit")
	}
}
