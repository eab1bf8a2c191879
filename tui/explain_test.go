package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// clickOn clicks on the last place where a text stands on the screen, right of
// it by so many cells.
func (s *stage) clickOn(what string, right int) {
	s.Helper()
	lines := strings.Split(s.text(), "\n")
	for y := len(lines) - 1; y >= 0; y-- {
		if i := strings.LastIndex(lines[y], what); i >= 0 {
			s.send(tea.MouseClickMsg{X: ansi.StringWidth(lines[y][:i]) + right, Y: y, Button: tea.MouseLeft})
			return
		}
	}
	s.Fatalf("%q is not on the screen:\n%s", what, s.text())
}

// TestExplainTellsWhatIsPointedAt clicks on figures and asks for them.
func TestExplainTellsWhatIsPointedAt(t *testing.T) {
	for _, at := range []struct {
		page  page.Name
		what  string
		right int
		want  string
	}{
		{page.Overview, "w/s   3,", 0, "w/s: messages appended in the last full second"},
		{page.Overview, "p99 ", 5, "p99"},
		{page.Overview, "announced", 1, "announced: notifications sent"},
		{page.Overview, "Go heap", 30, "Go heap: the server's heap"},
		{page.Streams, "account-2", 30, ""},
		{page.Streams, "120", 2, "messages: exact number"},
		{page.Tail, "matched", 9, "matched: messages since"},
		{page.Tail, "behind", 2, "behind: how old"},
		{page.Groups, "skew", 7, "skew: the largest"},
		{page.Groups, "share", 4, "share: the member's share"},
		{page.Log, "INFO", 1, "level: DEBUG"},
	} {
		s := newStage(t, 140, 70, pagetest.Shop())
		s.show(at.page)
		s.past(30)
		s.press(":load 10", "enter")
		s.frames(12)
		s.clickOn(at.what, at.right)
		s.send(tea.KeyPressMsg{Code: tea.KeyF1})
		if at.want != "" {
			s.see("Under the cursor", at.want)
		}
		s.press("esc", "j")
		s.send(tea.KeyPressMsg{Code: tea.KeyF1})
		s.see("In the header")
	}
}

func TestFigureAt(t *testing.T) {
	names := []string{"messages", "streams", "L0", "L0 sublevels", "p99", "stalls"}
	screen := []string{
		"", "", "",
		" 1,204 messages   12 streams   0 stalls  3 of 20 L0 sublevels",
		" stream日本                              messages     p99",
		" account-1                                 1,204  1.8 ms",
	}
	for _, at := range []struct {
		x, y int
		want string
	}{
		{2, 3, "messages"}, {19, 3, "streams"}, {31, 3, "stalls"}, {43, 3, "L0 sublevels"},
		{46, 5, "messages"}, {52, 5, "p99"}, {200, 5, "p99"}, {3, 99, ""}, {3, -1, ""}, {0, 0, ""},
	} {
		if got := figureAt(screen, at.x, at.y, names); got != at.want {
			t.Errorf("at %d,%d stands %q, want %q", at.x, at.y, got, at.want)
		}
	}
}
