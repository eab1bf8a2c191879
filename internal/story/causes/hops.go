package causes

import (
	"cmp"
	"slices"
	"time"
)

// The most that is kept of hops: pairs of types, and times of all together.
const (
	MaxPairs = 4_096
	MaxTimes = 2_000_000
)

// Hops are how long it took from a type of message to a type that it caused. The
// zero Hops are ready.
type Hops struct {
	pairs map[pair]*hop
	times int
	left  int64
}

type pair struct{ from, to string }

type hop struct {
	times   []time.Duration
	sorted  bool
	slowest time.Duration
	example Ref
}

// Hop is one pair of types.
type Hop struct {
	From, To string
	Count    int64
	P50, P99 time.Duration // nearest rank, over all that were counted
	Max      time.Duration
	Slowest  Ref // the effect that took longest, by its place; the first of several
}

// Add counts an effect of type to that came so long after its cause. Where clocks
// differ that may be below 0.
func (h *Hops) Add(from, to string, took time.Duration, effect Ref) {
	if h.pairs == nil {
		h.pairs = map[pair]*hop{}
	}
	key := pair{from, to}
	at := h.pairs[key]
	if h.times >= MaxTimes || at == nil && len(h.pairs) >= MaxPairs {
		h.left++
		return
	}
	if at == nil {
		at = &hop{slowest: took, example: effect}
		h.pairs[key] = at
	}
	if took > at.slowest {
		at.slowest, at.example = took, effect
	}
	at.times, at.sorted = append(at.times, took), false
	h.times++
}

// Left is how many were not counted, since there were too many pairs of types, or
// too many of them at all.
func (h *Hops) Left() int64 { return h.left }

// List are the pairs, those that took longest first.
func (h *Hops) List() []Hop {
	out := make([]Hop, 0, len(h.pairs))
	for key, at := range h.pairs {
		if !at.sorted {
			slices.Sort(at.times)
			at.sorted = true
		}
		out = append(out, Hop{
			From: key.from, To: key.to, Count: int64(len(at.times)),
			P50: rank(at.times, 50), P99: rank(at.times, 99), Max: at.slowest, Slowest: at.example,
		})
	}
	slices.SortFunc(out, func(a, b Hop) int {
		return cmp.Or(cmp.Compare(b.P99, a.P99), cmp.Compare(b.Count, a.Count), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return out
}

// rank is the nearest-rank percentile of sorted times.
func rank(times []time.Duration, percent int) time.Duration {
	return times[(len(times)*percent+99)/100-1]
}
