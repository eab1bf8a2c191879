package tui

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/pprof/profile"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// profileStage opens the page at a size, with kept CPU profiles as if they had
// been captured: the second one shown, the first as they come.
func profileStage(t testing.TB, w, h int) (*stage, *profilePage) {
	t.Helper()
	s := newStage(t, w, h, pagetest.Shop())
	p := s.app.panes[page.Profile].(*profilePage)
	p.dir = t.TempDir()
	s.press("6")
	s.frames(1)
	return s, p
}

// hold puts a profile of the profiler's tests on the page as a capture.
func (s *stage) captured(p *profilePage, file string) {
	s.Helper()
	if !filepath.IsAbs(file) {
		file = filepath.Join("..", "profiler", "testdata", file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	taken := &profiler.Recording{Kind: profiler.CPU, Target: "here", Began: s.now, Took: 1500 * time.Millisecond, Data: data}
	opened, err := taken.Open(profiler.Limits{})
	if err != nil {
		s.Fatal(err)
	}
	about := profiler.Session{Kind: profiler.CPU, Time: taken.Began, Duration: taken.Took, Target: taken.Target}
	p.job = &captureJob{cancel: func() {}, kind: profiler.CPU, began: s.now}
	p.asks.capture = p.asks.next()
	s.send(replyMsg{page: page.Profile, epoch: s.app.epoch, reply: page.Reply{
		Gen: p.asks.capture, Value: &loadedProfile{profile: opened, about: about, data: taken},
	}})
}

func TestProfileCapturesForReal(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.see("nothing captured yet", "Where the processor's time went")
	s.press("t") // heap
	s.see("What is in use on the heap now")
	s.press("c")
	s.see("captured a heap profile", "flat%", "function")
	if held := p.loaded[profiler.Heap]; held == nil || held.profile.Kind() != profiler.Heap || held.about.Figures == nil {
		t.Fatalf("loaded %+v", p.loaded)
	}
	s.press("t") // the same profile, counted in objects
	s.see("objects in use")
	if p.shown == nil || p.shown.view.Type().Type != "inuse_objects" {
		t.Error("not looked at in objects")
	}
	s.press("ttt") // goroutines
	s.press("c")
	s.see("captured a goroutine profile", "runtime.gopark")
}

// TestProfileAutoAndFreeze captures again and again until it is told to stop.
func TestProfileAutoAndFreeze(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.press("ttttt", "f") // goroutines
	s.see("auto")
	var times []time.Time
	for range 3 {
		before := p.captured
		for i := 0; p.captured.Equal(before) && i < 100; i++ {
			s.frames(1)
		}
		times = append(times, p.captured)
	}
	if p.loaded[profiler.Goroutine] == nil || !times[0].Before(times[1]) || !times[1].Before(times[2]) {
		t.Errorf("captured at %v", times)
	}
	if rest := times[2].Sub(times[1]); rest < autoRest || rest > 2*autoRest {
		t.Errorf("%v between two captures, want about %v", rest, autoRest)
	}
	s.send(key("space"))
	s.miss(" auto ")
	frozen := p.captured
	s.frames(100)
	if p.captured != frozen {
		t.Error("captured while frozen")
	}
}

func TestProfileProgressAndCancel(t *testing.T) {
	s, p := profileStage(t, 100, 30)
	cancelled := false
	p.job = &captureJob{cancel: func() { cancelled = true }, kind: profiler.CPU, began: s.now, total: 5 * time.Second}
	p.asks.capture = p.asks.next()
	s.frames(10)
	s.see("taking a cpu profile: 2 of 5 s", "esc cancels")
	s.press("c")
	s.see("a cpu profile is being taken")
	s.press("esc")
	if !cancelled {
		t.Error("esc does not cancel")
	}
	s.send(replyMsg{page: page.Profile, epoch: s.app.epoch, reply: page.Reply{Gen: p.asks.capture, Err: t.Context().Err()}})
	if p.job != nil {
		t.Error("the job is still there")
	}
}

func TestProfileTellsWhoIsBusy(t *testing.T) {
	s, p := profileStage(t, 100, 30)
	p.job = &captureJob{cancel: func() {}, kind: profiler.CPU, began: s.now, total: 5 * time.Second}
	p.asks.capture = p.asks.next()
	busy := &profiler.BusyError{By: "the client at 10.0.0.7", Kind: profiler.CPU}
	s.send(replyMsg{page: page.Profile, epoch: s.app.epoch, reply: page.Reply{Gen: p.asks.capture, Err: busy}})
	s.see("the client at 10.0.0.7 is taking a cpu profile")
}

func TestProfileViews(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.captured(p, "shop-cpu-1.pb.gz")
	s.see("main.spin", "cores busy", "without the UI")
	s.press("/", "mallocgc$", "enter")
	if p.topName() != "runtime.mallocgc" {
		t.Errorf("the search leads to %q", p.topName())
	}
	s.press("enter")
	s.see("caller", "calls", "runtime.mallocgc  (itself")
	s.press("k", "enter") // to a caller
	if p.function == "runtime.mallocgc" {
		t.Error("enter stays")
	}
	s.press("esc", "]")
	if p.tab != profileFlame {
		t.Fatalf("on tab %v", p.tab)
	}
	s.see("all", "main.work", "of all")
	s.press("j", "j", "enter")
	s.see("of what is shown")
	zoomed := p.shown.flame.Path(p.graph.Zoomed())
	if len(zoomed) != 2 {
		t.Errorf("zoomed to %q", zoomed)
	}
	s.captured(p, "shop-cpu-2.pb.gz") // a new capture stays where we are
	if got := p.shown.flame.Path(p.graph.Zoomed()); strings.Join(got, "/") != strings.Join(zoomed, "/") {
		t.Errorf("zoomed to %q after a capture, to %q before", got, zoomed)
	}
	s.press("esc", "esc")
	if p.graph.Zoomed() != 0 {
		t.Error("esc does not zoom out")
	}
	s.press("]", "]")
	s.see("source")
}

func TestProfileDifference(t *testing.T) {
	s, p := profileStage(t, 140, 40)
	s.press("d")
	s.see("there is no baseline")
	s.captured(p, "shop-cpu-1.pb.gz")
	s.press("b")
	s.see("this is the baseline now", "baseline 12:00")
	s.press("d")
	s.see("this is the baseline itself")
	s.captured(p, "shop-cpu-2.pb.gz")
	s.press("d")
	s.see("difference to 12:00", "▲", "▼")
	want, err := p.loaded[profiler.CPU].profile.Diff(p.bases[profiler.CPU].profile, profiler.DiffBase, false)
	if err != nil {
		t.Fatal(err)
	}
	v, err := want.View(profiler.Options{OmitUI: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.shown.table.Rows[0], v.Top(profiler.TopOptions{}).Rows[0]; got != want {
		t.Errorf("first row %+v, want %+v", got, want)
	}
	s.press("]")
	s.see("▲", "▼", "difference to")
	s.press("d")
	if p.shown.base != nil {
		t.Error("the difference stays")
	}
}

func TestProfileFilter(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.captured(p, "shop-cpu-1.pb.gz")
	all := p.shown.view.Total()
	s.press("\\", "method=stream.write", "enter")
	if cut := p.shown.view.Total(); cut == 0 || cut >= all {
		t.Errorf("%d of %d after the cut", cut, all)
	}
	s.see("filter method=stream.write")
	s.press("esc")
	if p.shown.view.Total() != all {
		t.Error("esc does not clear the filter")
	}
	s.press("\\", "ui", "enter")
	if with := p.shown.view.Total(); with <= all {
		t.Errorf("%d with the UI, %d without", with, all)
	}
	s.press("\\")
	s.press("ctrl+u", "nobody", "enter")
	s.see("matched no samples")
}

func TestParseProfileFilter(t *testing.T) {
	o := parseProfileFilter("method=a !namespace=b commit !runtime gc")
	if !o.OmitUI || o.Focus != "commit|gc" || o.Ignore != "runtime" || len(o.Labels) != 2 || o.Labels[0].Not || !o.Labels[1].Not || o.Labels[1].Key != "namespace" {
		t.Errorf("%+v", o)
	}
	if o := parseProfileFilter("ui"); o.OmitUI || o.Focus != "" {
		t.Errorf("%+v", o)
	}
}

func TestProfileKeepsAndOpens(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.press("x")
	s.see("there is nothing to keep yet")
	s.press(":load 3", "enter")
	s.captured(p, "shop-cpu-1.pb.gz")
	s.press("x")
	files, err := filepath.Glob(filepath.Join(p.dir, "*.pb.gz"))
	if err != nil || len(files) != 1 {
		t.Fatalf("kept %v, error %v", files, err)
	}
	if _, err := profiler.OpenFile(files[0], profiler.Limits{}); err != nil {
		t.Error(err)
	}
	s.press("x")
	s.see("it is kept already")
	s.captured(p, "shop-cpu-2.pb.gz")
	s.press("[")
	if p.tab != profileKept {
		t.Fatalf("on tab %v", p.tab)
	}
	s.see("2026-03-14 12:00", "cpu", strings.TrimSuffix(filepath.Base(files[0]), ".pb.gz"))
	s.press("b")
	s.see("is the baseline for cpu profiles")
	s.press("enter")
	if p.tab != profileTop || p.shown == nil || p.shown.of.about.ID == "" {
		t.Errorf("opened %+v on tab %v", p.shown, p.tab)
	}
	s.see("main.spin", "kept as")
}

// TestProfileKeepsDifference keeps both sides of a difference, and has them
// back in a UI that knows nothing of them.
func TestProfileKeepsDifference(t *testing.T) {
	s, p := profileStage(t, 140, 40)
	s.captured(p, "shop-cpu-1.pb.gz")
	s.press("b")
	s.frames(10)
	s.captured(p, "shop-cpu-2.pb.gz")
	s.press("dx")
	list := p.sessions
	if len(list) != 2 || list[0].Base != list[1].ID || list[1].Base != "" {
		t.Fatalf("kept %+v, want the profile and its baseline", list)
	}
	first := p.shown.table.Rows[0]
	s.press("x")
	s.see("it is kept already: " + list[0].ID)

	again, q := profileStage(t, 140, 40)
	q.dir = p.dir
	again.press("[", "G", "g", "g", "enter")
	again.see("kept as "+list[0].ID, "d shows the difference to its baseline, "+list[1].ID)
	again.press("d")
	if q.shown.base == nil || q.shown.table.Rows[0] != first {
		t.Errorf("the difference leads with %+v, before with %+v", q.shown.table.Rows[0], first)
	}

	// A baseline that is kept nowhere is not given up for it.
	other, r := profileStage(t, 140, 40)
	r.dir = p.dir
	other.captured(r, "shop-cpu-1.pb.gz")
	other.press("b", "[", "enter")
	other.see("your own baseline is not kept and stays")
	if r.bases[profiler.CPU].data == nil {
		t.Error("the baseline is another")
	}
}

// TestProfileKeepFails keeps in a directory that cannot be made, then in one that can.
func TestProfileKeepFails(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.captured(p, "shop-cpu-1.pb.gz")
	good := p.dir
	p.dir = filepath.Join(good, "file", "below")
	if err := os.WriteFile(filepath.Join(good, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.press("x")
	s.see("not kept: open profiles")
	p.dir = good
	s.press("x")
	if len(p.sessions) != 1 || p.loaded[profiler.CPU].about.ID != p.sessions[0].ID {
		t.Errorf("then kept %+v", p.sessions)
	}
}

// TestProfileKeepsFigures writes what the engine did beside the profile.
func TestProfileKeepsFigures(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.press("t", "c", "x")
	list, err := filepath.Glob(filepath.Join(p.dir, "*.json"))
	if err != nil || len(list) != 1 {
		t.Fatalf("described %v, error %v", list, err)
	}
	data, err := os.ReadFile(list[0])
	if err != nil {
		t.Fatal(err)
	}
	var about profiler.Session
	if err := json.Unmarshal(data, &about); err != nil || about.Kind != profiler.Heap || !strings.Contains(string(about.Figures), "12431") {
		t.Errorf("%s, error %v", data, err)
	}
}

func TestProfileDropsCaptureOfAnotherServer(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	cancelled := false
	p.job = &captureJob{cancel: func() { cancelled = true }, kind: profiler.CPU, began: s.now, total: 5 * time.Second}
	s.app.deliver(page.Profile, page.NamespaceMsg{})
	if !cancelled || p.job != nil {
		t.Errorf("cancelled %v, job %v", cancelled, p.job)
	}
}

func TestProfileMouse(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.captured(p, "shop-cpu-1.pb.gz")
	s.app.deliver(page.Profile, tea.MouseClickMsg{X: 7, Y: 0})
	if p.tab != profileFlame {
		t.Fatalf("on tab %v", p.tab)
	}
	s.text()
	click := tea.MouseClickMsg{X: 2, Y: 4} // the third level
	s.app.deliver(page.Profile, click)
	at := p.graph.Cursor()
	if at == 0 || p.graph.Zoomed() != 0 {
		t.Errorf("cursor on %d, zoomed to %d", at, p.graph.Zoomed())
	}
	s.app.deliver(page.Profile, click)
	if p.graph.Zoomed() != at {
		t.Error("a second click does not zoom")
	}
	s.app.deliver(page.Profile, tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	s.text()
}

// TestProfileShowsWholeFigures compares with next to nothing: every figure is
// there to its last digit.
func TestProfileShowsWholeFigures(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	p.diff = true
	base, err := profiler.OpenFile(filepath.Join("..", "profiler", "testdata", "shop-goroutine-1.pb.gz"), profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p.bases[profiler.Goroutine] = &loadedProfile{profile: base, about: profiler.Session{Kind: profiler.Goroutine}}
	p.loaded[profiler.Goroutine] = &loadedProfile{profile: mustGoroutines(t), about: profiler.Session{Kind: profiler.Goroutine}}
	s.press("ttttt")
	s.frames(2)
	first := p.shown.table.Rows[0]
	share := strings.TrimSpace(profiler.Percent(first.Flat, p.shown.table.Total))
	if len(share) < 8 {
		t.Fatalf("the first is only %s", share)
	}
	s.see(share)
}

// mustGoroutines is a profile of a hundred thousand goroutines.
func mustGoroutines(t *testing.T) *profiler.Profile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "profiler", "testdata", "shop-goroutine-1.pb.gz"))
	if err != nil {
		t.Fatal(err)
	}
	many, err := profile.ParseData(data)
	if err != nil {
		t.Fatal(err)
	}
	many.Scale(10_000)
	var b bytes.Buffer
	if err := many.Write(&b); err != nil {
		t.Fatal(err)
	}
	p, err := profiler.Parse(b.Bytes(), profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProfileSortsByHead sorts top as o does, and says so.
func TestProfileSortsByHead(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.captured(p, "shop-cpu-1.pb.gz")
	s.see("flat▼", "main.spin")
	click := func(x int) {
		s.app.deliver(page.Profile, tea.MouseClickMsg{X: x, Y: 2})
		s.frames(1)
	}
	click(44) // cum%
	s.see("cum▼")
	s.miss("flat▼")
	if !p.byCum || p.shown.table.Rows[0].Flat == p.shown.table.Rows[0].Cum {
		t.Errorf("sorted with %+v first", p.shown.table.Rows[0])
	}
	click(90) // function
	s.see("cum▼")
	s.press("o")
	s.see("flat▼")
	click(36) // cum
	click(8)  // flat
	s.see("flat▼")
}

// TestProfileCopiesCommand copies commands that show what the page shows, and
// runs over what there is to say first.
func TestProfileCopiesCommand(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.captured(p, "shop-cpu-1.pb.gz")
	p.dir = filepath.Join(t.TempDir(), "it's here")
	s.press("xb")
	first := p.sessions[0].ID
	copied := func(want string) {
		t.Helper()
		held, base := p.loaded[p.kind().kind], p.shownBase()
		file := func(id string) string {
			return `'` + strings.ReplaceAll(profiler.SessionPath(p.dir, id), "'", `'\''`) + `'`
		}
		want = strings.NewReplacer("FILE", file(held.about.ID), "BASE", file(first)).Replace(want)
		if got := p.command(held, base); got != want {
			t.Errorf("copied %s\n  want %s", got, want)
		}
		s.press("yv")
		s.see("copied this view as a command")
	}
	copied("evtui profile top FILE --omit-ui")
	s.press("o")
	copied("evtui profile top FILE --cum --omit-ui")
	s.press("\\", "ui method=stream.write !actor=load json !gc", "enter")
	copied("evtui profile top FILE --cum --label 'method=stream.write' --label '!actor=load' --focus 'json' --ignore 'gc'")
	s.press("esc", "/", "mallocgc$", "enter", "enter")
	copied("evtui profile callers FILE '^runtime\\.mallocgc$' --omit-ui")
	s.press("]")
	copied("evtui profile lines FILE '^runtime\\.mallocgc$' --omit-ui")
	s.captured(p, "shop-cpu-2.pb.gz")
	s.press("d", "esc", "]")
	s.press("yv")
	s.see("keep both sides of the difference first")
	s.press("x")
	copied("evtui profile flame FILE --diff-base BASE --omit-ui")
}

// TestProfileAtEverySize draws all views at all sizes; the stage checks cells.
func TestProfileAtEverySize(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.captured(p, "shop-cpu-1.pb.gz")
	s.press("b")
	s.captured(p, "shop-cpu-2.pb.gz")
	s.press("d", "x")
	for range profileTabs {
		for _, size := range [][2]int{{40, 12}, {60, 15}, {80, 24}, {100, 30}, {160, 50}, {61, 16}, {300, 80}} {
			s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			s.frames(1)
			s.text()
		}
		s.press("]")
	}
}

func TestProfileGolden(t *testing.T) {
	for name, profile := range map[string]colorprofile.Profile{"colour": colorprofile.TrueColor, "mono": colorprofile.ASCII} {
		for _, tab := range []string{"top", "flame", "callers", "difference"} {
			t.Run(name+"/"+tab, func(t *testing.T) {
				s, p := profileStage(t, 100, 30)
				s.send(tea.ColorProfileMsg{Profile: profile})
				s.captured(p, "shop-cpu-1.pb.gz")
				switch tab {
				case "flame":
					s.press("]", "j")
				case "callers":
					s.press("enter")
				case "difference":
					s.press("b")
					s.captured(p, "shop-cpu-2.pb.gz")
					s.press("d", "]")
				}
				s.frames(40) // the toast goes
				golden.RequireEqual(t, s.raw())
			})
		}
	}
}

var frameProfile = flag.String("profile.file", "", "the profile that BenchmarkProfileFrame draws instead of its own")

// BenchmarkProfileFrame draws the whole screen at 160×50 with the flame graph
// of a large program: after a key that moved the cursor, and after a zoom, for
// which all is laid out anew. The goal is 1 ms.
func BenchmarkProfileFrame(b *testing.B) {
	s, p := profileStage(b, 160, 50)
	file := "compile-http.pb.gz"
	if *frameProfile != "" {
		file = *frameProfile
	}
	s.captured(p, file)
	s.press("]")
	frame := func() {
		s.app.screen.touch()
		_ = s.app.View()
	}
	b.Run("move", func(b *testing.B) {
		for b.Loop() {
			if !p.graph.Down() {
				p.graph.SetCursor(0)
			}
			frame()
		}
	})
	b.Run("zoom", func(b *testing.B) {
		for b.Loop() {
			p.graph.Zoom(0)
			frame()
		}
	})
	b.Run("top", func(b *testing.B) {
		s.press("[")
		for b.Loop() {
			frame()
		}
	})
}
