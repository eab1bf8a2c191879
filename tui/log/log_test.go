package log

import (
	"testing"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestIdleLogAsksOnceASecond counts the questions of the frames of some seconds.
func TestIdleLogAsksOnceASecond(t *testing.T) {
	pane := pagetest.New(newLogPage(), page.LookFull)
	pane.Env.Now, pane.Env.Width, pane.Env.Height = pagetest.Noon, 100, 20
	asks := 0
	send := func(msg any) {
		for _, ask := range pane.Send(msg) {
			asks++
			pane.Send(page.Reply{Gen: ask.Gen})
		}
	}
	send(page.ShowMsg{})
	if asks != 1 {
		t.Fatalf("shown, it asks %d times", asks)
	}
	const frames, seconds = 50, 10 // five a second
	for range frames {
		pane.Env.Now = pane.Env.Now.Add(1e9 * seconds / frames)
		send(page.FrameMsg{})
	}
	if asks > 1+seconds || asks < seconds {
		t.Errorf("%d questions in %d seconds", asks, seconds)
	}
	asks = 0
	send(page.ReconnectMsg{})
	send(page.FrameMsg{})
	if asks != 1 {
		t.Errorf("reconnected, it asks %d times", asks)
	}
}
