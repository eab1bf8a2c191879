package causes

import (
	"slices"
	"time"

	"github.com/evtui/evtui/store"
)

// MaxNodes is how many messages a tree holds unless it is told otherwise.
const MaxNodes = 20_000

// Fault is what is odd about how a message is linked; several may hold.
type Fault uint16

// The faults.
const (
	Missing   Fault = 1 << iota // it names a cause that is not there
	Self                        // it names itself
	Cycle                       // what it names follows from it
	Later                       // its cause comes after it in the log
	Backward                    // its time is before its cause's: clocks differ
	Several                     // it names more than one message; see Others
	Ambiguous                   // its cause is one of several with the same span
	Further                     // there are more causes above it, not followed
	Unknown                     // its cause was looked for and not found, as far as was looked
)

// Node is one message of a tree.
type Node struct {
	ID       store.ID
	Stream   string
	Type     string
	Position int64
	Global   int64
	Time     time.Time

	Cause  int   // its cause among the nodes; -1: none of them is
	Depth  int   // causes between it and the first
	Named  Ref   // what it names as its cause; zero: nothing
	Others []Ref // what else it names
	Span   Ref   // by which others name it besides; zero: none
	Fault  Fault
	Loose  bool // it shares what the tree's message belongs to, and names no cause that is known

	effects []int32
	aside   bool // it followed from a loose one
}

// Hop is how long it was from the node's cause to it; ok is false without one.
// Where clocks differ it may be below 0.
func (t *Tree) Hop(i int) (d time.Duration, ok bool) {
	n := &t.nodes[i]
	if n.Cause < 0 {
		return 0, false
	}
	return n.Time.Sub(t.nodes[n.Cause].Time), true
}

// Tree is a message, its causes back to the first, and its effects.
type Tree struct {
	links  Links
	nodes  []Node // causes first: those above the message, itself, what followed
	index  map[Ref]int32
	known  map[int64]bool // global positions of the nodes
	spans  map[Ref]int    // how many nodes have a span, where more than one
	shared []Shared
	origin int // the message itself
	last   int // the node that came last
	max    int
	full   bool
}

// NewTree returns the tree of a message, with its causes: the nearest first, as
// they were found. fault says why there is none above the last of them. It holds
// max messages at most, 0 for [MaxNodes], and those given in any case.
func NewTree(l Links, m *store.Message, above []store.Message, fault Fault, limit int) *Tree {
	t := &Tree{links: l, index: map[Ref]int32{}, known: map[int64]bool{}, spans: map[Ref]int{}, max: limit}
	if limit < 1 {
		t.max = MaxNodes
	}
	line := append([]*store.Message{m}, make([]*store.Message, len(above))...)
	for i := range above {
		line[i+1] = &above[i]
	}
	slices.Reverse(line)
	for i, at := range line {
		named := l.Of(at)
		n := nodeOf(at, i-1, named)
		if i == 0 {
			n.Fault |= fault
		}
		t.origin = i
		if i == len(line)-1 {
			t.shared = named.Shared
			t.add(n)
			continue
		}
		t.append(n) // what else it caused is none of this message's
	}
	return t
}

// nodeOf is what a tree keeps of a message.
func nodeOf(m *store.Message, cause int, named Named) Node {
	n := Node{
		ID: m.ID, Stream: m.Stream, Type: m.Type, Position: m.Position, Global: m.GlobalPosition, Time: m.Time,
		Cause: cause, Span: named.Span,
	}
	if len(named.Causes) > 0 {
		n.Named = named.Causes[0]
	}
	return n
}

// append adds a node, whatever it is linked by, and judges its cause.
func (t *Tree) append(n Node) int {
	i := len(t.nodes)
	if n.Cause >= 0 {
		c := &t.nodes[n.Cause]
		n.Depth = c.Depth + 1
		if c.Global >= n.Global {
			n.Fault |= Later
		}
		if n.Time.Before(c.Time) {
			n.Fault |= Backward
		}
		c.effects = append(c.effects, int32(i))
		n.aside = c.aside
	}
	t.nodes = append(t.nodes, n)
	t.known[n.Global] = true
	if !n.aside && n.Time.After(t.nodes[t.last].Time) {
		t.last = i
	}
	return i
}

