package servers

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/fleet"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// fakeFleet answers looks by what a test says of each server.
type fakeFleet struct {
	now   time.Time
	rates map[string]float64
	lags  map[string]int64
	fails map[string]error
	looks map[string]int

	version string
}

func newFleet() *fakeFleet {
	return &fakeFleet{now: pagetest.Noon, rates: map[string]float64{"prod": 900, "stage": 30, "dev": 2000},
		lags: map[string]int64{"stage": 12000}, fails: map[string]error{}, looks: map[string]int{}}
}

func (f *fakeFleet) look(_ context.Context, name string, q fleet.Question) (fleet.Sight, error) {
	f.looks[name]++
	if err := f.fails[name]; err != nil {
		return fleet.Sight{}, err
	}
	s := fleet.Sight{Version: cmp.Or(f.version, "1.2.3"), Backend: "pebble", Lagged: q.Lag}
	if n, behind := f.lags[name]; behind && q.Lag {
		s.Lag = &fleet.Lag{Behind: n, Namespace: "shop", Category: "order", Consumer: "0/2"}
	}
	s.Samples = []wire.Sample{{Time: f.now, Appends: f.rates[name], DiskFree: 40e9, DiskSize: 100e9,
		Methods: map[string]wire.Method{"stream.append": {Calls: 1, P99: 18e5}},
		Engine:  &wire.EngineSample{Open: 1, Known: 1, SublevelsStop: 20}}}
	return s, nil
}

func (f *fakeFleet) setup() page.Setup {
	return page.Setup{Look: f.look, Servers: []page.Server{
		{Name: "prod", URL: "https://prod.example.com"}, {Name: "stage", URL: "http://stage:8080"}, {Name: "dev", URL: "http://127.0.0.1:8080", Here: true},
	}}
}

func stageOf(t *testing.T, f *fakeFleet, w, h int) *pagetest.Stage {
	t.Helper()
	return pagetest.NewStage(t, w, h, Spec(), f.setup(), nil)
}

// seconds lets seconds pass, in which the servers take samples.
func (f *fakeFleet) seconds(s *pagetest.Stage, n int) {
	for range n {
		f.now = f.now.Add(time.Second)
		s.Frames(5)
	}
}

func TestServersShowHowTheyDo(t *testing.T) {
	f := newFleet()
	s := stageOf(t, f, 160, 40)
	f.seconds(s, 3)
	s.See("prod", "stage", "dev (here)", "● healthy", "900", "2,000", "1.8 ms", "12,000", "40 GB", "1.2.3", "now")
	s.See("dev  http://127.0.0.1:8080  pebble") // of the one that the UI is on, at first
	for _, name := range []string{"prod", "stage", "dev"} {
		if n := f.looks[name]; n < 3 || n > 5 {
			t.Errorf("%s was looked at %d times in 3 s", name, n)
		}
	}
	s.Press("k")
	s.See("worst lag 12,000 messages: shop order 0/2")
}

// TestVersionsAreReadable: what a build calls itself may be longer than a release.
func TestVersionsAreReadable(t *testing.T) {
	f := newFleet()
	f.version = "1.3.0-rc.1+dirty"
	s := stageOf(t, f, 160, 40)
	f.seconds(s, 1)
	s.See("1.3.0-rc.1+dirty  ")
}

// TestSilentServerKeepsItsRow has one server hang, then go: its row is dated,
// keeps what it knew, and the others go on.
func TestSilentServerKeepsItsRow(t *testing.T) {
	f := newFleet()
	s := stageOf(t, f, 160, 40)
	f.seconds(s, 2)
	f.fails["prod"] = fleet.ErrSilent
	f.rates["dev"] = 2500
	f.seconds(s, 8)
	s.See("not answering for", "900", "8s ago", "2,500", "1 of 3 not healthy")
	f.fails["prod"] = errors.New("dial tcp 10.0.0.7:443: connection refused")
	s.Press("g", "g")
	f.seconds(s, 2)
	s.See("gone for", "connection refused")
	delete(f.fails, "prod")
	f.seconds(s, 2)
	s.Miss("gone for", "ago")
}

