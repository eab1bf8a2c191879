package tui

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestGroupsFindAndFilter searches and filters the categories.
func TestGroupsFindAndFilter(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.show(page.Groups)
	s.frames(5)
	s.press("/", "paym", "enter")
	s.frames(2)
	s.see("Groups › payment")
	s.press("/", "nowhere", "enter")
	s.see("no match for \"nowhere\" in the rows loaded here")
	s.press("\\", "order")
	s.frames(2)
	s.see("Groups › order", "filter order", "1–1 of 1")
	s.miss("  account ")
	s.press("enter", "esc", "esc")
	s.frames(2)
	s.see("account", "payment")
	s.miss("filter order")
	s.press("\\", "zzz", "enter")
	s.see("nothing matches; esc shows all")
	s.press("esc")
	s.see("payment")
}

// TestViewsAsCommands copies what each page shows as a command. With a data
// directory it is named: there the command finds address and token by itself.
func TestViewsAsCommands(t *testing.T) {
	for _, dir := range []string{"", "/tmp/ev db"} {
		s := newStage(t, 140, 40, pagetest.Shop())
		s.app.env.DataDir = dir
		where := "--url http://127.0.0.1:8080"
		if dir != "" {
			where = "--data '/tmp/ev db'"
		}
		for name, want := range map[page.Name]string{
			page.Overview: "evtui stats --watch " + where,
			page.Streams:  "evtui categories " + where,
			page.Tail:     "evtui tail " + where,
			page.Groups:   "evtui groups account --size 4 " + where,
			page.Engine:   "evtui stats " + where,
		} {
			s.show(name)
			s.frames(6)
			turn := &page.Turn{Env: s.app.env}
			s.app.panes[name].Update(turn, page.ActionMsg{Action: page.ActCopyView})
			if turn.Wishes().Copied == nil || turn.Wishes().Copied.Text != want {
				t.Errorf("page %s is copied as %+v, want %s", name, turn.Wishes().Copied, want)
			}
		}
	}
}

// TestEmptyStoreSaysWhatToType opens every page on an empty store.
func TestEmptyStoreSaysWhatToType(t *testing.T) {
	for page, want := range map[page.Name]string{
		page.Overview: "none yet: type :load 10 to fill it",
		page.Streams:  "no streams yet: type :load 10 to fill it",
		page.Tail:     "no messages yet: type :load 10 to fill it",
		page.Groups:   "this namespace is empty: type :load 10 to fill it",
		page.Profile:  "c captures",
	} {
		s := newStage(t, 120, 40, nil)
		s.show(page)
		s.frames(8)
		s.past(5)
		s.frames(2)
		s.see(want)
	}
	s := newStage(t, 120, 40, nil)
	s.app.env.NoLoad = true
	s.show(page.Tail)
	s.frames(4)
	s.miss(":load")
	s.see("programs write to http://127.0.0.1:8080")
}

// TestForcedThemeBringsItsBackground asks for a theme that the terminal's own
// background does not go with.
func TestForcedThemeBringsItsBackground(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.app.cfg.Theme, s.app.display.dark = "light", false
	s.restyle()
	if v := s.app.View(); v.BackgroundColor != nil {
		t.Error("the background is set before the terminal told its own")
	}
	s.send(tea.BackgroundColorMsg{Color: ansi.Black})
	if v := s.app.View(); v.BackgroundColor == nil || v.ForegroundColor == nil {
		t.Error("a light theme on a dark terminal does not bring its background")
	}
	s.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
	if v := s.app.View(); v.BackgroundColor != nil {
		t.Error("NO_COLOR, and yet there is a background")
	}
	s.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	s.send(tea.BackgroundColorMsg{Color: ansi.BrightWhite})
	if v := s.app.View(); v.BackgroundColor != nil {
		t.Error("a light theme on a light terminal sets the background")
	}
}

// TestSearchSaysHowFarItLooked searches a list that is read as it is scrolled.
func TestSearchSaysHowFarItLooked(t *testing.T) {
	s := newStage(t, 120, 40, nil)
	messages := make([]store.ImportMessage, 1500)
	for i := range messages {
		messages[i].Message = store.Message{
			ID: store.NewID(s.now), Stream: fmt.Sprintf("order-%06d", i), Type: "Placed", Time: s.now,
			GlobalPosition: int64(i + 1), Data: []byte("{}"),
		}
	}
	if err := s.store.(store.Importer).Import(t.Context(), store.DefaultNamespace, messages); err != nil {
		t.Fatal(err)
	}
	s.frames(10)
	s.press("j", "enter")
	s.frames(4)
	s.press("/", "nobody", "enter")
	s.see(`no match for "nobody" in all 1,500 names; m opens the messages`)
}
