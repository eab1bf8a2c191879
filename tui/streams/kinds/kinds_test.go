package kinds

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// spec is the tab alone, as a page.
func spec(category string) page.Spec {
	return page.Spec{Name: "types", New: func(page.Setup) page.Pane {
		return New(page.Location{Namespace: store.DefaultNamespace, Category: category}, 1<<32)
	}}
}

// carts is n messages of two types; the last tenth has a discount, and the one
// in the middle an amount that is text.
func carts(n int) []store.ImportMessage {
	out := make([]store.ImportMessage, n)
	positions := map[string]int64{}
	for i := range out {
		at := pagetest.Noon.Add(time.Duration(i-n) * time.Second)
		m := store.Message{
			ID: store.MakeID(at, [10]byte{byte(i >> 16), byte(i >> 8), byte(i)}), Stream: fmt.Sprintf("cart-%d", i%7), Type: "CartPaid",
			GlobalPosition: int64(i + 1), Time: at, Data: fmt.Appendf(nil, `{"amount":%d,"sku\u001b[31m":"x"}`, i), Metadata: []byte(`{"traceId":"t"}`),
		}
		switch {
		case i%10 == 3:
			m.Stream, m.Type, m.Data = "user-1", "Evil\u202egnp", []byte(`{"a":1}`)
		case i == n/2:
			m.Data = []byte(`{"amount":"12","sku\u001b[31m":"x"}`)
		case i >= n-n/10:
			m.Data = fmt.Appendf(nil, `{"amount":%d,"sku\u001b[31m":"x","discount":5}`, i)
		}
		m.Position = positions[m.Stream]
		positions[m.Stream]++
		out[i].Message = m
	}
	return out
}

func newStage(t *testing.T, w, h int, category string, messages []store.ImportMessage) *pagetest.Stage {
	t.Helper()
	s := pagetest.NewStage(t, w, h, spec(category), page.Setup{}, messages)
	s.Frames(2)
	return s
}

// says fails unless the screen says all of the texts, whatever the gaps.
func says(t *testing.T, s *pagetest.Stage, texts ...string) {
	t.Helper()
	pagetest.Says(t, s.Text(), texts...)
}

func TestCounts(t *testing.T) {
	s := newStage(t, 160, 40, "", carts(500))
	says(t, s, "500 messages of 2 types", "CartPaid cart 450 90.0%", "user 50 10.0%")
	s.Miss("\u202e", "≥")
	s.Frames(6)
	s.Write("cart-1", 30) // of another type, three of them a second
	s.Frames(6)
	says(t, s, "Written cart 30", "530 messages of 3 types", "rates of the last 2")
	for _, line := range strings.Split(s.Text(), "\n") {
		if strings.Contains(line, "Written") && strings.Contains(line, " 0 ") {
			t.Errorf("what is new has no rate: %q", line)
		}
	}
	s.Press("\\", "paid", "enter")
	s.See("CartPaid")
	s.Miss("Written")
	s.Press("esc")
	s.See("Written")
}

func TestCategoryHasItsOwn(t *testing.T) {
	s := newStage(t, 80, 24, "user", carts(500))
	says(t, s, "50 messages of 1 type", "50 100.0%")
	s.Miss("CartPaid", "category")
	s.Press("s", "r") // the columns are one fewer than those of a namespace
	s.See("rate▼")
}

func TestFields(t *testing.T) {
	s := newStage(t, 160, 40, "", carts(500))
	s.Press("enter")
	says(t, s, "read all 450", "2 changes in these", "data.amount number, string 100.0%", "metadata.traceId string 100.0% 1 t t",
		"data.discount since #451 (11:59:10), in 45 of 45 since", "data.amount is a string in 1 of 450, else a number; first #251")
	s.Miss("\x1b[31mx", "\u202e")
	says(t, s, "├ number 449", "└ string 1 ")
	s.Press("j", "j", "j") // the odd name's own filter
	s.Press("enter")
	to := s.Last.Wishes().GoTo
	if to == nil || to.Category != "cart" || to.Filter != `type="CartPaid" data["sku\u001b[31m"]` {
		t.Errorf("enter on a field leads to %+v", to)
	}
	s.Press("tab", "enter")
	if to := s.Last.Wishes().GoTo; to == nil || to.GlobalPosition != 451 || to.Filter != `type="CartPaid"` {
		t.Errorf("enter on a change leads to %+v", to)
	}
	s.Press("t")
	if to := s.Last.Wishes().GoTo; to == nil || to.Page != page.Tail || to.Filter != `type="CartPaid"` {
		t.Errorf("t leads to %+v", to)
	}
	s.Press("m")
	if to := s.Last.Wishes().GoTo; to == nil || to.Page != page.Streams || to.Filter != `type="CartPaid"` {
		t.Errorf("m leads to %+v", to)
	}
	s.Press("tab", "s", "d", "\\", "amount", "enter")
	s.See("1–3 of 3")
	s.Press("esc", "esc")
	says(t, s, "CartPaid cart 450 90.0%", "2 changes")
}

