package groups

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// fakeCategory is the streams that the tests' server holds of one category.
func fakeCategory(name string, n int) []store.Stream {
	out := []store.Stream{{Name: name, Version: 11}}
	for i := range n {
		out = append(out, store.Stream{Name: fmt.Sprintf("%s-%06d", name, i), Version: int64(i*i%97 + 10)})
	}
	if n > 5 {
		out[6].Version = 40_000
	}
	return out
}

// groupsServer answers the page's questions out of fakeCategory.
type groupsServer struct {
	streams map[string][]store.Stream
	plain   bool // offers no distributions
	asked   []string

	members func(now time.Time) []wire.GroupMember // nil: observes nobody
}

func newGroupsServer() *groupsServer {
	s := &groupsServer{streams: map[string][]store.Stream{}}
	for name, n := range map[string]int{"account": 120, "order": 2400, "payment": 7, "ünïcode\u202e": 1} {
		s.streams[name] = fakeCategory(name, n)
	}
	return s
}

func (s *groupsServer) counts() []store.CategoryCount {
	var out []store.CategoryCount
	for name, list := range s.streams {
		c := store.CategoryCount{Category: name, StreamCount: int64(len(list))}
		for _, x := range list {
			c.MessageCount += x.Version + 1
		}
		out = append(out, c)
	}
	return out
}

// answer answers all that the page asks, until it asks no more. What is asked
// is known by its generation.
func (s *groupsServer) answer(t *testing.T, p *pagetest.Pane, asks []page.Ask) {
	t.Helper()
	g := p.Pane.(*groups)
	for rounds := 0; len(asks) > 0; rounds++ {
		if rounds > 100 {
			t.Fatal("the page does not stop asking")
		}
		var next []page.Ask
		for _, a := range asks {
			reply := page.Reply{Gen: a.Gen}
			switch a.Gen {
			case g.asks.counts:
				s.asked = append(s.asked, "counts")
				reply.Value = s.counts()
			case g.asks.dist:
				s.asked = append(s.asked, fmt.Sprintf("distribution %s %d", g.asks.distCategory, g.asks.distSize))
				whole := placement{category: g.asks.distCategory}
				whole.add(placedOf(s.streams[g.asks.distCategory]))
				reply.Value = distReply{dist: whole.distribution(g.asks.distSize)}
				whole.done = true
				if d := whole.distribution(g.asks.distSize); true {
					reply.Value = distReply{dist: d}
				}
				if s.plain {
					reply.Err = &client.Error{Status: 404, Code: wire.MethodNotFound}
				}
			case g.seen.gen:
				if reply.Err = (&client.Error{Status: 404, Code: wire.MethodNotFound}); s.members != nil {
					reply.Value, reply.Err = s.members(p.Env.Now), nil
				}
			case g.asks.streams:
				all := s.streams[g.scan.category]
				from := len(g.scan.streams)
				s.asked = append(s.asked, fmt.Sprintf("streams %s from %d", g.scan.category, from))
				reply.Value = placedOf(all[from:min(from+placedPage, len(all))])
			case g.asks.sums:
				reply.Value, reply.Err = a.Call(t.Context(), nil)
			default:
				continue // superseded
			}
			next = append(next, p.Send(reply)...)
		}
		asks = next
	}
}

// settle runs frames until the page has what it wants.
func (s *groupsServer) settle(t *testing.T, p *pagetest.Pane) {
	t.Helper()
	if p.Last != nil {
		s.answer(t, p, p.Last.Wishes().Asks)
	}
	for range 6 {
		p.Env.Now = p.Env.Now.Add(200 * time.Millisecond)
		s.answer(t, p, p.Send(page.FrameMsg{}))
	}
}

func groupsOf(t *testing.T, look page.Look, category string) (*pagetest.Pane, *groupsServer) {
	p, s := pagetest.New(newGroups(), look), newGroupsServer()
	p.Send(page.ShowMsg{})
	s.settle(t, p)
	p.Send(page.LocationMsg{Location: page.Location{Category: category}})
	p.Send(page.ActionMsg{Action: page.ActOut})
	s.settle(t, p)
	return p, s
}

func TestGroupsGolden(t *testing.T) {
	for _, size := range [][2]int{{78, 19}, {118, 35}, {38, 7}} {
		t.Run(fmt.Sprintf("%dx%d", size[0]+2, size[1]+5), func(t *testing.T) {
			golden.RequireEqual(t, pagetest.Colourless(t, func(look page.Look) string {
				p, _ := groupsOf(t, look, "order")
				return p.View(t, size[0], size[1])
			}))
		})
	}
}

