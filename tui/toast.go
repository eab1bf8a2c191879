package tui

import "time"

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

// toast is one line for some seconds.
type toast struct {
	level Level
	text  string
	until time.Time
}

// stays is how long a toast can be read: errors longer.
func (l Level) stays() time.Duration {
	if l == LevelError {
		return 8 * time.Second
	}
	return 4 * time.Second
}
