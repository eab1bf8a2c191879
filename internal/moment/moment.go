package moment

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

const day = 24 * time.Hour

// ParseTime reads a moment: a span before now with or without its minus, a
// clock of the day of now, a date with or without a clock, or RFC 3339. What
// has no zone is of now's location. The error says what would be right.
func ParseTime(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	// Those that say where, as RFC 3339 and the UI write them.
	if t, ok := parse(s, time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00"); ok {
		return t, nil
	}
	if span, err := ParseSpan(s); err == nil && !isNumber(s) {
		if strings.HasPrefix(s, "+") {
			return time.Time{}, fmt.Errorf("needs a time that has been: %q is a span after now", s)
		}
		return now.Add(-span.Abs()), nil
	}
	if wall, ok := parse(s, "15:04:05", "15:04"); ok {
		y, m, d := now.Date()
		return local(wall.AddDate(y, int(m)-1, d-1), s, now.Location())
	}
	if wall, ok := parse(s, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"); ok {
		return local(wall, s, now.Location())
	}
	if wall, ok := parse(s, time.DateOnly); ok {
		return midnight(wall, now.Location()), nil
	}
	return time.Time{}, needed(s)
}

// needed says what a time looks like to who wrote something else.
func needed(s string) error {
	why := ""
	swapped, _ := regexp.MatchString(`^\d{1,2}[-./]\d{1,2}[-./]\d{2,4}\b`, s) // the pattern is right
	switch {
	case isNumber(s):
		why = ": a number needs a unit, such as 5m, 5h or 5d"
	case swapped:
		why = ": the year comes first, then month and day"
	}
	return fmt.Errorf("needs a time, such as 14:02:07, -5m, -3d or 2026-01-15 10:30, got %q%s", s, why)
}

// isNumber reports whether s is nothing but digits, with or without a sign.
func isNumber(s string) bool {
	return s != "" && strings.Trim(strings.TrimLeft(s, "+-"), "0123456789") == ""
}

// parse reads a time in the first form that fits; seconds may have a fraction.
func parse(s string, forms ...string) (time.Time, bool) {
	for _, form := range forms {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// local returns when the clocks of a place show what wall shows in UTC.
func local(wall time.Time, s string, place *time.Location) (time.Time, error) {
	switch shown := shows(wall, place); {
	case len(shown) == 0:
		return time.Time{}, fmt.Errorf("%q is skipped on that day, when clocks go forward: add the zone, such as %s", s, wall.Add(-offset(wall.Add(-day), place)).In(place).Format(time.RFC3339))
	case len(shown) == 2:
		return time.Time{}, fmt.Errorf("%q comes twice on that day, when clocks go back: write %s or %s", s, shown[0].Format(time.RFC3339), shown[1].Format(time.RFC3339))
	default:
		return shown[0], nil
	}
}

// midnight returns the first moment of a day, which is later where clocks skip
// midnight.
func midnight(wall time.Time, place *time.Location) time.Time {
	if shown := shows(wall, place); len(shown) > 0 {
		return shown[0]
	}
	return wall.Add(-offset(wall.Add(-day), place)).In(place)
}

// shows returns the moments at which clocks show so: one, but two where they
// are put back over it, and none where they are put forward over it.
func shows(wall time.Time, place *time.Location) []time.Time {
	var shown []time.Time
	before, after := offset(wall.Add(-day), place), offset(wall.Add(day), place)
	for _, ahead := range []time.Duration{before, after} {
		t := wall.Add(-ahead).In(place)
		if offset(t, place) == ahead && (len(shown) == 0 || !t.Equal(shown[0])) {
			shown = append(shown, t)
		}
	}
	return shown
}

// offset is by how much a place's clocks are ahead of UTC.
func offset(t time.Time, place *time.Location) time.Duration {
	_, seconds := t.In(place).Zone()
	return time.Duration(seconds) * time.Second
}
