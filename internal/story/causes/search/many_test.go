package search_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/story/causes/search"
	"github.com/evtui/evtui/store"
)

// TestMany counts the hops of a category, and of a stream, against the export.
func TestMany(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	all := forest(rand.New(rand.NewPCG(seed, 20)), 250)
	c := serve(t, all)["evtui"]
	n := naive{all: export(t, c)}
	for _, of := range []search.Span{{}, {Categories: []string{"order", "account"}}, {Stream: "order-2"}, {Categories: []string{"order"}, Until: 120}} {
		m := search.NewMany(links(t), of)
		for !m.Done || !m.Counts() {
			if err := m.Step(t.Context(), c, 40); err != nil {
				t.Fatal(err)
			}
		}
		want := map[[2]string]int64{}
		read := int64(0)
		for i := range n.all {
			at := &n.all[i]
			if of.Stream != "" && at.Stream != of.Stream || of.Until > 0 && at.GlobalPosition >= of.Until ||
				len(of.Categories) > 0 && !slices.Contains(of.Categories, store.Category(at.Stream)) {
				continue
			}
			read++
			if from := n.causes(at); len(from) > 0 {
				want[[2]string{n.all[from[0]].Type, at.Type}]++
			}
		}
		hops, _ := m.Hops()
		for _, h := range hops {
			if want[[2]string{h.From, h.To}] != h.Count {
				t.Errorf("%+v: %s to %s %d times, want %d", of, h.From, h.To, h.Count, want[[2]string{h.From, h.To}])
			}
		}
		if len(hops) != len(want) || m.Read.Messages != read {
			t.Errorf("%+v: %d pairs in %d messages, want %d in %d", of, len(hops), m.Read.Messages, len(want), read)
		}
	}
}
