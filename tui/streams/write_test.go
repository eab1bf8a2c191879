package streams

import (
	"os"
	"strings"
	"testing"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// newest is the newest message of a stream, nil when it has none.
func newest(s *pagetest.Stage, stream string) *store.Message {
	s.Helper()
	list, err := s.Client.ReadStream(s.Context(), client.StreamQuery{Stream: stream, Limit: 1, Backward: true})
	if err != nil {
		s.Fatal(err)
	}
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

func TestAppendByHand(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":", "stream order-7", "enter")
	s.Frames(2)
	s.Press("a")
	s.See("a new event", "stream order-7")
	s.Press("enter", "Cancelled", "enter", "ctrl+u", `{"why":`)
	s.See("no JSON at character 7")
	s.Press("enter") // what is no JSON stays open
	s.See(`data {"why":`)
	s.Press(`"late"}`)
	s.Miss("no JSON")
	s.Press("enter", "enter")
	s.See("expected version 21") // the stream's own
	s.Press("enter")
	s.See("append Cancelled to order-7 after position 21?")
	s.Press("n") // anything but y goes back
	s.See("expected version 21")
	if m := newest(s, "order-7"); m.Position != 21 {
		t.Fatalf("written before it was confirmed: %+v", m)
	}
	s.Press("enter", "y")
	s.See("appended Cancelled to order-7 at position 22, global 121")
	if m := newest(s, "order-7"); m.Type != "Cancelled" || string(m.Data) != `{"why":"late"}` || m.Metadata != nil {
		t.Fatalf("%+v", m)
	}
	s.Frames(2)
	s.See("▌      22 Cancelled")
}

func TestAppendACopyMeetsAConflict(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":", "id "+pagetest.Shop()[0].Message.ID.String(), "enter")
	s.Frames(2)
	s.Press("A", "enter", "enter", "enter")
	s.See(`metadata {"correlationStreamName":"order-7","traceId":"d663a929"}`)
	s.Press("enter")
	s.Write("account-1", 1) // somebody else is faster
	s.Press("enter", "y")
	s.See("append to account-1: ", "expected version")
	s.Press("enter", "y")
	m := newest(s, "account-1")
	if m.Type != "AccountOpened" || m.Position != 23 || !strings.Contains(string(m.Metadata), "d663a929") {
		t.Fatalf("%+v", m)
	}
	s.Press("a", "esc")
	s.See("append cancelled, nothing was written")
}

func TestNothingIsWrittenReadOnly(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Env.ReadOnly = true
	for _, line := range []string{"append order-7", "create prod", "delete default"} {
		s.Press(":", line, "enter")
		s.See("read-only: " + strings.Fields(line)[0] + " is disabled")
	}
	s.Press("a")
	s.See("read-only: append is disabled")
	s.Miss("a new event")
}

func TestDeleteWantsTheName(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":", "create prod", "enter")
	s.See("copied the token of the new namespace prod")
	s.Press(":", "create prod", "enter")
	s.See("there is a namespace prod already")
	s.Press(":", "delete default", "enter")
	s.See("you are in this namespace")
	exists := func() bool {
		_, err := s.Client.In("prod").NamespaceInfo(s.Context(), "prod")
		return err == nil
	}
	for _, answer := range []string{"", "pro", "y"} {
		s.Press(":", "delete prod", "enter", answer, "enter")
		s.See("delete cancelled")
	}
	if !exists() {
		t.Fatal("prod is gone without its name")
	}
	s.Press(":", "delete prod", "enter", "prod", "enter")
	s.See("deleted namespace prod with 0 messages")
	if exists() {
		t.Fatal("prod is still there")
	}
}

// TestEditIsOfferedToAppend plays the editor.
func TestEditIsOfferedToAppend(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":", "stream order-7", "enter")
	s.Frames(2)
	s.Press("e")
	e := s.Last.Wishes().Edit
	if e == nil || !strings.Contains(string(e.Text), "{\n  \"amount\": ") {
		t.Fatalf("%+v", e)
	}
	s.Send(page.EditedMsg{ID: e.ID, Text: []byte(`{"amount":`), Changed: true})
	s.See("is no JSON, at character 10")
	s.Press("e")
	if again := s.Last.Wishes().Edit; again == nil || string(again.Text) != `{"amount":` {
		t.Fatalf("the work is lost: %+v", again)
	}
	s.Send(page.EditedMsg{ID: e.ID, Text: []byte("{\n  \"amount\": 9007199254740993\n}\n"), Changed: true})
	s.See("a new event", `{"amount":9007199254740993}`)
	s.Press("enter", "enter", "enter", "enter", "enter", "y")
	if m := newest(s, "order-7"); string(m.Data) != `{"amount":9007199254740993}` || m.Position != 22 {
		t.Fatalf("%+v", m)
	}
}

