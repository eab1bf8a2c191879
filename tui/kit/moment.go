package kit

import (
	"time"

	"github.com/evtui/evtui/internal/text"
)

// Since says in a list how long ago something was, or, where the user asked for
// absolute times, when.
func Since(at, now time.Time, absolute bool) string {
	if !absolute || at.IsZero() {
		return text.Ago(at, now)
	}
	return at.In(now.Location()).Format(time.DateTime)
}

// SinceWidth is how many cells it takes.
func SinceWidth(absolute bool) int {
	if absolute {
		return len(time.DateTime)
	}
	return 10
}

// Moment writes the time of a message in a list as short as it can be told from
// now, or, where the user asked for absolute times, with its date and zone.
func Moment(at, now time.Time, absolute bool) string {
	if !absolute {
		return text.PreciseClock(at, now)
	}
	return at.In(now.Location()).Format(momentForm)
}

const momentForm = "2006-01-02 15:04:05.000 Z07:00"

// MomentWidth is how many cells it takes.
func MomentWidth(absolute bool) int {
	if absolute {
		return len(momentForm)
	}
	return text.PreciseClockWidth
}
