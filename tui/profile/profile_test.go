package profile

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
	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/pprof/profile"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// profileStage opens the page at a size, with kept CPU profiles as if they had
// been captured: the second one shown, the first as they come.
func profileStage(t testing.TB, w, h int) (*pagetest.Stage, *profilePage) {
	t.Helper()
	s := pagetest.NewStage(t, w, h, Spec(), page.Setup{ProfileDir: t.TempDir()}, pagetest.Shop())
	p := s.Pane.Pane.(*profilePage)
	s.Frames(1)
	return s, p
}

// captured puts a profile of the profiler's tests on the page as a capture.
func captured(s *pagetest.Stage, p *profilePage, file string) {
	s.Helper()
	if !filepath.IsAbs(file) {
		file = filepath.Join("..", "..", "profiler", "testdata", file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	taken := &profiler.Recording{Kind: profiler.CPU, Target: "here", Began: s.Env.Now, Took: 1500 * time.Millisecond, Data: data}
	held, err := inMemory(taken)
	if err != nil {
		s.Fatal(err)
	}
	p.captures.job = &captureJob{cancel: func() {}, kind: profiler.CPU, began: s.Env.Now}
	p.asks.await(&p.asks.capture, p.captured)
	s.Send(page.Reply{Gen: p.asks.capture, Value: held})
}

func TestProfileCapturesForReal(t *testing.T) {
	pagetest.HoldHeap(t)
	s, p := profileStage(t, 120, 40)
	s.See("nothing captured yet", "Where the processor's time went")
	s.Press("t") // heap
	s.See("What is in use on the heap now")
	s.Press("c")
	s.See("captured a heap profile", "flat%", "function")
	if held := p.subject.loaded[profiler.Heap]; held == nil || held.profile.Kind() != profiler.Heap || held.about.Figures == nil {
		t.Fatalf("loaded %+v", p.subject.loaded)
	}
	s.Press("t") // the same profile, counted in objects
	s.See("objects in use")
	if p.views.shown == nil || p.views.shown.view.Type().Type != "inuse_objects" {
		t.Error("not looked at in objects")
	}
	s.Press("t") // and in all that it holds besides
	s.See("heap: alloc_objects")
	s.Press("tttt") // goroutines
	s.Press("c")
	s.See("captured a goroutine profile", "runtime.gopark")
}

// TestProfileAutoAndFreeze captures again and again until it is told to stop.
func TestProfileAutoAndFreeze(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.Press("ttttt", "f") // goroutines
	s.See("auto")
	var times []time.Time
	for range 3 {
		before := p.captures.ended
		for i := 0; p.captures.ended.Equal(before) && i < 100; i++ {
			s.Frames(1)
		}
		times = append(times, p.captures.ended)
	}
	if p.subject.loaded[profiler.Goroutine] == nil || !times[0].Before(times[1]) || !times[1].Before(times[2]) {
		t.Errorf("captured at %v", times)
	}
	if rest := times[2].Sub(times[1]); rest < autoRest || rest > 2*autoRest {
		t.Errorf("%v between two captures, want about %v", rest, autoRest)
	}
	s.Press("space")
	s.Miss(" auto ")
	frozen := p.captures.ended
	s.Frames(100)
	if p.captures.ended != frozen {
		t.Error("captured while frozen")
	}
}

func TestProfileProgressAndCancel(t *testing.T) {
	s, p := profileStage(t, 100, 30)
	cancelled := false
	p.captures.job = &captureJob{cancel: func() { cancelled = true }, kind: profiler.CPU, began: s.Env.Now, total: 5 * time.Second}
	p.asks.await(&p.asks.capture, p.captured)
	s.Frames(10)
	s.See("taking a cpu profile: 2 of 5 s", "esc cancels")
	s.Press("c")
	s.See("a cpu profile is being taken")
	s.Press("esc")
	if !cancelled {
		t.Error("esc does not cancel")
	}
	s.Send(page.Reply{Gen: p.asks.capture, Err: t.Context().Err()})
	if p.captures.job != nil {
		t.Error("the job is still there")
	}
}

func TestProfileTellsWhoIsBusy(t *testing.T) {
	s, p := profileStage(t, 100, 30)
	p.captures.job = &captureJob{cancel: func() {}, kind: profiler.CPU, began: s.Env.Now, total: 5 * time.Second}
	p.asks.await(&p.asks.capture, p.captured)
	busy := &profiler.BusyError{By: "the client at 10.0.0.7", Kind: profiler.CPU}
	s.Send(page.Reply{Gen: p.asks.capture, Err: busy})
	s.See("the client at 10.0.0.7 is taking a cpu profile")
}

func TestProfileViews(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	captured(s, p, "shop-cpu-1.pb.gz")
	s.See("main.spin", "cores busy", "without the UI")
	s.Press("/", "mallocgc$", "enter")
	if p.views.current() != "runtime.mallocgc" {
		t.Errorf("the search leads to %q", p.views.current())
	}
	s.Press("enter")
	s.See("caller", "calls", "runtime.mallocgc  (itself")
	s.Press("k", "enter") // to a caller
	if p.views.function.name == "runtime.mallocgc" {
		t.Error("enter stays")
	}
	s.Press("esc", "]")
	if p.views.tab != profileFlame {
		t.Fatalf("on tab %v", p.views.tab)
	}
	s.See("all", "main.work", "of all")
	s.Press("j", "j", "enter")
	s.See("of what is shown")
	zoomed := p.views.shown.flame.Path(p.views.graph.Zoomed())
	if len(zoomed) != 2 {
		t.Errorf("zoomed to %q", zoomed)
	}
	captured(s, p, "shop-cpu-2.pb.gz") // a new capture stays where we are
	if got := p.views.shown.flame.Path(p.views.graph.Zoomed()); strings.Join(got, "/") != strings.Join(zoomed, "/") {
		t.Errorf("zoomed to %q after a capture, to %q before", got, zoomed)
	}
	s.Press("esc", "esc")
	if p.views.graph.Zoomed() != 0 {
		t.Error("esc does not zoom out")
	}
	s.Press("]", "]")
	s.See("source")
}

func TestProfileDifference(t *testing.T) {
	s, p := profileStage(t, 140, 40)
	s.Press("d")
	s.See("no baseline")
	captured(s, p, "shop-cpu-1.pb.gz")
	s.Press("b")
	s.See("baseline set", "baseline 12:00")
	s.Press("d")
	s.See("this profile is the baseline")
	captured(s, p, "shop-cpu-2.pb.gz")
	s.Press("d")
	s.See("difference to 12:00", "▲", "▼")
	want, err := p.subject.loaded[profiler.CPU].profile.Diff(p.subject.bases[profiler.CPU].profile, profiler.DiffBase, false)
	if err != nil {
		t.Fatal(err)
	}
	v, err := want.View(profiler.Options{OmitUI: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.views.shown.table.Rows[0], v.Top(profiler.TopOptions{}).Rows[0]; got != want {
		t.Errorf("first row %+v, want %+v", got, want)
	}
	s.Press("]")
	s.See("▲", "▼", "difference to")
	s.Press("d")
	if p.views.shown.base != nil {
		t.Error("the difference stays")
	}
}

func TestProfileFilter(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	captured(s, p, "shop-cpu-1.pb.gz")
	all := p.views.shown.view.Total()
	s.Press("\\", "method=stream.write", "enter")
	if cut := p.views.shown.view.Total(); cut == 0 || cut >= all {
		t.Errorf("%d of %d after the cut", cut, all)
	}
	s.See("filter method=stream.write")
	s.Press("esc")
	if p.views.shown.view.Total() != all {
		t.Error("esc does not clear the filter")
	}
	s.Press("\\", "ui", "enter")
	if with := p.views.shown.view.Total(); with <= all {
		t.Errorf("%d with the UI, %d without", with, all)
	}
	s.Press("\\")
	s.Press("ctrl+u", "nobody", "enter")
	s.See("matched no samples")
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
	s.Press("x")
	s.See("no profile to save yet")
	s.Env.Live.Load = page.LoadReport{Running: true, Workers: 3}
	captured(s, p, "shop-cpu-1.pb.gz")
	s.Press("x")
	files, err := filepath.Glob(filepath.Join(p.views.kept.dir, "*.pb.gz"))
	if err != nil || len(files) != 1 {
		t.Fatalf("kept %v, error %v", files, err)
	}
	if _, err := profiler.OpenFile(files[0], profiler.Limits{}); err != nil {
		t.Error(err)
	}
	s.Press("x")
	s.See("already saved")
	captured(s, p, "shop-cpu-2.pb.gz")
	s.Press("[")
	if p.views.tab != profileKept {
		t.Fatalf("on tab %v", p.views.tab)
	}
	s.See("2026-03-14 12:00", "cpu", strings.TrimSuffix(filepath.Base(files[0]), ".pb.gz"))
	s.Press("b")
	s.See("is the baseline for cpu profiles")
	s.Press("enter")
	if p.views.tab != profileTop || p.views.shown == nil || p.views.shown.of.about.ID == "" {
		t.Errorf("opened %+v on tab %v", p.views.shown, p.views.tab)
	}
	s.See("main.spin", "saved as")
}

// TestProfileKeepsDifference keeps both sides of a difference, and has them
// back in a UI that knows nothing of them.
func TestProfileKeepsDifference(t *testing.T) {
	s, p := profileStage(t, 140, 40)
	captured(s, p, "shop-cpu-1.pb.gz")
	s.Press("b")
	s.Frames(10)
	captured(s, p, "shop-cpu-2.pb.gz")
	s.Press("dx")
	list := p.views.kept.Rows()
	if len(list) != 2 || list[0].Base != list[1].ID || list[1].Base != "" {
		t.Fatalf("kept %+v, want the profile and its baseline", list)
	}
	first := p.views.shown.table.Rows[0]
	s.Press("x")
	s.See("already saved: " + list[0].ID)

	again, q := profileStage(t, 140, 40)
	q.views.kept.dir = p.views.kept.dir
	again.Press("[", "G", "g", "g", "enter")
	again.See("saved as "+list[0].ID, "d shows the difference to its baseline, "+list[1].ID)
	again.Press("d")
	if q.views.shown.base == nil || q.views.shown.table.Rows[0] != first {
		t.Errorf("the difference leads with %+v, before with %+v", q.views.shown.table.Rows[0], first)
	}

	// A baseline that is kept nowhere is not given up for it.
	other, r := profileStage(t, 140, 40)
	r.views.kept.dir = p.views.kept.dir
	captured(other, r, "shop-cpu-1.pb.gz")
	other.Press("b", "[", "enter")
	other.See("your own unsaved baseline stays")
	if r.subject.bases[profiler.CPU].data == nil {
		t.Error("the baseline is another")
	}
}

// TestProfileKeepFails keeps in a directory that cannot be made, then in one that can.
func TestProfileKeepFails(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	captured(s, p, "shop-cpu-1.pb.gz")
	good := p.views.kept.dir
	p.views.kept.dir = filepath.Join(good, "file", "below")
	if err := os.WriteFile(filepath.Join(good, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Press("x")
	s.See("not saved: open profiles")
	p.views.kept.dir = good
	s.Press("x")
	if len(p.views.kept.Rows()) != 1 || p.subject.loaded[profiler.CPU].about.ID != p.views.kept.Rows()[0].ID {
		t.Errorf("then kept %+v", p.views.kept.Rows())
	}
}

// TestProfileKeepsFigures writes what the engine did beside the profile.
func TestProfileKeepsFigures(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	s.Press("t", "c", "x")
	list, err := filepath.Glob(filepath.Join(p.views.kept.dir, "*.json"))
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
	p.captures.job = &captureJob{cancel: func() { cancelled = true }, kind: profiler.CPU, began: s.Env.Now, total: 5 * time.Second}
	s.Send(page.NamespaceMsg{})
	if !cancelled || p.captures.job != nil {
		t.Errorf("cancelled %v, job %v", cancelled, p.captures.job)
	}
}

// TestProfileKeepsWhatIsNotTheServers: another namespace ends neither what is written to
// disk nor what is fetched from elsewhere.
func TestProfileKeepsWhatIsNotTheServers(t *testing.T) {
	url, _ := otherProgram(t)
	s, p := profileStage(t, 120, 40)
	captured(s, p, "shop-cpu-1.pb.gz")
	s.Hold = true
	s.Press("x")
	s.Send(page.NamespaceMsg{})
	s.Release()
	s.Press("x")
	s.See("already saved")
	s.Hold = true
	s.Press(":profile "+url+"/debug/pprof/goroutine", "enter")
	s.Press("c")
	s.See(url + "/debug/pprof/goroutine is being fetched: esc cancels it")
	s.Send(page.ReconnectMsg{})
	s.Release()
	s.See("fetched "+url+"/debug/pprof/goroutine; x saves it", "goroutines")
}

// TestProfileAutoOfAFile: nothing can be captured of a file's type, which is said once.
func TestProfileAutoOfAFile(t *testing.T) {
	s, p := profileStage(t, 100, 24)
	openKept(s, p, "multi-value.pb.gz")
	s.Press("f")
	s.Frames(100)
	if p.captures.auto {
		t.Error("each frame tries to capture what a file holds")
	}
	s.See("from a file: lock_time (nanoseconds)")
}

func TestProfileMouse(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	captured(s, p, "shop-cpu-1.pb.gz")
	s.Send(tea.MouseClickMsg{X: 7, Y: 0})
	if p.views.tab != profileFlame {
		t.Fatalf("on tab %v", p.views.tab)
	}
	s.Text()
	click := tea.MouseClickMsg{X: 2, Y: 4} // the third level
	s.Send(click)
	at := p.views.graph.Cursor()
	if at == 0 || p.views.graph.Zoomed() != 0 {
		t.Errorf("cursor on %d, zoomed to %d", at, p.views.graph.Zoomed())
	}
	s.Send(click)
	if p.views.graph.Zoomed() != at {
		t.Error("a second click does not zoom")
	}
	s.Send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	s.Text()
}

// TestProfileShowsWholeFigures compares with next to nothing: every figure is
// there to its last digit.
func TestProfileShowsWholeFigures(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	p.subject.diff = true
	base, err := profiler.OpenFile(filepath.Join("..", "..", "profiler", "testdata", "shop-goroutine-1.pb.gz"), profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p.subject.bases[profiler.Goroutine] = &loadedProfile{profile: base, about: profiler.Session{Kind: profiler.Goroutine}}
	p.subject.loaded[profiler.Goroutine] = &loadedProfile{profile: mustGoroutines(t), about: profiler.Session{Kind: profiler.Goroutine}}
	s.Press("ttttt")
	s.Frames(2)
	first := p.views.shown.table.Rows[0]
	share := strings.TrimSpace(profiler.Percent(first.Flat, p.views.shown.table.Total))
	if len(share) < 8 {
		t.Fatalf("the first is only %s", share)
	}
	s.See(share)
}

// mustGoroutines is a profile of a hundred thousand goroutines.
func mustGoroutines(t *testing.T) *profiler.Profile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "profiler", "testdata", "shop-goroutine-1.pb.gz"))
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
	captured(s, p, "shop-cpu-1.pb.gz")
	s.See("flat▼", "main.spin")
	click := func(x int) {
		s.Send(tea.MouseClickMsg{X: x, Y: 2})
		s.Frames(1)
	}
	click(44) // cum%
	s.See("cum▼")
	s.Miss("flat▼")
	if !p.views.top.byCum || p.views.shown.table.Rows[0].Flat == p.views.shown.table.Rows[0].Cum {
		t.Errorf("sorted with %+v first", p.views.shown.table.Rows[0])
	}
	click(90) // function
	s.See("function▲", "  –  ")
	s.Miss("cum▼")
	if first, last := p.views.top.Rows()[0].Name, p.views.top.Rows()[len(p.views.top.Rows())-1].Name; first >= last {
		t.Errorf("sorted by name, %q comes before %q", first, last)
	}
	s.Press("o")
	s.See("flat▼")
	click(36) // cum
	click(8)  // flat
	s.See("flat▼")
}

// TestProfileCopiesCommand copies commands that show what the page shows, and
// runs over what there is to say first.
func TestProfileCopiesCommand(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	captured(s, p, "shop-cpu-1.pb.gz")
	p.views.kept.dir = filepath.Join(t.TempDir(), "it's here")
	s.Press("xb")
	first := p.views.kept.Rows()[0].ID
	copied := func(want string) {
		t.Helper()
		held, base := p.subject.held(), p.views.shown.compared()
		file := func(id string) string {
			return `'` + strings.ReplaceAll(profiler.SessionPath(p.views.kept.dir, id), "'", `'\''`) + `'`
		}
		want = strings.NewReplacer("FILE", file(held.about.ID), "BASE", file(first)).Replace(want)
		if got := p.command(held, base); got != want {
			t.Errorf("copied %s\n  want %s", got, want)
		}
		s.Press("yv")
		s.See("copied this view as a command")
	}
	copied("evtui profile top FILE --omit-ui")
	s.Press("o")
	copied("evtui profile top FILE --cum --omit-ui")
	s.Press("\\", "ui method=stream.write !actor=load json !gc", "enter")
	copied("evtui profile top FILE --cum --label 'method=stream.write' --label '!actor=load' --focus 'json' --ignore 'gc'")
	s.Press("esc", "/", "mallocgc$", "enter", "enter")
	copied("evtui profile callers FILE '^runtime\\.mallocgc$' --omit-ui")
	s.Press("]")
	copied("evtui profile lines FILE '^runtime\\.mallocgc$' --omit-ui")
	captured(s, p, "shop-cpu-2.pb.gz")
	s.Press("d", "esc", "]")
	s.Press("yv")
	s.See("save both sides of the difference first")
	s.Press("x")
	copied("evtui profile flame FILE --diff-base BASE --omit-ui")
}

// TestProfileAtEverySize draws all views at all sizes; the stage checks cells.
func TestProfileAtEverySize(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	captured(s, p, "shop-cpu-1.pb.gz")
	s.Press("b")
	captured(s, p, "shop-cpu-2.pb.gz")
	s.Press("d", "x")
	for range profileTabs {
		for _, size := range [][2]int{{40, 12}, {60, 15}, {80, 24}, {100, 30}, {160, 50}, {61, 16}, {300, 80}} {
			s.Resize(size[0], size[1])
			s.Frames(1)
			s.Text()
		}
		s.Press("]")
	}
}

func TestProfileGolden(t *testing.T) {
	draw := func(tab string, look page.Look) string {
		s, p := profileStage(t, 100, 30)
		s.Env.Theme = page.NewTheme(true, look, false)
		captured(s, p, "shop-cpu-1.pb.gz")
		switch tab {
		case "flame":
			s.Press("]", "j")
		case "callers":
			s.Press("enter")
		case "difference":
			s.Press("b")
			captured(s, p, "shop-cpu-2.pb.gz")
			s.Press("d", "]")
		}
		return s.Raw()
	}
	for _, tab := range []string{"top", "callers"} {
		t.Run(tab, func(t *testing.T) {
			golden.RequireEqual(t, pagetest.Colourless(t, func(look page.Look) string { return draw(tab, look) }))
		})
	}
	// Without colours the bars of a flame graph need edges.
	for name, look := range map[string]page.Look{"flame": page.LookFull, "difference": page.LookFull, "difference-mono": page.LookMono} {
		t.Run(name, func(t *testing.T) { golden.RequireEqual(t, draw(strings.TrimSuffix(name, "-mono"), look)) })
	}
}

var frameProfile = flag.String("profile.file", "", "the profile that BenchmarkProfileFrame draws instead of its own")

// BenchmarkProfileFrame draws the page of a screen of 160×50 with the flame graph
// of a large program: after a key that moved the cursor, and after a zoom, for
// which all is laid out anew. The goal is 1 ms.
func BenchmarkProfileFrame(b *testing.B) {
	s, p := profileStage(b, 160, 50)
	file := "compile-http.pb.gz"
	if *frameProfile != "" {
		file = *frameProfile
	}
	captured(s, p, file)
	s.Press("]")
	frame := func() { _ = p.View(s.Env, s.Env.Width, s.Env.Height) }
	b.Run("move", func(b *testing.B) {
		for b.Loop() {
			if !p.views.graph.Down() {
				p.views.graph.SetCursor(0)
			}
			frame()
		}
	})
	b.Run("zoom", func(b *testing.B) {
		for b.Loop() {
			p.views.graph.Zoom(0)
			frame()
		}
	})
	b.Run("top", func(b *testing.B) {
		s.Press("[")
		for b.Loop() {
			frame()
		}
	})
}

// TestProfilePageComesBack keeps how profiles are looked at, and leaves out
// what makes no sense without one.
func TestProfilePageComesBack(t *testing.T) {
	s, p := profileStage(t, 120, 40)
	if raw := p.Save(); raw != nil {
		t.Errorf("a fresh page keeps %s", raw)
	}
	s.Press("t", "]", "+", "\\", "method=stream.write", "enter")
	s.Frames(1)
	raw := p.Save()
	fresh, back := profileStage(t, 120, 40)
	fresh.Send(page.RestoreMsg{State: raw})
	if back.state() != p.state() || back.views.tab != profileFlame || back.subject.filter != "method=stream.write" || back.captures.seconds != 10 || back.subject.typ.title != "heap in use" {
		t.Errorf("kept %s, got back %+v", raw, back.state())
	}
	fresh.Send(page.RestoreMsg{State: []byte(`{"type":"from a file","tab":"callers","filter":"(((","seconds":7}`)})
	if back.state() != p.state() {
		t.Errorf("took %+v", back.state())
	}
}

func TestParseCapture(t *testing.T) {
	for _, wrong := range []string{"nothing", "heap 5s", "cpu 90s", "cpu 1500ms", "cpu x", "cpu 0s"} {
		if msg, err := parseCapture(wrong); err == nil {
			t.Errorf("%q is taken as %+v", wrong, msg)
		}
	}
}