// TestAppendWhereverOneIs begins an event over each tab, over a difference and over
// lanes: the form is drawn there, has what is typed, and leaves all as it was.
func TestAppendWhereverOneIs(t *testing.T) {
	for name, way := range map[string][]string{
		"types": {":types order", "enter"}, "a type": {":types order OrderPlaced", "enter"}, "flow": {":flow order", "enter"}, "variants": {":flow order", "enter", "tab", "tab"},
		"state": {":stream order-7", "enter", "]"}, "causes": {":stream order-7", "enter", "["},
		"difference": {":stream order-7", "enter", "v", "j", "v"}, "lanes": {":stream order-7", "enter", "L"}, "a message of lanes": {":stream order-7", "enter", "L", "enter"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newPage(t, pagetest.Shop())
			for _, key := range way {
				s.Press(key)
				s.Frames(2)
			}
			before := s.Text()
			s.Press(":append zoo-1", "enter")
			s.See("a new event", "stream zoo-1")
			s.Press("enter", "Opened")
			s.See("type Opened")
			if c := s.Pane.Pane.Chrome(s.Env); len(c.Rules)+len(c.Bars) > 0 {
				t.Errorf("rules through the form: %+v", c)
			}
			s.Press("esc", "esc")
			s.See("append cancelled, nothing was written")
			s.Miss("a new event")
			s.Press(":append zoo-1", "enter", "esc")
			if after := strings.TrimSuffix(s.Text(), "\nappend cancelled, nothing was written"); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			s.Press(":append zoo-1", "enter", "enter", "Opened", "enter", "enter", "enter", "enter", "y")
			s.See("appended Opened to zoo-1 at position 0")
			s.Frames(2)
			s.See("zoo › zoo-1")
			s.Miss("a new event")
		})
	}
}

// TestDeleteBesideATab deletes a namespace while a tab is open.
func TestDeleteBesideATab(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":", "create prod", "enter", ":flow order", "enter")
	s.Frames(3)
	s.Press(":delete prod", "enter", "prod", "enter")
	s.See("deleted namespace prod with 0 messages")
}

// TestEditedBesideATab has a tab opened while the editor has a message's data.
func TestEditedBesideATab(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":stream order-7", "enter")
	s.Frames(2)
	s.Press("e")
	e := s.Last.Wishes().Edit
	s.Press("]")
	s.Send(page.EditedMsg{ID: e.ID, Text: []byte(`{"amount":1}`), Changed: true})
	s.See("a new event", `{"amount":1}`)
}

// TestHiddenDraftIsGone takes the page off the screen, and the prompt with it.
func TestHiddenDraftIsGone(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":flow order", "enter", ":append zoo-1", "enter")
	s.Hide()
	s.Show()
	s.Send(page.LocationMsg{Location: page.Location{Page: page.Streams, Category: "order"}})
	s.Frames(2)
	s.Miss("a new event")
}

// TestSentDraftIsTold takes the page off the screen while an event is sent: what became of
// it is told, and the user is led nowhere.
func TestSentDraftIsTold(t *testing.T) {
	for _, from := range []string{":category order", ":flow order"} {
		s := newPage(t, pagetest.Shop())
		s.Press(from, "enter", ":append zoo-1", "enter", "enter", "Opened", "enter", "enter", "enter", "enter")
		s.Hold = true
		s.Press("y")
		s.Hide()
		s.Show()
		s.Miss("a new event")
		s.Release()
		s.See("appended Opened to zoo-1 at position 0")
		s.Miss("zoo › zoo-1")
	}
}

// TestPromptsComeHome has a prompt answered after something else took the place of what
// opened it: of the page, by a tab; of a tab, by a list.
func TestPromptsComeHome(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	to := func(l page.Location) {
		l.Page = page.Streams
		s.Send(page.LocationMsg{Location: l})
		s.Frames(3)
	}
	to(page.Location{Category: "order"})
	s.Press("\\")
	to(page.Location{Category: "order", Tab: "types"})
	s.Press("order-7", "enter", "esc")
	s.Frames(2)
	s.See("prefix order-7")
	s.Press("]")
	s.Frames(2)
	s.Press("/")
	to(page.Location{Stream: "order-7"})
	before := s.Text()
	s.Press("OrderPlaced", "enter") // of the types: no search of the stream
	s.Frames(2)
	if after := s.Text(); !strings.Contains(before, "› order-7 ─") || !strings.HasPrefix(before, after) {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// TestDraftComesBack has an export ask for another name while an event is typed.
func TestDraftComesBack(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":stream order-7", "enter")
	s.Frames(2)
	file := t.TempDir() + "/taken.ndjson"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Hold = true
	s.Press("x", "ctrl+u", file, "enter", "a")
	s.See("a new event", "order-7")
	s.Release()
	s.See("already exists", "taken; another name")
	s.Press("esc")
	s.See("a new event", "stream order-7")
	s.Press("esc")
	s.Miss("a new event")
}
