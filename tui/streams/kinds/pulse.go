package kinds

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// pulseLooks is over how many looks at the counts, a second apart where they are
// few, rates are reckoned.
const pulseLooks = 60

// kindOf names a type of a category.
type kindOf struct{ category, name string }

func kindOfCount(c *store.TypeCount) kindOf { return kindOf{c.Category, c.Type} }

// pulse is how fast types come, from counts that follow each other.
type pulse struct {
	last    []store.TypeCount // by category, then by type
	times   []time.Time       // of the looks, oldest first; between two of them something came, or not
	first   int               // the number of the oldest of them
	arrived map[kindOf][]arrival
}

// arrival is how many messages came before a look, by its number.
type arrival struct {
	look  int
	count int64
}

// steady takes the counts of a look. What is more than at the look before has
// come since.
func (p *pulse) steady(counts []store.TypeCount, at time.Time) {
	if p.last != nil {
		p.compare(counts, p.first+len(p.times))
	}
	p.last = counts
	p.times = append(p.times, at)
	if len(p.times) <= pulseLooks+1 {
		return
	}
	p.times = slices.Delete(p.times, 0, 1)
	p.first++
	for key, list := range p.arrived {
		for len(list) > 0 && list[0].look <= p.first {
			list = list[1:]
		}
		if p.arrived[key] = list; len(list) == 0 {
			delete(p.arrived, key)
		}
	}
}

// begin takes counts that the next are compared with: those before were of
// something else.
func (p *pulse) begin(counts []store.TypeCount, at time.Time) {
	*p = pulse{last: counts, times: []time.Time{at}}
}

// compare notes what counts have that is more than the last, both in their order.
func (p *pulse) compare(counts []store.TypeCount, look int) {
	before := p.last
	for i := range counts {
		c := &counts[i]
		for len(before) > 0 && order(&before[0], c) < 0 {
			before = before[1:]
		}
		had := int64(0)
		if len(before) > 0 && order(&before[0], c) == 0 {
			had = before[0].Count
		}
		if c.Count <= had {
			continue
		}
		if p.arrived == nil {
			p.arrived = map[kindOf][]arrival{}
		}
		key := kindOfCount(c)
		p.arrived[key] = append(p.arrived[key], arrival{look, c.Count - had})
	}
}

func order(a, b *store.TypeCount) int {
	return cmp.Or(strings.Compare(a.Category, b.Category), strings.Compare(a.Type, b.Type))
}

// window is over which time rates are reckoned; 0 before there are any.
func (p *pulse) window() time.Duration {
	if len(p.times) < 2 {
		return 0
	}
	return p.times[len(p.times)-1].Sub(p.times[0])
}

// rate is how many messages a second came in the window; known is false before
// there is one.
func (p *pulse) rate(key kindOf) (perSecond float64, known bool) {
	window := p.window()
	if window <= 0 {
		return 0, false
	}
	sum := int64(0)
	for _, a := range p.arrived[key] {
		if a.look > p.first {
			sum += a.count
		}
	}
	return float64(sum) / window.Seconds(), true
}

// line is the rate between each two of the last looks, n at most, oldest first.
func (p *pulse) line(key kindOf, n int) []float64 {
	from := max(len(p.times)-n, 1)
	out := make([]float64, max(len(p.times)-from, 0))
	for _, a := range p.arrived[key] {
		i := a.look - p.first - from
		if i < 0 || i >= len(out) {
			continue
		}
		if d := p.times[from+i].Sub(p.times[from+i-1]); d > 0 {
			out[i] = float64(a.count) / d.Seconds()
		}
	}
	return out
}
