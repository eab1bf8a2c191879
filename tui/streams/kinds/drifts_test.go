package kinds

import (
	"testing"

	"github.com/evtui/evtui/store"
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
	s.Press("esc")
	says(t, s, "450 90.0% – 2 changes")
}
