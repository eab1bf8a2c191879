package tui

import (
	"testing"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestBackThroughAllPlaces walks pages, streams, a jump inside a stream and
// another namespace, and all of it back.
func TestBackThroughAllPlaces(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.create("prod")
	s.open()
	s.see("account › account-1 ")
	s.press("gp", "5", "enter")
	s.frames(1)
	s.press("enter", "gk")
	s.frames(3)
	s.see("account messages")
	s.press("3")
	s.press(":ns prod", "enter")
	s.frames(2)
	s.see("ns prod")
	s.press("2")
	s.frames(2)
	s.see("namespaces › prod")
	s.press("-")
	if s.app.page != page.Tail {
		t.Fatalf("back on %s", s.app.page)
	}
	s.press("-")
	s.frames(2)
	s.see("ns default")
	s.press("-")
	s.frames(4)
	s.see("account messages")
	s.press("-")
	s.frames(4)
	s.see("account › account-1 › #5")
	s.press("-")
	s.frames(2)
	if m := s.under(); m != 21 {
		t.Fatalf("before the jump the cursor was on 21, not %d", m)
	}
	s.press("-")
	s.see("there is no place before")
}

func TestZoomFillsThePage(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.open()
	s.see("│ type   ") // the preview
	s.press("F")
	s.see("zoomed, F")
	s.miss("│ type   ")
	s.press("F")
	s.see("│ type   ")
	s.miss("zoomed")
}

func TestAbsoluteTimes(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.frames(2)
	s.press("j", "enter")
	s.frames(2)
	s.see("s ago")
	s.press("T")
	s.see("2026-03-14 11:59:5")
	s.press("enter")
	s.frames(2)
	s.see("2026-03-14 11:59:5", ".000 Z")
	s.press("T")
	s.see("11:59:54.000 ")
}

// TestDroppedKeysStandInTheLog gives a default key to another action.
func TestDroppedKeysStandInTheLog(t *testing.T) {
	m, wrong := NewKeymap([]page.Rebinding{{Action: page.ActRefresh, Keys: []string{"F"}}}, nil)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	s := newStage(t, 120, 40, pagetest.Shop())
	s.app.cfg.Keys = m
	s.run(s.app.Init())
	s.press("7")
	s.frames(3)
	s.see("key F: it is refresh by the configuration, and no longer zoom-pane")
}
