package tui

import (
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// past fills the shell's past with n seconds up to now, in each of which
// as many messages were appended as it is seconds ago.
func (s *stage) past(n int) {
	s.Helper()
	*s.app.env.Past = page.Past{}
	for i := n; i >= 0; i-- {
		s.app.env.Past.Add(wire.Sample{Time: s.now.Add(-time.Duration(i) * time.Second), Appends: float64(i), Reads: 7, CPU: 0.5})
	}
}

// TestTimeCursorMovesEveryPage puts the cursor five minutes back: wherever one
// goes the header says so with the figures of then, until it is live again.
func TestTimeCursorMovesEveryPage(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(2)
	s.past(1800)
	s.press(":at -5m", "enter")
	s.see("at 11:55:00", "5m 00s ago", "300 w/s", "7.0 r/s")
	for _, page := range pages() {
		s.show(page)
		s.frames(1)
		s.see("at 11:55:00", "300 w/s")
		s.miss("12,431 w/s")
	}
	s.press("1")
	s.see("as of 11:55:00", "appended 300/s")
	s.press("h")
	s.see("appended 315/s") // the axis grew to 15 minutes
	s.press("l", "l")
	s.see("appended 285/s")
	s.press("7")
	s.see("of now, not 11:5")
	s.press("0")
	s.see("12,431 w/s")
	s.miss("of now, not")
}

func TestTimeCursorRefusesWhatIsNoPast(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(2)
	s.past(60)
	s.press(":at 12:30", "enter")
	s.see("is in the future")
	s.press(":at soon", "enter")
	s.see("needs a time", ":at now goes live again")
	s.press(":at 11:00", "enter", "1")
	s.see("at 11:00:00", "no sample")
	s.miss("12,431 w/s")
	s.press(":at now", "enter")
	s.see("12,431 w/s")
}

// TestPastFillsItsGaps loses samples, as when the server cannot be reached for
// a while: the history is asked for what was missed, once.
func TestPastFillsItsGaps(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(2)
	s.past(10)
	p := s.app.env.Past
	first := s.app.past.Update(s.app.reach, p, wire.Sample{Time: s.now.Add(time.Minute)})
	if first == nil || s.app.past.Update(s.app.reach, p, wire.Sample{Time: s.now.Add(61 * time.Second)}) != nil {
		t.Fatal("a gap asks for the history, and only once")
	}
	var missed []wire.Sample
	for i := 1; i <= 60; i++ {
		missed = append(missed, wire.Sample{Time: s.now.Add(time.Duration(i) * time.Second), Appends: 1})
	}
	s.app.Update(historyMsg{of: p, gen: s.app.past.gen + 1, samples: []wire.Sample{{Time: s.now.Add(time.Hour)}}})
	s.app.Update(historyMsg{of: &page.Past{}, gen: s.app.past.gen, samples: []wire.Sample{{Time: s.now.Add(time.Hour)}}})
	s.app.Update(historyMsg{of: p, gen: s.app.past.gen, samples: missed})
	if p.Last.At != missed[59].Time {
		t.Fatalf("the newest second is %v", p.Last.At)
	}
	for i := range 71 {
		if _, known := p.Before(i); !known {
			t.Errorf("second %d is missing", i)
		}
	}
	s.app.past.Update(s.app.reach, p, wire.Sample{Time: s.now.Add(61 * time.Second)})
	if _, known := p.Before(0); !known || p.Last.At != s.now.Add(61*time.Second) {
		t.Error("the next sample does not follow on")
	}
}

// TestTailAndStreamsShowThen has both pages of messages at a second between two
// writes: what came later is not on the tail, and comes back live.
func TestTailAndStreamsShowThen(t *testing.T) {
	s := newStage(t, 160, 50, pagetest.Shop()) // a message a second until noon
	s.frames(2)
	s.press("3")
	s.frames(2)
	s.see("11:59:58", "matched 120")
	s.press(":at 11:59:30", "enter")
	s.frames(3)
	s.see("as of 11:59:30", "11:59:30", "11:59:29")
	s.miss("11:59:31", "of now")
	s.write("order-7", 3)
	s.frames(3)
	s.miss("Written", "11:59:31")
	s.press("c", "account", "enter")
	s.frames(3)
	s.see("as of 11:59:30", "account-")
	s.miss("11:59:31", "11:59:58")
	s.press("0")
	s.frames(3)
	s.see("11:59:5")
	s.press("esc")
	s.frames(3)
	s.see("Written")
	s.press(":at 11:59:30", "enter", "2")
	s.frames(3)
	s.see("messages from 11:59:30", "▌", "11:59:30")
	s.press("esc")
	s.frames(3)
	s.see("of now, not 11:59:30", "categor") // its counts include what came later
	s.miss("messages from")
	s.press("j", "enter")
	s.frames(3)
	s.press("enter")
	s.frames(3)
	s.see("of now, not 11:59:30", "11:59:5") // a stream opened at its newest message
	s.miss("messages from")
	s.press("gt", "11:59:30", "enter")
	s.frames(3)
	s.see("messages from 11:59:30")
	s.miss("of now")
	s.press(":at 10:00", "enter", "3")
	s.frames(3)
	s.see("no messages yet")
}

// TestBeforeAllMessages: a moment at which nothing was stored yet says so on every page
// that shows it, with its year and the way back, and does not offer a load to fill it.
func TestBeforeAllMessages(t *testing.T) {
	for name, keys := range map[string][]string{
		"tail": {"3"}, "types": {":types", "enter"}, "flow": {":flow order", "enter"}, "flow drawn": {":flow order", "enter", "tab"},
		"state": {":stream order-7", "enter", "]"},
	} {
		s := newStage(t, 160, 40, pagetest.Shop())
		s.press(":at 2025-01-01", "enter")
		s.frames(2)
		s.press(keys...)
		s.frames(4)
		s.see("nothing here is before 2025-01-01 00:00:00; 0", "returns to now", "◂ at 2025-01-01 00:00:00")
		s.miss(":load")
		s.press("0")
		s.frames(6)
		if s.miss("nothing here is before", "2025-01-01"); t.Failed() {
			t.Fatalf("of %s", name)
		}
	}
}

// TestTimeCursorKeepsTheTab moves the time cursor with a tab of Streams open, from there
// and from another page: the tab stays, of the same, and shows that moment; and goes on
// to now.
func TestTimeCursorKeepsTheTab(t *testing.T) {
	for name, c := range map[string]struct {
		open      []string
		now, then []string
	}{
		"types":  {[]string{":types order", "enter"}, []string{"› order  streams  types  flow", "33 messages"}, []string{"› order  streams  types  flow", "read all 25"}},
		"a type": {[]string{":types order OrderPlaced", "enter"}, []string{"order › OrderPlaced"}, []string{"order › OrderPlaced"}},
		"flow":   {[]string{":flow order", "enter"}, []string{"› order  streams  types  flow", "(start)", "33 messages"}, []string{"› order  streams  types  flow", "(start)", "25 messages"}},
		"state":  {[]string{":stream order-7", "enter", "]"}, []string{"› order-7  messages  state  causes", "state after #21"}, []string{"› order-7  messages  state  causes", "state after #16"}},
		"causes": {[]string{":stream order-7", "enter", "j", "j", "j", "j", "j", "j", "["}, []string{"› order-7 › #15"}, []string{"› order-7 › #15"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 160, 40, pagetest.Shop()) // a message a second until noon
			s.frames(2)
			for _, key := range c.open {
				s.press(key)
				s.frames(3)
			}
			s.see(c.now...)
			s.press(":at 11:59:30", "enter")
			s.frames(6)
			s.see(append(c.then, "as of 11:59:30")...)
			s.press("0")
			s.frames(6)
			s.see(c.now...)
			s.miss("as of")
			s.press("1", ":at 11:59:30", "enter", "2")
			s.frames(6)
			s.see(append(c.then, "as of 11:59:30")...)
			s.press("esc", "esc")
			s.frames(3)
			s.miss("all streams messages")
			s.press("1", "2")
			s.frames(3)
			s.miss("all streams messages") // this place of the time cursor was followed
		})
	}
}