// TestKindLeadsToItsMessages goes from a kind of a field, and from the change that
// tells of it, to the messages in which the field is of that kind.
func TestKindLeadsToItsMessages(t *testing.T) {
	s := newStage(t, 160, 40, "", carts(500))
	s.Press("enter")
	leads := func(filter string) {
		t.Helper()
		if to := s.Last.Wishes().GoTo; to == nil || to.Category != "cart" || to.Filter != filter {
			t.Errorf("it leads to %+v, want %s", to, filter)
		}
	}
	const odd = `type="CartPaid" kind(data.amount)=string`
	s.Press("enter")
	leads(`type="CartPaid" data.amount`)
	s.Press("j", "enter")
	leads(`type="CartPaid" kind(data.amount)=number`)
	s.Press("j")
	says(t, s, "field data.amount as string", "in 1 of 450 values", "seen from #251", "filter kind(data.amount)=string")
	s.Press("enter")
	leads(odd)
	s.Press("m")
	leads(odd)
	keeps, err := filter.Parse(odd, pagetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	var kept []int64
	for _, m := range carts(500) {
		if keeps.Keeps(&m.Message) {
			kept = append(kept, m.GlobalPosition)
		}
	}
	if !slices.Equal(kept, []int64{251}) {
		t.Errorf("the filter keeps %v", kept)
	}
	s.Press("tab", "m") // the newest change is of no kind
	leads(`type="CartPaid"`)
	s.Press("j", "m")
	leads(odd)
	s.Press("tab")
	s.Env.Theme = page.NewTheme(true, page.LookMono, true)
	says(t, s, "+ number 449", "` string 1 ")
}

// TestChangesAreCountedAsListed holds that where fewer changes are on the screen than
// there are, it says so, and which.
func TestChangesAreCountedAsListed(t *testing.T) {
	messages := carts(600)
	for i := range messages { // a new field every 50 messages
		doc := `{"amount":1`
		for f := range i / 50 {
			doc += fmt.Sprintf(`,"f%d":1`, f)
		}
		messages[i].Data, messages[i].Type = []byte(doc+"}"), "Grown"
	}
	for _, size := range [][2]int{{160, 60}, {120, 30}, {80, 24}} {
		s := newStage(t, size[0], size[1], "", messages)
		s.Press("enter")
		shown := strings.Count(s.Text(), " since #")
		if all := size[1] == 60; all != (shown == 11) {
			t.Errorf("at %v %d are on the screen", size, shown)
		} else if all {
			says(t, s, "11 changes in these: read all")
			continue
		}
		says(t, s, fmt.Sprintf("11 changes in these (1–%d of 11, tab leads there)", shown))
		s.Press("tab", "G")
		says(t, s, "data.f0 since #51", fmt.Sprintf("(%d–11 of 11, tab leads there)", 12-shown))
	}
}

// TestFieldsAreLive takes in what is written while the fields are looked at.
func TestFieldsAreLive(t *testing.T) {
	s := newStage(t, 120, 40, "", carts(50))
	s.Write("cart-1", 3)
	s.Frames(6)
	s.Press("\\", "written", "enter", "enter")
	says(t, s, "read all 3")
	s.Write("cart-2", 4)
	s.Frames(6)
	says(t, s, "read all 7", "data.n number 100.0% 7 1 7")
}

// TestReadsOn reads as much as it may, and more on a key.
func TestReadsOn(t *testing.T) {
	s := newStage(t, 120, 40, "cart", carts(5000))
	s.Press("enter")
	says(t, s, "read 2,000 of 4,500, + reads on", "newest first")
	s.Press("+")
	says(t, s, "read all 4,500")
}

// TestPast counts up to the time cursor, by reading.
func TestPast(t *testing.T) {
	s := newStage(t, 120, 40, "", carts(500))
	s.Env.At = pagetest.Noon.Add(-100 * time.Second)
	s.Send(page.AtMsg{})
	says(t, s, "read all 401", "counts of a past moment are read", "CartPaid cart 361")
	s.Press("enter")
	says(t, s, "read all 361", "1 change in these", "data.amount is a string in 1 of 361")
	s.Miss("discount")
	s.Env.At = time.Time{}
	s.Send(page.AtMsg{})
	says(t, s, "read all 450", "data.discount since")
}

// onPeer is the tab on a server without evtui's additions.
func onPeer(t *testing.T, messages []store.ImportMessage) (*pagetest.Pane, *client.Client) {
	t.Helper()
	st := storetest.NewModel()
	t.Cleanup(func() { _ = st.Close() })
	s := servertest.New(t, server.Config{Store: st}, servertest.Behind(peerHandler))
	c, err := client.New("http://127.0.0.1:1", client.WithToken(s.Token), client.WithDialer(s.Dial))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := st.Import(t.Context(), store.DefaultNamespace, messages); err != nil {
		t.Fatal(err)
	}
	p := pagetest.New(spec("").New(page.Setup{}), page.LookFull)
	p.Env.Now = pagetest.Noon
	return p, c
}

// settle answers until nothing more is asked.
func settle(t *testing.T, p *pagetest.Pane, c *client.Client, msg any) {
	t.Helper()
	asks := p.Send(msg)
	for len(asks) > 0 {
		value, err := asks[0].Call(t.Context(), c)
		asks = append(asks[1:], p.Send(page.Reply{Gen: asks[0].Gen, Value: value, Err: err})...)
	}
}

func TestOtherServers(t *testing.T) {
	p, c := onPeer(t, carts(25_000))
	settle(t, p, c, page.ShowMsg{})
	pagetest.Says(t, p.View(t, 158, 40), "of 25,000, + reads on", "oldest first: the server keeps no counts by type", "CartPaid cart ≥1", "≤")
	settle(t, p, c, page.ActionMsg{Action: page.ActMore})
	pagetest.Says(t, p.View(t, 158, 40), "read all 25,000", "CartPaid cart 22,500 90.0%", "user 2,500 10.0%")
	settle(t, p, c, page.ActionMsg{Action: page.ActOpen})
	settle(t, p, c, page.ActionMsg{Action: page.ActMore})
	settle(t, p, c, page.ActionMsg{Action: page.ActMore})
	pagetest.Says(t, p.View(t, 158, 40), "read all 22,500", "data.discount since #22,501")
}

// TestStops holds that esc stops reading, and what was read stays true.
func TestStops(t *testing.T) {
	p, c := onPeer(t, carts(3000))
	asks := p.Send(page.ShowMsg{})
	settleOne := func() {
		value, err := asks[0].Call(t.Context(), c)
		asks = append(asks[1:], p.Send(page.Reply{Gen: asks[0].Gen, Value: value, Err: err})...)
	}
	settleOne() // the engine's events
	settleOne() // the counts: neither is offered
	if in := p.Pane.(interface{ Within() bool }); !in.Within() {
		t.Fatal("esc does not stop the reading")
	}
	p.Send(page.ActionMsg{Action: page.ActOut})
	if in := p.Pane.(interface{ Within() bool }); in.Within() {
		t.Error("esc does not leave the tab after it stopped the reading")
	}
	for len(asks) > 0 {
		settleOne()
	}
	p.Env.Now = p.Env.Now.Add(10 * time.Second)
	settle(t, p, c, page.FrameMsg{})
	settle(t, p, c, page.ActionMsg{Action: page.ActMore})
	pagetest.Says(t, p.View(t, 118, 40), "read all 3,000")
}

// TestCountingFails: counts that failed once, and are then not offered, are read; where
// reading fails, esc has nothing to stop.
func TestCountingFails(t *testing.T) {
	p, c := onPeer(t, carts(3000))
	tab, torn := p.Pane.(*kinds), errors.New("torn")
	p.Send(page.ShowMsg{})
	p.Send(page.Reply{Gen: tab.tally.asking, Err: torn})
	pagetest.Says(t, p.View(t, 118, 40), "torn")
	p.Env.Now = p.Env.Now.Add(time.Minute)
	settle(t, p, c, page.FrameMsg{})
	pagetest.Says(t, p.View(t, 118, 40), "read all 3,000")

	p, c = onPeer(t, carts(3000))
	tab = p.Pane.(*kinds)
	asks := p.Send(page.ShowMsg{})
	for asks[0].Gen != tab.tally.reading {
		value, err := asks[0].Call(t.Context(), c)
		asks = append(asks[1:], p.Send(page.Reply{Gen: asks[0].Gen, Value: value, Err: err})...)
	}
	if !tab.Within() {
		t.Fatal("esc does not stop the reading")
	}
	p.Send(page.Reply{Gen: tab.tally.reading, Value: lookReply{look: tab.tally.look}, Err: torn})
	if tab.Within() {
		t.Error("esc stops what does not go on")
	}
}

func peerHandler(h http.Handler) http.Handler { return peer.Handler(h, peer.Options{}) }

// TestSizes draws the tab at any size.
func TestSizes(t *testing.T) {
	s := newStage(t, 120, 40, "", carts(300))
	for range 2 {
		for _, size := range [][2]int{{60, 15}, {1, 1}, {80, 24}, {30, 7}, {200, 60}, {3, 40}} {
			s.Resize(size[0], size[1])
			s.Raw()
		}
		s.Press("enter")
	}
}

// TestAbsoluteTimes: times in full have their room, also where the tab is opened
// with them.
func TestAbsoluteTimes(t *testing.T) {
	s := newStage(t, 120, 30, "", pagetest.Shop())
	s.Env.Absolute = true
	s.Send(page.ShowMsg{})
	s.Frames(3)
	s.See("2026-03-14 11:59:")
}

// TestCountsThatCannotGoOn says why the engine counts no further.
func TestCountsThatCannotGoOn(t *testing.T) {
	p := New(page.Location{Namespace: store.DefaultNamespace}, 1<<32).(*kinds)
	p.tally.known, p.tally.counts = true, store.TypeCounts{Counted: 1200, Messages: 5000, Fault: "record 1201 is damaged"}
	theme := page.NewTheme(true, page.LookMono, true)
	if said := p.tally.words(&theme, 160, 40); !strings.Contains(said, "1,200 of 5,000 messages counted; the server cannot count on, and tries again: record 1201 is damaged") {
		t.Errorf("it says %q", said)
	}
}
