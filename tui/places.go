package tui

import (
	"cmp"
	"math"
	"slices"

	"github.com/evtui/evtui/server/wire"
)

// calm is over how many seconds rates are levelled where they decide an order.
const calm = 5

// placeID names a namespace, or with category "" one of its categories.
type placeID struct{ namespace, category string }

// placeTrack is how busy a place is: messages a second, levelled.
type placeTrack struct {
	placeID
	appends, reads float64
}

// busiest returns the places that were busy in the seconds up to the one that
// many before the newest, busiest first: namespaces, or categories.
func (h *history) busiest(before int, categories bool) []placeTrack {
	sums := map[placeID]int{}
	var out []placeTrack
	seconds := 0
	for n := before; n < before+calm; n++ {
		x, known := h.before(n)
		if !known {
			continue
		}
		seconds++
		for _, p := range x.places {
			if (p.category != "") != categories {
				continue
			}
			id := placeID{p.namespace, p.category}
			i, seen := sums[id]
			if !seen {
				i = len(out)
				sums[id] = i
				out = append(out, placeTrack{placeID: id})
			}
			out[i].appends += float64(p.appends)
			out[i].reads += float64(p.reads)
		}
	}
	for i := range out {
		out[i].appends /= float64(seconds)
		out[i].reads /= float64(seconds)
	}
	slices.SortFunc(out, func(a, b placeTrack) int {
		return cmp.Or(cmp.Compare(b.appends+b.reads, a.appends+a.reads),
			cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.category, b.category))
	})
	return out
}

// appendsIn returns what was appended to a place in each of n seconds up to the
// one that many before the newest, oldest first. A second that named as many
// places as it ever does may have left this one out: then it is not known.
func (h *history) appendsIn(id placeID, before, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
		index := h.last.index - int64(before+n-1-i)
		if index <= 0 || before+n-1-i >= hour {
			continue
		}
		if x := &h.ring[index%hour]; x.index == index {
			out[i] = x.appendsIn(id)
		}
	}
	return out
}

func (s *second) appendsIn(id placeID) float64 {
	others := 0
	for i := range s.places {
		p := &s.places[i]
		switch {
		case p.category == id.category && p.namespace == id.namespace:
			return float64(p.appends)
		case (p.category == "") == (id.category == ""):
			others++
		}
	}
	if others >= wire.TopRates {
		return math.NaN()
	}
	return 0
}

// tellsPlaces reports whether the engine names who is busy: some second did.
func (h *history) tellsPlaces() bool { return len(h.names) > 0 }
