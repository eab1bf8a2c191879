package tui

import (
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"strings"
	"sync/atomic"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// programStage is the UI on a Go program that serves its profiles alone. strayed
// counts what it was asked for besides; down makes it answer nobody.
func programStage(t *testing.T, width int, rules ...string) (s *stage, strayed *atomic.Int32, down *atomic.Bool) {
	t.Helper()
	strayed, down = &atomic.Int32{}, &atomic.Bool{}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case down.Load():
			panic(http.ErrAbortHandler)
		case !strings.HasPrefix(r.URL.Path, "/debug/pprof/"):
			strayed.Add(1)
			http.NotFound(w, r)
		case r.URL.Path == "/debug/pprof/profile":
			pprof.Profile(w, r)
		default:
			pprof.Index(w, r)
		}
	}))
	t.Cleanup(web.Close)
	program, err := source.NewProgram(source.Web{}, web.URL, true)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(web.URL, client.WithRetries(client.Once()), client.WithTransport(source.OnlyProfiles))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	cfg := Config{Connection: Connection{Client: c, Program: program, ProfileDir: t.TempDir()}, Page: page.Profile}
	for _, text := range rules {
		rule, err := profiler.ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Triggers = append(cfg.Triggers, rule)
	}
	s = &stage{TB: t, store: storetest.NewModel(), now: pagetest.Noon}
	s.app = newApp(t.Context(), cfg)
	s.byHand(s.app)
	s.app.triggers.span = 1e9
	s.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	s.send(tea.WindowSizeMsg{Width: width, Height: 40})
	s.run(s.app.Init())
	return s, strayed, down
}

// TestProgramHasItsProfilePageAlone: what cannot be filled says so, keeps its
// key, and asks the program for nothing that it does not have.
func TestProgramHasItsProfilePageAlone(t *testing.T) {
	s, strayed, _ := programStage(t, 120)
	s.frames(12)
	s.see("Go program", "goroutines", "heap ", "6 Profile", "nothing captured yet")
	s.miss("w/s", "r/s", "ns default", "p99")
	for digit, name := range map[string]page.Name{"1": page.Overview, "2": page.Streams, "3": page.Tail, "4": page.Groups, "5": page.Engine} {
		s.press(digit)
		s.frames(6)
		s.see(string(name)+" cannot be filled", "is a Go program that serves its profiles, and no")
	}
	s.press("7")
	s.frames(6)
	s.see("not offered by this server")
	s.press("6", ":profile goroutine", "enter")
	s.frames(2)
	s.see("captured a goroutine profile", "runtime.gopark")
	s.press(":load 3", "enter")
	s.see("no command")
	if n := strayed.Load(); n != 0 {
		t.Errorf("%d requests were for something else than profiles", n)
	}
}

// TestProgramComesBack keeps what was known while the program is gone.
func TestProgramComesBack(t *testing.T) {
	s, _, down := programStage(t, 120)
	s.frames(6)
	s.press(":profile goroutine", "enter")
	s.frames(2)
	down.Store(true)
	s.frames(15)
	s.see("reconnecting", "runtime.gopark")
	down.Store(false)
	for range 40 {
		if s.frames(1); s.app.env.Live.Connected {
			break
		}
	}
	s.see("reconnected", "Go program")
	s.miss("reconnecting")
}

// TestProgramTriggers holds rules against what a program tells.
func TestProgramTriggers(t *testing.T) {
	s, _, _ := programStage(t, 140, "goroutines > 1 for 2s", "heap > 1GB for 10s", "p99(stream.write) > 1ms")
	s.frames(22)
	s.see("trigger goroutines > 1 for 2s")
	kept, err := profiler.OpenSessions(s.app.cfg.ProfileDir, profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := kept.List()
	if err != nil || len(list) != 2 {
		t.Fatalf("kept %+v, error %v", list, err)
	}
	for _, one := range list {
		if !strings.Contains(one.Note, "goroutines > 1 for 2s") || !strings.HasPrefix(one.Target, "http://127.0.0.1") {
			t.Errorf("kept as %+v", one)
		}
	}
}

func TestProgramAtEverySize(t *testing.T) {
	s, _, _ := programStage(t, 120)
	s.frames(2)
	for _, size := range [][2]int{{160, 50}, {80, 24}, {60, 15}, {40, 10}, {20, 5}, {1, 1}} {
		s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for _, digit := range []string{"1", "2", "6", "7"} {
			s.press(digit)
			s.frames(1)
		}
	}
}
