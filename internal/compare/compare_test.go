package compare

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/load"
)

// made is a session of so many messages in ten seconds, each write taking so long.
func made(engine string, run, place int, messages int64, write time.Duration) Session {
	return Session{
		Engine: engine, Run: run, Place: place, Dir: engine,
		Load: load.Report{
			Elapsed: 10 * time.Second, Writes: messages, Messages: messages, Reads: messages / 10,
			WriteRate: float64(messages) / 10, ReadRate: float64(messages) / 100, MessageRate: float64(messages) / 10,
			Latency: map[string]load.Latency{
				"stream.write": {Count: messages, Mean: write, P50: write, P99: 4 * write},
				"category.get": {Count: messages / 10, Mean: time.Millisecond, P50: time.Millisecond, P99: 2 * time.Millisecond},
			},
		},
		CPU: 15 * time.Second, AllocBytes: 1000 * messages, Allocs: 4 * messages, PeakMemory: 50e6, DiskPacked: 120 * messages,
		SyncP50: time.Millisecond, SyncP99: 5 * time.Millisecond,
		Top:   []Function{{"github.com/cockroachdb/pebble/v2.(*DB).Apply", 0.25}, {"internal/runtime/syscall/linux.Syscall6", 0.2}},
		Kinds: []Kind{{"evtui's store", 0.9, true}, {"system calls", 0.3, false}, {"net/http", 0.2, false}},
	}
}

func comparison(runs int, sessions ...Session) *Comparison {
	return &Comparison{
		Setup:   Setup{Duration: 10 * time.Second, Workers: 10, Writes: 10, Reads: 1, Batch: 1, Runs: runs, Durability: "sync", Cores: 2, Place: "/tmp"},
		Engines: [2]string{"pebble", "sqlite"}, Sessions: sessions,
	}
}

func (c *Comparison) mustRow(t *testing.T, name string) *row {
	t.Helper()
	rows := c.rows()
	i := slices.IndexFunc(rows, func(r row) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("there is no row %q", name)
	}
	return &rows[i]
}

func TestAhead(t *testing.T) {
	for _, c := range []struct {
		name           string
		pebble, sqlite []int64 // messages of each run
		want           int
	}{
		{"one run, far apart", []int64{2000}, []int64{1000}, 0},
		{"one run, the other way", []int64{1000}, []int64{2000}, 1},
		{"one run, close", []int64{1050}, []int64{1000}, -1},
		{"runs apart", []int64{1200, 1100, 1300}, []int64{1000, 1090, 900}, 0},
		{"runs that overlap", []int64{1200, 1100, 1300}, []int64{1000, 1150, 900}, -1},
		{"nothing of one", []int64{1200}, nil, -1},
	} {
		var sessions []Session
		for i, n := range c.pebble {
			sessions = append(sessions, made("pebble", i+1, 1, n, time.Millisecond))
		}
		for i, n := range c.sqlite {
			sessions = append(sessions, made("sqlite", i+1, 2, n, time.Millisecond))
		}
		r := comparison(len(c.pebble), sessions...).mustRow(t, "messages written")
		if got, _ := r.ahead(); got != c.want {
			t.Errorf("%s: %d is ahead, want %d", c.name, got, c.want)
		}
	}
	less := comparison(1, made("pebble", 1, 1, 1000, 3*time.Millisecond), made("sqlite", 1, 2, 1000, time.Millisecond)).mustRow(t, "stream.write, p99")
	if got, times := less.ahead(); got != 1 || times != 3 {
		t.Errorf("of latencies, %d is ahead by %v, want 1 by 3", got, times)
	}
}

func TestMedians(t *testing.T) {
	c := comparison(3,
		made("pebble", 1, 1, 3000, time.Millisecond), made("sqlite", 1, 2, 1000, time.Millisecond),
		made("sqlite", 2, 1, 1200, time.Millisecond), made("pebble", 2, 2, 2000, time.Millisecond),
		made("pebble", 3, 1, 2500, time.Millisecond), made("sqlite", 3, 2, 1100, time.Millisecond))
	r := c.mustRow(t, "messages written")
	if r.Sides[0].Median != 250 || r.Sides[0].Min != 200 || r.Sides[0].Max != 300 {
		t.Errorf("pebble %+v", r.Sides[0])
	}
	if m := c.middle("sqlite"); m.Run != 3 {
		t.Errorf("the median run is %d, want 3", m.Run)
	}
	even := comparison(2, made("pebble", 1, 1, 3000, 1), made("pebble", 2, 2, 1000, 1))
	if s := even.mustRow(t, "messages written").Sides[0]; s.Median != 200 {
		t.Errorf("of two runs %+v", s)
	}
	if m := even.middle("pebble"); m.Run != 2 {
		t.Errorf("the lower of two is run %d, want 2", m.Run)
	}
	if got, want := c.order(), "Pebble then SQLite, SQLite then Pebble, Pebble then SQLite"; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
}

func TestReport(t *testing.T) {
	slow := made("sqlite", 1, 2, 8000, 2*time.Millisecond)
	slow.CPU, slow.Allocs, slow.DiskPacked = 4*time.Second, 45*8000, 450*8000
	c := comparison(1, made("pebble", 1, 1, 16000, time.Millisecond), slow)
	var b strings.Builder
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Pebble and SQLite under the same load",
		"messages written 1,600/s on Pebble, 800/s on SQLite (Pebble by 2.0×)",
		"category.get, mean 1 ms on Pebble, 1 ms on SQLite (no clear difference)",
		"**What holds Pebble up:** its server kept 1.50 of 2 cores busy",
		"it is the processor",
		"**What holds SQLite up:** its server kept 0.40 of 2 cores busy, a write took 2 ms at p50 and a sync of the log 1 ms: it is the log's sync",
		"30.0 % went through system calls, 20.0 % went through net/http; the costliest function by itself is `pebble/v2.(*DB).Apply` with 25.0 %",
		"| messages written | 1,600/s | 800/s | Pebble 2.0× |",
		"| bytes a message, compacted | 120 B | 450 B | Pebble 3.8× |",
		"| 1 | `pebble/v2.(*DB).Apply` | 25.0 % |",
		"The same promise: durability sync on both", "Pebble then SQLite, once",
		"| 1 | `sqlite/` | 800/s | 0 |", "evtui profile diff pebble/cpu.prof sqlite/cpu.prof",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if cells := strings.Count(line, "|"); strings.HasPrefix(line, "| messages") && cells != 5 {
			t.Errorf("a row of %d bars: %s", cells, line)
		}
	}
}

// TestErrorsEndTheArgument checks that nothing is concluded from a load that failed.
func TestErrorsEndTheArgument(t *testing.T) {
	bad := made("sqlite", 1, 2, 8000, time.Millisecond)
	bad.Load.Errors, bad.Load.FirstError = 3, "boom"
	c := comparison(1, made("pebble", 1, 1, 16000, time.Millisecond), bad)
	if n, first := c.Errors(); n != 3 || first != "sqlite: boom" {
		t.Errorf("%d errors, %q", n, first)
	}
	if lines := c.Conclusions(); len(lines) != 1 || !strings.Contains(lines[0], "3 calls failed") {
		t.Errorf("concluded %q", lines)
	}
}

// TestLittleMeasured checks that what was not measured is a dash.
func TestLittleMeasured(t *testing.T) {
	c := comparison(1, Session{Engine: "pebble", Run: 1, Place: 1}, Session{Engine: "sqlite", Run: 1, Place: 2})
	var b strings.Builder
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Too little was measured", "| server's CPU a call | – | – | – |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
