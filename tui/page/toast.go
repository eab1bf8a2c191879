package page

import "github.com/evtui/evtui/server/wire"

// SaidMsg is a line of the shell's own: what was shown as a toast.
type SaidMsg struct{ Line wire.LogLine }

// Level is how much a toast or a log line matters.
type Level int

// The levels of toasts.
const (
	LevelInfo Level = iota
	LevelWarn
	LevelError
)

// String returns the level as the server's log writes it.
func (l Level) String() string {
	switch l {
	case LevelWarn:
		return "WARN"
	case LevelError:
		return "ERROR"
	}
	return "INFO"
}
