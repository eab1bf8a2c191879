package tui

import (
	"strings"
	"testing"

	"github.com/evtui/evtui/tui/page/pagetest"
)

// rowOnScreen is the row in which the text stands.
func rowOnScreen(s *stage, what string) int {
	s.Helper()
	for i, line := range strings.Split(s.text(), "\n") {
		if strings.Contains(line, what) {
			return i
		}
	}
	s.Fatalf("%q is not on the screen:\n%s", what, s.text())
	return -1
}

func TestFilterFaultIsShownAsItIsTyped(t *testing.T) {
	for page, want := range map[string]string{"3": "matched", "2": "all streams"} {
		s := newStage(t, 120, 30, pagetest.Shop())
		s.press(page)
		s.frames(2)
		if page == "2" {
			s.press("m")
			s.frames(2)
		}
		s.press("\\", "type~Dep* and")
		s.miss("✗")
		s.press(" tpye=x")
		s.see(`✗ filter, character 15: there is no field "tpye"; in the JSON: data.tpye`)
		s.press("enter")
		s.see("✗ filter, character 15", "type~Dep* and tpye=x") // the line stays open
		s.press("ctrl+u", "type~Dep*", "enter")
		s.frames(2)
		s.see("filter type~Dep*", "hidden", want)
		s.miss("✗")
	}
}
