package tui

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
)

// memberRates are how fast the members' shares grow, by the difference of two
// distributions of the same category and size.
type memberRates struct {
	category string
	messages []int64 // at the last look
	at       time.Time
	rates    []float64 // a second; NaN: not known
}

// look takes a distribution. Counts of an unfinished scan tell no rate.
func (r *memberRates) look(now time.Time, d *wire.Distribution) {
	elapsed := now.Sub(r.at).Seconds()
	same := r.category == d.Category && len(r.messages) == len(d.Members) && elapsed > 0
	before := r.messages
	r.category, r.at = d.Category, now
	r.messages, r.rates = make([]int64, len(d.Members)), make([]float64, len(d.Members))
	for i, m := range d.Members {
		r.messages[i], r.rates[i] = m.Messages, math.NaN()
		if same && d.Complete && m.Messages >= before[i] {
			r.rates[i] = float64(m.Messages-before[i]) / elapsed
		}
	}
}

// of is a member's rate, NaN when it is not known.
func (r *memberRates) of(d *wire.Distribution, member int) float64 {
	if r.category != d.Category || len(r.rates) != len(d.Members) {
		return math.NaN()
	}
	return r.rates[member]
}

// orderMembers works out in which order the members are listed.
func (p *groups) orderMembers(d *wire.Distribution) {
	p.order = p.order[:0]
	for i := range d.Members {
		p.order = append(p.order, i)
	}
	kit.Sorted(p.byMember, p.order, func(a, b, column int) int { return p.compareMembers(d, a, b, column) })
}

func (p *groups) compareMembers(d *wire.Distribution, a, b, column int) int {
	x, y := &d.Members[a], &d.Members[b]
	hottest := func(m *wire.Member) (s wire.StreamCount) {
		if len(m.Hottest) > 0 {
			s = m.Hottest[0]
		}
		return s
	}
	switch column {
	case 0:
		return cmp.Compare(a, b)
	case 4:
		return cmp.Compare(x.Streams, y.Streams)
	case 5:
		return cmp.Compare(p.rates.of(d, a), p.rates.of(d, b))
	case 6:
		return strings.Compare(hottest(x).Stream, hottest(y).Stream)
	case 7:
		return cmp.Compare(hottest(x).Messages, hottest(y).Messages)
	}
	return cmp.Compare(x.Messages, y.Messages)
}

// compareCounts orders the list of categories by a column.
func compareCounts(a, b store.CategoryCount, column int) int {
	switch column {
	case 1:
		return cmp.Compare(a.StreamCount, b.StreamCount)
	case 2:
		return cmp.Compare(a.MessageCount, b.MessageCount)
	}
	return strings.Compare(b.Category, a.Category) // a click shows a first
}

// byName is the list's own order.
func (p *groups) byName() {
	slices.SortFunc(p.counts, func(a, b store.CategoryCount) int { return strings.Compare(a.Category, b.Category) })
}

// showObserved tells the grid of consumers what there is to see now.
func (p *groups) showObserved() {
	kit.Sorted(p.byConsumer, p.seen.rows, compareObserved)
	p.consumers.SetLen(len(p.seen.rows), false)
	p.consumers.Changed()
}