// TestTimeCursorUnderTheState goes from the state of a stream at a moment to its messages
// around that.
func TestTimeCursorUnderTheState(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.press(":stream order-7", "enter")
	s.frames(2)
	s.press("]")
	s.frames(2)
	s.press(":at 11:59:30", "enter")
	s.frames(4)
	s.press("esc")
	s.frames(2)
	s.see("messages from 11:59:30", "▌", "11:59:33")
}

// TestTabComesBackAtTheMoment leaves a tab, moves the time cursor, and comes back.
func TestTabComesBackAtTheMoment(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.press(":flow order", "enter")
	s.frames(3)
	s.see("33 messages")
	s.press(":category account", "enter")
	s.frames(2)
	s.press(":at 11:59:30", "enter")
	s.frames(2)
	s.press("-")
	s.frames(4)
	s.see("› order  streams  types  flow", "as of 11:59:30", "25 messages")
	s.press(":category account", "enter", "0", "-")
	s.frames(4)
	s.see("33 messages")
}

// TestTimeCursorAwaitsNoOtherPlace goes to a tab from another page with the time cursor
// set: what Streams looked for when it came is not put in its place.
func TestTimeCursorAwaitsNoOtherPlace(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.press("1", ":at 11:59:30", "enter", ":types order", "enter")
	s.frames(4)
	s.see("› order  streams  types  flow", "read all 25", "as of 11:59:30")
	s.press("esc")
	s.frames(2)
	s.see("› order  streams  types  flow", "order-8")
	// Nor does it take the place of a message that was asked for in the same list.
	s.press(":stream order-7", "enter", "1", ":at 11:59:29", "enter")
	s.run(s.app.arrive(page.Streams, page.LocationMsg{Location: page.Location{Page: page.Streams, Stream: "order-7", Position: 3, HasPosition: true}}))
	s.frames(4)
	s.see("order-7", "▌       3 ")
}
