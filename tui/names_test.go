package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// named is one message in each of the streams.
func named(data string, streams ...string) []store.ImportMessage {
	out := make([]store.ImportMessage, len(streams))
	for i, name := range streams {
		out[i].Message = store.Message{
			ID: store.NewID(pagetest.Noon), Stream: name, Type: "Placed", GlobalPosition: int64(i + 1), Time: pagetest.Noon, Data: []byte(data),
		}
	}
	return out
}

func TestLongNamesKeepTheirEnds(t *testing.T) {
	long := "order-" + strings.Repeat("0123456789", 12) + "-the-end"
	s := newStage(t, 100, 30, named(`{}`, long))
	s.frames(2)
	s.press("j", "enter")
	s.frames(2)
	s.see("order-0", "-the-end")
	s.miss(long)
	s.press("w")
	whole := strings.NewReplacer("\n", "", "│", "", " ", "").Replace(s.text())
	if !strings.Contains(whole, long) {
		t.Fatalf("w does not show the whole name:\n%s", s.text())
	}
	s.press("w", "enter")
	s.frames(2)
	s.see("namespaces › default › order › order-0", "-the-end  messages  state") // no parent is dropped
	s.press("enter")
	whole = strings.NewReplacer("\n", "", "│", "", " ", "").Replace(s.text())
	if !strings.Contains(whole, long) {
		t.Fatalf("the message does not show its stream's whole name:\n%s", s.text())
	}
}

func TestMessagesSayThatMoreFollows(t *testing.T) {
	var data strings.Builder
	for i := range 60 {
		fmt.Fprintf(&data, `,"field%02d":%d`, i, i)
	}
	s := newStage(t, 100, 30, named("{"+data.String()[1:]+"}", "order-1"))
	s.frames(2)
	s.press("m")
	s.frames(2)
	s.press("enter")
	s.see("data 1–", " of 62 ▼ ")
	s.press("ctrl+d", "ctrl+d")
	s.see(" of 62 ▲▼ ")
	s.press("G")
	s.see("–62 of 62 ▲ ")
}

func TestNamesThatLookAlikeAreMarked(t *testing.T) {
	s := newStage(t, 120, 30, named(`{}`, "keycap-12", "keycap-1\ufe0f\u20e32\ufe0f\u20e3"))
	s.frames(2)
	s.press("enter")
	s.frames(2)
	s.see("keycap-12 ", "keycap-1‹U+FE0F›‹")
	s.press("j", "enter")
	s.frames(2)
	s.see("all streams › keycap-1‹U+FE0F›")
}
