package kinds

import (
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

func TestHeard(t *testing.T) {
	s := newStage(t, 120, 40, "", carts(500))
	p := s.Pane.Pane.(*kinds)
	p.drifts.feed.Add([]store.EngineEvent{
		{Seq: 1, Kind: store.EventDrift, Namespace: "other", Time: pagetest.Noon, Reason: `type "CartPaid" in category "cart": data.x came`},
		{Seq: 2, Kind: store.EventDrift, Namespace: store.DefaultNamespace, Time: pagetest.Noon, Reason: `type "CartPaid" in category "cart": data.discount came (number)`},
		{Seq: 3, Kind: store.EventDrift, Namespace: store.DefaultNamespace, Time: pagetest.Noon, Reason: `type "Odd\": \x1b" in category "c": data.y went`},
		{Seq: 4, Kind: store.EventDrift, Namespace: store.DefaultNamespace, Time: pagetest.Noon, Reason: "of another form"},
		{Seq: 5, Kind: store.EventType, Namespace: store.DefaultNamespace, Time: pagetest.Noon, Reason: `type "CartPaid" in category "cart": no drift`},
	})
	p.hear()
	if got := p.drifts.heard[kindOf{"c", "Odd\": \x1b"}]; len(p.drifts.heard) != 2 || len(got) != 1 || got[0].words != "data.y went" {
		t.Fatalf("heard %+v", p.drifts.heard)
	}
	says(t, s, "CartPaid cart 450 90.0% – 12:00:00")
	s.Press("enter")
	says(t, s, "the engine, 12:00:00: data.discount came (number)")
	s.Miss("data.x came")
	// With the keys in the changes they are what is copied and followed, not the field
	// behind them.
	s.Press("tab")
	copies(t, s, page.ActCopyPath, "data.discount")
	copies(t, s, page.ActCopyValue, "data.discount since #451 (11:59:10), in 45 of 45 since")
	s.Press("G", "enter")
	s.See("the engine does not say in which message")
	copies(t, s, page.ActCopyPath, "")
	s.See("the path of this change is not known by itself")
	copies(t, s, page.ActCopyValue, "the engine, 12:00:00: data.discount came (number)")
	s.Press("tab")
	copies(t, s, page.ActCopyPath, "data.amount")
	s.Press("esc")
	says(t, s, "450 90.0% – 2 changes")
}

// copies holds what an action copies; "" for nothing.
func copies(t *testing.T, s *pagetest.Stage, a page.Action, want string) {
	t.Helper()
	s.Send(page.ActionMsg{Action: a})
	got := ""
	if c := s.Last.Wishes().Copied; c != nil {
		got = c.Text
	}
	if got != want {
		t.Errorf("%v copies %q, want %q", a, got, want)
	}
}
