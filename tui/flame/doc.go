// Package flame draws a flame graph into cells: a tree as nested bars, the root
// on top, each node as wide as it weighs, to the eighth of a cell.
//
// A [Graph] holds what the user sees of a [Tree]: the node that is zoomed to,
// the cursor, what a search found, how far it is scrolled. [Graph.Lines] gives
// exactly as many lines of exactly as many cells as [Graph.SetSize] asked for,
// whatever the tree is. Only what is visible is laid out, so a tree of a
// million nodes costs no more than one of a hundred.
//
// The package knows nothing of profiles. Names are shown, never obeyed.
package flame
