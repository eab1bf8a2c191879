package tui

import (
	"testing"

	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestEngineOfAModel shows what is left where the store has no insides.
func TestEngineOfAModel(t *testing.T) {
	s := newStage(t, 100, 30, pagetest.Shop())
	s.press("5")
	s.frames(6)
	s.see("not offered by this server or its engine")
	s.press("]")
	s.frames(2)
	s.see("no events yet")
	s.press(":compact default", "enter")
	s.see("compact default?")
	s.press("default", "enter")
	s.frames(1)
	s.see("compact: not offered")
	s.app.env.ReadOnly = true
	s.press(":flush default", "enter")
	s.see("read-only: flush is disabled")
	s.press(":flush", "enter")
	s.see("read-only: flush is disabled")
}
