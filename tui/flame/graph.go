package flame

import "slices"

// Graph is a view of a tree. The zero value is not ready: use New. It is not
// safe for concurrent use.
type Graph struct {
	tree    Tree
	path    []int // from the root down to the node that is zoomed to
	cursor  int
	matches []bool // by node; nil: no search
	diff    bool
	short   func(string) []string
	group   func(string) string

	w, h   int
	offset int // the level on the first line

	paint painter
	hues  []int32 // by node, as far as asked: 1 + which of the colours its group has, or 0

	// What was worked out for the zoom, the size and the looks; the cursor and
	// scrolling leave it as it is.
	levels    [][]bar  // from the root's down to the deepest that was on the screen
	lines     []string // by level, as drawn without the cursor; "": not yet
	front     []span   // of the deepest level, from which the next follows
	ended     bool     // there are no more levels
	spare     []span   // memory for the next front
	arena     []bar    // memory for levels, used again after each zoom
	ink       []byte   // memory for the line being drawn
	minWeight int64    // what a bar must weigh to be one step wide
}

// bar is a node's place in a row, in steps of a cell.
type bar struct {
	node   int32 // -1: nodes too thin to be drawn, of the node in parent
	parent int32
	x0, x1 int32
	shade  int32 // tells it from its neighbours
	fill   int32 // its colour, of the painter's, when the cursor is elsewhere
}

// Options says how a graph is drawn. Zero values are sane.
type Options struct {
	// Short returns ever shorter forms of a name, for where there is little
	// room. nil: names are cut.
	Short func(name string) []string
	// Group returns what nodes of one colour have in common. nil: the name.
	Group func(name string) string
	// Diff colours by Value: what grew, what shrank.
	Diff bool
}

// New returns a graph of a tree, zoomed to the root.
func New(tree Tree, o Options) *Graph {
	g := &Graph{tree: tree, path: []int{0}, diff: o.Diff, short: o.Short, group: o.Group}
	if g.short == nil {
		g.short = func(name string) []string { return []string{name} }
	}
	if g.group == nil {
		g.group = func(name string) string { return name }
	}
	g.SetStyles(Styles{})
	return g
}

// SetSize sets how many cells Lines fills. Sizes below 1 draw nothing.
func (g *Graph) SetSize(w, h int) {
	if w != g.w || h != g.h {
		if w != g.w {
			g.forget()
		}
		g.w, g.h = max(w, 0), max(h, 0)
		g.follow()
	}
}

// SetStyles sets the looks.
func (g *Graph) SetStyles(s Styles) {
	g.paint = newPainter(s)
	g.hues = nil
	g.forget()
}

// Tree returns what is drawn.
func (g *Graph) Tree() Tree { return g.tree }

// Zoomed returns the node that fills the width.
func (g *Graph) Zoomed() int { return g.path[len(g.path)-1] }

// Zoom lets a node fill the width; the nodes above it stay as full rows. The
// cursor goes there unless it is below.
func (g *Graph) Zoom(node int) {
	g.path = g.path[:0]
	for at := node; at >= 0; at = g.tree.Parent(at) {
		g.path = append(g.path, at)
	}
	slices.Reverse(g.path)
	if !g.below(g.cursor, node) {
		g.cursor = node
	}
	g.forget()
	g.follow()
}

// ZoomOut zooms to the node above. It reports whether there was one.
func (g *Graph) ZoomOut() bool {
	if len(g.path) < 2 {
		return false
	}
	g.Zoom(g.path[len(g.path)-2])
	return true
}

func (g *Graph) below(node, above int) bool {
	for at := node; at >= 0; at = g.tree.Parent(at) {
		if at == above {
			return true
		}
	}
	return false
}

// SetMatches marks the nodes that a search found; nil ends the search.
func (g *Graph) SetMatches(matches []bool) {
	g.matches = matches
	g.forget()
}

func (g *Graph) matched(node int) bool { return node >= 0 && node < len(g.matches) && g.matches[node] }

// Cursor returns the node under the cursor.
func (g *Graph) Cursor() int { return g.cursor }