// TestGroupsResized holds what a group of another size says, and which streams
// would move, at every size.
func TestGroupsResized(t *testing.T) {
	resized := func(look page.Look) (*pagetest.Pane, *groupsServer) {
		p, s := groupsOf(t, look, "order")
		p.Send(page.ActionMsg{Action: page.ActOpen})
		p.Send(page.ActionMsg{Action: page.ActMore})
		s.settle(t, p)
		return p, s
	}
	for _, size := range [][2]int{{78, 19}, {118, 35}, {38, 7}} {
		members := pagetest.Colourless(t, func(look page.Look) string {
			p, _ := resized(look)
			return p.View(t, size[0], size[1])
		})
		pagetest.Says(t, members, "order 5 members 2,400 streams", "4 → 5 members moves 1,940 of 2,400 s", "members moves 1,940 observed", "member messages",
			"66,693 36.7%", "26,220 14.4%", "31,182 17.2%")
		moves := pagetest.Colourless(t, func(look page.Look) string {
			p, _ := resized(look)
			p.Send(page.ActionMsg{Action: page.ActNextTab})
			return p.View(t, size[0], size[1])
		})
		pagetest.Says(t, moves, "members moves 1,940 observed", "stream from to", "▌ order-000005 3 0", "order-000075 3 1", "order-000172 3 1")
		if size[0] > 70 {
			pagetest.Says(t, members, "(80.8%), 153,417 messages", "skew 1.84 uneven largest is member 0, mean 36.3k messages", "1 stream without an id, with 12 messages",
				"66,693 36.7% 462 – order-000005", "27,728 15.3% 483 – order-000216", "hottest streams of member 0", "40,001 60.0%", "107 0.2%")
			pagetest.Says(t, moves, "stream from to messages", "▌ order-000005 3 0 40,001", "order-001089 1 0 107")
		}
	}
}

func TestGroupsExactAtEverySize(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	empty := pagetest.New(newGroups(), page.LookMono)
	empty.Env.Theme = page.NewTheme(true, page.LookMono, true)
	for _, a := range []page.Action{page.ActDown, page.ActOpen, page.ActMore, page.ActNextTab} {
		p.Send(page.ActionMsg{Action: a})
		s.settle(t, p)
		for w := 1; w < 150; w += 7 {
			for h := 1; h < 40; h += 5 {
				p.View(t, w, h)
				empty.View(t, w, h)
			}
		}
	}
}

// TestGroupsFollowsTheHashRule compares what is shown with the rule itself.
func TestGroupsFollowsTheHashRule(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	g := p.Pane.(*groups)
	p.Send(page.ActionMsg{Action: page.ActLess})
	s.settle(t, p)
	if g.size != 3 || g.current() == nil {
		t.Fatalf("size %d, distribution %v", g.size, g.current())
	}
	want := map[string]move{}
	counted := make([]int64, 3)
	for _, x := range s.streams["order"] {
		id := store.CardinalID(x.Name)
		if id == "" {
			continue
		}
		from, to := store.MemberOf(store.Hash(id), 4), store.MemberOf(store.Hash(id), 3)
		counted[to]++
		if from != to {
			want[x.Name] = move{x.Name, from, to, x.Version + 1}
		}
	}
	for i, m := range g.current().Members {
		if m.Streams != counted[i] {
			t.Errorf("member %d has %d streams, want %d", i, m.Streams, counted[i])
		}
	}
	if len(g.moving.moves) != len(want) || len(want) == 0 {
		t.Fatalf("%d streams move, want %d", len(g.moving.moves), len(want))
	}
	for i, m := range g.moving.moves {
		if m != want[m.stream] {
			t.Errorf("move %+v, want %+v", m, want[m.stream])
		}
		if i > 0 && m.messages > g.moving.moves[i-1].messages {
			t.Errorf("move %d has more messages than the one before", i)
		}
	}
}

