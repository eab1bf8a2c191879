package profiler

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseRule(t *testing.T) {
	for text, want := range map[string]Rule{
		"p99(stream.write) > 5ms for 3s": {Metric: "p99(stream.write)", Limit: 5e6, For: 3 * time.Second},
		"stall":                          {Metric: "stall"},
		"stall for 2s":                   {Metric: "stall", For: 2 * time.Second},
		"heap > 500MB":                   {Metric: "heap", Limit: 500e6},
		" rss>1.5GiB ":                   {Metric: "rss", Limit: 1.5 * (1 << 30)},
		"cpu < 0.5 for 1m":               {Metric: "cpu", Below: true, Limit: 0.5, For: time.Minute},
		"goroutines > 10000":             {Metric: "goroutines", Limit: 10000},
		"max(category.get) > 1s":         {Metric: "max(category.get)", Limit: 1e9},
	} {
		got, err := ParseRule(text)
		if want.text = strings.TrimSpace(text); err != nil || got != want {
			t.Errorf("%q is %+v (%v), want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "heap", "heap > 500", "heap > 5ms", "p99 > 5ms", "heap(stream.write) > 5MB", "p99(stream.write) > 5", "nothing > 5",
		"heap > 5MB for", "heap > 5MB for 3", "heap > 5MB for 2h", "heap = 5MB", "cpu > 1.2.3", "stall > 1 > 2",
	} {
		if got, err := ParseRule(text); err == nil {
			t.Errorf("%q is taken as %+v", text, got)
		}
	}
	for _, text := range DefaultRules() {
		if _, err := ParseRule(text); err != nil {
			t.Error(err)
		}
	}
}

// TestTriggers gives each second's values and says at which seconds what fires.
func TestReading(t *testing.T) {
	for rule, c := range map[string]struct {
		value float64
		want  string
	}{
		"p99(stream.write) > 5ms": {5.58e6, "5.58ms"},
		"gcpause > 1ms":           {1.5e6, "1.50ms"},
		"heap > 500MB":            {512 << 20, "512MB"},
		"goroutines > 10000":      {10001, "10001"},
		"cpu > 1.5":               {1.75, "1.75"},
		"stall":                   {1, "1"},
	} {
		r, err := ParseRule(rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Firing{Rule: r, Value: c.value}).Reading(); got != c.want {
			t.Errorf("%s at %v reads %q, want %q", rule, c.value, got, c.want)
		}
	}
}

func TestTriggers(t *testing.T) {
	many := func(n int, v string) string { return strings.TrimSpace(strings.Repeat(v+" ", n)) }
	for name, c := range map[string]struct {
		rules  string
		values string // of heap by second, in bytes; - is a second without an observation, . one without the value
		want   string
	}{
		"at once":              {"heap > 5B", "1 6 6 6", "1"},
		"only above":           {"heap > 5B", "5 5 5", ""},
		"below":                {"heap < 5B", "5 4", "1"},
		"after a while":        {"heap > 5B for 2s", "6 6 6 6", "2"},
		"too short":            {"heap > 5B for 2s", "6 6 1 6 6 1", ""},
		"nothing known":        {"heap > 5B for 2s", "6 6 . 6 6", ""},
		"a gap starts again":   {"heap > 5B for 2s", "6 6 - - - - 6 6", ""},
		"once while it lasts":  {"heap > 5B", many(200, "6"), "0"},
		"again after a minute": {"heap > 5B", "6 1 " + many(60, "1") + " 6", "0 62"},
		"not within a minute":  {"heap > 5B", "6 1 1 6 1 1", "0"},
		"waits its turn":       {"heap > 5B", "6 1 " + many(70, "6"), "0 60"},
		"one of two":           {"heap > 5B; heap > 6B", many(70, "7"), "0 60"},
	} {
		var rules []Rule
		for _, text := range strings.Split(c.rules, "; ") {
			r, err := ParseRule(text)
			if err != nil {
				t.Fatal(err)
			}
			rules = append(rules, r)
		}
		triggers := NewTriggers(rules)
		var fired []string
		for i, value := range strings.Fields(c.values) {
			o := Observation{Time: time.Unix(int64(1000+i), 0), Values: map[string]float64{}}
			var v float64
			if _, err := fmt.Sscan(value, &v); err == nil {
				o.Values["heap"] = v
			}
			if value == "-" {
				continue
			}
			if f, fires := triggers.Observe(o); fires {
				fired = append(fired, fmt.Sprint(i))
				if f.Value != v || !f.Time.Equal(o.Time) {
					t.Errorf("%s: fired %+v at %v", name, f, o)
				}
			}
			if _, again := triggers.Observe(o); again {
				t.Errorf("%s: fired twice for one observation", name)
			}
		}
		if got := strings.Join(fired, " "); got != c.want {
			t.Errorf("%s: fired at %q, want %q", name, got, c.want)
		}
	}
}

func TestBaselineIsTakenWhenQuiet(t *testing.T) {
	rule, err := ParseRule("heap > 5B for 1h")
	if err != nil {
		t.Fatal(err)
	}
	triggers := NewTriggers([]Rule{rule})
	var due []int
	for second := range 1500 {
		heap := 1.0
		if second == 30 || second > 1000 {
			heap = 6 // met, though never long enough to fire
		}
		triggers.Observe(Observation{Time: time.Unix(int64(second+1), 0), Values: map[string]float64{"heap": heap}})
		if triggers.BaselineDue() {
			due = append(due, second)
		}
	}
	if fmt.Sprint(due) != "[90 690]" {
		t.Errorf("due at %v, want a minute after what was not quiet, and ten minutes later", due)
	}
}

func TestGrewMost(t *testing.T) {
	open := func(name string) *Profile {
		p, err := OpenFile(filepath.Join("testdata", name), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	before, after := open("shop-cpu-1.pb.gz"), open("shop-cpu-2.pb.gz")
	g, err := GrewMost(before, after, Options{OmitUI: true})
	if err != nil {
		t.Fatal(err)
	}
	// Held against the difference's own table.
	d, err := after.Diff(before, DiffBase, false)
	if err != nil {
		t.Fatal(err)
	}
	v, err := d.View(Options{OmitUI: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range v.Top(TopOptions{All: true}).Rows {
		if r.Flat > g.After-g.Before || r.Name == g.Function && r.Flat != g.After-g.Before {
			t.Errorf("%s grew by %d, %+v is said to have grown most", r.Name, r.Flat, g)
		}
	}
	if !strings.Contains(g.String(), " grew most, from ") || !strings.Contains(g.String(), "mostly under ") {
		t.Errorf("in words: %s", g)
	}
	if same, err := GrewMost(before, before, Options{}); err != nil || same.String() != "nothing grew" {
		t.Errorf("against itself: %v (%v)", same, err)
	}
	if _, err := GrewMost(before, open("shop-heap-1.pb.gz"), Options{}); err == nil {
		t.Error("time and bytes were compared")
	}
}
