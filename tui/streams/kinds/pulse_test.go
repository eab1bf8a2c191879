package kinds

import (
	"slices"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

func TestPulse(t *testing.T) {
	at := time.Date(2026, 11, 29, 14, 0, 0, 0, time.UTC)
	counts := func(a, b int64) []store.TypeCount {
		list := []store.TypeCount{{Category: "c", Type: "A", Count: a}, {Category: "c", Type: "B", Count: b}}
		if a == 0 {
			return list[1:]
		}
		return list
	}
	var p pulse
	a, b := kindOf{"c", "A"}, kindOf{"c", "B"}
	p.begin(counts(0, 100), at)
	if _, known := p.rate(b); known {
		t.Error("one look tells no rate")
	}
	p.steady(counts(0, 104), at.Add(time.Second))
	p.steady(counts(6, 104), at.Add(3*time.Second)) // A is new
	for key, want := range map[kindOf]float64{a: 2, b: 4.0 / 3} {
		if got, known := p.rate(key); !known || got != want {
			t.Errorf("%v: %v, want %v", key, got, want)
		}
	}
	if got := p.line(a, 10); !slices.Equal(got, []float64{0, 3}) {
		t.Errorf("line of A: %v", got)
	}
	if got := p.line(b, 1); !slices.Equal(got, []float64{0}) {
		t.Errorf("line of B: %v", got)
	}
	for i := range pulseLooks {
		p.steady(counts(6, 104), at.Add(time.Duration(4+i)*time.Second))
	}
	if got, _ := p.rate(a); got != 0 || len(p.arrived) != 0 || p.window() != pulseLooks*time.Second {
		t.Errorf("after a minute: %v, %d kept, window %s", got, len(p.arrived), p.window())
	}
	p.steady(counts(7, 105), at.Add(70*time.Second))
	if got := p.line(b, 3); len(got) != 3 || got[2] == 0 {
		t.Errorf("after a minute the line of B is %v", got)
	}
}
