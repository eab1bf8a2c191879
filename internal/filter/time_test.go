package filter

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Time{
		"-5m": noon.Add(-5 * time.Minute), "-1h30m": noon.Add(-90 * time.Minute),
		"11:58:07": noon.Add(-time.Minute - 53*time.Second), "11:58": noon.Add(-2 * time.Minute),
		"2026-03-14": noon.Add(-12 * time.Hour), "2026-03-14 11:00": noon.Add(-time.Hour),
		"2026-03-14T11:00:00Z": noon.Add(-time.Hour), "2026-03-14T12:00:00.5+01:00": noon.Add(-time.Hour + time.Second/2),
	} {
		got, err := ParseTime(in, noon)
		if err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "yesterday", "25:00", "-5", "2026-13-01"} {
		if got, err := ParseTime(in, noon); err == nil {
			t.Errorf("%q is taken for %v", in, got)
		}
	}
}
