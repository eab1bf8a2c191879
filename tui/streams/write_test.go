package streams

import (
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
