package profiler

import (
	"cmp"
	"slices"
	"strings"
)

// Flame is the tree of all stacks of a view, merged from the root. Its nodes
// are numbered from 0, the root, which stands for everything. It never
// changes, so it is safe for concurrent use.
//
// A node weighs the values of its stacks without their signs: width is how
// much there is, colour may tell which way it goes. So in a difference both
// sides count for the weight, and Value is what is left of them.
type Flame struct {
	nodes []flameNode
	kids  []int32 // children of all nodes, each node's in one run
	names []string
	typ   ValueType
	cut   bool
	// signed: some values are negative, so that weights alone do not show it.
	signed bool
}

type flameNode struct {
	weight, value, self int64
	name                int32 // -1: the root
	parent              int32
	kids                int32 // where its run in Flame.kids begins
	count               int32
	depth               int32
	inline              bool
}

// wholeTree is how many frames a view's stacks may have for its tree to be
// built whole; more would cost memory by the gigabyte.
const wholeTree = 8 << 20

// least is the share of the root that a node of a larger view must weigh to
// have children: a hundredth of an eighth of a cell on a wide screen.
const least = 1e-5

// Flame builds the tree, level by level. In a view of more than eight million
// frames, what weighs less than a hundred thousandth of the whole ends there:
// its weight counts as its own, and Cut says so.
func (v *View) Flame() *Flame { return v.flame(wholeTree) }

func (v *View) flame(whole int) *Flame {
	f := &Flame{nodes: []flameNode{{name: -1, parent: -1}}, names: v.names, typ: v.typ, signed: v.Signed()}
	var walkers []walker
	for i, s := range v.p.Sample {
		if value := s.Value[v.index]; value != 0 {
			f.nodes[0].add(abs(value), value)
			walkers = append(walkers, walker{left: v.stack(i), value: value})
		}
	}
	cutoff := int64(0)
	if len(v.stacks) > whole {
		cutoff = int64(float64(f.nodes[0].weight) * least)
	}
	for len(walkers) > 0 {
		walkers = f.grow(walkers, cutoff)
	}
	f.linkChildren()
	return f
}

// walker is a sample on its way down the tree.
type walker struct {
	left  []frame // what is still to go
	at    int32   // the node that it stands on
	value int64
}

// grow lets all walkers take one step and returns those that go on.
func (f *Flame) grow(walkers []walker, cutoff int64) []walker {
	known := newPairs(len(walkers) / 4)
	on := walkers[:0]
	for _, w := range walkers {
		if len(w.left) == 0 {
			f.nodes[w.at].self += abs(w.value)
			continue
		}
		w.at = f.child(&known, w.at, w.left[0].node(), w.left[0].inline())
		w.left = w.left[1:]
		f.nodes[w.at].add(abs(w.value), w.value)
		on = append(on, w)
	}
	if cutoff == 0 {
		return on
	}
	heavy := on[:0]
	for _, w := range on {
		if len(w.left) > 0 && f.nodes[w.at].weight < cutoff {
			f.cut = true
			f.nodes[w.at].self += abs(w.value)
			continue
		}
		heavy = append(heavy, w)
	}
	return heavy
}

func (n *flameNode) add(weight, value int64) {
	n.weight += weight
	n.value += value
}

// child returns the child of that name, made if need be.
func (f *Flame) child(known *pairs, parent, name int32, inline bool) int32 {
	slot := known.find(parent, name)
	if i := known.at(slot); i >= 0 {
		f.nodes[i].inline = f.nodes[i].inline && inline
		return i
	}
	i := int32(len(f.nodes))
	known.put(slot, parent, name, i)
	f.nodes = append(f.nodes, flameNode{name: name, parent: parent, depth: f.nodes[parent].depth + 1, inline: inline})
	f.nodes[parent].count++
	return i
}