func TestGroupsSaysAtLeast(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	g := p.Pane.(*groups)
	if got := ansi.Strip(p.View(t, 118, 35)); strings.Contains(got, "at least") {
		t.Errorf("all streams were read, yet:\n%s", got)
	}
	// A stream more than was read: the sums of the reading are "at least" now.
	s.streams["order"] = append(s.streams["order"], store.Stream{Name: "order-new"})
	p.Env.Now = p.Env.Now.Add(groupsCountEvery)
	s.answer(t, p, p.Send(page.FrameMsg{}))
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "would move at least ") {
		t.Errorf("a new stream is there, yet no \"at least\":\n%s", got)
	}
	p.Env.Now = p.Env.Now.Add(2 * groupsScanEvery)
	s.settle(t, p)
	if got := ansi.Strip(p.View(t, 118, 35)); strings.Contains(got, "at least") || len(g.place.streams) != 2402 {
		t.Errorf("%d streams were read again:\n%s", len(g.place.streams), got)
	}
	// Messages that came after the reading: what moves is "at least" so many.
	p.Send(page.ActionMsg{Action: page.ActMore})
	s.settle(t, p)
	s.streams["order"][9].Version += 1000
	p.Env.Now = p.Env.Now.Add(groupsCountEvery)
	g.asks.scanned = p.Env.Now
	s.answer(t, p, p.Send(page.FrameMsg{}))
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "streams (80.8%), at least 153,417 messages") {
		t.Errorf("messages came since, yet no \"at least\":\n%s", got)
	}
	g.dist.Complete = false
	g.show(&page.Turn{Env: p.Env})
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "at least 2,401 streams") || !strings.Contains(got, "the scan stopped after") {
		t.Errorf("an incomplete scan is shown as complete:\n%s", got)
	}
}

// TestGroupsStopsReading has a category with more streams than are looked at.
func TestGroupsStopsReading(t *testing.T) {
	s := newGroupsServer()
	s.streams["order"] = fakeCategory("order", placedMost+500)
	p := pagetest.New(newGroups(), page.LookFull)
	s.settle(t, p)
	p.Send(page.LocationMsg{Location: page.Location{Category: "order"}})
	s.settle(t, p)
	if n := len(p.Pane.(*groups).place.streams); n != placedMost {
		t.Errorf("%d streams were read, want %d", n, placedMost)
	}
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "would move at least ") {
		t.Errorf("no \"at least\":\n%s", got)
	}
	before := len(s.asked)
	p.Env.Now = p.Env.Now.Add(time.Hour)
	s.settle(t, p)
	for _, a := range s.asked[before:] {
		if strings.HasPrefix(a, "streams") {
			t.Fatal("what stopped at its limit is read again and again")
		}
	}
}

func TestGroupsWithoutTheServersHelp(t *testing.T) {
	s := newGroupsServer()
	s.plain = true
	p := pagetest.New(newGroups(), page.LookFull)
	s.settle(t, p)
	got := ansi.Strip(p.View(t, 118, 35))
	if !strings.Contains(got, "120 streams") || !strings.Contains(strings.Join(p.Pane.Chrome(p.Env).Chips, ","), "counted here: not offered by this server") {
		t.Errorf("chips %q:\n%s", p.Pane.Chrome(p.Env).Chips, got)
	}
}

func TestGroupsDropsWhatIsStale(t *testing.T) {
	p, _ := groupsOf(t, page.LookFull, "order")
	g := p.Pane.(*groups)
	p.Env.Now = p.Env.Now.Add(time.Minute)
	old := p.Send(page.FrameMsg{})
	p.Send(page.ActionMsg{Action: page.ActBottom})
	if g.key != "ünïcode\u202e" || g.current() != nil {
		t.Fatalf("chosen %q with a distribution %v", g.key, g.current())
	}
	for _, a := range old {
		if a.Gen != g.asks.counts {
			p.Send(page.Reply{Gen: a.Gen, Value: distReply{dist: wire.Distribution{Category: "order", Size: 4, Members: make([]wire.Member, 4)}}})
		}
	}
	if g.dist != nil {
		t.Error("a reply for another category was taken")
	}
	if got := p.View(t, 118, 35); strings.Contains(got, "\u202e") || !strings.Contains(got, "‹U+202E›") {
		t.Error("a bidi mark is obeyed")
	}
	p.Send(page.NamespaceMsg{})
	if got := ansi.Strip(p.View(t, 118, 35)); strings.Contains(got, "order") {
		t.Error("another namespace shows the old one's categories")
	}
}

