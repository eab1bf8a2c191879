package filter

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

// TestAbsolute holds that a line with its times in full keeps what the line
// keeps, when it is compiled elsewhere and later.
func TestAbsolute(t *testing.T) {
	zone := time.FixedZone("far away", -9*3600)
	now := time.Date(2026, 3, 14, 1, 2, 3, 456789, zone)
	later := now.Add(50 * time.Hour).UTC()
	for line, want := range map[string]string{
		"":                                "",
		"  Deposited ":                    "Deposited",
		"time>-5m":                        "time>2026-03-14T09:57:03.000456789Z",
		"time > -5m":                      "time > 2026-03-14T09:57:03.000456789Z",
		`time>="2026-01-15 10:30" ann`:    "time>=2026-01-15T19:30:00Z ann",
		"(time<01:00 or not time>=-1h)":   "(time<2026-03-14T10:00:00Z or not time>=2026-03-14T09:02:03.000456789Z)",
		"time=2026-01-15T10:30:00.5Z":     "time=2026-01-15T10:30:00.5Z",
		`data.time>-5m "time>-5m"`:        `data.time>-5m "time>-5m"`, // no times of the message
		"TIME!=2026-01-15 data.a~/[0-9]/": "TIME!=2026-01-15T09:00:00Z data.a~/[0-9]/",
	} {
		f, err := Parse(line, now)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := f.Absolute(); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
		again, err := Parse(f.Absolute(), later)
		if err != nil || again.Absolute() != want {
			t.Errorf("%s: read again it is %q, %v", line, again.Absolute(), err)
		}
		for _, at := range []time.Duration{-100 * time.Hour, -time.Hour, -time.Minute, 0} {
			m := &store.Message{Type: "Deposited", Stream: "a-1", Data: []byte(`{"x":"ann"}`), Time: now.Add(at)}
			if f.Keeps(m) != again.Keeps(m) {
				t.Errorf("%s: of a message %s before, one says %v", line, -at, f.Keeps(m))
			}
		}
	}
}

func TestQuote(t *testing.T) {
	for _, name := range []string{"account-1", `a "b" \ c`, `\"`, "and", "-5m", "é (x) 'y'", "*"} {
		f, err := Parse("stream="+Quote(name)+" and data.x="+Quote(name), noon)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		data, err := json.Marshal(map[string]string{"x": name})
		if err != nil {
			t.Fatal(err)
		}
		if !f.Keeps(&store.Message{Stream: name, Data: data}) || f.Keeps(&store.Message{Stream: name + "x", Data: data}) {
			t.Errorf("%s does not keep just %q", f, name)
		}
	}
}

func TestRegexpsAreBounded(t *testing.T) {
	for _, line := range []string{"/x{1000}/", "/x{600}/ or /x{600}/", "data.a~/(a{40}){25}/", "/" + strings.Repeat("abcdefgh", 200) + "/"} {
		_, err := Parse(line, noon)
		if fault, ok := err.(*Error); !ok || !strings.Contains(fault.Reason, "too large") {
			t.Errorf("%.30s: %v", line, err)
		}
	}
	for _, line := range []string{"/x{900}/", "/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i", `/\pL{1,100}/`} {
		if _, err := Parse(line, noon); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
