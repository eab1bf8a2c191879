package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// BenchmarkFrame draws the whole screen of a page anew at 160×50, as after a
// key that moved the cursor. The goal is 1 ms.
func BenchmarkFrame(b *testing.B) {
	for _, p := range []page.Name{page.Overview, page.Streams, page.Tail, page.Groups, page.Engine, page.Profile, page.Log} {
		b.Run(string(p), func(b *testing.B) {
			s := newStage(b, 160, 50, pagetest.Shop())
			s.press(digitOf(p))
			s.frames(5)
			keys := []string{"j", "k"}
			i := 0
			for b.Loop() {
				s.app.Update(tea.KeyPressMsg{Code: rune(keys[i%2][0]), Text: keys[i%2]})
				s.app.screen.touch()
				_ = s.app.View()
				i++
			}
		})
	}
}

// BenchmarkIdleFrame is a frame in which nothing happened.
func BenchmarkIdleFrame(b *testing.B) {
	s := newStage(b, 160, 50, pagetest.Shop())
	s.frames(5)
	for b.Loop() {
		s.app.frame(frameMsg{s.app.clock.pace})
		_ = s.app.View()
	}
}
