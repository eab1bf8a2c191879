package flame

// Tree is what is drawn. Nodes are numbered; 0 is the root. A tree must not
// change while a Graph holds it.
type Tree interface {
	// Name returns what a node is called. It may hold anything.
	Name(node int) string
	// Weight returns how much a node has, not below 0: its bar's width. The
	// children of a node weigh no more than the node.
	Weight(node int) int64
	// Self returns the part of Weight that is in no child.
	Self(node int) int64
	// Value returns what a node stands for with its sign, between -Weight and
	// Weight. It decides the colour of a difference.
	Value(node int) int64
	// Parent returns the node above; -1 for the root.
	Parent(node int) int
	// Children returns the nodes below, heaviest first. It is not written to.
	Children(node int) []int32
}
