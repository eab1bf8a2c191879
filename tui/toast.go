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

// supersede takes down a warning or an error that was there before a line was
// entered: it is of what the user did before. Had that line failed, it had said so
// in its place.
func (a *app) supersede(before *toast) {
	if before != nil && before == a.toast && before.level > page.LevelInfo {
		a.toast = nil
		a.screen.touchFooter()
	}
}

// stays is how long a toast can be read: errors longer.
func stays(l page.Level) time.Duration {
	if l == page.LevelError {
		return 8 * time.Second
	}
	return 4 * time.Second
}
