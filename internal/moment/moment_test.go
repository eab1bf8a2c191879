package moment

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestParseTime(t *testing.T) {
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Time{
		"-5m": noon.Add(-5 * time.Minute), "5m": noon.Add(-5 * time.Minute), " -1h30m ": noon.Add(-90 * time.Minute),
		"3d": noon.AddDate(0, 0, -3), "-2d12h": noon.Add(-60 * time.Hour), "-0s": noon,
		"11:58:07": noon.Add(-time.Minute - 53*time.Second), "11:58": noon.Add(-2 * time.Minute), "9:30": noon.Add(-150 * time.Minute),
		"11:59:59.25": noon.Add(-750 * time.Millisecond), "23:00": noon.Add(11 * time.Hour),
		"2026-03-14": noon.Add(-12 * time.Hour), "2026-03-14 11:00": noon.Add(-time.Hour), "2026-03-14T11:00": noon.Add(-time.Hour),
		"2026-03-14 11:00:00.5": noon.Add(-time.Hour + time.Second/2), "2026-03-14T11:00:00.5": noon.Add(-time.Hour + time.Second/2),
		"2026-03-14T11:00:00Z": noon.Add(-time.Hour), "2026-03-14T12:00:00.5+01:00": noon.Add(-time.Hour + time.Second/2),
		"2026-03-14T12:00+01:00": noon.Add(-time.Hour), "2026-03-14 12:00:00.000 +01:00": noon.Add(-time.Hour),
	} {
		got, err := ParseTime(in, noon)
		if err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v; want %v", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"": "such as 14:02:07, -5m", "yesterday": `got "yesterday"`, "25:00": "needs a time", "2026-13-01": "needs a time",
		"-5": "needs a unit", "5": "needs a unit", "0": "needs a unit", "2026": "needs a unit", "2026-03": `got "2026-03"`,
		"03/14/2026": "the year comes first", "14.3.2026 11:00": "the year comes first", "03-14-26": "the year comes first",
		"+5m": "after now", "5x": "needs a time", "1d-2h": "needs a time", "2:30pm": "needs a time",
	} {
		if got, err := ParseTime(in, noon); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", in, got, err, want)
		}
	}
}

// TestClocksThatAreChanged refuses what clocks show twice or never, and has
// days begin all the same.
func TestClocksThatAreChanged(t *testing.T) {
	in := func(zone string) time.Time {
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		return time.Date(2026, 11, 29, 12, 0, 0, 0, place)
	}
	for _, c := range []struct{ zone, given, want, fault string }{
		{"Europe/Berlin", "2026-10-25 02:30", "", "write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"},
		{"Europe/Berlin", "2026-10-25 01:59", "2026-10-25T01:59:00+02:00", ""},
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T03:00:00+01:00", ""},
		{"Europe/Berlin", "2026-03-29 02:30", "", "skipped on that day"},
		{"Europe/Berlin", "2026-03-29 03:00", "2026-03-29T03:00:00+02:00", ""},
		{"Europe/Berlin", "2026-03-29T02:30:00+01:00", "2026-03-29T02:30:00+01:00", ""},
		{"Australia/Lord_Howe", "2026-04-05 01:45", "", "write 2026-04-05T01:45:00+11:00 or 2026-04-05T01:45:00+10:30"},
		{"Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00", ""},   // midnight is skipped
		{"America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00", ""}, // midnight comes twice
		{"Pacific/Kiritimati", "2026-11-01", "2026-11-01T00:00:00+14:00", ""},
	} {
		got, err := ParseTime(c.given, in(c.zone))
		switch {
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
			t.Errorf("%s in %s: %v, %v; want %q", c.given, c.zone, got, err, c.fault)
		case c.fault == "" && (err != nil || got.Format(time.RFC3339) != c.want):
			t.Errorf("%s in %s: %v, %v; want %s", c.given, c.zone, got, err, c.want)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "-10m": -10 * time.Minute, "0": 0, "50ms": 50 * time.Millisecond,
		"3d": 72 * time.Hour, "2d12h": 60 * time.Hour, "-2d12h": -60 * time.Hour, "+1d": 24 * time.Hour, "1.5d": 36 * time.Hour,
		"0d": 0, "-0d5m": -5 * time.Minute, "106751d": 106751 * 24 * time.Hour,
	} {
		if got, err := ParseSpan(in); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "5", "d", "-d", "1w", "1h2d", "2d-12h", "2d+12h", "2dd", "1e3d", "--2d", "2d 12h", "106752d", "106751d24h", "-106751d24h", "two days"} {
		if got, err := ParseSpan(in); err == nil {
			t.Errorf("%q is taken for %v", in, got)
		}
	}
}

// FuzzParseTime: whatever is taken lies where it says, and nothing panics.
func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"-5m", "3d", "14:02:07", "2026-01-15 10:30", "2026-01-15T10:30:00Z", "-2d12h", "01/02/2026"} {
		f.Add(s)
	}
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		at, err := ParseTime(s, now)
		if err != nil {
			return
		}
		again, err := ParseTime(at.Format(time.RFC3339Nano), now)
		if year := at.Year(); year > 0 && year < 10000 && (err != nil || !again.Equal(at)) {
			t.Errorf("%q is %v, which comes back as %v, %v", s, at, again, err)
		}
	})
}

func TestFlag(t *testing.T) {
	var d time.Duration
	f := Flag(&d, 5*time.Minute)
	if d != 5*time.Minute || f.String() != "5m0s" || f.Type() != "duration" {
		t.Errorf("%v, %s, %s", d, f, f.Type())
	}
	if err := f.Set("2d"); err != nil || d != 48*time.Hour {
		t.Errorf("%v, %v", d, err)
	}
	if err := f.Set("2"); err == nil || d != 48*time.Hour {
		t.Errorf("%v, %v", d, err)
	}
}
