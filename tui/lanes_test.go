package tui

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// story is a process of four streams among others' messages: each message names
// its cause, and all but the first what they correlate to.
func story() []store.ImportMessage {
	type step struct {
		stream, kind string
		cause        int // place in the story, from 1; 0: none
		after        time.Duration
	}
	steps := []step{
		{"order-7", "Placed", 0, 0},
		{"account-1", "Reserved", 1, 120 * time.Millisecond},
		{"noise-1", "Hum", 0, 10 * time.Millisecond},
		{"payment-9", "Captured", 2, 1500 * time.Millisecond},
		{"order-7", "Paid", 4, 3 * time.Millisecond},
		{"noise-2", "Hum", 3, 10 * time.Millisecond},
		{"shipment-4", "Packed", 5, 2 * time.Second},
		{"account-1", "Settled", 4, 40 * time.Millisecond},
		{"mail-3", "Sent", 7, time.Second}, // caused, but says nothing of the order
	}
	positions := map[string]int64{}
	at := pagetest.Noon.Add(-time.Minute)
	var out []store.ImportMessage
	for i, st := range steps {
		at = at.Add(st.after)
		m := store.Message{
			ID: store.MakeID(at, [10]byte{7, byte(i)}), Stream: st.stream, Type: st.kind, Position: positions[st.stream],
			GlobalPosition: int64(i + 1), Time: at, Data: fmt.Appendf(nil, `{"step":%d}`, i+1),
		}
		positions[st.stream]++
		var meta []string
		if i > 0 && !strings.HasPrefix(st.stream, "noise") && st.stream != "mail-3" {
			meta = append(meta, `"correlationStreamName":"order-7"`)
		}
		if st.cause > 0 {
			c := out[st.cause-1].Message
			meta = append(meta, fmt.Sprintf(`"causationMessageStreamName":%q,"causationMessagePosition":%d,"causationMessageGlobalPosition":%d`, c.Stream, c.Position, c.GlobalPosition))
		}
		if len(meta) > 0 {
			m.Metadata = []byte("{" + strings.Join(meta, ",") + "}")
		}
		out = append(out, store.ImportMessage{Message: m, Correlation: correlationCategory(&m)})
	}
	return out
}

func correlationCategory(m *store.Message) string {
	if bytes.Contains(m.Metadata, []byte(`"correlationStreamName":"order-7"`)) {
		return "order"
	}
	return ""
}

func TestLanes(t *testing.T) {
	s := newStage(t, 120, 30, story())
	s.press(":stream payment-9", "enter")
	s.frames(2)
	s.press("L")
	s.frames(2)
	s.see("lanes of order-7", "7 messages in 5 streams", "searched 9 from 1 on",
		"Placed", "Reserved +120 ms", "Captured +1.51 s", "Paid +3 ms", "Packed +2.01 s", "Settled", "Sent +")
	s.miss("Hum")
	s.press("enter") // the cursor stands where it was
	s.see("type   Captured")
	s.press("esc", "j", "enter")
	s.see("type   Paid")
	s.press(".")
	s.see("type   Packed")
	s.press("esc")
	s.see("lanes of order-7")
	s.press("gs")
	s.frames(2)
	s.see("shipment › shipment-4")
	// A message that correlates to nothing has its own stream's process.
	s.press(":stream noise-2", "enter")
	s.frames(2)
	s.press("L")
	s.frames(2)
	s.see("lanes of noise-2", "2 messages in 2 streams", "noise-1")
	s.press("esc")
	s.see("noise › noise-2")
}

// TestMessageOfLanesStandsAlone opens messages from lanes on a wide screen: no list stands
// beside them, since none leads to them.
func TestMessageOfLanesStandsAlone(t *testing.T) {
	for _, w := range []int{100, 120, 160} {
		s := newStage(t, w, 30, story())
		s.press("3")
		s.frames(3)
		s.press("k", "L") // from Tail: Streams is at the categories
		s.frames(2)
		s.see("lanes of order-7", "▌ 11:59:03.683 ")
		s.press("enter")
		s.see("│ type   Settled")
		s.miss("▌", "┬", "┴")
		s.press(",")
		s.see("│ type   Packed")
		s.press("1", "-")
		s.frames(2)
		s.see("lanes", "│ type   Packed")
		s.press("esc")
		s.see("│▌ 11:59:03.643")
		s.press(":stream payment-9", "enter")
		s.frames(2)
		s.press("enter") // of a list: that is beside it
		s.see("┴", "0 Captured", "│ type   Captured")
	}
}