// TestHangingLookDelaysNobody leaves the answer of one server out: it is not
// asked again, and the others are.
func TestHangingLookDelaysNobody(t *testing.T) {
	f := newFleet()
	pane := pagetest.New(newServers(f.setup()), page.LookFull)
	pane.Env.Now = pagetest.Noon
	hung := pane.Send(page.ShowMsg{})
	if len(hung) != 3 {
		t.Fatalf("%d questions for 3 servers", len(hung))
	}
	answer := func(asks []page.Ask, but uint64) {
		for _, ask := range asks {
			if ask.Gen == but {
				continue
			}
			value, err := ask.Call(t.Context(), nil)
			pane.Send(page.Reply{Gen: ask.Gen, Value: value, Err: err})
		}
	}
	answer(hung, hung[0].Gen)
	for range 4 {
		pane.Env.Now = pane.Env.Now.Add(time.Second)
		asks := pane.Send(page.FrameMsg{})
		if len(asks) != 2 {
			t.Fatalf("%d questions while one server hangs", len(asks))
		}
		answer(asks, 0)
	}
	if view := pane.View(t, 140, 20); strings.Count(view, "healthy") < 2 || !strings.Contains(view, "asking") {
		t.Errorf("it shows\n%s", view)
	}
}

// TestServersSort sorts by letter and by click; the cursor stays on its server.
func TestServersSort(t *testing.T) {
	f := newFleet()
	s := stageOf(t, f, 160, 40)
	f.seconds(s, 1)
	order := func(first, second, third string) {
		t.Helper()
		if a, b, c := s.Row(" "+first), s.Row(" "+second), s.Row(" "+third); !(a < b && b < c) {
			t.Errorf("rows %d %d %d:\n%s", a, b, c, s.Text())
		}
	}
	order("prod", "stage", "dev (here)")
	s.Press("s")
	s.See("sort by", "w w/s")
	s.Press("w")
	s.See("w/s▼")
	order("dev (here)", "prod", "stage")
	f.rates["stage"] = 5000
	f.seconds(s, 2)
	order("stage", "dev (here)", "prod")
	p := s.Pane.Pane.(*servers)
	if r, _ := p.list.Chosen(); r.Name != "dev" {
		t.Errorf("the cursor is on %s", r.Name)
	}
	x := strings.Index(strings.Split(s.Text(), "\n")[1], "server")
	s.Send(tea.MouseClickMsg{X: x, Y: 0})
	s.See("server▲")
	order("dev (here)", "prod", "stage")
	if r, _ := p.list.Chosen(); r.Name != "dev" {
		t.Errorf("the cursor is on %s", r.Name)
	}
}

func TestServersGoThere(t *testing.T) {
	f := newFleet()
	s := stageOf(t, f, 120, 30)
	s.Press("g", "g", "enter")
	if to := s.Last.Wishes().GoTo; to == nil || to.Context != "prod" {
		t.Errorf("goes to %+v", to)
	}
	s.Press("G", "enter")
	if to := s.Last.Wishes().GoTo; to == nil || to.Context != "" || to.Page != page.Overview {
		t.Errorf("on the own server it goes to %+v", to)
	}
}

// TestServersAtEverySize keeps what is wrong, and since when a row is old, at
// every width.
func TestServersAtEverySize(t *testing.T) {
	f := newFleet()
	f.fails["prod"] = fleet.ErrSilent
	for _, size := range [][2]int{{200, 50}, {140, 40}, {100, 30}, {80, 24}, {60, 15}} {
		s := stageOf(t, f, size[0], size[1])
		f.seconds(s, 2)
		s.See("prod", "not answe", "never")
	}
	for _, size := range [][2]int{{40, 10}, {10, 6}, {1, 1}} {
		stageOf(t, f, size[0], size[1]).Raw()
	}
}

// TestOneServerSaysHowToAddMore is the page without a configuration.
func TestOneServerSaysHowToAddMore(t *testing.T) {
	f := newFleet()
	setup := f.setup()
	setup.Servers = setup.Servers[2:]
	s := pagetest.NewStage(t, 120, 30, Spec(), setup, nil)
	f.seconds(s, 1)
	s.See("dev (here)", "add [contexts.NAME]")
}
