package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/docs"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestFilterPromptExplainsTheLanguage: ? in an empty filter line shows the page on
// the filter language, and the line goes on being typed.
func TestFilterPromptExplainsTheLanguage(t *testing.T) {
	for _, name := range []page.Name{page.Streams, page.Tail, page.Log} {
		s := newStage(t, 100, 40, pagetest.Shop())
		s.open()
		s.show(name)
		s.frames(2)
		s.press("\\")
		s.see("? explains")
		s.press("?")
		s.see("─ The filter language ─", "One language filters Tail, Streams, Log")
		s.press("pgdown")
		s.see("type~*posited       # keeps")
		s.press("type~A?")
		s.see("filter type~A?", "The filter language")
		s.press("esc")
		s.miss("The filter language")
		s.see("filter type~A?") // esc closed the page, not the line
		s.send(tea.KeyPressMsg{Code: tea.KeyF1})
		s.see("The filter language")
		s.press("esc", "esc")
		s.miss("filter type~A?", "The filter language")
		s.press("?")
		s.see("─ Keys ─")
	}
}

// TestManualShowsAllOfThePage loses no word of it.
func TestManualShowsAllOfThePage(t *testing.T) {
	var shown strings.Builder
	for _, l := range manualLines(docs.Filter(), 76) {
		shown.WriteString(l.help + " ")
	}
	has := strings.Join(strings.Fields(shown.String()), " ")
	for _, line := range strings.Split(docs.Filter(), "\n") {
		if strings.HasPrefix(line, "```") {
			continue
		}
		for _, word := range strings.Fields(plainMarkdown(strings.TrimLeft(line, "# "))) {
			if !strings.Contains(has, word) {
				t.Fatalf("%q of %q is not shown", word, line)
			}
		}
	}
}

// TestFilterThatMatchesNothingSaysSo: a type or a path that no message at hand has.
func TestFilterThatMatchesNothingSaysSo(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.press("3")
	s.frames(2)
	s.press("\\", "type~Captured", "enter")
	s.see(`no type matches "Captured" in the 120 messages at hand: type~*Captured* would find PaymentCaptured`)
	s.press("esc")
	s.frames(2)
	s.press("\\", "data.amout>1", "enter")
	s.see("data.amout is in none of the 120 messages at hand; did you mean data.amount?")
	s.press("esc")
	s.frames(100) // until the toast has gone
	s.press("\\", "data.amount>1 type~Dep*", "enter")
	s.miss("at hand")
	s.press("2", "m")
	s.frames(3)
	s.press("\\", "category=acount", "enter")
	s.see(`no category matches "acount" in the`, "there are ")
}