// linkChildren lays the children of each node side by side, heaviest first.
func (f *Flame) linkChildren() {
	f.kids = make([]int32, len(f.nodes)-1)
	next := int32(0)
	for i := range f.nodes {
		f.nodes[i].kids = next
		next += f.nodes[i].count
		f.nodes[i].count = 0
	}
	for i := 1; i < len(f.nodes); i++ {
		p := &f.nodes[f.nodes[i].parent]
		f.kids[p.kids+p.count] = int32(i)
		p.count++
	}
	for i := range f.nodes {
		slices.SortFunc(f.run(int32(i)), func(a, b int32) int {
			return cmp.Or(cmp.Compare(f.nodes[b].weight, f.nodes[a].weight), strings.Compare(f.Name(int(a)), f.Name(int(b))))
		})
	}
}

func (f *Flame) run(i int32) []int32 {
	n := f.nodes[i]
	return f.kids[n.kids : n.kids+n.count]
}

// Len returns how many nodes there are, the root included.
func (f *Flame) Len() int { return len(f.nodes) }

// Name returns a node's function; "all" for the root.
func (f *Flame) Name(i int) string {
	if f.nodes[i].name < 0 {
		return "all"
	}
	return f.names[f.nodes[i].name]
}

// Weight returns the sum of the node's values without their signs.
func (f *Flame) Weight(i int) int64 { return f.nodes[i].weight }

// Value returns the sum of the node's values. It differs from Weight in a
// difference only.
func (f *Flame) Value(i int) int64 { return f.nodes[i].value }

// Self returns the weight of the stacks that end in the node.
func (f *Flame) Self(i int) int64 { return f.nodes[i].self }

// SelfValue returns the sum of the values of the stacks that end in the node:
// Self with signs.
func (f *Flame) SelfValue(i int) int64 {
	value := f.nodes[i].value
	for _, k := range f.run(int32(i)) {
		value -= f.nodes[k].value
	}
	return value
}

// Signed reports whether the flame is of a difference: Value then tells which
// way a node goes, and Weight how much there is on both sides.
func (f *Flame) Signed() bool { return f.signed }

// Change prints a value as Format does, with its sign where the flame is signed.
func (f *Flame) Change(value int64) string {
	if f.signed {
		return signed(value, f.Format)
	}
	return f.Format(value)
}

// Inlined says whether the node was inlined into its parent wherever it occurs.
func (f *Flame) Inlined(i int) bool { return f.nodes[i].inline }

// Parent returns the node above; -1 for the root.
func (f *Flame) Parent(i int) int { return int(f.nodes[i].parent) }

// Depth returns how many nodes are above.
func (f *Flame) Depth(i int) int { return int(f.nodes[i].depth) }

// Children returns the nodes below, heaviest first. The slice is the flame's
// own: look, do not write.
func (f *Flame) Children(i int) []int32 { return f.run(int32(i)) }

// Total returns what the root weighs.
func (f *Flame) Total() int64 { return f.nodes[0].weight }

// Cut says whether the view was so large that its lightest nodes are without
// their children.
func (f *Flame) Cut() bool { return f.cut }

// Type returns what the weights measure.
func (f *Flame) Type() ValueType { return f.typ }

// Format prints a value in a unit that suits it.
func (f *Flame) Format(value int64) string { return scaledLabel(value, f.typ.Unit, "auto") }

// Path returns the names from below the root down to the node.
func (f *Flame) Path(i int) []string {
	path := make([]string, f.Depth(i))
	for at := i; at > 0; at = f.Parent(at) {
		path[f.Depth(at)-1] = f.Name(at)
	}
	return path
}

// Find returns the node at the end of a path of names, or as far along it as
// there are nodes: so a place in one flame is found again in the next.
func (f *Flame) Find(path []string) int {
	at := 0
	for _, name := range path {
		i := slices.IndexFunc(f.Children(at), func(k int32) bool { return f.Name(int(k)) == name })
		if i < 0 {
			return at
		}
		at = int(f.Children(at)[i])
	}
	return at
}
