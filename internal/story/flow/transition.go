package flow

import (
	"cmp"
	"slices"
	"time"
)

// Node is an end of a transition: a type, or where streams start or end.
type Node struct {
	Type string // "" for Bound
	// Bound says that it is no type: the start of streams as From, their end as To.
	Bound bool
}

// Pair names a transition.
type Pair struct{ From, To Node }

// Transition is who directly follows whom.
type Transition struct {
	Pair
	Count int64
	Share float64 // of all that follows From
	Gaps  Gaps    // none for the start and the end of streams
	// First and Last are of the messages that completed it; of the end of streams, the
	// last messages that are not followed by any.
	First, Last Moment
	Example     string // a stream that took it
}

// Transitions lists all that are kept, those that came up first first, and the ends
// of streams after them.
func (g *Graph) Transitions() []Transition {
	ends := g.ends()
	out := make([]Transition, 0, len(g.order)+len(ends))
	after := slices.Clone(g.outs)
	for id, e := range ends {
		after[id] += e.Count
	}
	for _, e := range g.order {
		t := Transition{
			Pair: Pair{g.node(e.key.from), g.node(e.key.to)}, Count: e.count, Gaps: e.gaps.sum(),
			First: e.first, Last: e.last, Example: g.states[e.example].name,
		}
		t.Share = float64(e.count) / float64(after[e.key.from])
		out = append(out, t)
	}
	for id := firstID; int(id) < len(g.names); id++ {
		if e := ends[id]; e.Count > 0 {
			e.Share = float64(e.Count) / float64(after[id])
			out = append(out, e)
		}
	}
	return out
}

// ends returns for each type the streams that end on it.
func (g *Graph) ends() []Transition {
	out := make([]Transition, len(g.names))
	for i := range g.states {
		s := &g.states[i]
		e, at := &out[s.last], Moment{Time: time.UnixMicro(s.micros).UTC(), Global: s.global}
		if e.Count++; e.Count == 1 {
			e.Pair, e.First, e.Last, e.Example = Pair{g.node(s.last), Node{Bound: true}}, at, at, s.name
			continue
		}
		if at.Global < e.First.Global {
			e.First = at
		}
		if at.Global > e.Last.Global {
			e.Last, e.Example = at, s.name
		}
	}
	return out
}

func (g *Graph) node(id typeID) Node {
	if id < firstID {
		return Node{Bound: true}
	}
	return Node{Type: g.names[id]}
}

// MostPassages is how many streams of a transition are kept, those that took it
// last.
const MostPassages = 64

// Passage is a stream that took a transition, and where it did last.
type Passage struct {
	Stream   string
	Position int64 // of the message that completed it, in the stream
	At       Moment
}

// passage is a passage as it is kept.
type passage struct {
	stream   uint32
	position int64
	at       Moment
}

// passages are the streams that took a transition last, in no order.
type passages struct {
	list []passage
	last int // the place of the newest
}

// add puts a passage in the place of the same stream's, or of the oldest.
func (p *passages) add(of passage) {
	if len(p.list) > 0 && p.list[p.last].stream == of.stream {
		p.list[p.last] = of
		return
	}
	oldest := 0
	for i := range p.list {
		if p.list[i].stream == of.stream {
			p.list[i], p.last = of, i
			return
		}
		if p.list[i].at.Global < p.list[oldest].at.Global {
			oldest = i
		}
	}
	if len(p.list) < MostPassages {
		p.list, p.last = append(p.list, of), len(p.list)
		return
	}
	p.list[oldest], p.last = of, oldest
}

// Passages returns the streams that took a transition, those that took it last
// first, [MostPassages] at most.
func (g *Graph) Passages(of Pair) []Passage {
	var out []Passage
	from, known := g.types[of.From.Type]
	if of.From.Bound {
		from, known = startID, true
	}
	switch {
	case !known:
		return nil
	case of.To.Bound:
		out = g.endings(from)
	default:
		to, known := g.types[of.To.Type]
		e := g.edges[edgeKey{from, to}]
		if !known || e == nil {
			return nil
		}
		for _, p := range e.passages.list {
			out = append(out, Passage{Stream: g.states[p.stream].name, Position: p.position, At: p.at})
		}
	}
	slices.SortFunc(out, func(a, b Passage) int { return cmp.Compare(b.At.Global, a.At.Global) })
	return out[:min(len(out), MostPassages)]
}

// endings are all streams that end on a type.
func (g *Graph) endings(on typeID) []Passage {
	var out []Passage
	for i := range g.states {
		if s := &g.states[i]; s.last == on {
			out = append(out, Passage{Stream: s.name, Position: s.position, At: Moment{Time: time.UnixMicro(s.micros).UTC(), Global: s.global}})
		}
	}
	return out
}
