package tui

import "testing"

// TestHeaderWarnsWithoutTLS: that other hosts reach the server without TLS
// stays in sight.
func TestHeaderWarnsWithoutTLS(t *testing.T) {
	for _, w := range []int{80, 120} {
		s := newStage(t, w, 24, nil)
		s.miss("no TLS")
		s.app.env.Live.Info.Exposed = true
		s.app.screen.touchHeader()
		s.see("no TLS")
	}
}
