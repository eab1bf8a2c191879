package tui

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// uiMemory is what the UI may hold beyond the engine, whatever runs past it.
const uiMemory = 64 << 20

// TestMemoryIsBounded lets much more run past the pages than they may keep: two
// hours of samples with the longest names, ever other ones; half a million
// messages of a kilobyte; a category of more streams than are looked at; more
// events than are remembered.
func TestMemoryIsBounded(t *testing.T) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	shared := &page.Past{}
	panes := []*pagetest.Pane{pagetest.New(newOverview(), page.LookFull), pagetest.New(newTail(), page.LookFull), pagetest.New(newGroups(), page.LookFull), pagetest.New(newEnginePage(), page.LookFull)}
	for _, p := range panes {
		p.Env.Past = shared
	}
	rememberHours(shared)
	floodTail(panes[1])
	g := panes[2].Pane.(*groups)
	g.key, g.place = "order", placement{category: "order"}
	for len(g.place.streams) < placedMost {
		g.place.add(placedOf(fakeCategory("order", placedPage-1)))
	}
	for range 2 * observePoints {
		panes[2].Env.Now = panes[2].Env.Now.Add(observeEvery)
		var list []wire.GroupMember
		for m := range 2 * observeMost {
			at, lag := int64(m), int64(m)
			list = append(list, wire.GroupMember{Size: 2 * observeMost, Member: m, Position: &at, Lag: &lag})
		}
		g.seen.take(panes[2].Env.Now, list)
	}
	for _, feed := range []*kit.EngineFeed{&panes[0].Pane.(*overview).feed, &panes[3].Pane.(*enginePage).feed} {
		for page := range 20 {
			events := make([]store.EngineEvent, kit.FeedPage)
			for i := range events {
				n := page*kit.FeedPage + i
				events[i] = store.EngineEvent{Seq: uint64(n + 1), Kind: store.EventFlush, Time: pagetest.Start, Reason: fmt.Sprint("reason ", n)}
			}
			feed.Add(events)
		}
	}
	for _, p := range panes {
		p.View(t, 158, 45)
	}
	used := int64(heap() - before)
	t.Logf("the UI holds %.1f MB", float64(used)/1e6)
	if used > uiMemory {
		t.Errorf("the UI holds %.1f MB, may hold %d", float64(used)/1e6, uiMemory>>20)
	}
	runtime.KeepAlive(panes)
}

func rememberHours(p *page.Past) {
	for i := range 2 * page.HistorySeconds {
		s := sampleAt(i)
		for j := range wire.TopRates {
			name := fmt.Sprintf("%0100d", i*wire.TopRates+j)
			s.Namespaces = append(s.Namespaces, wire.NamespaceRate{Namespace: name, Appends: 1})
			s.Categories = append(s.Categories, wire.CategoryRate{Namespace: name, Category: "category " + name, Appends: 1})
		}
		p.Add(s)
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
		p.Send(page.Reply{Gen: tail.gen, Value: r})
		p.Env.Now = p.Env.Now.Add(200 * time.Millisecond)
		p.Send(page.FrameMsg{})
	}
}