func TestGroupsKeysAndMouse(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	g := p.Pane.(*groups)
	p.View(t, 118, 35)
	for range 10 {
		s.answer(t, p, p.Send(page.ActionMsg{Action: page.ActLess}))
	}
	if g.size != 1 {
		t.Errorf("size %d after many minus, want 1", g.size)
	}
	p.Send(page.ActionMsg{Action: page.ActMore})
	s.settle(t, p)
	p.View(t, 118, 35)
	w := p.Env.Width
	p.Send(tea.MouseClickMsg{X: w - 30, Y: 6, Button: tea.MouseLeft})
	if !g.open || g.members.Cursor() != 0 {
		t.Errorf("a click on the first member: open %v, cursor %d", g.open, g.members.Cursor())
	}
	p.Send(page.ActionMsg{Action: page.ActOpen})
	if l := p.Last.Wishes().GoTo; l == nil || l.Stream == "" {
		t.Error("enter on a member leads nowhere")
	}
	p.Send(page.ActionMsg{Action: page.ActTail})
	if l := p.Last.Wishes().GoTo; l == nil || l.Page != page.Tail || l.Category != "order" {
		t.Errorf("tail goes to %+v", l)
	}
	p.Send(tea.MouseClickMsg{X: 3, Y: 1, Button: tea.MouseLeft})
	if g.open || g.key != "account" {
		t.Errorf("a click on the first category: open %v, chosen %q", g.open, g.key)
	}
	asks := p.Send(page.ActionMsg{Action: page.ActRefresh})
	s.answer(t, p, append(asks, p.Send(page.FrameMsg{})...))
	p.Send(page.Reply{Gen: g.asks.counts, Err: errors.New("boom")})
}

// BenchmarkGroups has as many streams as are looked at: what a frame costs when
// the numbers changed, and the arithmetic that a command does beside it.
func BenchmarkGroups(b *testing.B) {
	p := pagetest.New(newGroups(), page.LookFull)
	g := p.Pane.(*groups)
	for range 20 {
		g.counts = append(g.counts, store.CategoryCount{Category: "order"})
	}
	g.key, g.place = "order", placement{category: "order"}
	g.place.add(placedOf(fakeCategory("order", placedMost)))
	d := g.place.distribution(4)
	g.dist, g.before = &d, 3
	of := worked{category: "order", before: 3, size: 4, streams: placedMost + 1}
	b.Run("frame", func(b *testing.B) {
		for b.Loop() {
			g.worked = worked{}
			t := &page.Turn{Env: p.Env}
			g.asks.sums = 0
			g.show(t)
			g.View(p.Env, 158, 45)
		}
	})
	b.Run("command", func(b *testing.B) {
		for b.Loop() {
			g.place.sums(of)
		}
	})
}

// TestGroupsFrameDoesNoArithmetic holds the work over many streams off the
// event loop: it is asked for, one calculation at a time, and what was worked
// out for another size is not shown as if it were of this one.
func TestGroupsFrameDoesNoArithmetic(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	g := p.Pane.(*groups)
	asks := p.Send(page.ActionMsg{Action: page.ActMore})
	if len(asks) != 1 || asks[0].Gen != g.asks.sums || g.moving.to != 0 || g.next != (nextSize{}) {
		t.Fatalf("%d questions, moving %+v, next %+v: want one calculation under way", len(asks), g.moving, g.next)
	}
	if more := p.Send(page.ActionMsg{Action: page.ActMore}); len(more) != 0 {
		t.Fatalf("%d more calculations while one is under way", len(more))
	}
	p.View(t, 118, 35)
	s.answer(t, p, asks) // of 5 members, while 6 are asked for by now
	if g.moving.from != 4 || g.moving.to != 6 {
		t.Errorf("moves from %d to %d, want 4 to 6", g.moving.from, g.moving.to)
	}
}

// TestGroupsCountsMovesFromTheSizeThatStood presses + several times in a row.
func TestGroupsCountsMovesFromTheSizeThatStood(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	g := p.Pane.(*groups)
	for range 3 {
		s.answer(t, p, p.Send(page.ActionMsg{Action: page.ActMore}))
	}
	if g.moving.from != 4 || g.moving.to != 7 {
		t.Errorf("moves from %d to %d, want 4 to 7", g.moving.from, g.moving.to)
	}
	p.Env.Now = p.Env.Now.Add(5 * time.Second)
	s.settle(t, p)
	s.answer(t, p, p.Send(page.ActionMsg{Action: page.ActLess}))
	if g.moving.from != 7 || g.moving.to != 6 {
		t.Errorf("moves from %d to %d, want 7 to 6", g.moving.from, g.moving.to)
	}
}
