package groups

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// someConsumers makes up a group of four on order: one that has caught up, one that
// catches up, one that falls behind, and one that nobody has heard of; of payment a dead
// member, somebody who read once, and one who is being counted; and two who record.
func someConsumers(now time.Time) []lag.Consumer {
	elapsed := int64(now.Sub(pagetest.Start) / time.Second)
	one := func(category string, size, n int, position, messages int64, silent time.Duration) lag.Consumer {
		heard, ago := now.Add(-silent), int64(silent)
		return lag.Consumer{GroupMember: wire.GroupMember{
			Namespace: "default", Category: category, Size: size, Member: n, Via: wire.ViaRead,
			Position: &position, Messages: &messages, LastHeard: &heard, SilentFor: &ago, From: "10.0.0.7:5123",
		}}
	}
	trend := func(c lag.Consumer, perSecond float64) lag.Consumer {
		c.Trend, c.Trended = perSecond, true
		return c
	}
	connected := trend(one("order", 4, 0, 90_000, 0, 0), 0)
	connected.Connected, connected.Via = 1, wire.ViaSubscription
	never := lag.Consumer{GroupMember: wire.GroupMember{Namespace: "default", Category: "order", Size: 4, Member: 3}}
	dead := trend(one("payment", 2, 0, 300, 700, 5*time.Minute+48*time.Second), -289)
	once := one("payment", 1, 0, 1, 0, 3*time.Minute)
	once.Once, once.Messages = true, nil
	counted := one("payment", 2, 1, 1, 5000, time.Second)
	counted.AtLeast = true
	billing := trend(one("order", 0, 0, 89_000, 1000, 4*time.Second), 0)
	billing.Via, billing.Consumer, billing.Name, billing.From = wire.ViaPosition, "billing\u202e", "billing\u202e", ""
	reports := one("order", 2, 1, 70, 3, 2*time.Minute)
	reports.Via, reports.Consumer, reports.Name, reports.From = wire.ViaPosition, "reports-1-of-2", "reports", ""
	all := []lag.Consumer{
		connected, trend(one("order", 4, 1, 80_000+100*elapsed, 10_000-100*elapsed, time.Second), -100),
		trend(one("order", 4, 2, 70_000, 20_000+40*elapsed, 2*time.Second), 40), never, dead, once, counted, billing, reports,
	}
	slices.SortFunc(all, func(a, b lag.Consumer) int { return lag.Compare(&a, &b) })
	return all
}

// consumersOf opens the page and lets some seconds pass.
func consumersOf(t *testing.T, look page.Look) (*pagetest.Pane, *groupsServer) {
	p, s := pagetest.New(newGroups(), look), newGroupsServer()
	s.consumers = someConsumers
	p.Send(page.ShowMsg{})
	for range 6 {
		s.settle(t, p)
	}
	return p, s
}

func TestConsumersGolden(t *testing.T) {
	for _, size := range [][2]int{{78, 19}, {118, 35}, {158, 45}, {38, 7}} {
		t.Run(fmt.Sprintf("%dx%d", size[0]+2, size[1]+5), func(t *testing.T) {
			golden.RequireEqual(t, pagetest.Colourless(t, func(look page.Look) string {
				p, _ := consumersOf(t, look)
				return p.View(t, size[0], size[1])
			}))
		})
	}
}

