package tail

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestMemoryIsBounded tails half a million messages of a kilobyte: the page may
// hold 16 MB.
func TestMemoryIsBounded(t *testing.T) {
	used := pagetest.Held(func() any {
		p := pagetest.New(newTail(), page.LookFull)
		floodTail(p)
		p.View(t, 158, 45)
		return p
	})
	if used > 16<<20 {
		t.Errorf("the page holds %.1f MB", float64(used)/1e6)
	}
}

func floodTail(p *pagetest.Pane) {
	tail := p.Pane.(*tail)
	p.Send(page.ShowMsg{})
	last := int64(0)
	for range 500 {
		r := tailPulled{asked: p.Env.Now}
		for range 1000 {
			last++
			m := &store.Message{Stream: fmt.Sprintf("order-%d", last%1000), Type: "Placed", GlobalPosition: last, Time: p.Env.Now, Data: bytes.Repeat([]byte("x"), 1000)}
			r.rows = append(r.rows, tailRow{m: m})
		}
		r.place = tailPlace{last: last, count: last}
		p.Send(page.Reply{Gen: tail.questions.gen, Value: r})
		p.Env.Now = p.Env.Now.Add(200 * time.Millisecond)
		p.Send(page.FrameMsg{})
	}
}
