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

// PlaceTrack is how busy a place is: messages a second, levelled.
type PlaceTrack struct {
	PlaceID
	Appends, Reads float64
}

// Busiest returns the places that were busy in the seconds up to the one that
// many before the newest, busiest first: namespaces, or categories.
func (h *history) Busiest(before int, categories bool) []PlaceTrack {
	sums := map[PlaceID]int{}
	var out []PlaceTrack
	seconds := 0
	for n := before; n < before+calm; n++ {
		x, known := h.Before(n)
		if !known {
			continue
		}
		seconds++
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
			out[i].Appends += float64(p.Appends)
			out[i].Reads += float64(p.Reads)
		}
	}
	for i := range out {
		out[i].Appends /= float64(seconds)
		out[i].Reads /= float64(seconds)
	}
	slices.SortFunc(out, func(a, b PlaceTrack) int {
		return cmp.Or(cmp.Compare(b.Appends+b.Reads, a.Appends+a.Reads),
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
		out[i] = math.NaN()
		index := h.Last.Index - int64(before+n-1-i)
		if index <= 0 || before+n-1-i >= HistorySeconds {
			continue
		}
		if x := &h.ring[index%HistorySeconds]; x.Index == index {
			out[i] = x.appendsIn(id)
		}
	}
	return out
}

func (s *Second) appendsIn(id PlaceID) float64 {
	others := 0
	for i := range s.Places {
		p := &s.Places[i]
		switch {
		case p.Category == id.Category && p.Namespace == id.Namespace:
			return float64(p.Appends)
		case (p.Category == "") == (id.Category == ""):
			others++
		}
	}
	if others >= wire.TopRates {
		return math.NaN()
	}
	return 0
}

// TellsPlaces reports whether the engine names who is busy: some second did.
func (h *history) TellsPlaces() bool { return len(h.names) > 0 }
