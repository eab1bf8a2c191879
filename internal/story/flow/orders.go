package flow

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// orderID is an order of types that a stream has so far: a node of a tree in which
// each node is its parent's order with one type more. Below zero it says why the
// order is not known.
type orderID int32

const (
	orderRoot   orderID = 0
	orderMiddle orderID = -1 // the stream was seen from its middle
	orderHole   orderID = -2 // positions are missing
	orderLong   orderID = -3 // longer than Limits.OrderLength
	orderFull   orderID = -4 // beyond Limits.OrderBytes, or of a type that is not kept
)

// perOrder is what a node takes with its share of the map, in bytes.
const perOrder = 56

// orders is the tree.
type orders struct {
	nodes  []orderNode
	next1  map[orderStep]orderID
	most   int // nodes
	length uint16
}

type orderNode struct {
	parent orderID
	last   typeID
	length uint16
}

type orderStep struct {
	from orderID
	to   typeID
}

func newOrders(l Limits) orders {
	return orders{
		nodes: make([]orderNode, 1), next1: map[orderStep]orderID{},
		most: l.OrderBytes / perOrder, length: uint16(min(l.OrderLength, 1<<15)),
	}
}

func (o *orders) next(at orderID, to typeID) orderID {
	if at < 0 {
		return at
	}
	step := orderStep{at, to}
	if id, known := o.next1[step]; known {
		return id
	}
	switch {
	case o.nodes[at].length >= o.length:
		return orderLong
	case to == otherID || len(o.nodes) >= o.most:
		return orderFull
	}
	id := orderID(len(o.nodes))
	o.nodes = append(o.nodes, orderNode{parent: at, last: to, length: o.nodes[at].length + 1})
	o.next1[step] = id
	return id
}

func (g *Graph) typesOf(id orderID) []string {
	out := make([]string, g.orders.nodes[id].length)
	for i := len(out) - 1; i >= 0; i-- {
		n := g.orders.nodes[id]
		out[i], id = g.names[n.last], n.parent
	}
	return out
}

// Variant is a whole order of types, from the start of a stream to where it ends as
// of the last message taken.
type Variant struct {
	ID      int32 // the same for the same order, as long as the graph lives
	Types   []string
	Streams int64   // that have just this order
	Share   float64 // of all streams whose order is known
	Example string  // one of them
}

// Variants are the orders that streams have.
type Variants struct {
	List []Variant // those of most streams first
	// Known is how many streams' orders are known, and Distinct how many orders they
	// have; those beyond the list have Rest streams.
	Known, Distinct, Rest int64
	// Middle, Holes, Long and Full count the streams whose order is not known: seen
	// from the middle, with positions missing, too long, and beyond the bounds.
	Middle, Holes, Long, Full int64
}

// Variants lists the orders of most streams, so many at most.
func (g *Graph) Variants(most int) Variants {
	var v Variants
	streams := make([]int64, len(g.orders.nodes))
	example := make([]uint32, len(g.orders.nodes))
	for i := range g.states {
		switch id := g.states[i].order; id {
		case orderMiddle:
			v.Middle++
		case orderHole:
			v.Holes++
		case orderLong:
			v.Long++
		case orderFull:
			v.Full++
		default:
			if streams[id]++; streams[id] == 1 {
				example[id] = uint32(i)
			}
			v.Known++
		}
	}
	var found []orderID
	for id, n := range streams {
		if n > 0 {
			found = append(found, orderID(id))
		}
	}
	slices.SortFunc(found, func(a, b orderID) int { return cmp.Or(cmp.Compare(streams[b], streams[a]), cmp.Compare(a, b)) })
	v.Distinct, v.Rest = int64(len(found)), v.Known
	for _, id := range found[:min(len(found), most)] {
		v.Rest -= streams[id]
		v.List = append(v.List, Variant{
			ID: int32(id), Types: g.typesOf(id), Streams: streams[id],
			Share: float64(streams[id]) / float64(v.Known), Example: g.states[example[id]].name,
		})
	}
	return v
}

// Spell writes the order as one line, with repetitions as "Deposited×12".
func (v *Variant) Spell(arrow, times string) string {
	var b strings.Builder
	for i := 0; i < len(v.Types); {
		n := 1
		for i+n < len(v.Types) && v.Types[i+n] == v.Types[i] {
			n++
		}
		if i > 0 {
			b.WriteString(arrow)
		}
		b.WriteString(v.Types[i])
		if n > 1 {
			b.WriteString(times + strconv.Itoa(n))
		}
		i += n
	}
	return b.String()
}
