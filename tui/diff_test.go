package tui

import (
	"testing"

	"github.com/evtui/evtui/tui/page/pagetest"
)

func TestCompareTwoMessages(t *testing.T) {
	for _, size := range []struct{ w, h int }{{120, 40}, {80, 24}, {60, 15}} {
		s := newStage(t, size.w, size.h, pagetest.Shop())
		s.open()
		s.press("v")
		if size.w >= 80 {
			s.see("compare account-1 #21 with")
		}
		s.press("j", "v")
		s.see("account-1 #20", "differences")
		s.press("n")
		s.press("z")
		s.press("esc")
		s.miss("› difference")
		s.press("v", "v") // taken back
		s.see("unmarked")
		s.press("v", "enter", "v")
		s.see("unmarked")
		s.press("esc", "j", "v", "k", "enter", "v")
		s.see("differences")
	}
}

// TestDifferenceIsLeft: what goes elsewhere is seen there, and a first message waits on.
func TestDifferenceIsLeft(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.open()
	s.press("v", "j", "v")
	s.see("differences")
	s.press(":stream order-7", "enter")
	s.see("order › order-7")
	s.miss("› difference")
	s.press("v", ":stream account-1", "enter")
	s.see("compare order-7")
	s.press("v")
	s.see("differences")
}
