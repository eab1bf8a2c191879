package causes_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
	"github.com/evtui/evtui/tui/streams/causes"
)

// order is a small process: each message names its cause, and one a cause that is
// not there.
func order() []store.ImportMessage {
	type step struct {
		stream, kind string
		cause        int // from 1; 0: none, -1: one that is not there
		after        time.Duration
	}
	var out []store.ImportMessage
	positions := map[string]int64{}
	at := pagetest.Noon.Add(-time.Minute)
	for i, s := range []step{
		{"order-7", "Placed", 0, 0}, {"payment-9", "Requested", 1, 120 * time.Millisecond}, {"noise-1", "Hum", 0, 0},
		{"payment-9", "Captured", 2, 1500 * time.Millisecond}, {"mail-3", "Receipt\u202e", 4, 30 * time.Millisecond},
		{"order-7", "Paid", 4, 3 * time.Second}, {"ghost-1", "Lost", -1, 0},
	} {
		at = at.Add(s.after)
		m := store.Message{
			ID: store.MakeID(at, [10]byte{9: byte(i)}), Stream: s.stream, Type: s.kind, Position: positions[s.stream],
			GlobalPosition: int64(i + 1), Time: at, Data: fmt.Appendf(nil, `{"step":%d}`, i+1),
		}
		positions[s.stream]++
		switch {
		case s.cause > 0:
			m.Metadata = fmt.Appendf(nil, `{"$causationId":%q,"$correlationId":"c-1"}`, out[s.cause-1].ID)
		case s.cause < 0:
			m.Metadata = []byte(`{"causationMessageStreamName":"gone-1","causationMessagePosition":3}`)
		}
		out = append(out, store.ImportMessage{Message: m})
	}
	return out
}

// stage shows the tab of a message.
func stage(t testing.TB, w, h int, stream string, position int64, messages []store.ImportMessage) *pagetest.Stage {
	t.Helper()
	at := page.Location{Page: page.Streams, Stream: stream, Position: position, HasPosition: true}
	spec := page.Spec{Name: "Causes", New: func(page.Setup) page.Pane { return causes.New(at, 1<<32) }}
	s := pagetest.NewStage(t, w, h, spec, page.Setup{}, messages)
	s.Frames(6)
	return s
}

func TestTree(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {160, 50}} {
		s := stage(t, size[0], size[1], "payment-9", 1, order())
		s.See("Placed", "└ Requested", "+120 ms", "▸ Captured", "+1.5 s", "Receipt", "└ Paid", "◆ +3.03 s", "slowest, 65%",
			"◇ +120 ms", "◇ +1.5 s", "2 causes, 2 effects", "◇ 4.65 s slowest path", "◆ 3.03 s slowest hop", "looked through 3 messages after it, to the end")
		s.Miss("Hum", "Lost", "\u202e")
		s.Press("enter")
		s.See("type   Captured", `"step": 4`)
		s.Press(".")
		s.See("type   Receipt")
		s.Press("esc")
		s.See("2 causes, 2 effects")
	}
}

func TestFaultsAreSaid(t *testing.T) {
	s := stage(t, 160, 30, "ghost-1", 0, order())
	s.See("▸ Lost", "its cause gone-1#3 is not there", "0 causes, 0 effects")
	s = stage(t, 100, 30, "order-9", 4, order())
	s.See("there is no message order-9#4")
}

// TestEffectsComeIn holds that what is written while the tree is open comes into
// it.
func TestEffectsComeIn(t *testing.T) {
	all := order()
	s := stage(t, 120, 30, "order-7", 0, all[:5])
	s.See("0 causes, 3 effects", "to the end; new ones come in")
	if err := s.Store.(store.Importer).Import(t.Context(), store.DefaultNamespace, all[5:]); err != nil {
		t.Fatal(err)
	}
	s.Frames(6)
	s.See("0 causes, 4 effects", "Paid")
}

