package streams

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestLookingIsHalted ends looking for what a filter keeps, by esc and by
// ctrl-c, while an answer is on its way; r goes on where it was left.
func TestLookingIsHalted(t *testing.T) {
	large := make([]store.ImportMessage, 300) // more than the server looks at for one answer
	for i := range large {
		at := pagetest.Noon.Add(time.Duration(i-len(large)) * time.Second)
		large[i].Message = store.Message{
			ID: store.MakeID(at, [10]byte{1, byte(i >> 8), byte(i)}), Stream: fmt.Sprintf("doc-%d", i%3), Type: "Scanned", Position: int64(i / 3),
			GlobalPosition: int64(i + 1), Time: at, Data: fmt.Appendf(nil, `{"n":%d,"pad":%q}`, i, strings.Repeat("x", 100_000)),
		}
	}
	for _, key := range []page.Action{page.ActOut, page.ActCancelUI} {
		s := newPage(t, large)
		s.Press("m")
		s.Frames(2)
		s.Hold = true
		s.Press("\\", "data.n=1", "enter")
		s.Send(page.ActionMsg{Action: key})
		s.See("stopped, r goes on: 0 read", "filter data.n=1")
		s.Release()
		s.Frames(3)
		cost := s.Pane.Pane.(*streams).way.top().sifting.cost
		if cost.Messages == 0 || cost.Messages == int64(len(large)) || cost.Bytes < 1 || cost.Here {
			t.Fatalf("%s: it has looked at %+v", key, cost)
		}
		s.See(fmt.Sprintf("stopped, r goes on: %d read, ", cost.Messages))
		s.Miss("nothing matches") // who knows
		s.Press("r")
		s.Frames(20)
		s.Miss("stopped")
		s.See("1–1 of 1 · 299 of 300 read are hidden", "doc-1")
		s.Press("esc") // now it takes the filter away
		s.Frames(2)
		s.Miss("filter data.n=1")
	}
}
