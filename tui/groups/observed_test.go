package groups

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// observedMembers makes up a group of four on order: one that has caught up, one
// that catches up, one that falls behind, and one that nobody has heard of; and
// a consumer that records its positions.
func observedMembers(now time.Time) []wire.GroupMember {
	elapsed := int64(now.Sub(pagetest.Start) / time.Second)
	member := func(n int, position, lag int64) wire.GroupMember {
		heard, silent := now.Add(-time.Second*time.Duration(n)), int64(n)*int64(time.Second)
		return wire.GroupMember{
			Namespace: "default", Category: "order", Size: 4, Member: n, Via: wire.ViaRead,
			Position: &position, Lag: &lag, LastHeard: &heard, SilentFor: &silent, From: "10.0.0.7:5123",
		}
	}
	connected := member(0, 90_000, 0)
	connected.Connected, connected.Via = 1, wire.ViaSubscription
	recorded := member(0, 89_000, 1000)
	recorded.Size, recorded.Via, recorded.Consumer, recorded.From = 0, wire.ViaPosition, "billing\u202e", ""
	return []wire.GroupMember{
		connected, member(1, 80_000+100*elapsed, 10_000-100*elapsed), member(2, 70_000, 20_000+40*elapsed),
		{Namespace: "default", Category: "order", Size: 4, Member: 3}, recorded,
	}
}

// observedOf opens the tab of observed consumers and lets some seconds pass.
func observedOf(t *testing.T, look page.Look) (*pagetest.Pane, *groupsServer) {
	p, s := pagetest.New(newGroups(), look), newGroupsServer()
	s.members = observedMembers
	p.Send(page.ShowMsg{})
	s.settle(t, p)
	p.Send(page.LocationMsg{Location: page.Location{Category: "order"}})
	p.Send(page.ActionMsg{Action: page.ActPrevTab})
	for range 6 {
		s.settle(t, p)
	}
	return p, s
}

func TestObservedGolden(t *testing.T) {
	for _, size := range [][2]int{{78, 19}, {118, 35}, {158, 45}, {38, 7}} {
		t.Run(fmt.Sprintf("%dx%d", size[0]+2, size[1]+5), func(t *testing.T) {
			screen := pagetest.Colourless(t, func(look page.Look) string {
				p, _ := observedOf(t, look)
				return p.View(t, size[0], size[1])
			})
			pagetest.Says(t, screen, "order 4 members 2,400 streams", "members moves observed 5", "consumer position lag", "▌ member 0 of 4 90,000 0",
				"member 1 of 4 80,700 9,300", "member 2 of 4 70,000 20,280")
			if size[0] > 70 {
				pagetest.Says(t, screen, "steady caught up ● connected", "▼ 100/s 1m 33s silent 1 s", "▲ 40/s falls behind silent 2 s",
					"member 3 of 4 unknown unknown – unknown never", "steady never now", "one member more would move 1,940 of 2,400 streams (80.8%), one less 1,787")
			}
			if size[0] == 118 || size[0] == 38 {
				golden.RequireEqual(t, screen)
			}
		})
	}
}

func TestObservedTellsWhatIsKnown(t *testing.T) {
	p, _ := observedOf(t, page.LookFull)
	screen := p.View(t, 160, 40)
	lines := map[string]string{}
	for _, line := range strings.Split(ansi.Strip(screen), "\n") {
		for _, who := range []string{"member 0 of 4", "member 1 of 4", "member 2 of 4", "member 3 of 4", "billing"} {
			if strings.Contains(line, who) {
				lines[who] = strings.Join(strings.Fields(line), " ")
			}
		}
	}
	for who, want := range map[string][]string{
		"member 0 of 4": {"90,000 0 steady caught up ● connected subscription"},
		"member 1 of 4": {"▼ 100/s", "1m 3", "silent 1 s category.get"},
		"member 2 of 4": {"70,000", "▲ 40/s falls behind"},
		"member 3 of 4": {"unknown unknown – unknown never"},
		"billing":       {"‹U+20", "89,000 1,000 steady never", "position stream"},
	} {
		for _, w := range want {
			if !strings.Contains(lines[who], w) {
				t.Errorf("%q does not say %q", lines[who], w)
			}
		}
	}
	if strings.Contains(screen, "\u202e") {
		t.Error("a bidi mark is obeyed")
	}
}