// TestLongWayIsAskedFor holds that what is not cheap begins when it is told to, says
// what it costs, and stops.
func TestLongWayIsAskedFor(t *testing.T) {
	all := order()
	at := all[len(all)-1].Time
	for i := range 60_000 {
		g := int64(len(all) + 1)
		all = append(all, store.ImportMessage{Message: store.Message{
			ID: store.MakeID(at, [10]byte{9: byte(i), 8: byte(i >> 8), 7: byte(i >> 16), 6: 1}), Stream: "noise-2", Type: "Hum",
			Position: int64(i), GlobalPosition: g, Time: at, Data: []byte(`{}`),
		}})
	}
	last := &all[len(all)-1].Message
	last.Type, last.Metadata = "VeryLate", fmt.Appendf(nil, `{"causation_id":%q}`, all[0].ID)
	s := stage(t, 120, 30, "order-7", 0, all)
	if s.Text(); strings.Contains(s.Text(), "at least") {
		s.See("of 60,006 messages after it: + looks through the rest, esc stops", "more effects")
		s.Miss("VeryLate")
	}
	s.Press("+")
	for range 200 {
		if s.Frames(3); strings.Contains(s.Text(), "to the end") {
			break
		}
	}
	s.See("VeryLate", "0 causes, 5 effects", "looked through 60,006")
}

func TestPercentiles(t *testing.T) {
	s := stage(t, 140, 30, "payment-9", 1, order())
	s.Press("p")
	s.Frames(4)
	s.See("hops to payment", "Placed", "Requested", "120 ms", "all 2 messages read", "2 hops of 2 kinds")
	s.Press("p")
	s.Frames(4)
	s.See("hops to payment-9")
	s.Press("p")
	s.See("2 causes, 2 effects")
}

// TestPercentilesOfTheRow holds that they are of the message under the cursor, not of
// the one that the tab was opened on, also once they are read again.
func TestPercentilesOfTheRow(t *testing.T) {
	s := stage(t, 140, 30, "payment-9", 1, order())
	s.Press("G", "p")
	s.Frames(4)
	s.See("hops to order", "Captured", "Paid", "3.03 s", "1 hop of 1 kind")
	s.Send(page.ReconnectMsg{})
	s.Frames(4)
	s.See("hops to order", "3.03 s")
	s.Press("p")
	s.Frames(4)
	s.See("hops to order-7")
	s.Miss("payment-9")
}

// TestPast holds that at a moment of the past nothing later is there.
func TestPast(t *testing.T) {
	s := stage(t, 140, 30, "order-7", 0, order())
	s.See("0 causes, 4 effects")
	s.Env.At = pagetest.Noon.Add(-time.Minute).Add(time.Second)
	s.Send(page.AtMsg{})
	s.Frames(4)
	s.See("0 causes, 3 effects", "up to")
	s.Miss("Paid")
	s.Env.At = pagetest.Noon.Add(-time.Hour) // before the message itself
	s.Send(page.AtMsg{})
	s.Frames(4)
	s.See("order-7#0 was not there yet at the time shown; 0 returns to live")
	s.Miss("more effects")
	s.Env.At = time.Time{}
	s.Send(page.AtMsg{})
	s.Frames(4)
	s.See("0 causes, 4 effects", "Paid")
}

func TestMeaningsAndWords(t *testing.T) {
	s := stage(t, 100, 30, "payment-9", 1, order())
	pane := s.Pane.Pane
	for range 2 {
		for _, m := range pane.(page.Figured).Meanings() {
			if m.Figure == "" || m.Words == "" || m.Source == "" || m.Unit == "" || m.Window == "" || m.Unknown == "" {
				t.Errorf("%+v is not whole", m)
			}
		}
		s.Press("p")
	}
	s.Press("p")
	words := strings.Join(pane.(page.Linear).Linear(s.Env), "\n")
	for _, want := range []string{"level 2: Captured in payment-9, position 1, +1.5 s after its cause, this message, on the slowest path", "level 3: Paid in order-7, position 1, +3.03 s after its cause, on the slowest path, slowest, 65%",
		"+1.5 s after its cause, this message, on the slowest path, 32% of path"} {
		if !strings.Contains(words, want) {
			t.Errorf("in words it does not say %q:\n%s", want, words)
		}
	}
	s.Env.Theme = page.NewTheme(true, page.LookMono, true)
	s.See("` Paid", "> Captured", "* +120 ms", "! +3.03 s", "slowest, 65%")
}