// TestThePageOpensOnAllConsumers, the worst first (U17), whatever categories there are,
// and says of each what is known and no more (U5).
func TestThePageOpensOnAllConsumers(t *testing.T) {
	p, _ := consumersOf(t, page.LookFull)
	screen := p.View(t, 158, 45)
	var lines []string
	for _, line := range strings.Split(ansi.Strip(screen), "\n") {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	if !strings.Contains(lines[1], "8 consumers 6 behind, 2 of them silent worst: 700 messages, member 0 of 2 of payment") {
		t.Errorf("the summary is %q", lines[1])
	}
	order := []string{ // silent ones, then by lag, then who is not known, then who has caught up
		"payment – 0 of 2 700 ▼ 289/s silent ! silent 5m 48s category.get 300 10.0.0.7:5123",
		"order reports 1 of 2 3 – silent ! recorded 2m 00s position stream 70",
		"order – 2 of 4 20,", "order – 1 of 4 9,", "payment – 1 of 2 ≥5,000 – – read 1 s category.get 1 10.0.0.7:5123",
		"order billing", "order – 3 of 4 ? – ? ! never seen – ?", "order – 0 of 4 0 steady caught up ● connected subscription 90,000",
		"payment – 0 of 1 – – – once, 3m 00s category.get 1",
	}
	for i, want := range order {
		if got := strings.TrimPrefix(lines[3+i], "▌ "); !strings.HasPrefix(got, want) {
			t.Errorf("line %d is %q, want %q", i, got, want)
		}
	}
	for i, words := range map[int][]string{2: {"▲ 40/s falls behind read 2 s"}, 3: {"▼ 100/s 1m 3"}, 5: {"‹U+20", "1,000 steady never recorded 4 s"}} {
		for _, w := range words {
			if !strings.Contains(lines[3+i], w) {
				t.Errorf("line %d is %q, without %q", i, lines[3+i], w)
			}
		}
	}
	if strings.Contains(screen, "\u202e") {
		t.Error("a bidi mark is obeyed")
	}
	p.Env.Theme = page.NewTheme(true, page.LookMono, true)
	if got := p.View(t, 158, 45); !strings.Contains(got, ">=5,000") || strings.ContainsAny(got, "≥▲▼●") {
		t.Errorf("in ASCII:\n%s", got)
	}
}

// TestTheCursorStaysOnItsConsumer, whatever place that has after the next look; so does
// the order that was asked for.
func TestTheCursorStaysOnItsConsumer(t *testing.T) {
	p, s := consumersOf(t, page.LookFull)
	g := p.Pane.(*groups)
	for range 3 {
		p.Send(page.ActionMsg{Action: page.ActDown})
	}
	on := g.consumers.row().ID()
	if on.Member != 1 || on.Size != 4 {
		t.Fatalf("the cursor is on %+v", on)
	}
	p.Send(page.ActionMsg{Action: page.ActSort})
	p.Send(page.PromptMsg{ID: kit.SortPrompt, Text: "l", State: page.PromptDone}) // lag
	s.consumers = func(now time.Time) []lag.Consumer {
		all := someConsumers(now)
		for i := range all {
			if all[i].ID() == on {
				n := int64(1)
				all[i].Messages = &n
			}
		}
		return all
	}
	p.Env.Now = p.Env.Now.Add(observeEvery)
	s.settle(t, p)
	if got := g.consumers.row().ID(); got != on {
		t.Errorf("the cursor is on %+v, was on %+v", got, on)
	}
	rows := g.consumers.list.Rows()
	if first, last := *rows[0].Messages, rows[len(rows)-1].Messages; first < 20_000 || last != nil {
		t.Errorf("by lag, the first has %d, the last %v", first, last)
	}
}

// TestNobodyConsumes: then the page shows how its categories would be divided, unless
// somebody wants it otherwise.
func TestNobodyConsumes(t *testing.T) {
	p, s := pagetest.New(newGroups(), page.LookFull), newGroupsServer()
	s.settle(t, p)
	if g := p.Pane.(*groups); g.tab != tabMembers {
		t.Errorf("tab %s", g.tab)
	}
	p.Send(page.ActionMsg{Action: page.ActPrevTab})
	p.Send(page.ActionMsg{Action: page.ActPrevTab})
	s.settle(t, p)
	if got := ansi.Strip(p.View(t, 158, 35)); !strings.Contains(got, "no consumers seen: nobody has read") {
		t.Errorf("nobody:\n%s", got)
	}
	s.look.Why = "this server does not observe who reads"
	p.Env.Now = p.Env.Now.Add(observeEvery)
	s.settle(t, p)
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "no consumer has recorded a position, and this server does not observe who reads") {
		t.Errorf("a plain server:\n%s", got)
	}
	s.consumers, s.look.Read = someConsumers, 3204
	p.Env.Now = p.Env.Now.Add(observeEvery)
	s.settle(t, p)
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "recorded positions only: this server does not observe who reads  3,204 messages read to count") {
		t.Errorf("what it costs there:\n%s", got)
	}
}

