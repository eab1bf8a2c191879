package tui

import (
	"io"
	"os"
	"sync/atomic"
	"time"
)

// meter counts what is sent to a terminal.
type meter struct {
	to   io.Writer
	sent atomic.Int64 // bytes since they were taken last
}

// Write implements io.Writer.
func (m *meter) Write(p []byte) (int, error) {
	n, err := m.to.Write(p)
	m.sent.Add(int64(n))
	return n, err
}

// take returns the bytes since it was called last.
func (m *meter) take() int64 { return m.sent.Swap(0) }

// tty is a terminal of this machine, metered. Bubble Tea asks it for its size
// and modes as for any file.
type tty struct {
	*os.File
	*meter
}

// Write implements io.Writer.
func (t tty) Write(p []byte) (int, error) { return t.meter.Write(p) }

// WriteString implements io.StringWriter.
func (t tty) WriteString(s string) (int, error) { return t.meter.Write([]byte(s)) }

// sshBytes is what the frames may send over SSH in a second: a link of 50 kB/s
// has room for keys and their echo, and with what comes between two frames, such
// as the clock, it stays below 10 kB.
const sshBytes = 9_000

// overSSH reports whether the terminal is at the other end of a link.
func overSSH(getenv func(string) string) bool {
	return getenv("SSH_TTY") != "" || getenv("SSH_CONNECTION") != ""
}

// stretched is the time until the next frame when the last one took so many
// bytes: long enough for the link, but never longer than the slowest refresh.
// What a key changes is drawn at once all the same.
func stretched(frame time.Duration, bytes int64) time.Duration {
	return max(frame, min(time.Duration(bytes)*time.Second/sshBytes, paces()[0]))
}
