package wire_test

import (
	"errors"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
)

func TestParseTime(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2026-01-15T10:30:00Z":                time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC),
		"2026-01-15T10:30:00.5Z":              time.Date(2026, 1, 15, 10, 30, 0, 5e8, time.UTC),
		"2026-01-15T10:30:00.123456789Z":      time.Date(2026, 1, 15, 10, 30, 0, 123456789, time.UTC),
		"2026-01-15T12:30:00.123456789+02:00": time.Date(2026, 1, 15, 10, 30, 0, 123456789, time.UTC),
		"2026-01-15T02:30:00-08:00":           time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC),
		"0001-01-01T00:00:00Z":                {},
		"9999-12-31T23:59:59.999999999Z":      time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
	} {
		for _, parse := range []func() (time.Time, error){
			func() (time.Time, error) { return wire.ParseTime(text) },
			func() (time.Time, error) { return wire.ParseTime([]byte(text)) },
		} {
			if got, err := parse(); err != nil || !got.Equal(want) || got.Location() != time.UTC {
				t.Errorf("%s: %v, %v", text, got, err)
			}
		}
	}
	for _, text := range []string{
		"", "today", "2026-01-15", "2026-01-15T10:30:00", "2026-01-15 10:30:00Z", "2026-01-15T10:30:00,5Z", "2026-01-15T10:30:00,123456789Z",
		"2026-01-15T10:30:00.Z", "2026-01-15T10:30:00.1234567890Z", "2026-01-15T10:30:00.1234567890+02:00", "2026-01-15T10:30:00.0000000000Z",
		"2026-01-15T1:30:00Z", "2026-01-15T10:30:60Z", "2026-02-30T10:30:00Z", "2026-01-15T24:00:00Z", "2026-01-15T10:30:00+99:00", "2026-01-15T10:30:00+0200",
		"2026-01-15T10:30Z", "12026-01-15T10:30:00Z", "2026-01-15T10:30:00Z ", "2026-01-15T10:30:00UTC",
	} {
		if got, err := wire.ParseTime(text); !errors.Is(err, wire.ErrTime) {
			t.Errorf("%q is taken as %v, %v", text, got, err)
		}
	}
}

// FuzzParseTime: what is taken comes back as the instant that it is written as.
func FuzzParseTime(f *testing.F) {
	f.Add("2026-01-15T10:30:00.123456789Z")
	f.Add("2026-01-15T10:30:00.120+14:00")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := wire.ParseTime(text)
		if err != nil {
			return
		}
		again, err := wire.ParseTime(at.Format(time.RFC3339Nano))
		if year := at.Year(); year >= 0 && year <= 9999 && (err != nil || !again.Equal(at)) {
			t.Errorf("%q is %v, and that %v, %v", text, at, again, err)
		}
	})
}
