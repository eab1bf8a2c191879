package tui

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/evtui/evtui/store"
)

// How much is kept of the categories' rates.
const (
	busyPoints = 60   // a sparkline's length
	busyMost   = 5000 // categories; beyond that only the totals are kept
)

// busy follows how fast the categories of a namespace grow, by the difference
// of their counts from one look to the next.
type busy struct {
	looked     time.Time // when the counts were taken last
	categories int
	streams    int64
	messages   int64
	tracks     map[string]*track
	ranked     []*track // fastest first
}

// track is one category's growth.
type track struct {
	category string
	messages int64
	rates    []float64 // messages per second, oldest first; NaN: not known
}

// rate is the newest one, NaN when there was only one look.
func (t *track) rate() float64 { return t.rates[len(t.rates)-1] }

// look takes the counts of now. Counts that shrank (a namespace emptied) give
// no rate.
func (b *busy) look(now time.Time, counts []store.CategoryCount) {
	elapsed := now.Sub(b.looked).Seconds()
	first := b.looked.IsZero()
	b.looked, b.categories, b.streams, b.messages = now, len(counts), 0, 0
	kept := make(map[string]*track, min(len(counts), busyMost))
	b.ranked = b.ranked[:0]
	for _, c := range counts {
		b.streams += c.StreamCount
		b.messages += c.MessageCount
		if len(counts) > busyMost {
			continue
		}
		t := b.tracks[c.Category]
		rate := math.NaN()
		switch {
		case t == nil:
			t = &track{category: c.Category}
			if !first && elapsed > 0 {
				rate = float64(c.MessageCount) / elapsed // it did not exist at the last look
			}
		case elapsed > 0 && c.MessageCount >= t.messages:
			rate = float64(c.MessageCount-t.messages) / elapsed
		}
		t.messages = c.MessageCount
		t.rates = append(t.rates, rate)
		if len(t.rates) > busyPoints {
			t.rates = append(t.rates[:0], t.rates[1:]...)
		}
		kept[c.Category] = t
		b.ranked = append(b.ranked, t)
	}
	b.tracks = kept
	slices.SortFunc(b.ranked, busier)
}

// busier orders by what came lately, then by what is there.
func busier(a, b *track) int {
	if c := cmp.Compare(b.lately(), a.lately()); c != 0 {
		return c
	}
	if c := cmp.Compare(b.messages, a.messages); c != 0 {
		return c
	}
	return cmp.Compare(a.category, b.category)
}

// lately is the mean of the last few rates, so that the order is calm.
func (t *track) lately() float64 {
	sum, n := 0.0, 0
	for _, r := range t.rates[max(0, len(t.rates)-5):] {
		if !math.IsNaN(r) {
			sum += r
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
