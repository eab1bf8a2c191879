package streams

import (
	"fmt"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// users is n streams of one message each.
func users(n int) []store.ImportMessage {
	out := make([]store.ImportMessage, n)
	for i := range out {
		at := pagetest.Noon.Add(time.Duration(i-n) * time.Millisecond)
		out[i].Message = store.Message{
			ID: store.MakeID(at, [10]byte{byte(i >> 8), byte(i)}), Stream: fmt.Sprintf("user-%05d", i), Type: "Registered",
			GlobalPosition: int64(i + 1), Time: at, Data: fmt.Appendf(nil, `{"n":%d}`, i),
		}
	}
	return out
}

func newPage(t *testing.T, messages []store.ImportMessage) *pagetest.Stage {
	t.Helper()
	s := pagetest.NewStage(t, 120, 40, Spec(), page.Setup{}, messages)
	s.Frames(2)
	return s
}

// TestSearchAsksTheStore finds a stream that was never on the screen, forward,
// around the end, and through rows that were let go.
func TestSearchAsksTheStore(t *testing.T) {
	s := newPage(t, users(12_000))
	s.Press("enter")
	s.Frames(2)
	s.Press("/", "ser-11203", "enter")
	s.See("▌ user-11203", "12,000")
	s.Press("/", "r-00301", "enter")
	s.See("▌ user-00301")
	s.Press("/", "-0000", "enter", "n")
	s.See("▌ user-00001")
	s.Press("/", "nobody", "enter")
	s.See(`no match for "nobody" in all 12,000 names; m opens the messages`) // which hold what names do not
}

func TestSearchAmongMessages(t *testing.T) {
	s := newPage(t, users(1500))
	s.Press("m")
	s.Frames(2)
	s.Press("/", `"n":77}`, "enter")
	s.See("user-00077", "▌")
	if m, ok := s.Pane.Pane.(*streams).way.top().current().(*kit.Brief); !ok || m.GlobalPosition != 78 {
		t.Fatalf("on %+v", m)
	}
	s.Press("\\", "stream~user-000*", "enter")
	s.Frames(20)
	s.Press("/", "user-00500", "enter")
	s.Frames(20)
	s.See("the 100 rows that match the filter searched")
}

// TestSearchCanBeStopped keeps the answer back while the search is cancelled.
func TestSearchCanBeStopped(t *testing.T) {
	s := newPage(t, users(3000))
	s.Press("enter")
	s.Frames(2)
	s.Hold = true
	s.Press("/", "user-02999", "enter")
	s.See("searching user-02999", "esc stops")
	s.Press("esc")
	s.Release()
	s.Frames(2)
	s.Miss("searching")
	s.See("▌ user-00000")
}

// TestCursorStaysOnItsStream appends a stream that sorts before the cursor's.
func TestCursorStaysOnItsStream(t *testing.T) {
	for name, refresh := range map[string]func(s *pagetest.Stage){
		"r":         func(s *pagetest.Stage) { s.Press("r"); s.Frames(2) },
		"by itself": func(s *pagetest.Stage) { s.Frames(15) },
		"reconnect": func(s *pagetest.Stage) { s.Send(page.ReconnectMsg{}); s.Frames(2) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newPage(t, users(1200))
			s.Press("enter")
			s.Frames(2)
			s.Press("jjjj")
			s.See("▌ user-00004")
			s.Write("user-00001a", 1)
			s.Write("user-00000a", 1)
			refresh(s)
			s.See("▌ user-00004", "user-00001a", "user-00000a")
			// What the new rows pushed out of the first page stands in the second.
			s.Press("/", "user-00498", "enter", "jj")
			s.See("▌ user-00500")
		})
	}
}

func TestWrongNamesAreAnswered(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	for line, want := range map[string]string{
		"stream nope-1": `:stream: namespace default has no stream "nope-1"`,
		"category nope": `:category: namespace default has no category "nope"`,
		"pos 999999":    ":pos: namespace default ends at global position 120",
		"id 5":          ":id needs a message's id",
		"id 018f3c1e-7a3b-7c52-9d0a-5f1e2d3c4b5a": ":id: namespace default has no message 018f3c1e",
	} {
		s.Press(":", line, "enter")
		s.See(want, "namespaces › default ─") // and nothing was given up
	}
	s.Press(":", "stream order-7", "enter")
	s.Frames(2)
	s.Press("gp", "5000", "enter")
	s.See("stream order-7 ends at position 21")
	s.Press(":", "pos 61", "enter", "esc", "esc", "esc", "m")
	s.Frames(2)
	s.Press("gp", "5000", "enter")
	s.See("ends at global position 120")
}

func TestFindByID(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":", "id "+pagetest.Shop()[40].Message.ID.String(), "enter")
	s.Frames(2)
	if m, ok := s.Pane.Pane.(*streams).way.top().current().(*kit.Brief); !ok || m.GlobalPosition != 41 {
		t.Fatalf("on %+v", m)
	}
}

// TestEndTurnsTheOrder goes to the last of many messages without reading those
// between.
func TestEndTurnsTheOrder(t *testing.T) {
	s := newPage(t, users(9000))
	s.Press("m")
	s.Frames(2)
	s.Press("G")
	s.See("oldest first", "▌          1 user-00000", "o turns it back")
	s.Press("G")
	s.See("▌       9000 user-08999", "newest first")
	s.Press("\\", "stream~user-00*", "enter", "G")
	s.See("▌          1 user-00000")
}

// TestNewMessagesAreToldOf keeps the cursor on its message, whatever comes.
func TestNewMessagesAreToldOf(t *testing.T) {
	s := newPage(t, users(300))
	s.Press("m")
	s.Frames(2)
	s.Press("jj")
	s.Write("user-1", 3)
	s.Frames(8)
	s.See("▌        298 user-00297", "303")
	s.Write("user-1", 60)
	s.Frames(8)
	s.See("▌        298 user-00297", "60 new, r")
	s.Press("r")
	s.Frames(3)
	s.See("▌        298 user-00297")
	s.Miss("new, r")
	s.Write("user-1", 200)
	s.Frames(8)
	s.Press("gg")
	s.Frames(3)
	s.See("▌        563 user-1")
}
