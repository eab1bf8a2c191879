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
