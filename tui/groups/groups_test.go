package groups

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/internal/partition"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/lag"
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

	consumers func(now time.Time) []lag.Consumer // nil: observes nobody
	look      lag.Look                           // besides the consumers
	parked    []parkedRow
	part      int // streams that one question looks at; 0: scanPart
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
			case g.categories.gen:
				s.asked = append(s.asked, "counts")
				reply.Value = s.counts()
			case g.consumers.gen:
				look := s.look
				if s.consumers != nil {
					look.Consumers = s.consumers(p.Env.Now)
				}
				reply.Value = look
			case g.parked.gen:
				reply.Value = parkedReply{rows: slices.Clone(s.parked)}
			case g.dist.scan.gen:
				reply.Value, reply.Err = s.scanned(&g.dist.scan, g.dist.plain)
			default:
				continue // superseded
			}
			next = append(next, p.Send(reply)...)
		}
		asks = next
	}
}

// scanned answers the part of a scan that is asked for.
func (s *groupsServer) scanned(of *scan, plain bool) (any, error) {
	s.asked = append(s.asked, fmt.Sprintf("scan %s %d from %q", of.of.category, of.of.size, of.cursor))
	if s.plain && !plain {
		return partReply{}, &client.Error{Status: 404, Code: wire.MethodNotFound}
	}
	all, tally := s.streams[of.of.category], partition.New(of.of.spec())
	from := 0
	if of.cursor != "" {
		from = 1 + slices.IndexFunc(all, func(x store.Stream) bool { return x.Name == of.cursor })
	}
	to := min(from+cmp.Or(s.part, scanPart), len(all))
	for _, x := range all[from:to] {
		tally.Add(x)
	}
	d := tally.Sum(to == len(all))
	if !d.Complete {
		d.Next = all[to-1].Name
	}
	return partReply{part: d, took: time.Millisecond}, nil
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
		pagetest.Says(t, members, "order 5 members 2,400 streams", "4 → 5 members moves 1,940 of 2,400 s", "member messages", "66,693 36.7%", "26,220 14.4%")
		moves := pagetest.Colourless(t, func(look page.Look) string {
			p, _ := resized(look)
			p.Send(page.ActionMsg{Action: page.ActNextTab})
			return p.View(t, size[0], size[1])
		})
		pagetest.Says(t, moves, "stream from to", "▌ order-000005 3 0", "order-000075 3 1")
		if size[0] > 70 {
			pagetest.Says(t, members, "members moves 1,940", "(80.8%), 153,417 messages", "skew 1.84 uneven largest is member 0, mean 36.3k messages", "1 stream without an id, with 12 messages",
				"66,693 36.7% 462 – order-000005", "27,728 15.3% 483 – order-000216", "hottest streams of member 0", "40,001 60.0%", "107 0.2%")
			pagetest.Says(t, moves, "members moves 1,940", "stream from to messages", "▌ order-000005 3 0 40,001", "order-001089 1 0 107")
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
	if g.dist.size != 3 || g.dist.current() == nil {
		t.Fatalf("size %d, distribution %v", g.dist.size, g.dist.current())
	}
	want := map[string]wire.Move{}
	counted := make([]int64, 3)
	for _, x := range s.streams["order"] {
		id := store.CardinalID(x.Name)
		if id == "" {
			continue
		}
		from, to := store.MemberOf(store.Hash(id), 4), store.MemberOf(store.Hash(id), 3)
		counted[to]++
		if from != to {
			want[x.Name] = wire.Move{Stream: x.Name, From: to, To: from, Messages: x.Version + 1} // as of the size that is shown
		}
	}
	for i, m := range g.dist.current().Members {
		if m.Streams != counted[i] {
			t.Errorf("member %d has %d streams, want %d", i, m.Streams, counted[i])
		}
	}
	if m := g.dist.moving(); m == nil || m.Streams != int64(len(want)) || len(m.Top) != min(len(want), movesShown) {
		t.Fatalf("moving %+v, want %d", m, len(want))
	}
	for i, m := range g.dist.moving().Top {
		if m != want[m.Stream] {
			t.Errorf("move %+v, want %+v", m, want[m.Stream])
		}
		if i > 0 && m.Messages > g.dist.moving().Top[i-1].Messages {
			t.Errorf("move %d has more messages than the one before", i)
		}
	}
}

// TestGroupsScansAllOfAnyCategory has one with more streams than are looked at for one
// question (L5): it goes on by itself, says how far it is and what it cost, shows "at
// least" until it is whole, and so it does for what moves. esc stops it, r goes on.
func TestGroupsScansAllOfAnyCategory(t *testing.T) {
	s := newGroupsServer()
	s.streams["order"] = fakeCategory("order", 2400)
	s.part = 300
	p := pagetest.New(newGroups(), page.LookFull)
	g := p.Pane.(*groups)
	s.settle(t, p)
	p.Send(page.LocationMsg{Location: page.Location{Category: "order"}})
	see := func(when string, words ...string) {
		t.Helper()
		got := ansi.Strip(p.View(t, 118, 35)) + strings.Join(g.Chrome(p.Env).Chips, "\n")
		for _, w := range words {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in\n%s", when, w, got)
			}
		}
	}
	var pending []page.Ask
	step := func() { // one part
		t.Helper()
		if len(pending) == 0 {
			p.Env.Now = p.Env.Now.Add(200 * time.Millisecond)
			pending = p.Send(page.FrameMsg{})
		}
		for _, a := range pending {
			if a.Gen == g.dist.scan.gen {
				value, err := s.scanned(&g.dist.scan, false)
				pending = p.Send(page.Reply{Gen: a.Gen, Value: value, Err: err})
				return
			}
		}
		t.Fatal("nothing is scanned")
	}
	step()
	see("after a part", "at least 299 streams", "counting 300 of 2,401 streams, 1 ms", "would move at least ")
	p.Send(page.ActionMsg{Action: page.ActOut})
	step() // it was under way
	see("stopped", "at least 599 streams", "stopped at 600 of 2,401 streams: r goes on")
	for range 5 {
		p.Env.Now = p.Env.Now.Add(time.Second)
		for _, a := range p.Send(page.FrameMsg{}) {
			if a.Gen == g.dist.scan.gen {
				t.Fatal("what was stopped goes on by itself")
			}
		}
	}
	p.Send(page.ActionMsg{Action: page.ActRefresh})
	s.settle(t, p)
	see("whole", "2,400 streams", "1 stream without an id")
	if got := ansi.Strip(p.View(t, 118, 35)); strings.Contains(got, "at least") || !g.dist.last.Complete || g.dist.last.Scanned != 2401 {
		t.Errorf("%d streams were scanned:\n%s", g.dist.last.Scanned, got)
	}
	p.Send(page.ActionMsg{Action: page.ActMore})
	s.settle(t, p)
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	see("what moves", "4 → 5 members moves 1,9", "the 1,000 with most messages of 1,9")
	// A scan that goes on does not take away what the last one brought.
	p.Env.Now, pending = p.Env.Now.Add(time.Hour), nil
	step()
	see("scanned again", "counting 300 of 2,401 streams", "2,400 streams")
	if got := ansi.Strip(p.View(t, 118, 35)); strings.Contains(got, "at least") {
		t.Errorf("half a scan takes the place of a whole one:\n%s", got)
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
	if g.dist.category != "ünïcode\u202e" || g.dist.current() != nil {
		t.Fatalf("chosen %q with a distribution %v", g.dist.category, g.dist.current())
	}
	for _, a := range old {
		if a.Gen != g.categories.gen {
			p.Send(page.Reply{Gen: a.Gen, Value: partReply{part: wire.Distribution{Category: "order", Size: 4, Members: make([]wire.Member, 4)}}})
		}
	}
	if g.dist.last != nil {
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
	if g.dist.size != 1 {
		t.Errorf("size %d after many minus, want 1", g.dist.size)
	}
	p.Send(page.ActionMsg{Action: page.ActMore})
	s.settle(t, p)
	p.View(t, 118, 35)
	w := p.Env.Width
	p.Send(tea.MouseClickMsg{X: w - 30, Y: 6, Button: tea.MouseLeft})
	if !g.open || g.dist.members.Cursor() != 0 {
		t.Errorf("a click on the first member: open %v, cursor %d", g.open, g.dist.members.Cursor())
	}
	p.Send(page.ActionMsg{Action: page.ActOpen})
	if l := p.Last.Wishes().GoTo; l == nil || l.Stream == "" {
		t.Error("enter on a member leads nowhere")
	}
	p.Send(page.ActionMsg{Action: page.ActTail})
	if l := p.Last.Wishes().GoTo; l == nil || l.Page != page.Tail || l.Category != "order" {
		t.Errorf("tail goes to %+v", l)
	}
	p.Send(tea.MouseClickMsg{X: 3, Y: 2, Button: tea.MouseLeft})
	if g.open || g.dist.category != "account" {
		t.Errorf("a click on the first category: open %v, chosen %q", g.open, g.dist.category)
	}
	asks := p.Send(page.ActionMsg{Action: page.ActRefresh})
	s.answer(t, p, append(asks, p.Send(page.FrameMsg{})...))
	p.Send(page.Reply{Gen: g.categories.gen, Err: errors.New("boom")})
}

// TestMembersCursorStays has the categories and the distribution come again, as they do
// every three seconds.
func TestMembersCursorStays(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	p.Send(page.ActionMsg{Action: page.ActOpen})
	p.Send(page.ActionMsg{Action: page.ActDown})
	p.Send(page.ActionMsg{Action: page.ActDown})
	for range 4 {
		s.settle(t, p)
	}
	if at := p.Pane.(*groups).dist.members.Cursor(); at != 2 {
		t.Errorf("the cursor went from member 2 to row %d", at)
	}
}

// BenchmarkGroups is what a frame costs when the numbers changed.
func BenchmarkGroups(b *testing.B) {
	p := pagetest.New(newGroups(), page.LookFull)
	g := p.Pane.(*groups)
	for range 20 {
		g.categories.all = append(g.categories.all, store.CategoryCount{Category: "order"})
	}
	g.categories.show("")
	g.dist.category, g.tab, g.dist.before = "order", tabMoves, 3
	g.dist.of = scanID{category: "order", size: 4, before: 3}
	tally := partition.New(g.dist.of.spec())
	for _, x := range fakeCategory("order", 20_000) {
		tally.Add(x)
	}
	d := tally.Sum(true)
	g.dist.last = &d
	for b.Loop() {
		g.show()
		g.View(p.Env, 158, 45)
	}
}

// TestGroupsCountsMovesFromTheSizeThatStood presses + several times in a row.
func TestGroupsCountsMovesFromTheSizeThatStood(t *testing.T) {
	p, s := groupsOf(t, page.LookFull, "order")
	g := p.Pane.(*groups)
	for range 3 {
		p.Send(page.ActionMsg{Action: page.ActMore})
		s.answer(t, p, p.Send(page.FrameMsg{}))
	}
	if m := g.dist.moving(); m == nil || m.To != 4 || g.dist.last.Size != 7 {
		t.Errorf("moving %+v, want 4 to 7", m)
	}
	p.Env.Now = p.Env.Now.Add(5 * time.Second)
	s.settle(t, p)
	p.Send(page.ActionMsg{Action: page.ActLess})
	s.settle(t, p)
	if m := g.dist.moving(); m == nil || m.To != 7 || g.dist.last.Size != 6 {
		t.Errorf("moving %+v, want 7 to 6", m)
	}
}
