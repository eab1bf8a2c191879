package groups

import (
	"fmt"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/partition"
	"github.com/evtui/evtui/server/client/consumer"
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestMemoryIsBounded has a category of many streams, and more parked messages and
// consumers, for longer, than are remembered: the page may hold 20 MB.
func TestMemoryIsBounded(t *testing.T) {
	used := pagetest.Held(func() any {
		p := pagetest.New(newGroups(), page.LookFull)
		g := p.Pane.(*groups)
		g.dist.category, g.dist.before = "order", 7
		g.dist.scan = scan{of: g.dist.wanted()}
		g.dist.scan.tally = partition.New(g.dist.scan.of.spec())
		for _, x := range fakeCategory("order", 200_000) {
			g.dist.scan.tally.Add(x)
		}
		g.dist.take(p.Env.Now)
		for range 20 {
			p.Env.Now = p.Env.Now.Add(observeEvery)
			var look lag.Look
			for m := range 1000 {
				at := int64(m)
				look.Consumers = append(look.Consumers, lag.Consumer{GroupMember: wire.GroupMember{Size: 1000, Member: m, Position: &at, Messages: &at}})
			}
			g.consumers.gen = 1
			p.Send(page.Reply{Gen: 1, Value: look})
		}
		var rows []parkedRow
		for n := range 10_000 {
			rows = append(rows, parkedRow{category: "order", consumer: "reports", Waiting: consumer.Waiting{
				Parked: consumer.Parked{Stream: fmt.Sprintf("order-%d", n), GlobalPosition: int64(n), Error: strings.Repeat("x", 100)}, Head: int64(n),
			}})
		}
		g.parked.gen = 2
		p.Send(page.Reply{Gen: 2, Value: parkedReply{rows: rows}})
		p.View(t, 158, 45)
		return p
	})
	if used > 20<<20 {
		t.Errorf("the page holds %.1f MB", float64(used)/1e6)
	}
}
