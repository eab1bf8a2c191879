package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestNoWarningIsDropped has everything wrong at once, and walks all sizes from 40
// by 10 to 200 by 60 on Overview: each warning is on the screen, be it in fewer
// letters. On every other page the header says how many there are at least.
func TestNoWarningIsDropped(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.press("1")
	s.frames(6)
	s.app.env.ReadOnly = true
	s.app.env.Live.HasInfo = true
	s.app.env.Live.Info = wire.Info{Version: "0.0.1", Durability: "interval", Exposed: true}
	wrong := wire.Sample{
		Time: s.now.Add(time.Second), DiskFree: 1e9, DiskSize: 100e9,
		Engine: &wire.EngineSample{
			Open: 3, Known: 12, DiskBytes: 8e9, Debt: 6e9, Sublevels: 18, SublevelsStop: 20, SublevelsIn: "a namespace with a long name",
			Damaged: 2, Poisoned: 1, Stalled: 1,
		},
	}
	s.app.env.Live.Sample, s.app.env.Live.HasSample = wrong, true
	*s.app.env.Past = page.Past{} // the server's own are of today
	s.app.env.Past.Add(wrong)
	s.app.link.took, s.app.link.heardOf = 2*time.Second, s.now.Add(-3*time.Second)
	warnings := map[string][]string{
		"durability": {"interval"}, "no TLS": {"no TLS"}, "read-only": {"read-only", " ro "}, "damaged": {"✗ 2 damaged", "✗2 damaged"},
		"poisoned": {"✗ 1 WAL failed", "✗1 WAL"}, "stalled": {"! 1 stalled", "!1 stalled"}, "near stop": {"! near stop", "!stop"},
		"disk low": {"! disk low", "!disk"}, "debt high": {"! debt high", "!debt"}, "slow": {"answers take 2 s"}, "old": {"3 s old"},
	}
	for w := 40; w <= 200; w += 4 {
		for h := 10; h <= 60; h += 2 {
			s.app.Update(tea.WindowSizeMsg{Width: w, Height: h})
			s.app.deliver(page.Overview, page.FrameMsg{})
			s.app.screen.touch()
			screen := s.text()
			for name, forms := range warnings {
				if !containsAny(screen, forms) {
					t.Fatalf("at %d×%d the warning %q is not on the screen:\n%s", w, h, name, screen)
				}
			}
		}
	}
	for _, name := range pages() {
		s.press(digitOf(name))
		for w := 60; w <= 200; w += 20 {
			s.app.Update(tea.WindowSizeMsg{Width: w, Height: 24})
			header := strings.Split(s.text(), "\n")[0]
			for _, forms := range [][]string{{"interval"}, {"no TLS"}, {"read-only", " ro "}, {"✗6 wrong", "✗2 damaged", "✗ 2 damaged"}} {
				if !containsAny(header, forms) {
					t.Errorf("%s, %d columns: %q is dropped from the header:\n%s", name, w, forms[0], header)
				}
			}
		}
	}
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// TestTheUIsCostIsMeasuredOrUnknown: what the UI takes is measured where its
// process does nothing else, and "?" elsewhere; an estimate is no figure.
func TestTheUIsCostIsMeasuredOrUnknown(t *testing.T) {
	used, now := time.Minute, pagetest.Noon
	second := func(c *costs, spent time.Duration, mixed bool) string {
		used, now = used+spent, now.Add(time.Second)
		c.settle(now, mixed)
		return c.shown(&page.Live{})
	}
	alone := costs{own: func() time.Duration { return used }, share: -1}
	for i, c := range []struct {
		spent time.Duration
		mixed bool
		want  string
	}{
		{0, false, " (ui ?)"}, // there is nothing to compare with yet
		{49 * time.Millisecond, false, ", ui 5%"},
		{900 * time.Millisecond, true, " (ui ?)"},  // a load runs in it
		{400 * time.Millisecond, false, " (ui ?)"}, // it did in this second, too
		{10 * time.Millisecond, false, ", ui 1%"},
	} {
		if got := second(&alone, c.spent, c.mixed); got != c.want {
			t.Errorf("second %d: %q, want %q", i, got, c.want)
		}
	}
	serving := costs{share: -1}
	second(&serving, time.Second, false)
	if got := second(&serving, 49*time.Millisecond, false); got != " (ui ?)" {
		t.Errorf("in a process that serves as well: %q", got)
	}
	if got := serving.shown(&page.Live{Sample: wire.Sample{UICPU: 0.049}}); got != " (ui 5%)" {
		t.Errorf("where the server knows: %q", got)
	}
}

// TestOneSecondEverywhere compares header, the table of the busiest, and the list
// of namespaces at one second: they are of the same sample.
func TestOneSecondEverywhere(t *testing.T) {
	s := newStage(t, 160, 50, pagetest.Shop())
	s.press("1")
	s.frames(6)
	*s.app.env.Past = page.Past{} // the server's own are of today
	for i, rate := range []float64{7049, 3497, 12, 0.4} {
		s.now = s.now.Add(time.Second)
		sample := wire.Sample{
			Time: s.now, Appends: rate, Reads: rate / 2, Methods: map[string]wire.Method{},
			Namespaces: []wire.NamespaceRate{{Namespace: "default", Appends: rate, Reads: rate / 2}},
			Categories: []wire.CategoryRate{{Namespace: "default", Category: "account", Appends: rate, Reads: rate / 2}},
		}
		s.app.env.Live.Sample, s.app.env.Live.HasSample = sample, true
		s.app.env.Past.Add(sample)
		s.app.deliver(page.Overview, page.FrameMsg{})
		s.app.screen.touch()
		want := []string{"7,049", "3,497", "12", "0.4"}[i]
		lines := strings.Split(s.text(), "\n")
		if !strings.Contains(lines[0], " "+want+" w/s") {
			t.Errorf("the header does not say %s w/s:\n%s", want, lines[0])
		}
		row := ""
		for _, line := range lines {
			if strings.Contains(line, "│ account") {
				row = line[strings.Index(line, "│ account"):]
			}
		}
		if !strings.Contains(row, " "+want+" ") {
			t.Errorf("the table does not say %s w/s:\n%s", want, row)
		}
	}
	s.press("2", "esc")
	s.app.deliver(page.Streams, page.FrameMsg{})
	s.app.screen.touch()
	s.see("0.4/s")
}

// TestTheFirstSampleIsUnknown: before a second has passed, rates are "?" and what
// the data takes on disk is, while no namespace is open.
func TestTheFirstSampleIsUnknown(t *testing.T) {
	s := newStage(t, 160, 50, pagetest.Shop())
	s.press("1")
	first := wire.Sample{Time: s.now, Partial: true, HeapBytes: 5e6, Engine: &wire.EngineSample{Open: 0, Known: 3, SublevelsStop: 20}}
	s.app.env.Live.Sample, s.app.env.Live.HasSample, *s.app.env.Past = first, true, page.Past{}
	s.app.env.Past.Add(first)
	s.app.deliver(page.Overview, page.FrameMsg{})
	s.app.screen.touch()
	s.see("? w/s", "? r/s", "cpu ?", "appended ?", "read ?", "GC ?", "? on disk", "? debt", "? L0 sublevels")
	s.miss("0 w/s", "0 B on disk", "0/s", "0%")
	some := wire.Sample{Time: s.now.Add(time.Second), Engine: &wire.EngineSample{Open: 1, Known: 3, DiskBytes: 43e6, SublevelsStop: 20}}
	s.app.env.Live.Sample = some
	s.app.env.Past.Add(some)
	s.app.deliver(page.Overview, page.FrameMsg{})
	s.app.screen.touch()
	s.see("at least 43 MB on disk", "0 w/s")
}
