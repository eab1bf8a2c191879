package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestPasteIsTakenWholeOrRefused pastes into the palette and into a filter.
func TestPasteIsTakenWholeOrRefused(t *testing.T) {
	for _, open := range []string{":", "\\"} {
		s := newStage(t, 80, 24, pagetest.Shop())
		s.press("3", open)
		kept := strings.Repeat("stream=account-1 or ", 550) + "stream=order-7" // 11 kB
		s.send(tea.PasteMsg{Content: kept})
		if got := s.app.prompt.input.Value(); got != kept {
			t.Fatalf("%q: of %d characters %d were taken", open, len(kept), len(got))
		}
		s.send(tea.PasteMsg{Content: strings.Repeat("z", s.app.prompt.room()+1)})
		if got := s.app.prompt.input.Value(); got != kept {
			t.Fatalf("%q: a part of what does not fit was taken: %d characters", open, len(got))
		}
		s.see("not pasted: 1,037,563 characters")
		s.press("x")
		s.miss("not pasted")
		s.send(tea.PasteMsg{Content: strings.Repeat("y", s.app.prompt.room())})
		s.miss("not pasted", "the line is full")
		s.press("z")
		s.see("the line is full: it takes 1,048,576")
		s.press("esc", open)
		s.send(tea.PasteMsg{Content: "stream=account-1\nor stream=order-7\n"})
		s.see("pasted 2 lines as one")
		if got := s.app.prompt.input.Value(); !strings.HasPrefix(got, "stream=account-1 or stream=order-7") {
			t.Errorf("%q: the line is %q", open, got)
		}
	}
}

// TestLongFilterShowsThatItHolds: whatever it says, and however narrow the
// screen, the filter's beginning is seen.
func TestLongFilterShowsThatItHolds(t *testing.T) {
	for _, w := range []int{80, 100, 120, 160} {
		s := newStage(t, w, 24, pagetest.Shop())
		s.press("3", "\\")
		s.send(tea.PasteMsg{Content: "stream=account-1" + strings.Repeat(" or stream=account-1", 500)})
		s.press("enter")
		s.frames(2)
		s.see("filter str", "default")
	}
}

// TestChipsShareTheirRoom: none is dropped as long as each keeps a word.
func TestChipsShareTheirRoom(t *testing.T) {
	theme := page.NewTheme(true, page.LookMono, false)
	chips := []string{"paused", "filter " + strings.Repeat("x", 300), "searched " + strings.Repeat("y", 300)}
	for w := range 120 {
		line, n := chipLine(theme, chips, w)
		if n > w {
			t.Fatalf("%d cells in %d", n, w)
		}
		if all := len(" paused ") + 2*minChip + 2; w >= all && (!strings.Contains(line, "filter xx") || !strings.Contains(line, "searched y")) {
			t.Errorf("in %d cells: %q", w, line)
		}
	}
}

// TestPaletteScrolls walks through more candidates than there are rows for.
func TestPaletteScrolls(t *testing.T) {
	var many []store.ImportMessage
	for i := range 40 {
		m := pagetest.Shop()[0]
		m.Stream, m.Position, m.GlobalPosition = fmt.Sprintf("c%02d-1", i), 0, int64(i+1)
		m.ID = store.MakeID(pagetest.Noon, [10]byte{byte(i)})
		many = append(many, m)
	}
	s := newStage(t, 80, 24, many)
	s.press(":", "tail ")
	s.see("tail c00", "tail c08", "1–9 of 40")
	s.miss("tail c09")
	seen := map[string]bool{}
	for range 40 {
		s.press("tab")
		seen[s.app.prompt.input.Value()] = true
		s.see(s.app.prompt.input.Value() + "  ")
	}
	if len(seen) != 40 {
		t.Errorf("tab leads to %d of 40", len(seen))
	}
	s.see("32–40 of 40", "tail c39")
	s.press("pgup")
	s.see("tail c30")
	s.press("pgdown", "pgdown")
	s.see("32–40 of 40")
	s.press("tab")
	s.see("1–9 of 40")
}

// TestPagesWithoutSearchSaySo: on Overview / and \\ open no line, and what is
// typed behind them runs as keys.
func TestPagesWithoutSearchSaySo(t *testing.T) {
	for _, w := range []int{80, 120} {
		s := newStage(t, w, 24, pagetest.Shop())
		s.press("1", "/")
		s.see("no search on this page; ? lists its keys")
		s.press("\\")
		s.see("no filter on this page; ? lists its keys")
		s.press("3", "/")
		s.miss("on this page")
		if s.app.prompt == nil {
			t.Fatal("the tail's search did not open")
		}
	}
}

// TestErrorGoesWhenTheNextLineSucceeds: an error is of the line before; one that is
// entered after it and has nothing to say takes it away, one that fails replaces it.
func TestErrorGoesWhenTheNextLineSucceeds(t *testing.T) {
	s := newStage(t, 120, 30, pagetest.Shop())
	failed := `no command "nosuch"`
	enter := func(keys ...string) { s.press(append(keys, "enter")...) }

	enter(":", "nosuch")
	s.see(failed)
	s.press(":", "x", "esc") // cancelled: nothing succeeded
	s.see(failed)
	s.press("j", "k")
	s.see(failed)
	enter(":", "stream account-1") // a command
	s.miss(failed)

	enter(":", "nosuch")
	enter("\\", "type=") // a prompt of the page that refuses what was typed
	s.miss(failed)
	s.see("✗")
	s.press("esc")
	enter(":", "nosuch")
	enter("\\", "type=Deposited") // one that takes it
	s.miss(failed, "✗")

	s.app.say(page.LevelError, "something broke")
	s.press(":", "tail", "enter")
	s.miss("something broke")

	s.app.say(page.LevelInfo, "copied the id") // no error: it stays for its seconds
	s.press(":", "streams", "enter")
	s.see("copied the id")
}
