package page

import (
	"cmp"
	"math"
	"slices"

	"github.com/evtui/evtui/server/wire"
)

// calm is over how many seconds rates are levelled where they decide an order.
const calm = 5

// PlaceID names a namespace, or with category "" one of its categories.
type PlaceID struct{ Namespace, Category string }

// PlaceTrack is how busy a place is in one second: messages, NaN where that is
// not known.
type PlaceTrack struct {
	PlaceID
	Appends, Reads float64

	lately float64 // both, over some seconds: what decides the order, so that it is calm
}

// Busiest returns the places that were busy in the seconds up to the one that
// many before the newest, busiest first: namespaces, or categories. Their rates
// are of that second alone, as all others of it are.
func (h *history) Busiest(before int, categories bool) []PlaceTrack {
	sums := map[PlaceID]int{}
	var out []PlaceTrack
	for n := before; n < before+calm; n++ {
		x := h.second(n)
		if x == nil {
			continue
		}
		for _, p := range x.Places {
			if (p.Category != "") != categories {
				continue
			}
			id := PlaceID{p.Namespace, p.Category}
			i, seen := sums[id]
			if !seen {
				i = len(out)
				sums[id] = i
				out = append(out, PlaceTrack{PlaceID: id})
			}
			out[i].lately += float64(p.Appends) + float64(p.Reads)
		}
	}
	for i := range out {
		out[i].Appends, out[i].Reads = h.RateIn(out[i].PlaceID, before)
	}
	slices.SortFunc(out, func(a, b PlaceTrack) int {
		return cmp.Or(cmp.Compare(b.lately, a.lately),
			cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Category, b.Category))
	})
	return out
}

// AppendsIn returns what was appended to a place in each of n seconds up to the
// one that many before the newest, oldest first. A second that named as many
// places as it ever does may have left this one out: then it is not known.
func (h *history) AppendsIn(id PlaceID, before, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i], _ = h.RateIn(id, before+n-1-i)
	}
	return out
}

// RateIn returns how many messages were appended to a place, and read there, in
// the second that many before the newest: NaN where that is not known.
func (h *history) RateIn(id PlaceID, before int) (appends, reads float64) {
	x := h.second(before)
	if x == nil {
		return math.NaN(), math.NaN()
	}
	return x.rateIn(id)
}

func (s *Second) rateIn(id PlaceID) (appends, reads float64) {
	others := 0
	for i := range s.Places {
		p := &s.Places[i]
		switch {
		case p.Category == id.Category && p.Namespace == id.Namespace:
			return float64(p.Appends), float64(p.Reads)
		case (p.Category == "") == (id.Category == ""):
			others++
		}
	}
	untold := len(s.Places) == 0 && s.Appends+s.Reads > 0 // the server names nobody
	if others >= wire.TopRates || untold || math.IsNaN(s.Appends) {
		return math.NaN(), math.NaN()
	}
	return 0, 0
}

// TellsPlaces reports whether the engine names who is busy: some second did.
func (h *history) TellsPlaces() bool { return len(h.names) > 0 }
