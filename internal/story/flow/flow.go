package flow

import (
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// Event is what the graph needs of a message. Its strings are borrowed until
// [Graph.Take] returns.
type Event struct {
	Stream, Type     string
	Position, Global int64
	Time             time.Time
}

// EventOf returns what the graph needs of a message, whose strings it shares.
func EventOf(m *store.Message) Event {
	return Event{Stream: m.Stream, Type: m.Type, Position: m.Position, Global: m.GlobalPosition, Time: m.Time}
}

// Limits bound what a graph keeps. A zero field has its default.
type Limits struct {
	Types       int // different types; default 4,096, of at most 256 bytes each
	Transitions int // different transitions, about 8 KB each at most; default 4,096
	StreamBytes int // what is kept of streams, in bytes; default 48 MiB
	OrderBytes  int // what is kept of variants, in bytes; default 16 MiB
	OrderLength int // events of a variant; default 512
}

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		field *int
		value int
	}{
		{&l.Types, 4096}, {&l.Transitions, 4096}, {&l.StreamBytes, 48 << 20}, {&l.OrderBytes, 16 << 20}, {&l.OrderLength, 512},
	} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return l
}

// Sum is what a graph has taken, and what it could not count.
type Sum struct {
	Messages    int64 // taken
	Streams     int64 // kept
	Types       int64 // kept
	Middle      int64 // streams first seen past their beginning: their order is not known
	Holes       int64 // places where positions of a stream are missing: nothing is counted across them
	Backwards   int64 // times below zero, since a clock ran backwards: counted as 0
	Repeated    int64 // messages at or before their stream's last position: not counted
	First, Last Moment
	Beyond      Beyond
}

// Beyond is what the limits leave out.
type Beyond struct {
	Messages    int64 // of streams that are not kept
	Streams     int64 // not kept, as far as their beginning was seen
	Typed       int64 // messages of types that are not kept
	Transitions int64 // taken by kept streams, and not listed
	Ends        int64 // kept streams that end on such a type, and are not listed for it
}

// Moment is a message's place: when it was stored, and where.
type Moment struct {
	Time   time.Time
	Global int64
}

// typeID names a kept type; the first two are no types.
type typeID uint32

const (
	startID  typeID = iota // before a stream's first message
	otherID                // a type that is not kept
	firstID                // the first type
	perState = 176         // bytes of a stream beside its name: its state, and its share of the map
)

// Graph is who follows whom.
type Graph struct {
	limits Limits
	sum    Sum

	types map[string]typeID
	names []string // by typeID
	outs  []int64  // by typeID: how often something followed it

	edges map[edgeKey]*edge
	order []*edge // as they came up

	streams     map[string]uint32
	states      []streamState
	streamBytes int
	full        bool // a stream was turned away: so are all that come

	orders orders
}

// edgeKey names a transition that is kept.
type edgeKey struct{ from, to typeID }

// edge is a transition that is kept.
type edge struct {
	key         edgeKey
	count       int64
	gaps        gaps
	first, last Moment
	example     uint32 // the stream that took it first
	passages    passages
}

// streamState is where a stream stands.
type streamState struct {
	name             string
	last             typeID
	order            orderID
	position, global int64
	micros           int64 // of its last message
}

// New returns an empty graph.
func New(l Limits) *Graph {
	l = l.withDefaults()
	return &Graph{
		limits: l, types: map[string]typeID{}, names: make([]string, firstID), outs: make([]int64, firstID),
		edges: map[edgeKey]*edge{}, streams: map[string]uint32{}, orders: newOrders(l),
	}
}

// Sum returns what was taken so far.
func (g *Graph) Sum() Sum {
	s := g.sum
	s.Streams, s.Types = int64(len(g.states)), int64(len(g.types))
	return s
}

// Take takes the next message of the category. Messages come in the order of their
// global positions, each once.
func (g *Graph) Take(e Event) {
	now := Moment{Time: e.Time, Global: e.Global}
	if g.sum.Messages == 0 {
		g.sum.First = now
	}
	g.sum.Messages++
	g.sum.Last = now
	i, known := g.streams[e.Stream]
	if !known {
		g.begin(&e, now)
		return
	}
	s := &g.states[i]
	if e.Position <= s.position {
		g.sum.Repeated++
		return
	}
	to, micros := g.typeOf(e.Type), e.Time.UnixMicro()
	if e.Position == s.position+1 {
		g.step(edgeKey{s.last, to}, i, max(micros-s.micros, 0), micros < s.micros, e.Position, now)
		s.order = g.orders.next(s.order, to)
	} else {
		g.sum.Holes++
		s.order = orderHole
	}
	g.ended(s.last, -1)
	g.ended(to, 1)
	s.last, s.position, s.global, s.micros = to, e.Position, e.Global, micros
}

// begin takes the first message that is seen of a stream.
func (g *Graph) begin(e *Event, now Moment) {
	if g.full || g.streamBytes+perState+len(e.Stream) > g.limits.StreamBytes {
		g.full = true
		g.sum.Beyond.Messages++
		if e.Position == 0 {
			g.sum.Beyond.Streams++
		}
		return
	}
	i := uint32(len(g.states)) // StreamBytes keeps it far below the bound
	name := strings.Clone(e.Stream)
	g.streams[name] = i
	g.streamBytes += perState + len(name)
	s := streamState{name: name, last: g.typeOf(e.Type), position: e.Position, global: e.Global, micros: e.Time.UnixMicro()}
	g.states = append(g.states, s)
	g.ended(s.last, 1)
	if e.Position > 0 {
		g.sum.Middle++
		g.states[i].order = orderMiddle
		return
	}
	g.step(edgeKey{startID, s.last}, i, 0, false, 0, now)
	g.states[i].order = g.orders.next(orderRoot, s.last)
}

// ended counts the streams that end on a type that is not kept.
func (g *Graph) ended(on typeID, n int64) {
	if on == otherID {
		g.sum.Beyond.Ends += n
	}
}

// typeOf returns the type's id, otherID for one that is not kept.
func (g *Graph) typeOf(name string) typeID {
	if id, known := g.types[name]; known {
		return id
	}
	if len(g.types) >= g.limits.Types {
		g.sum.Beyond.Typed++
		return otherID
	}
	id := typeID(len(g.names))
	name = strings.Clone(name)
	g.types[name] = id
	g.names, g.outs = append(g.names, name), append(g.outs, 0)
	return id
}

// step counts a transition that a stream took.
func (g *Graph) step(k edgeKey, stream uint32, micros int64, backwards bool, position int64, now Moment) {
	g.outs[k.from]++
	if backwards {
		g.sum.Backwards++
	}
	if k.from == otherID || k.to == otherID {
		g.sum.Beyond.Transitions++
		return
	}
	e := g.edges[k]
	if e == nil {
		if len(g.order) >= g.limits.Transitions {
			g.sum.Beyond.Transitions++
			return
		}
		e = &edge{key: k, first: now, example: stream}
		g.edges[k] = e
		g.order = append(g.order, e)
	}
	e.count++
	e.last = now
	if k.from != startID {
		e.gaps.add(micros, backwards)
	}
	e.passages.add(passage{stream: stream, position: position, at: now})
}
