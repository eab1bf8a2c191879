package text_test

import (
	"testing"
	"time"

	"github.com/evtui/evtui/internal/text"
)

// TestClockSaysWhatTellsItApart: the day where it is not today, the year where it is
// not this one, also a day before New Year and on the same day of another year.
func TestClockSaysWhatTellsItApart(t *testing.T) {
	zone := time.FixedZone("", 3600)
	now := time.Date(2026, 1, 2, 15, 4, 5, 0, zone)
	for _, c := range []struct {
		at             time.Time
		clock, precise string
	}{
		{now.Add(-time.Hour), "14:04:05", "14:04:05.000"},
		{now.Add(-24 * time.Hour), "01-01 15:04:05", "01-01 15:04:05"},
		{now.Add(-48 * time.Hour), "2025-12-31 15:04:05", "20251231 15:04"},
		{now.AddDate(-1, 0, 0), "2025-01-02 15:04:05", "20250102 15:04"},
		{time.Date(2025, 12, 31, 23, 30, 0, 0, time.UTC), "01-01 00:30:00", "01-01 00:30:00"}, // this year here
		{now.AddDate(1, 0, 0), "2027-01-02 15:04:05", "20270102 15:04"},
	} {
		if got := text.Clock(c.at, now); got != c.clock {
			t.Errorf("Clock(%v) = %s, want %s", c.at, got, c.clock)
		}
		got := text.PreciseClock(c.at, now)
		if got != c.precise || len(got) > text.PreciseClockWidth {
			t.Errorf("PreciseClock(%v) = %s, want %s", c.at, got, c.precise)
		}
	}
}
