package tui

import (
	"time"

	"github.com/evtui/evtui/tui/page"
)

// toast is one line for some seconds.
type toast struct {
	level page.Level
	text  string
	until time.Time
}

// stays is how long a toast can be read: errors longer.
func stays(l page.Level) time.Duration {
	if l == page.LevelError {
		return 8 * time.Second
	}
	return 4 * time.Second
}