// SetCursor puts the cursor on a node, zooming out as far as it takes.
func (g *Graph) SetCursor(node int) {
	g.cursor = node
	for !g.below(node, g.Zoomed()) && !slices.Contains(g.path, node) {
		g.path = g.path[:len(g.path)-1]
		g.forget()
	}
	g.follow()
}

// level returns on which level a node stands.
func (g *Graph) level(node int) int {
	n := 0
	for at := g.tree.Parent(node); at >= 0; at = g.tree.Parent(at) {
		n++
	}
	return n
}

// follow scrolls so that the cursor is on the screen.
func (g *Graph) follow() {
	at := g.level(g.cursor)
	g.offset = max(0, min(g.offset, at), at-g.h+1)
}

// Scroll moves the picture by so many rows, as far as the cursor's level and
// the root let it.
func (g *Graph) Scroll(rows int) {
	if rows > 0 && len(g.rows()) < g.h {
		return // the deepest level is on the screen
	}
	g.offset = max(0, g.offset+rows)
}

// Down moves the cursor to the heaviest node below. It reports whether there
// is one wide enough to be drawn.
func (g *Graph) Down() bool {
	if i := g.level(g.cursor) + 1; i < len(g.path) {
		g.cursor = g.path[i] // along the path to what is zoomed
		g.follow()
		return true
	}
	kids := g.tree.Children(g.cursor)
	if len(kids) == 0 || !g.drawn(int(kids[0])) {
		return false
	}
	g.cursor = int(kids[0])
	g.follow()
	return true
}

// drawn says whether a node below the zoomed one is wide enough for a bar.
func (g *Graph) drawn(node int) bool { return g.steps(g.tree.Weight(node)) >= 1 }

// Up moves the cursor to the node above.
func (g *Graph) Up() bool {
	above := g.tree.Parent(g.cursor)
	if above < 0 {
		return false
	}
	g.cursor = above
	g.follow()
	return true
}

// Sideways moves the cursor by n bars along its row.
func (g *Graph) Sideways(n int) bool {
	rows := g.rows()
	row := g.level(g.cursor) - g.offset
	if row < 0 || row >= len(rows) {
		return false
	}
	var nodes []int
	at := -1
	for _, b := range rows[row] {
		if int(b.node) == g.cursor {
			at = len(nodes)
		}
		if b.node >= 0 {
			nodes = append(nodes, int(b.node))
		}
	}
	if len(nodes) == 0 {
		return false
	}
	to := min(max(0, at+n), len(nodes)-1)
	moved := nodes[to] != g.cursor
	g.cursor = nodes[to]
	return moved
}

// NextMatch moves the cursor to the next node that the search found, in the
// order of the drawing from the root down, or to the one before with back. It
// wraps around, and reports whether any match is drawn.
func (g *Graph) NextMatch(back bool) bool {
	found := g.drawnMatches()
	if len(found) == 0 {
		return false
	}
	at, step := slices.Index(found, g.cursor), 1
	if back {
		at, step = max(at, 0), len(found)-1
	}
	g.cursor = found[(at+step)%len(found)]
	g.follow()
	return true
}

// drawnMatches walks down from the zoomed node through what is wide enough.
func (g *Graph) drawnMatches() []int {
	var found []int
	level := []int{g.Zoomed()}
	for len(level) > 0 {
		var below []int
		for _, node := range level {
			if g.matched(node) {
				found = append(found, node)
			}
			for _, k := range g.tree.Children(node) {
				if !g.drawn(int(k)) {
					break // the rest is thinner still
				}
				below = append(below, int(k))
			}
		}
		level = below
	}
	return found
}

// Hit returns the node drawn at a cell, counted from the top left. ok is false
// where nothing is.
func (g *Graph) Hit(x, y int) (node int, ok bool) {
	rows := g.rows()
	if y < 0 || y >= len(rows) || x < 0 || x >= g.w {
		return 0, false
	}
	middle := int32(x*g.paint.steps + g.paint.steps/2)
	for _, b := range rows[y] {
		if middle >= b.x0 && middle < b.x1 {
			if b.node < 0 {
				return int(b.parent), true
			}
			return int(b.node), true
		}
	}
	return 0, false
}
