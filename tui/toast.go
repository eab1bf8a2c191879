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

// superseded reports whether it is a warning or an error that was there before a
// line was entered: it is of what the user did before. Had that line failed, it had
// said so in its place.
func (t *toast) superseded(before *toast) bool {
	return t != nil && t == before && t.level > page.LevelInfo
}

// stays is how long a toast can be read: errors longer.
func stays(l page.Level) time.Duration {
	if l == page.LevelError {
		return 8 * time.Second
	}
	return 4 * time.Second
}
