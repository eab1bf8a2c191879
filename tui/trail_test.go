package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestBackThroughAllPlaces walks pages, streams, a jump inside a stream and
// another namespace, and all of it back.
func TestBackThroughAllPlaces(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.create("prod")
	s.open()
	s.see("account › account-1 ")
	s.press("gp", "5", "enter")
	s.frames(1)
	s.press("enter", "gk")
	s.frames(3)
	s.see("account messages")
	s.press("3")
	s.press(":ns prod", "enter")
	s.frames(2)
	s.see("ns prod")
	s.press("2")
	s.frames(2)
	s.see("namespaces › prod")
	s.press("-")
	if s.app.page != page.Tail {
		t.Fatalf("back on %s", s.app.page)
	}
	s.press("-")
	s.frames(2)
	s.see("ns default")
	s.press("-")
	s.frames(4)
	s.see("account messages")
	s.press("-")
	s.frames(4)
	s.see("account › account-1 › #5")
	s.press("-")
	s.frames(2)
	if m := s.under(); m != 21 {
		t.Fatalf("before the jump the cursor was on 21, not %d", m)
	}
	s.press("-")
	s.see("there is no place before")
}

func TestZoomFillsThePage(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.open()
	s.see("│ type   ") // the preview
	s.press("F")
	s.see("zoomed, F")
	s.miss("│ type   ")
	s.press("F")
	s.see("│ type   ")
	s.miss("zoomed")
}

func TestAbsoluteTimes(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.frames(2)
	s.press("j", "enter")
	s.frames(2)
	s.see("s ago")
	s.press("T")
	s.see("2026-03-14 11:59:5")
	s.press("enter")
	s.frames(2)
	s.see("2026-03-14 11:59:5", ".000 Z")
	s.press("T")
	s.see("11:59:54.000 ")
}

// TestDroppedKeysStandInTheLog gives a default key to another action.
func TestDroppedKeysStandInTheLog(t *testing.T) {
	m, wrong := NewKeymap([]page.Rebinding{{Action: page.ActRefresh, Keys: []string{"F"}}}, nil)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	s := newStage(t, 120, 40, pagetest.Shop())
	s.app.offer.keys = m
	s.run(s.app.Init())
	s.press("7")
	s.frames(3)
	s.see("key F: it is refresh by the configuration, and no longer zoom-pane")
}

// TestOutOfWhatATabLedTo: what a tab led to is left for the tab, as it was, by
// whatever way it was gone through; the places before stay those of the last view.
func TestOutOfWhatATabLedTo(t *testing.T) {
	frames := func(s *stage) { s.frames(3) }
	ages := regexp.MustCompile(`\d+s ago|\d[\d.]* [mµ]s\b| +`)
	body := func(s *stage) string { // below the clock, without ages and costs
		_, rest, _ := strings.Cut(s.text(), "\n")
		return ages.ReplaceAllString(rest, "")
	}
	for name, c := range map[string]struct {
		open []string // to a tab, and in it to the row that leads elsewhere
		lead string
		sees string // where it leads
		then []string
		outs int
	}{
		"flow's streams": {open: []string{":flow order", "enter", "j", "enter", "j"}, lead: "enter", sees: "OrderPlaced", outs: 1},
		"a variant":      {open: []string{":flow order", "enter", "tab", "tab", "j"}, lead: "enter", sees: "order › order-", outs: 1},
		"through a message": {
			open: []string{":flow order", "enter", "tab", "tab", "j"}, lead: "enter", sees: "order › order-", then: []string{"enter"}, outs: 2,
		},
		"through another tab": {
			open: []string{":flow order", "enter", "tab", "tab", "j"}, lead: "enter", sees: "order › order-", then: []string{"]"}, outs: 2,
		},
		"through another page": {
			open: []string{":flow order", "enter", "tab", "tab", "j"}, lead: "enter", sees: "order › order-", then: []string{"3", "-"}, outs: 1,
		},
		"in another order": {
			open: []string{":flow order", "enter", "tab", "tab", "j"}, lead: "enter", sees: "order › order-", then: []string{"o", "o"}, outs: 1,
		},
		"a field's messages": {open: []string{":types order", "enter", "j", "enter", "j", "j"}, lead: "enter", sees: "filter type=", outs: 1},
		"the state's message": {
			open: []string{":stream order-7", "enter", "]", ",", ","}, lead: "enter", sees: "order › order-7", outs: 1,
		},
		"a filter of one's own": {
			open: []string{":types order", "enter", "j", "enter", "j", "j"}, lead: "enter", sees: "filter type=",
			then: []string{"\\", " position>0", "enter"}, outs: 2, // the filter first
		},
		"a cause's stream": {open: []string{":causes order-7#3", "enter"}, lead: "gs", sees: "order › order-7", outs: 1},
		"the lanes":        {open: []string{":causes order-7#3", "enter"}, lead: "L", sees: "lanes", outs: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 120, 40, pagetest.Shop())
			frames(s)
			start := body(s)
			for _, k := range c.open {
				s.press(k)
				frames(s)
			}
			before, places := body(s), len(s.app.trail)
			s.press(c.lead)
			frames(s)
			s.see(c.sees)
			if body(s) == before {
				t.Fatalf("%q led nowhere", c.lead)
			}
			for _, k := range c.then {
				s.press(k)
				frames(s)
			}
			for range c.outs {
				if body(s) == before {
					t.Fatal("back too early")
				}
				s.press("esc")
				frames(s)
			}
			if got := body(s); got != before {
				t.Fatalf("esc leads to\n%s\nwant\n%s", got, before)
			}
			if len(s.app.trail) != places {
				t.Errorf("%d places are kept, where there were %d", len(s.app.trail), places)
			}
			for range places {
				s.press("-")
				frames(s)
			}
			if got := body(s); got != start {
				t.Errorf("- leads to\n%s\nwant\n%s", got, start)
			}
		})
	}
}

// TestTabThatIsAwayIsAnswered: what a tab asked for before it led elsewhere reaches
// it there, so that it goes on once it is back.
func TestTabThatIsAwayIsAnswered(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.press(":causes order-7#3", "enter")
	s.frames(3)
	s.hold = true
	s.frames(30) // it looks for new effects
	s.press("gs")
	s.release()
	s.frames(3)
	s.press("esc")
	s.frames(3)
	s.see("causes, ", "to the end; new ones come in")
	if err := s.store.(store.Importer).Import(t.Context(), store.DefaultNamespace, effectOf(t, s, 121, "order-7", 3)); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		s.frames(1)
	}
	s.see("Refund")
}

// effectOf is a message that a message of a stream caused.
func effectOf(t *testing.T, s *stage, global int64, stream string, position int64) []store.ImportMessage {
	t.Helper()
	return []store.ImportMessage{{Message: store.Message{
		ID: store.NewID(s.now), Stream: "refund-1", Type: "Refund", GlobalPosition: global, Time: s.now, Data: []byte(`{}`),
		Metadata: fmt.Appendf(nil, `{"causationMessageStreamName":%q,"causationMessagePosition":%d}`, stream, position),
	}}}
}
