package groups

import (
	"testing"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestMemoryIsBounded has a category of more streams than are looked at, and
// more members, for longer, than are remembered: the page may hold 20 MB.
func TestMemoryIsBounded(t *testing.T) {
	used := pagetest.Held(func() any {
		p := pagetest.New(newGroups(), page.LookFull)
		g := p.Pane.(*groups)
		g.key, g.place = "order", placement{category: "order"}
		for len(g.place.streams) < placedMost {
			g.place.add(placedOf(fakeCategory("order", placedPage-1)))
		}
		for range 2 * observePoints {
			p.Env.Now = p.Env.Now.Add(observeEvery)
			var list []wire.GroupMember
			for m := range 2 * observeMost {
				at, lag := int64(m), int64(m)
				list = append(list, wire.GroupMember{Size: 2 * observeMost, Member: m, Position: &at, Lag: &lag})
			}
			g.seen.take(p.Env.Now, list)
		}
		p.View(t, 158, 45)
		return p
	})
	if used > 20<<20 {
		t.Errorf("the page holds %.1f MB", float64(used)/1e6)
	}
}
