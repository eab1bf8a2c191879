package tail

import (
	"testing"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// TestLookingBackIsSeenAndEnded: a tail that begins with a filter says what
// looking back costs, and esc or ctrl-c end that, not the filter.
func TestLookingBackIsSeenAndEnded(t *testing.T) {
	for _, key := range []page.Action{page.ActOut, page.ActCancelUI} {
		s := newStage(t, 120, 30, nil)
		s.Write("order-1", 50)
		s.Frames(1)
		s.Hold = true
		s.Press("\\", `"n":7}`, "enter")
		looking := s.tail().questions.looking
		if looking == nil {
			t.Fatal("nothing is looked for")
		}
		looking.add(client.ScanCost{Messages: 41_203, Bytes: 18_000_000, Time: 300 * time.Millisecond})
		s.Frames(1)
		s.See("looking back for matches: 41,2", "MB", "300 ms", "esc stops")
		s.Send(page.ActionMsg{Action: key})
		if looking.ctx.Err() == nil || s.tail().questions.looking != nil {
			t.Errorf("%s does not end looking back", key)
		}
		s.Miss("looking back")
		s.Release()
		s.Frames(1)
		s.See(`filter "n":7}`)
	}
}

// TestTailLooksBackFar finds what is further back than one answer reads.
func TestTailLooksBackFar(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Write("order-1", 12_000)
	s.Frames(1)
	s.Press("\\", `pos=3`, "enter")
	s.Frames(1)
	s.See("filter pos=3", "matched 1 · shown 1 · hidden 11,999 · folded 0", "order-1")
	s.Write("order-1", 5000)
	s.Frames(1)
	s.checkTail(17_000)
	s.See("matched 1 · shown 1 · hidden 16,999 · folded 0")
}
