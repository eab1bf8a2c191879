package streams

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// firsts are the first words of the rows on the screen, cut to n.
func firsts(s *pagetest.Stage, n int) string {
	s.Helper()
	var out []string
	for _, line := range strings.Split(ansi.Strip(s.Raw()), "\n")[1:] {
		if f := strings.Fields(strings.TrimLeft(line, "▌ ")); len(f) > 0 && f[0] != "│" && len(out) < n {
			out = append(out, f[0])
		}
	}
	return strings.Join(out, " ")
}

func TestSortCategories(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press("jj")
	on := rowKey(s.Pane.Pane.(*streams).way.top().current())
	s.Press("sm") // messages, the most first
	s.See("messages▼")
	if got := firsts(s, 4); got != "all account order evil" {
		t.Errorf("by messages: %s", got)
	}
	if now := rowKey(s.Pane.Pane.(*streams).way.top().current()); now != on {
		t.Errorf("the cursor went from %q to %q", on, now)
	}
	s.Write("payment-1", 100)
	s.Frames(15) // a refresh keeps the order
	s.See("messages▼")
	if got := firsts(s, 3); got != "all payment account" {
		t.Errorf("after a refresh: %s", got)
	}
	s.Press("sm")
	s.See("messages▲")
	s.Press("sm")
	s.Miss("messages▲", "messages▼")
	s.Press("sq")
	s.See(`no column has the letter "q"`)
}

func TestSortStreams(t *testing.T) {
	s := newPage(t, users(1200))
	s.Write("user-00777", 5)
	s.Write("user-01111", 9)
	s.Press("enter")
	s.Frames(3)
	s.Send(tea.MouseClickMsg{X: 40, Y: 0, Button: tea.MouseLeft}) // the head of messages
	s.Frames(2)
	s.See("messages▼", "of 1,200")
	if got := firsts(s, 3); got != "user-01111 user-00777 user-00000" {
		t.Errorf("by messages: %s", got)
	}
	s.Press("/", "user-00999", "enter")
	s.See("▌ user-00999")
	s.Press("gg", "ss") // by name, again in the store's order
	s.See("stream▲", "▌ user-00000")
}

func TestSortMessages(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press("m")
	s.Frames(2)
	s.Press("st") // type
	s.Frames(2)
	s.See("type▲", "AccountOpened", "1–34 of 120")
	s.Press("sg") // the order of the log is turned, not sorted
	s.Frames(2)
	s.See("oldest first", "▌          1 account-1")
	s.Press("C", "data.amount", "enter")
}

// TestSortSaysWhatIsTooLong leaves a list alone that cannot be read whole.
func TestSortSaysWhatIsTooLong(t *testing.T) {
	messages := make([]store.ImportMessage, gatherMessages+2)
	copy(messages, users(len(messages)))
	s := newPage(t, messages)
	s.Press("m")
	s.Frames(2)
	s.Press("st")
	s.Frames(2)
	s.See("sorting reads the whole list", "narrow it first with \\", fmt.Sprintf("user-%05d", len(messages)-1))
	s.Miss("type▲")
}

// TestACategoryWithoutName is none that stands for the whole namespace: Message DB has
// one, of streams such as "-1".
func TestACategoryWithoutName(t *testing.T) {
	all, nameless := &everything{}, &store.CategoryCount{}
	if rowTitle(all) != "all streams" || rowTitle(nameless) != "" || rowKey(all) == rowKey(nameless) {
		t.Errorf("all streams are %q, the category without a name is %q", rowTitle(all), rowTitle(nameless))
	}
}

// TestChosenColumnsAreOfMessages goes from messages with a column of their own back to
// the lists that lead to them: these have theirs alone, also to be sorted by.
func TestChosenColumnsAreOfMessages(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":stream order-7", "enter")
	s.Frames(2)
	s.Press("C", "C", "data.big", "enter", "enter")
	s.Frames(2)
	s.See("big", "9007199254740993")
	for _, list := range []string{"streams", "categories", "namespaces"} {
		s.Press("esc")
		s.Frames(2)
		if head := s.Text(); strings.Contains(strings.SplitN(head, "│", 2)[0], "big") {
			t.Errorf("%s have a column of messages:\n%s", list, head)
		}
		s.Press("s")
		s.Miss("b big")
		s.Press("b")
		s.See(`no column has the letter "b"`)
	}
	s.Press("enter", "enter", "enter")
	s.Frames(2)
	s.See("big", "9007199254740993")
}

// TestSortedByAColumnThatGoes sorts messages by a column, and chooses others then: the
// order stays with a column that is still there, else it is the list's own again.
func TestSortedByAColumnThatGoes(t *testing.T) {
	for by, title := range map[string]string{"b": "big", "d": "data", "t": "type", "a": "amount"} {
		s := newPage(t, pagetest.Shop())
		s.Press(":stream order-7", "enter")
		s.Frames(2)
		sorted := func() (by string) {
			if top := s.Pane.Pane.(*streams).way.top(); top.sort.On {
				by = top.table.columns[top.sort.Column].Title
			}
			return by
		}
		s.Press("C", "C", "data.amount", "enter", "C", "data.big", "enter", "enter")
		s.Frames(2)
		s.Press("s", by)
		s.Frames(2)
		if sorted() != title {
			t.Fatalf("sorted by %q:\n%s", sorted(), s.Text())
		}
		s.Press("j", "j")
		at := s.Pane.Pane.(*streams).way.top().current().(*kit.Brief).Position
		s.Press("C", "\\", "data.amount", "enter", "space", "enter")
		s.Frames(100) // a list that is sorted is read again
		if title == "amount" {
			title = ""
			s.See(fmt.Sprintf("\n▌ %7d ", at), "1–22 of 22")
			s.Miss("▲", "▼")
		}
		if s.Miss("amount  "); sorted() != title {
			t.Errorf("sorted by %q, for %q:\n%s", sorted(), title, s.Text())
		}
	}
}