func TestObservedNeedsTimeForATrend(t *testing.T) {
	var l lagTrack
	lag := func(n int64) *int64 { return &n }
	l.add(lagPoint{pagetest.Start, nil, lag(1000)})
	if _, known := l.trend(); known {
		t.Error("a trend out of one look")
	}
	l.add(lagPoint{pagetest.Start.Add(10 * time.Second), nil, lag(500)})
	if v, known := l.trend(); !known || v != -50 {
		t.Errorf("trend %v, known %v, want -50", v, known)
	}
	l.add(lagPoint{pagetest.Start.Add(12 * time.Second), nil, nil})
	if _, known := l.trend(); known {
		t.Error("a lag that is not known now has a trend")
	}
	for i := range 2 * observePoints {
		l.add(lagPoint{pagetest.Start.Add(time.Duration(20+2*i) * time.Second), nil, lag(int64(i))})
	}
	if v, _ := l.trend(); len(l.points) != observePoints || v != 0.5 {
		t.Errorf("%d points, trend %v", len(l.points), v)
	}
}

// TestObservedAsOfThen puts the time cursor where the page looked, and where it
// did not.
func TestObservedAsOfThen(t *testing.T) {
	p, s := observedOf(t, page.LookFull)
	g := p.Pane.(*groups)
	p.Env.At = p.Env.Now.Add(-3 * time.Second)
	p.Send(page.AtMsg{})
	got := ansi.Strip(p.View(t, 160, 40))
	if !g.Chrome(p.Env).AsOf || !strings.Contains(got, "90,000") || strings.Contains(got, "connected") {
		t.Errorf("of a second at which the page looked:\n%s", got)
	}
	p.Env.At = p.Env.Now.Add(-time.Hour)
	p.Send(page.AtMsg{})
	s.answer(t, p, p.Send(page.FrameMsg{})) // the log is asked
	if g.seen.then.gen == 0 {
		t.Fatal("the log was not asked for the positions recorded by then")
	}
	done := int64(420)
	p.Send(page.Reply{Gen: g.seen.then.gen, Value: thenReply{500, map[string]*int64{"billing\u202e": &done}}})
	got = ansi.Strip(p.View(t, 160, 40))
	if strings.Contains(got, "90,000") || !strings.Contains(got, "positions are tracked only while this page is open") || !strings.Contains(got, "421         80") {
		t.Errorf("of a second at which the page did not look:\n%s", got)
	}
	p.Env.At = time.Time{}
	p.Send(page.AtMsg{})
	if got := ansi.Strip(p.View(t, 160, 40)); !strings.Contains(got, "connected") {
		t.Errorf("live again:\n%s", got)
	}
}

// TestReadThenLooksIntoTheLog runs the question against a server.
func TestReadThenLooksIntoTheLog(t *testing.T) {
	messages := pagetest.Shop()
	last := len(messages)
	for i := range 3 { // recorded in the three seconds after noon
		m := store.Message{
			ID: store.NewID(pagetest.Noon), Stream: "order:position-billing", Type: "Recorded", Position: int64(i), GlobalPosition: int64(last + i + 1),
			Time: pagetest.Noon.Add(time.Duration(i) * time.Second), Data: fmt.Appendf(nil, `{"position":%d}`, 10*(i+1)),
		}
		messages = append(messages, store.ImportMessage{Message: m})
	}
	st := storetest.NewModel()
	c := pagetest.Serve(t, st)
	if err := st.Import(t.Context(), store.DefaultNamespace, messages); err != nil {
		t.Fatal(err)
	}
	ask := func(at time.Time) thenReply {
		r, err := readThen(context.Background(), c, "order", []string{"billing", "nobody"}, at)
		if err != nil {
			t.Fatal(err)
		}
		return r.(thenReply)
	}
	if r := ask(pagetest.Noon.Add(1500 * time.Millisecond)); r.records["billing"] == nil || *r.records["billing"] != 20 || r.head == 0 || r.records["nobody"] != nil {
		t.Errorf("a second and a half after noon: %+v", r)
	}
	if r := ask(pagetest.Noon.Add(-time.Minute)); r.records["billing"] != nil || r.head == 0 {
		t.Errorf("before the first record: %+v", r)
	}
	if r := ask(pagetest.Noon.Add(-time.Hour)); r.head != 0 {
		t.Errorf("before all: %+v", r)
	}
	if got := positionStream("order:command", "x"); got != "order:command+position-x" {
		t.Error(got)
	}
}