// TestConsumersGo: a page on which somebody was seen does not turn to another tab under
// the reader's eyes when they are gone.
func TestConsumersGo(t *testing.T) {
	p, s := consumersOf(t, page.LookFull)
	g := p.Pane.(*groups)
	s.consumers = nil
	p.Env.Now = p.Env.Now.Add(observeEvery)
	s.settle(t, p)
	if got := ansi.Strip(p.View(t, 158, 35)); g.tab != tabConsumers || !strings.Contains(got, "no consumers seen") {
		t.Errorf("tab %s:\n%s", g.tab, got)
	}
}

// TestConsumersFilter keeps those with a text in category or group.
func TestConsumersFilter(t *testing.T) {
	p, _ := consumersOf(t, page.LookFull)
	g := p.Pane.(*groups)
	p.Send(page.PromptMsg{ID: kit.FilterPrompt, Text: "report"})
	if len(g.consumers.list.Rows()) != 1 || g.consumers.row().Name != "reports" {
		t.Errorf("%d rows", len(g.consumers.list.Rows()))
	}
	p.Send(page.PromptMsg{ID: kit.FilterPrompt, Text: "nonesuch"})
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "nothing matches; esc shows all") {
		t.Errorf("nothing matches:\n%s", got)
	}
	p.Send(page.ActionMsg{Action: page.ActOut})
	if len(g.consumers.list.Rows()) != 9 {
		t.Errorf("%d rows without the filter", len(g.consumers.list.Rows()))
	}
}

// TestEnterGoesToTheVeryMessage at which a consumer stands: the first of its own share,
// not the first of the category.
func TestEnterGoesToTheVeryMessage(t *testing.T) {
	messages := pagetest.Shop()
	s := pagetest.NewStage(t, 140, 40, Spec(), page.Setup{}, messages)
	group := store.Group{Member: 1, Size: 2}
	var own []store.Message
	for _, m := range messages {
		if store.Category(m.Stream) == "account" && group.Owns(m.Stream) {
			own = append(own, m.Message)
		}
	}
	record := func(done int64) {
		t.Helper()
		event := client.Event{Type: "Recorded", Data: fmt.Appendf(nil, `{"position":%d}`, done)}
		if _, err := s.Client.Write(t.Context(), "account:position-reports-1-of-2", event, client.AnyVersion()); err != nil {
			t.Fatal(err)
		}
	}
	where := func() *page.Location {
		t.Helper()
		s.Env.Now = s.Env.Now.Add(observeEvery)
		s.Send(page.FrameMsg{})
		s.Send(page.ActionMsg{Action: page.ActOpen})
		return s.Last.Wishes().GoTo
	}
	record(own[3].GlobalPosition)
	if l := where(); l == nil || l.Stream != own[4].Stream || l.Position != own[4].Position || !l.HasPosition {
		t.Errorf("it leads to %+v, want %s #%d", l, own[4].Stream, own[4].Position)
	}
	last := own[len(own)-1]
	record(int64(len(messages)))
	if l := where(); l == nil || l.Stream != last.Stream || l.Position != last.Position {
		t.Errorf("one that has caught up leads to %+v, want %s #%d", l, last.Stream, last.Position)
	}
	s.Send(page.ActionMsg{Action: page.ActGoStream})
	if l := s.Last.Wishes().GoTo; l == nil || l.Stream != "account:position-reports-1-of-2" {
		t.Errorf("its stream is %+v", l)
	}
}

