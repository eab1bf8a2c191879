package tui

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// TestFramesWaitForTheLink: over SSH, however much a frame takes, the frames
// after it leave the link the time for it; none waits longer than the slowest
// refresh.
func TestFramesWaitForTheLink(t *testing.T) {
	frame := 250 * time.Millisecond
	c := newClock(frame)
	var waited time.Duration
	c.after = func(d time.Duration, _ func(time.Time) tea.Msg) tea.Cmd { waited = d; return nil }
	c.still = time.Now()
	for bytes, want := range map[int64]time.Duration{0: frame, 800: frame, 2_000: frame, 9_000: time.Second, 1_000_000: 2 * time.Second} {
		c.sent = func() int64 { return bytes }
		if c.tick(c.still); waited != want {
			t.Errorf("after %d bytes the next frame comes after %v, want %v", bytes, waited, want)
		}
	}
	c.sent = nil
	if c.tick(c.still); waited != frame {
		t.Errorf("where nobody counts, the next frame comes after %v", waited)
	}
}

// TestMeterCounts writes through it.
func TestMeterCounts(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "terminal"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m := &meter{to: file}
	terminal := tty{file, m}
	_, _ = terminal.Write([]byte("12345"))
	_, _ = terminal.WriteString("678")
	if first, then := m.take(), m.take(); first != 8 || then != 0 {
		t.Errorf("%d bytes, then %d", first, then)
	}
	for name, want := range map[string]bool{"SSH_TTY": true, "SSH_CONNECTION": true, "TERM": false} {
		if got := overSSH(func(asked string) string { return map[bool]string{true: "x"}[asked == name] }); got != want {
			t.Errorf("with %s alone: over SSH %v", name, got)
		}
	}
}