func TestObservedSaysWhyThereIsNothing(t *testing.T) {
	p, s := observedOf(t, page.LookFull)
	s.members = func(time.Time) []wire.GroupMember { return nil }
	p.Env.Now = p.Env.Now.Add(observeEvery)
	s.settle(t, p)
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "no consumers seen") {
		t.Errorf("nobody:\n%s", got)
	}
	s.members = nil
	p.Env.Now = p.Env.Now.Add(observeEvery)
	s.settle(t, p)
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "this server does not observe consumers") {
		t.Errorf("a plain server:\n%s", got)
	}
}

// TestGroupsMouseOnTabsAndHeads clicks through the tabs and orders by columns.
func TestGroupsMouseOnTabsAndHeads(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	s.members = observedMembers
	g := p.Pane.(*groups)
	s.settle(t, p)
	find := func(what string) (x, y int) {
		t.Helper()
		for y, line := range strings.Split(ansi.Strip(p.View(t, 158, 45)), "\n") {
			if i := strings.LastIndex(line, what); i >= 0 {
				return ansi.StringWidth(line[:i]), y
			}
		}
		t.Fatalf("%q is not on the screen", what)
		return 0, 0
	}
	click := func(what string) {
		t.Helper()
		x, y := find(what)
		p.Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	}
	click("moves")
	if g.tab != tabMoves {
		t.Fatalf("tab %d after a click on moves", g.tab)
	}
	click("members   moves")
	click("share")
	if d := g.current(); g.byMember.Column != 3 || d.Members[g.order[0]].Messages < d.Members[g.order[1]].Messages {
		t.Errorf("a click on Share orders %v by %+v", g.order, g.byMember)
	}
	click("share")
	if d := g.current(); d.Members[g.order[0]].Messages > d.Members[g.order[3]].Messages {
		t.Errorf("a second click does not turn the order: %v", g.order)
	}
	click("share")
	if g.order[0] != 0 || g.order[3] != 3 {
		t.Errorf("a third click gives the page's own order back: %v", g.order)
	}
	p.Send(tea.MouseClickMsg{X: 38, Y: 0, Button: tea.MouseLeft})
	if g.byCount.Column != 2 || g.counts[0].Category != "order" || g.key != "order" {
		t.Errorf("the list is ordered by %+v: %v, chosen %q", g.byCount, g.counts, g.key)
	}
}

func TestMemberRates(t *testing.T) {
	var r memberRates
	d := func(messages ...int64) *wire.Distribution {
		d := &wire.Distribution{Category: "order", Size: len(messages), Complete: true}
		for i, n := range messages {
			d.Members = append(d.Members, wire.Member{Member: i, Messages: n})
		}
		return d
	}
	r.look(pagetest.Start, d(10, 20))
	if v := r.of(d(10, 20), 0); v == v {
		t.Errorf("a rate of %v out of one look", v)
	}
	r.look(pagetest.Start.Add(2*time.Second), d(30, 20))
	if a, b := r.of(d(30, 20), 0), r.of(d(30, 20), 1); a != 10 || b != 0 {
		t.Errorf("rates %v and %v", a, b)
	}
	r.look(pagetest.Start.Add(4*time.Second), d(30, 20, 5))
	if v := r.of(d(30, 20, 5), 0); v == v {
		t.Errorf("a rate of %v over two sizes", v)
	}
}

func TestGroupsAreFoundAsTheyWereLeft(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	p.Send(page.ActionMsg{Action: page.ActMore})
	p.Send(page.ActionMsg{Action: page.ActPrevTab})
	kept := p.Pane.(page.Stateful).Save()
	again := pagetest.New(newGroups(), page.LookFull)
	again.Send(page.RestoreMsg{State: kept})
	s.settle(t, again)
	if g := again.Pane.(*groups); g.key != "order" || g.size != 5 || g.tab != tabObserved || g.current() == nil {
		t.Errorf("found %q with %d members on tab %d", g.key, g.size, g.tab)
	}
	gone := pagetest.New(newGroups(), page.LookFull)
	gone.Send(page.RestoreMsg{State: []byte(`{"category":"gone","size":100000,"tab":77}`)})
	s.settle(t, gone)
	if g := gone.Pane.(*groups); g.key == "gone" || g.size != maxGroupSize || g.tab >= groupsTabs {
		t.Errorf("found %q with %d members on tab %d", g.key, g.size, g.tab)
	}
}