// TestLanesGolden keeps the drawing where it is wide, narrow and plain, and holds
// what it says at every size and look.
func TestLanesGolden(t *testing.T) {
	for _, c := range []struct {
		w, h   int
		ascii  bool
		golden bool
	}{
		{160, 50, false, true}, {160, 50, true, false}, {120, 40, false, false}, {120, 40, true, false},
		{80, 24, false, false}, {80, 24, true, true}, {60, 15, false, true}, {60, 15, true, false},
	} {
		t.Run(fmt.Sprintf("%dx%d/ascii=%v", c.w, c.h, c.ascii), func(t *testing.T) {
			s := newStage(t, c.w, c.h, story())
			if c.ascii {
				s.app.cfg.ASCII = true
				s.restyle()
			}
			s.press(":stream order-7", "enter")
			s.frames(2)
			s.press("L")
			s.frames(2)
			screen := headless(s.text())
			pagetest.Says(t, strings.NewReplacer("●", "*", "◀", "<", "▌", ">").Replace(screen), "time order-7 account-1", "11:59:00.000 * Placed", "* Reserv", "+120 ms", "Captur", "+1.51 s",
				"> 11:59:01.633 * Paid +3 ms <", "Packed +2.01 s", "11:59:03.683", "* Sett", "Sent +1.04 s", "7 messages in 5 streams", "esc out enter open + further")
			if c.golden {
				golden.RequireEqual(t, trimmed(screen))
			}
		})
	}
}

// TestLanesOfAnotherDay holds that a time with its day, or year, does not run into the
// first lane.
func TestLanesOfAnotherDay(t *testing.T) {
	for after, want := range map[time.Duration]string{72 * time.Hour: "03-14 11:59:00 ● Placed", 400 * 24 * time.Hour: "20260314 11:59 ● Placed"} {
		s := newStage(t, 120, 40, story())
		s.now = s.now.Add(after)
		s.press(":stream order-7", "enter")
		s.frames(2)
		s.press("L")
		s.frames(2)
		s.see(want)
	}
}

func TestLanesLookFurther(t *testing.T) {
	messages := story()
	for i := range 23_000 {
		g := int64(len(messages) + 1)
		messages = append(messages, store.ImportMessage{Message: store.Message{
			ID: store.MakeID(pagetest.Noon, [10]byte{8, byte(i >> 16), byte(i >> 8), byte(i)}), Stream: "noise-9", Type: "Hum", Position: int64(i),
			GlobalPosition: g, Time: pagetest.Noon, Data: []byte(`{}`),
		}})
	}
	last := &messages[len(messages)-1]
	last.Metadata, last.Correlation = []byte(`{"correlationStreamName":"order-7"}`), "order"
	last.Stream, last.Position = "order-8", 0
	s := newStage(t, 120, 30, messages)
	s.press(":stream order-7", "enter")
	s.frames(2)
	s.press("L")
	s.frames(2)
	s.see("at least 7 messages", "+ searches further")
	s.miss("order-8")
	s.press("+")
	s.frames(2)
	s.see("8 messages in 6 streams")
	s.miss("at least")
}

func TestFollowCorrelation(t *testing.T) {
	s := newStage(t, 120, 30, story())
	s.press(":stream shipment-4", "enter")
	s.frames(2)
	s.press("gc")
	s.frames(2)
	s.see("correlation order-7", "oldest first", "1–6 of 6", "Placed", "Reserved", "Captured", "Paid", "Packed", "Settled")
	s.miss("Hum", "Sent")
	s.press("enter")
	s.see("type   Packed")
	s.press("esc")
	s.press("o")
	s.frames(2)
	s.see("1–6 of 6")
	s.press("\\", "type=Paid", "enter")
	s.frames(2)
	s.see("1–1 of 1", "are hidden")
	s.press("esc", "esc")
	s.see("shipment › shipment-4")
}

// TestLanesKeepTheirOwnInSight walks a process of sixteen streams.
func TestLanesKeepTheirOwnInSight(t *testing.T) {
	const streams, each = 16, 6
	var messages []store.ImportMessage
	for i := range streams * each {
		m := store.Message{
			ID: store.MakeID(pagetest.Noon, [10]byte{9, byte(i)}), Stream: fmt.Sprintf("step-%02d", i/each), Type: fmt.Sprintf("Did%02d", i), Position: int64(i % each),
			GlobalPosition: int64(i + 1), Time: pagetest.Noon, Data: []byte(`{}`), Metadata: []byte(`{"correlationStreamName":"order-7"}`),
		}
		messages = append(messages, store.ImportMessage{Message: m, Correlation: "order"})
	}
	s := newStage(t, 100, 20, messages)
	s.press(":stream step-00", "enter")
	s.frames(2)
	s.press("o")
	s.frames(2)
	s.press("L")
	s.frames(2)
	s.see("96 messages in 16 streams", "step-00", "13 empty la", "● Did00")
	s.press("G")
	s.see("step-15", "● Did95")
	s.miss("step-00  ", "step-07") // beyond the breadcrumbs
	for range 40 {
		s.press("k")
		if !strings.Contains(s.text(), "●") || len(strings.Fields(s.currentRow())) < 3 {
			t.Fatalf("the row under the cursor has a time alone:\n%s", s.text())
		}
	}
	s.press("l", "l", "l", "l", "l")
	for _, line := range strings.Split(s.text(), "\n") {
		if strings.Contains(line, "12:00:00.000") && len(strings.Fields(line)) < 4 {
			t.Fatalf("a row with a time alone: %q", line)
		}
	}
}

// currentRow is the line of the screen that the cursor is on.
func (s *stage) currentRow() string {
	s.Helper()
	for _, line := range strings.Split(s.text(), "\n") {
		if strings.Contains(line, "▌") {
			return line
		}
	}
	return ""
}