// add appends a node whose effects belong to the tree.
func (t *Tree) add(n Node) {
	i := int32(t.append(n))
	m := store.Message{ID: n.ID, Stream: n.Stream, Position: n.Position, GlobalPosition: n.Global}
	for _, key := range keys(&m) {
		t.index[key] = i
	}
	if n.Span.Way == None {
		return
	}
	if _, taken := t.index[n.Span]; taken {
		t.spans[n.Span] = max(t.spans[n.Span], 1) + 1
	}
	t.index[n.Span] = i // the latest before an effect is the likeliest
}

// Grow takes a message if it belongs to the tree, and reports whether it did; its
// names are kept, its data and metadata are not. To find all that followed, it is given messages in the order of the log, from
// [Tree.Since] on; what it has already is left out.
func (t *Tree) Grow(m *store.Message) bool {
	if t.full || t.known[m.GlobalPosition] || m.GlobalPosition <= t.nodes[t.origin].Global {
		return false
	}
	named := t.links.Of(m)
	cause, by := -1, 0
	for i, ref := range named.Causes {
		if at, here := t.index[ref]; here {
			cause, by = int(at), i
			break
		}
	}
	loose := cause < 0 && t.alike(&named)
	if cause < 0 && !loose {
		return false
	}
	if len(t.nodes) >= t.max {
		t.full = true
		return false
	}
	n := nodeOf(m, cause, named)
	if n.Loose, n.aside = loose, loose; loose && n.Named.Way != None {
		n.Fault |= Unknown
	}
	t.judge(&n, named.Causes, by)
	t.add(n)
	return true
}

// judge looks at what else a node names, beside what it was taken for.
func (t *Tree) judge(n *Node, named []Ref, by int) {
	if n.Cause < 0 {
		return
	}
	n.Named = named[by]
	for _, ref := range named {
		if at, here := t.index[ref]; !here || int(at) != n.Cause {
			n.Others = append(n.Others, ref)
			n.Fault |= Several
		}
	}
	if t.spans[n.Named] > 1 {
		n.Fault |= Ambiguous
	}
}

// alike reports whether a message shares what the tree's message belongs to, and
// names no message as its cause. A span may be of something that is no message.
func (t *Tree) alike(named *Named) bool {
	for _, ref := range named.Causes {
		if ref.Way != BySpan {
			return false
		}
	}
	for _, s := range named.Shared {
		for _, own := range t.shared {
			if s.Name == own.Name && s.Value == own.Value {
				return true
			}
		}
	}
	return false
}

// Since is the global position from which effects are looked for.
func (t *Tree) Since() int64 { return t.nodes[t.origin].Global + 1 }

// Origin is the node of the message that the tree is of.
func (t *Tree) Origin() int { return t.origin }

// Nodes are the messages, causes before effects; lent until the next Grow.
func (t *Tree) Nodes() []Node { return t.nodes }

// Shared is what the message belongs to.
func (t *Tree) Shared() []Shared { return t.shared }

// Full reports whether something that belongs to it was left out, and what how
// many that holds at most.
func (t *Tree) Full() (full bool, limit int) { return t.full, t.max }

// Slowest are the nodes on the way from the first cause to the message that came
// last: the way that decided how long all of it took. Of several that came at
// once it is the first in the log. A tree of one message has none.
func (t *Tree) Slowest() map[int]bool {
	on := map[int]bool{}
	for at := t.last; at >= 0 && t.last > 0; at = t.nodes[at].Cause {
		on[at] = true
	}
	return on
}

// SlowestHop is the node of the slowest way whose hop took longest, the first of
// several; -1 where that way has fewer than two hops, or none that took any time.
func (t *Tree) SlowestHop() int {
	slowest, hops := -1, 0
	longest := time.Duration(0)
	for at := t.last; at >= 0 && t.last > 0; at = t.nodes[at].Cause {
		took, ok := t.Hop(at)
		if !ok {
			continue
		}
		hops++
		if took > 0 && took >= longest {
			slowest, longest = at, took
		}
	}
	if hops < 2 {
		return -1
	}
	return slowest
}
