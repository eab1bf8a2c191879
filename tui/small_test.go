package tui

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// nearStop is a store of which one more namespace is close to the point where its
// writes stop.
type nearStop struct {
	store.Store
	store.Engine
	store.Importer
}

func (s nearStop) EngineFigures() store.EngineFigures {
	f := s.Engine.EngineFigures()
	f.Known++
	f.Namespaces = slices.Insert(f.Namespaces, 0, store.NamespaceFigures{
		ID: "billing", Debt: 210e6, Levels: []store.Level{{Sublevels: 17}},
		Limits: store.Limits{CompactAtSublevels: 4, StopAtSublevels: 20, StopAtMemtables: 4, MemtableBytes: 64 << 20},
	})
	return f
}

// stall gives Overview twenty seconds of samples; in the last of them, so many, a
// namespace stands still.
func (s *stage) stall(seconds int) {
	s.now = s.now.Add(time.Second)
	*s.app.env.Past = page.Past{}
	for ago := 20; ago >= 0; ago-- {
		x := wire.Sample{Time: s.now.Add(-time.Duration(ago) * time.Second), Engine: &wire.EngineSample{Open: 3, Known: 12, SublevelsStop: 20}}
		if ago < seconds {
			x.Engine.Stalled = 1
		}
		s.app.env.Past.Add(x)
		s.app.env.Live.Sample, s.app.env.Live.HasSample = x, true
	}
	s.app.deliver(page.Overview, page.FrameMsg{})
	s.app.screen.touch()
}

// TestSmallScreensAnswer: at 80 by 24, where much gives way, each page still says what
// one opens it for.
func TestSmallScreensAnswer(t *testing.T) {
	pagetest.HoldHeap(t)
	const fault = "compact namespace default: table 000123 cannot be read back: checksum of block 7 is 0x1f2e3d4c, not 0x5b6a7988; " +
		"the namespace stays open, and evtui verify --repair --data-dir /var/lib/evtui says what is lost"
	for name, c := range map[page.Name]struct {
		play func(*stage)
		says []string // patterns, of the screen's words with a blank between them
	}{
		page.Overview: {func(s *stage) { s.stall(0); s.see("healthy"); s.stall(7) }, []string{`! 1 stalled`, `since 11:59:57`}},
		page.Engine:   {func(*stage) {}, []string{`worst billing near stop, L0 17 of 20 sublevels, debt 210 MB`}},
		page.Log: {func(s *stage) {
			s.run(s.app.say(page.LevelError, fault))
			for range 40 {
				s.run(s.app.say(page.LevelInfo, "saved"))
			}
		}, []string{`last error – \S+ ` + regexp.QuoteMeta(fault)}},
		page.Profile: {func(s *stage) { s.press("t", "c") }, []string{`▌ [\d.]+[kM]B [\d.]+% .*\w\.\S+`}},
		page.Groups:  {func(*stage) {}, []string{`1 consumer 1 behind worst: 25 messages, reports of account`}},
		page.Tail: {func(s *stage) {
			s.press("\\", "data.n>3", "enter")
			s.frames(3)
			s.write("order-7", 5)
		}, []string{`filter data\.n>3`, `order-7 .*\{"n":4\}`, `order-7 .*\{"n":5\}`, `matched 2 · shown 2`}},
		page.Streams: {func(s *stage) { s.press(":id 019cec37-8b08-7e00-8000-000000000000", "enter") }, []string{`account-1`, `"amount": 110\.50`, `"owner": \{`}},
	} {
		t.Run(string(name), func(t *testing.T) {
			engine := mustPebble(t)
			s := newStageOn(t, 80, 24, nearStop{engine, engine.(store.Engine), engine.(store.Importer)}, consumedShop())
			s.show(name)
			s.frames(6)
			c.play(s)
			if name != page.Overview { // whose samples are made up
				s.frames(8)
			}
			words := strings.Join(strings.Fields(strings.ReplaceAll(s.text(), "│", " ")), " ")
			for _, want := range c.says {
				if !regexp.MustCompile(want).MatchString(words) {
					t.Errorf("%s does not say %q:\n%s", name, want, s.text())
				}
			}
		})
	}
}

// TestTabsStay: the names of what can be looked at, and the key that leads through
// them, stand in every tab on the smallest of screens, with its chips beside them.
func TestTabsStay(t *testing.T) {
	for _, size := range [][2]int{{120, 40}, {80, 24}, {60, 15}} {
		for line, c := range map[string]struct{ names, chip string }{
			":causes order-7#3": {"messages  state  causes", ""},
			":flow order":       {"streams  types  flow", "table"},
			":types order":      {"streams  types  flow", ""},
			":stream order-7":   {"messages  state  causes", ""},
			":types":            {"categories  types", ""},
		} {
			s := newStage(t, size[0], size[1], pagetest.Shop())
			s.press(line, "enter")
			s.frames(3)
			s.see(c.names, "] tabs", "? keys", c.chip)
			s.press("enter")
			s.frames(3)
			if line != ":stream order-7" { // its message is open, which has no tabs
				s.see(c.names, "] tabs", "? keys")
			}
		}
	}
}
