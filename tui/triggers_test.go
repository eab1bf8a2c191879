package tui

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
	"github.com/evtui/evtui/tui/profile"
)

// triggerStage is a stage whose shell watches by the rules.
func triggerStage(t *testing.T, rules ...string) *stage {
	t.Helper()
	s := newStage(t, 140, 40, pagetest.Shop())
	s.app.cfg.ProfileDir = t.TempDir()
	for _, text := range rules {
		r, err := profiler.ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		s.app.cfg.Triggers = append(s.app.cfg.Triggers, r)
	}
	s.app.panes[page.Profile] = profile.Spec().New(page.Setup{ProfileDir: s.app.cfg.ProfileDir})
	s.app.triggers = newTriggers(s.app.cfg)
	s.app.triggers.span = time.Second
	return s
}

// mustBase is a quiet baseline from the profiler's tests.
func mustBase(t *testing.T, began time.Time) *quietBase {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "profiler", "testdata", "shop-cpu-1.pb.gz"))
	if err != nil {
		t.Fatal(err)
	}
	base := &quietBase{taken: &profiler.Recording{Kind: profiler.CPU, Target: "here", Began: began, Took: time.Second, Data: data}}
	if base.profile, err = base.taken.Open(profiler.Limits{}); err != nil {
		t.Fatal(err)
	}
	return base
}

func TestTriggerKeepsProfiles(t *testing.T) {
	// The stage's samples say p99 = 1.8 ms.
	s := triggerStage(t, "p99(stream.write) > 1ms for 2s")
	s.send(baselineMsg{base: mustBase(t, s.now.Add(-time.Minute))})
	s.frames(9)
	s.miss("trigger")
	s.frames(10)
	s.see("trigger p99(stream.write) > 1ms for 2s, saved on the Profile page: ")
	kept, err := profiler.OpenSessions(s.app.cfg.ProfileDir, profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := kept.List()
	if err != nil || len(list) != 3 {
		t.Fatalf("kept %+v (%v), want goroutines, CPU and the baseline", list, err)
	}
	baseID, cpu := "", -1
	for i, one := range list {
		var around []wire.Sample
		switch {
		case one.Note == "a quiet baseline for triggers to compare with":
			baseID = one.ID
		case !strings.Contains(one.Note, "trigger p99(stream.write) > 1ms for 2s, at 1.80ms") || json.Unmarshal(one.Figures, &around) != nil:
			t.Errorf("saved as %+v", one)
		case one.Kind == profiler.CPU:
			cpu = i
		}
		if _, err := kept.Open(one.ID); err != nil {
			t.Error(err)
		}
	}
	if baseID == "" || cpu < 0 || list[cpu].Base != baseID || s.app.triggers.base.id != baseID {
		t.Fatalf("kept %+v, and holds %q for the baseline", list, s.app.triggers.base.id)
	}
	s.press("7")
	s.see("taking a CPU profile for 1s")
	s.frames(100) // it goes on: no second firing
	if list, err := kept.List(); err != nil || len(list) != 3 {
		t.Errorf("then kept %d (%v)", len(list), err)
	}
	s.press("6[")
	s.see("trigger p99", "a quiet baseline")
	s.press("g", "g", strings.Repeat("j", cpu))
	s.press("enter")
	s.see("saved as "+list[cpu].ID, "d shows the difference to its baseline, "+baseID)
	s.press("d")
	s.see("difference to", "▼") // the stage does less than the shop
}

// TestQuietBaselineIsKeptOnce has two firings compared with one baseline.
func TestQuietBaselineIsKeptOnce(t *testing.T) {
	kept, err := profiler.OpenSessions(t.TempDir(), profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	k := keeper{}
	if id, err := k.keepBase(kept); id != "" || err != nil {
		t.Errorf("without a baseline kept %q (%v)", id, err)
	}
	k.base = *mustBase(t, pagetest.Noon)
	first, err := k.keepBase(kept)
	if err != nil || first == "" {
		t.Fatalf("saved as %q (%v)", first, err)
	}
	second, err := k.keepBase(kept)
	if list, _ := kept.List(); second != first || err != nil || len(list) != 1 {
		t.Errorf("saved as %q, then as %q (%v): %d", first, second, err, len(list))
	}
}

func TestNoTriggersNoProfiles(t *testing.T) {
	s := triggerStage(t)
	s.frames(100)
	if s.app.triggers.rules != nil || s.app.triggers.busy {
		t.Error("without rules there is something to watch")
	}
	s.miss("trigger")
}

func TestQuietBaseline(t *testing.T) {
	s := triggerStage(t, "heap > 1GB")
	s.frames(5 * 63)
	if s.app.triggers.base == nil || s.app.triggers.busy {
		t.Errorf("no baseline after a quiet minute: %+v", s.app.triggers)
	}
	s.miss("trigger")
}

func TestObservationOf(t *testing.T) {
	o := observationOf(wire.Sample{
		Time: pagetest.Noon, HeapBytes: 7, RSSBytes: 8, Goroutines: 9, CPU: 1.5, Errors: 2, GCPause: 3,
		Methods: map[string]wire.Method{"stream.write": {P50: 4, P99: 5, Max: 6}}, Engine: &wire.EngineSample{Stalled: 1},
	})
	for metric, want := range map[string]float64{
		"heap": 7, "rss": 8, "goroutines": 9, "cpu": 1.5, "errors": 2, "gcpause": 3, "stall": 1,
		"p50(stream.write)": 4, "p99(stream.write)": 5, "max(stream.write)": 6,
	} {
		if o.Values[metric] != want {
			t.Errorf("%s is %v, want %v", metric, o.Values[metric], want)
		}
	}
	if _, known := observationOf(wire.Sample{}).Values["stall"]; known {
		t.Error("an engine without figures is said not to stall")
	}
}

func TestProfileFromThePalette(t *testing.T) {
	s := newStage(t, 140, 40, pagetest.Shop())
	s.press(":profile cpu 1s", "enter")
	s.see("captured a cpu profile", "Profile", "CPU time")
	s.press(":profile goroutine", "enter")
	s.see("captured a goroutine profile", "goroutines")
	s.press(":profile heap 5s", "enter")
	s.see("is a snapshot")
}

func TestProfileHelpExplains(t *testing.T) {
	s := newStage(t, 140, 60, pagetest.Shop())
	s.press("6?G")
	s.press("g")
	s.press("j", "j", "j", "j", "j", "j", "j", "j", "j", "j")
	s.see("What the numbers mean", "flat: ", "cum: ", "inuse: ", "alloc: ")
	s.press("?7?")
	s.miss("inuse: ", "alloc: ")
}
