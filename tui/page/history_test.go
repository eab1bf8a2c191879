package page

import (
	"math"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
)

func TestHistoryLocates(t *testing.T) {
	var h history
	at := time.Unix(100_000, 970e6)
	for i := range 120 {
		jitter := time.Duration(i%5-2) * 20 * time.Millisecond
		h.Add(wire.Sample{Time: at.Add(time.Duration(i)*time.Second + jitter), Appends: float64(i)})
	}
	for n := range 120 {
		x, _ := h.Before(n)
		if before, known := h.Locate(x.At); !known || before != n {
			t.Fatalf("the sample %d seconds before the newest is found at %d (%v)", n, before, known)
		}
	}
	if before, known := h.Locate(at.Add(-10 * time.Minute)); known || before != 719 {
		t.Errorf("before all samples: %d (%v)", before, known)
	}
	if _, known := h.Locate(h.Last.At.Add(3 * time.Second)); known {
		t.Error("after the newest nothing is known")
	}
}

// TestHistoryForgetsNames has ever other namespaces busy.
func TestHistoryForgetsNames(t *testing.T) {
	var h history
	for i := range 3 * HistorySeconds {
		name := time.Duration(i).String()
		h.Add(wire.Sample{Time: time.Unix(int64(100_000+i), 0), Namespaces: []wire.NamespaceRate{{Namespace: name, Appends: 1}}})
	}
	if len(h.names) > 2*HistorySeconds {
		t.Errorf("%d names are kept of an hour with %d", len(h.names), HistorySeconds)
	}
	got, now := h.Busiest(0, false), 0.0
	for _, p := range got {
		now += p.Appends
	}
	if len(got) != calm || now != 1 {
		t.Errorf("busiest are %v: one of them was busy in the last second", got)
	}
}

func TestHistoryOfAnUnsteadySampler(t *testing.T) {
	var h history
	at := time.Unix(1000, 490e6)
	for i := range 200 {
		// Half a second of phase and jitter: the clock's second alone would
		// count some twice and leave others out.
		jitter := time.Duration(i%7-3) * 5 * time.Millisecond
		h.Add(wire.Sample{Time: at.Add(time.Duration(i)*time.Second + jitter), Appends: float64(i)})
	}
	for i, v := range h.Values(200, func(x *Second) float64 { return x.Appends }) {
		if v != float64(i) {
			t.Fatalf("second %d holds %v", i, v)
		}
	}
	if h.Add(wire.Sample{Time: at}) {
		t.Error("an old sample was taken")
	}
	h.Add(wire.Sample{Time: h.Last.At.Add(10 * time.Second)})
	if v := h.Values(5, func(x *Second) float64 { return x.Appends }); !math.IsNaN(v[3]) || math.IsNaN(v[4]) {
		t.Errorf("a gap of ten seconds: %v", v)
	}
}