// TestConsumersAsOfThen puts the time cursor where the page looked, and where it did not.
func TestConsumersAsOfThen(t *testing.T) {
	messages := pagetest.Shop()
	s := pagetest.NewStage(t, 160, 40, Spec(), page.Setup{}, messages)
	member := client.CategoryQuery{Category: "account", GlobalPosition: 1, Limit: 2, Group: store.Group{Member: 0, Size: 1}}
	for range 2 {
		if _, err := s.Program.ReadCategory(t.Context(), member); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Client.Write(t.Context(), "account:position-reports", client.Event{Type: "Recorded", Data: []byte(`{"position":50}`)}, client.AnyVersion()); err != nil {
		t.Fatal(err)
	}
	frames := func() {
		for range 5 {
			s.Env.Now = s.Env.Now.Add(observeEvery)
			s.Send(page.FrameMsg{})
		}
	}
	frames()
	line := func() string {
		for _, line := range strings.Split(ansi.Strip(s.Raw()), "\n") {
			if line = strings.Join(strings.Fields(line), " "); strings.Contains(line, "account – 0 of 1") {
				return line
			}
		}
		return ""
	}
	live := line()
	if !strings.Contains(live, "account – 0 of 1 44 ") || !strings.Contains(live, "category.get 1 ") {
		t.Fatalf("live: %q", live)
	}
	s.Env.At = s.Env.Now.Add(-3 * time.Second)
	s.Send(page.AtMsg{})
	frames()
	if got := line(); !strings.Contains(got, "account – 0 of 1 44 ") || strings.Contains(got, "silent") || strings.Contains(got, "read ") {
		t.Errorf("of a second at which the page looked: %q, live %q", got, live)
	}
	s.Env.At = pagetest.Noon.Add(-time.Minute)
	s.Send(page.AtMsg{})
	frames()
	if got := line(); !strings.Contains(got, "0 of 1 ? – ?") {
		t.Errorf("of a second at which the page did not look: %q", got)
	}
	if got := ansi.Strip(s.Raw()); !strings.Contains(got, "positions are tracked only while this page is open") {
		t.Errorf("of a second at which the page did not look:\n%s", got)
	}
	s.Env.At = time.Time{}
	s.Send(page.AtMsg{})
	if got := line(); !strings.Contains(got, "read ") && !strings.Contains(got, "! silent ") {
		t.Errorf("live again: %q", got)
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
	of := []lag.Consumer{
		{GroupMember: wire.GroupMember{Category: "order", Consumer: "billing", Via: wire.ViaPosition}},
		{GroupMember: wire.GroupMember{Category: "order", Consumer: "nobody", Via: wire.ViaPosition}},
	}
	ask := func(at time.Time) (billing, nobody stood) {
		r, err := readThen(context.Background(), c, of, at)
		if err != nil {
			t.Fatal(err)
		}
		known := r.(map[lag.ID]stood)
		return known[of[0].ID()], known[of[1].ID()]
	}
	before := func(done int64, at time.Time) (n int64) { // of order, by hand
		for _, m := range messages {
			if store.Category(m.Stream) == "order" && m.GlobalPosition > done && !m.Time.After(at) {
				n++
			}
		}
		return n
	}
	at := pagetest.Noon.Add(1500 * time.Millisecond)
	if b, nobody := ask(at); b.done == nil || *b.done != 20 || b.messages != before(20, at) || b.messages == 0 || nobody.done != nil {
		t.Errorf("a second and a half after noon: %+v, nobody %+v; want %d messages", b, nobody, before(20, at))
	}
	if b, _ := ask(pagetest.Noon.Add(-time.Minute)); b.done != nil {
		t.Errorf("before the first record: %+v", b)
	}
	if b, _ := ask(pagetest.Noon.Add(-time.Hour)); b.done != nil {
		t.Errorf("before all: %+v", b)
	}
}

// TestGroupsMouseOnTabsAndHeads clicks through the tabs and orders by columns.
func TestGroupsMouseOnTabsAndHeads(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	s.consumers = someConsumers
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
	click("members ")
	click("share")
	order := g.dist.members.Rows
	if g.dist.members.Sorting.Column != 3 || order()[0].Messages < order()[1].Messages {
		t.Errorf("a click on Share orders %v by %+v", order(), g.dist.members.Sorting)
	}
	click("share")
	if order()[0].Messages > order()[3].Messages {
		t.Errorf("a second click does not turn the order: %v", order())
	}
	click("share")
	if order()[0].Member != 0 || order()[3].Member != 3 {
		t.Errorf("a third click gives the page's own order back: %v", order())
	}
	p.Send(tea.MouseClickMsg{X: 38, Y: 1, Button: tea.MouseLeft})
	if g.categories.list.Sorting.Column != 2 || g.categories.list.Rows()[0].Category != "order" || g.dist.category != "order" {
		t.Errorf("the list is ordered by %+v: %v, chosen %q", g.categories.list.Sorting, g.categories.list.Rows(), g.dist.category)
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
	if v := r.of(d(10, 20), &wire.Member{Member: 0}); v == v {
		t.Errorf("a rate of %v out of one look", v)
	}
	r.look(pagetest.Start.Add(2*time.Second), d(30, 20))
	if a, b := r.of(d(30, 20), &wire.Member{Member: 0}), r.of(d(30, 20), &wire.Member{Member: 1}); a != 10 || b != 0 {
		t.Errorf("rates %v and %v", a, b)
	}
	r.look(pagetest.Start.Add(4*time.Second), d(30, 20, 5))
	if v := r.of(d(30, 20, 5), &wire.Member{Member: 0}); v == v {
		t.Errorf("a rate of %v over two sizes", v)
	}
}

func TestGroupsAreFoundAsTheyWereLeft(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	p.Send(page.ActionMsg{Action: page.ActMore})
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	kept := p.Pane.(page.Stateful).Save()
	again := pagetest.New(newGroups(), page.LookFull)
	again.Send(page.RestoreMsg{State: kept})
	s.settle(t, again)
	if g := again.Pane.(*groups); g.dist.category != "order" || g.dist.size != 5 || g.tab != tabMoves || g.dist.current() == nil {
		t.Errorf("found %q with %d members on tab %d", g.dist.category, g.dist.size, g.tab)
	}
	gone := pagetest.New(newGroups(), page.LookFull)
	gone.Send(page.RestoreMsg{State: []byte(`{"category":"gone","size":100000,"view":"nowhere","tab":1}`)})
	s.settle(t, gone)
	if g := gone.Pane.(*groups); g.dist.category == "gone" || g.dist.size != maxGroupSize || g.tab >= groupsTabs {
		t.Errorf("found %q with %d members on tab %d", g.dist.category, g.dist.size, g.tab)
	}
}

// TestReadersAreOfThisServer: of a log that several evtui share each knows its own readers, and says so; a guest in a
// database, which nobody reads through, has nothing to say.
func TestReadersAreOfThisServer(t *testing.T) {
	const words = "who reads is of this evtui"
	p, _ := consumersOf(t, page.LookMono)
	see := func(info wire.Info) string {
		p.Env.Live.Info = info
		return ansi.Strip(p.View(t, 118, 35))
	}
	for _, info := range []wire.Info{{}, {Shared: true, Witness: true}} {
		if got := see(info); strings.Contains(got, words) {
			t.Errorf("%+v:\n%s", info, got)
		}
	}
	pagetest.Says(t, see(wire.Info{Shared: true}), words, "recorded positions are of all that share the log")
	none := newGroups()
	none.consumers.known = true
	if note, known := none.consumers.missing(&p.Env); !known || !strings.Contains(note, "nobody has read from this evtui") {
		t.Errorf("without any: %q, %v", note, known)
	}
}
