package flame

import (
	"fmt"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	uv "github.com/charmbracelet/ultraviolet"

	"github.com/evtui/evtui/internal/text"
)

// tree is a Tree made by hand.
type tree struct {
	names  []string
	weight []int64
	self   []int64
	value  []int64
	parent []int
	kids   [][]int32
}

func newTree() *tree {
	return &tree{names: []string{"all"}, weight: []int64{0}, self: []int64{0}, value: []int64{0}, parent: []int{-1}, kids: [][]int32{nil}}
}

// leaf adds a node with its own weight, which the nodes above get too.
func (t *tree) leaf(parent int, name string, self int64) int {
	n := len(t.names)
	t.names = append(t.names, name)
	t.weight = append(t.weight, 0)
	t.self = append(t.self, self)
	t.value = append(t.value, 0)
	t.parent = append(t.parent, parent)
	t.kids = append(t.kids, nil)
	t.kids[parent] = append(t.kids[parent], int32(n))
	for at := n; at >= 0; at = t.parent[at] {
		t.weight[at] += self
		t.value[at] += self
	}
	return n
}

func (t *tree) sorted() *tree {
	for _, kids := range t.kids {
		slices.SortStableFunc(kids, func(a, b int32) int { return int(min(1, max(-1, t.weight[b]-t.weight[a]))) })
	}
	return t
}

func (t *tree) Name(n int) string      { return t.names[n] }
func (t *tree) Weight(n int) int64     { return t.weight[n] }
func (t *tree) Self(n int) int64       { return t.self[n] }
func (t *tree) Value(n int) int64      { return t.value[n] }
func (t *tree) Parent(n int) int       { return t.parent[n] }
func (t *tree) Children(n int) []int32 { return t.kids[n] }

func grey(n uint8) color.Color { return color.RGBA{n, n, n, 255} }

// One colour a role, so that a cell tells what it shows.
func coloured() Styles {
	two := func(n uint8) [2]color.Color { return [2]color.Color{grey(n), grey(n + 1)} }
	return Styles{
		Colours: [][2]color.Color{two(10)}, Grown: [][2]color.Color{two(20), two(22)}, Shrunk: [][2]color.Color{two(30), two(32)},
		Same: two(40), Rest: two(50), Match: two(60), Cursor: grey(70), Ink: grey(200), InkOn: grey(201),
	}
}

// screen draws the graph into cells.
func screen(g *Graph) uv.ScreenBuffer {
	s := uv.NewScreenBuffer(g.w, g.h)
	uv.NewStyledString(strings.Join(g.Lines(), "\n")).Draw(s, s.Bounds())
	return s
}

func mustBe(t *testing.T, s uv.ScreenBuffer, x, y int, content string, fg, bg color.Color) {
	t.Helper()
	c := s.CellAt(x, y)
	same := func(a, b color.Color) bool {
		if a == nil || b == nil {
			return a == nil && b == nil
		}
		ar, ag, ab, _ := a.RGBA()
		br, bg, bb, _ := b.RGBA()
		return ar == br && ag == bg && ab == bb
	}
	if c == nil || c.Content != content || !same(c.Style.Fg, fg) || !same(c.Style.Bg, bg) {
		t.Errorf("cell %d,%d is %+v, want %q of %v on %v", x, y, c, content, fg, bg)
	}
}

// two is a root of 64 with children of 35 and 21, and 8 of its own: on 8 cells,
// a step each.
func two() *tree {
	t := newTree()
	t.leaf(0, "heavy", 35)
	t.leaf(0, "light", 21)
	t.weight[0], t.self[0], t.value[0] = 64, 8, 64
	return t
}

func TestCells(t *testing.T) {
	g := New(two(), Options{})
	g.SetStyles(coloured())
	g.SetSize(8, 3)
	s := screen(g)
	for x, r := range "all     " {
		mustBe(t, s, x, 0, string(r), grey(201), grey(70)) // the cursor
	}
	// heavy is 35 steps: 4 cells and 3/8; light 21: it ends with cell 7.
	for x, r := range "he.." {
		if x < 2 {
			mustBe(t, s, x, 1, string(r), grey(200), grey(10))
		}
	}
	mustBe(t, s, 4, 1, "▍", grey(10), grey(11))
	for x := 5; x < 7; x++ {
		if c := s.CellAt(x, 1); c.Style.Bg == nil {
			t.Errorf("cell %d of light is empty", x)
		}
	}
	mustBe(t, s, 7, 1, " ", nil, nil) // the root's own
	for x := range 8 {
		mustBe(t, s, x, 2, " ", nil, nil)
	}
}

// TestEighths draws bars of every width from one to sixteen eighths.
func TestEighths(t *testing.T) {
	for n := int64(1); n <= 16; n++ {
		tr := newTree()
		tr.leaf(0, "", n)
		tr.weight[0], tr.self[0] = 16, 16-n
		g := New(tr, Options{})
		g.SetStyles(coloured())
		g.SetSize(2, 2)
		got := 0
		s := screen(g)
		for x := range 2 {
			c := s.CellAt(x, 1)
			if i := slices.Index(blocks[:], c.Content); i > 0 {
				got += i
			} else if c.Style.Bg != nil {
				got += 8
			}
		}
		if got != int(n) {
			t.Errorf("%d eighths are drawn as %d", n, got)
		}
	}
}

// TestGapBeforeBar draws a bar that begins inside a cell with nothing before.
func TestGapBeforeBar(t *testing.T) {
	tr := newTree()
	a, b := tr.leaf(0, "a", 20), tr.leaf(0, "b", 12)
	tr.leaf(b, "c", 12)
	tr.self[b], tr.weight[b], tr.weight[0] = 0, 12, 32
	_ = a
	g := New(tr, Options{})
	g.SetStyles(coloured())
	g.SetSize(4, 3)
	c := screen(g).CellAt(2, 2) // c begins at step 20: half of cell 2
	if c.Content != "▌" || c.Style.Attrs&uv.AttrReverse == 0 || c.Style.Bg != nil {
		t.Errorf("cell %+v", c)
	}
}

func TestSplit(t *testing.T) {
	const o = none
	for _, c := range []struct {
		fills       []int32
		border      int
		left, right int32
	}{
		{[]int32{1, 1, 1, 2, 2, 2, 2, 2}, 3, 1, 2},
		{[]int32{o, o, o, o, o, 3, 3, 3}, 5, o, 3},
		{[]int32{1, o, o, o, o, o, o, o}, 1, 1, o},
		{[]int32{1, 2, 2, 2, 2, 2, 2, 3}, 1, 1, 2},
		{[]int32{1, 1, 1, 1, 1, 1, 1, 1}, 0, o, 1},
	} {
		border, left, right := split(c.fills)
		if border != c.border || right != c.right || border > 0 && left != c.left {
			t.Errorf("%v: border %d between %d and %d, want %d, %d, %d", c.fills, border, left, right, c.border, c.left, c.right)
		}
	}
}

func TestZoom(t *testing.T) {
	tr := newTree()
	a := tr.leaf(0, "a", 30)
	tr.leaf(0, "b", 30)
	c := tr.leaf(a, "c", 20)
	d := tr.leaf(c, "d", 10)
	g := New(tr.sorted(), Options{})
	g.SetStyles(coloured())
	g.SetSize(20, 6)
	g.Zoom(c)
	lines := plain(g)
	for y, want := range []string{"all", "a", "c", "d"} {
		if !strings.HasPrefix(lines[y], want+" ") {
			t.Errorf("line %d is %q, want %s", y, lines[y], want)
		}
	}
	if g.Zoomed() != c || g.Cursor() != c {
		t.Errorf("zoomed to %d, cursor on %d", g.Zoomed(), g.Cursor())
	}
	if n, ok := g.Hit(19, 2); !ok || n != c {
		t.Errorf("the zoomed bar does not fill the width: %d, %v", n, ok)
	}
	if n, ok := g.Hit(5, 3); !ok || n != d {
		t.Errorf("hit %d, %v, want d", n, ok)
	}
	if _, ok := g.Hit(15, 3); ok {
		t.Error("hit beside d")
	}
	if !g.ZoomOut() || g.Zoomed() != a || !g.ZoomOut() || g.Zoomed() != 0 || g.ZoomOut() {
		t.Errorf("zoomed out to %d", g.Zoomed())
	}
	if g.Cursor() != c {
		t.Errorf("the cursor left for %d", g.Cursor())
	}
	g.Zoom(a)
	g.SetCursor(2)
	if g.Zoomed() != 0 {
		t.Errorf("the cursor is outside of what is zoomed, to %d", g.Zoomed())
	}
}

func TestMoves(t *testing.T) {
	tr := newTree()
	a := tr.leaf(0, "a", 10)
	b := tr.leaf(0, "b", 30)
	c := tr.leaf(a, "c", 25)
	thin := tr.leaf(c, "thin", 0)
	g := New(tr.sorted(), Options{})
	g.SetStyles(coloured())
	g.SetSize(40, 3)
	at := func(step string, want int, moved, wantMoved bool) {
		t.Helper()
		if g.Cursor() != want || moved != wantMoved {
			t.Errorf("%s: cursor on %d, moved %v", step, g.Cursor(), moved)
		}
	}
	at("up from the root", 0, g.Up(), false)
	at("down", a, g.Down(), true) // 35 against 30
	at("right", b, g.Sideways(1), true)
	at("right at the end", b, g.Sideways(1), false)
	at("left", a, g.Sideways(-5), true)
	at("down", c, g.Down(), true)
	at("down to nothing", c, g.Down(), false)
	_ = thin
	g.SetMatches([]bool{false, false, true, true, false})
	at("next match", b, g.NextMatch(false), true)
	at("wraps", c, g.NextMatch(false), true)
	at("back", b, g.NextMatch(true), true)
	g.SetMatches(nil)
	at("no match", b, g.NextMatch(false), false)
}

// TestScrollsToCursor follows the cursor down a stack higher than the screen.
func TestScrollsToCursor(t *testing.T) {
	tr := newTree()
	at := 0
	for i := range 30 {
		at = tr.leaf(at, fmt.Sprintf("n%02d", i), 0)
	}
	tr.self[at] = 8
	for n := at; n >= 0; n = tr.parent[n] {
		tr.weight[n] = 8
	}
	g := New(tr, Options{})
	g.SetStyles(coloured())
	g.SetSize(10, 5)
	for range 20 {
		g.Down()
	}
	lines := plain(g)
	if !strings.HasPrefix(lines[4], "n19") || !strings.HasPrefix(lines[0], "n15") {
		t.Errorf("drawn %q", lines)
	}
	g.Scroll(-100)
	if lines := plain(g); !strings.HasPrefix(lines[0], "all") {
		t.Errorf("scrolled up: %q", lines)
	}
	g.Scroll(3)
	if lines := plain(g); !strings.HasPrefix(lines[0], "n02") {
		t.Errorf("scrolled down: %q", lines)
	}
}

// plain is what is drawn without its looks.
func plain(g *Graph) []string {
	s := screen(g)
	lines := make([]string, g.h)
	for y := range lines {
		for x := range g.w {
			if c := s.CellAt(x, y); c != nil {
				lines[y] += c.Content
			}
		}
	}
	return lines
}

func TestDifferenceTellsWithoutColour(t *testing.T) {
	tr := newTree()
	tr.leaf(0, "grew", 50)
	tr.leaf(0, "shrank", 30)
	tr.leaf(0, "same", 20)
	tr.value = []int64{20, 50, -30, 0}
	g := New(tr, Options{Diff: true})
	g.SetSize(60, 2)
	if got := plain(g)[1]; !strings.Contains(got, "▲grew") || !strings.Contains(got, "▼shrank") || !strings.Contains(got, "=same") {
		t.Errorf("drawn %q", got)
	}
	g.SetStyles(coloured())
	s := screen(g)
	mustBe(t, s, 2, 1, "r", grey(200), grey(22))
	mustBe(t, s, 32, 1, "h", grey(200), grey(33))
}

func randomTree(r *rand.Rand) *tree {
	t := newTree()
	names := []string{"main.main", "a/b/c.(*T).Method", "\x1b[31mred", "日本語", "e\u0301", "\u202eevil", "", "tab\there", strings.Repeat("long", 50)}
	for range r.IntN(200) {
		t.leaf(r.IntN(len(t.names)), names[r.IntN(len(names))], r.Int64N(1<<r.IntN(40)))
	}
	for i := range t.value {
		t.value[i] = t.weight[i] - r.Int64N(2*t.weight[i]+1)
	}
	return t.sorted()
}

// TestAlwaysExact draws anything at any size in any looks.
func TestAlwaysExact(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	ascii := coloured()
	ascii.ASCII = true
	for range 400 {
		g := New(randomTree(r), Options{Diff: r.IntN(2) == 0})
		styles := []Styles{{}, {ASCII: true}, ascii, coloured()}[r.IntN(4)]
		g.SetStyles(styles)
		w, h := r.IntN(120), r.IntN(20)
		g.SetSize(w, h)
		for range 6 {
			randomMove(r, g)
			checkDrawn(t, g, w, h)
			checkNested(t, g)
			checkAnew(t, g, styles)
		}
	}
}

// checkAnew asserts that what is kept from frame to frame is what drawing
// everything anew gives.
func checkAnew(t *testing.T, g *Graph, styles Styles) {
	t.Helper()
	fresh := New(g.tree, Options{Diff: g.diff})
	fresh.SetStyles(styles)
	fresh.SetSize(g.w, g.h)
	fresh.SetMatches(g.matches)
	fresh.Zoom(g.Zoomed())
	fresh.cursor, fresh.offset = g.cursor, g.offset
	if kept, anew := g.Lines(), fresh.Lines(); !slices.Equal(kept, anew) {
		t.Fatalf("kept lines differ from those drawn anew:\n%q\n%q", kept, anew)
	}
}

func randomMove(r *rand.Rand, g *Graph) {
	switch r.IntN(8) {
	case 0:
		g.Zoom(r.IntN(len(g.tree.(*tree).names)))
	case 1:
		g.ZoomOut()
	case 2:
		g.Down()
	case 3:
		g.Up()
	case 4:
		g.Sideways(r.IntN(5) - 2)
	case 5:
		g.Scroll(r.IntN(9) - 4)
	case 6:
		m := make([]bool, len(g.tree.(*tree).names))
		for i := range m {
			m[i] = r.IntN(3) == 0
		}
		g.SetMatches(m)
		g.NextMatch(r.IntN(2) == 0)
	case 7:
		g.SetCursor(r.IntN(len(g.tree.(*tree).names)))
	}
}

func checkDrawn(t *testing.T, g *Graph, w, h int) {
	t.Helper()
	lines := g.Lines()
	if len(lines) != h {
		t.Fatalf("%d lines, want %d", len(lines), h)
	}
	for y, line := range lines {
		if text.Width(line) != w {
			t.Fatalf("line %d has %d cells, want %d: %q", y, text.Width(line), w, line)
		}
		if strings.Contains(line, "\x1b[31mred") || strings.ContainsAny(line, "\t\n\u202e") {
			t.Fatalf("a name is obeyed: %q", line)
		}
	}
}

// checkNested asserts that bars stand in order, inside the bar above, and no
// narrower than they weigh by more than a step.
func checkNested(t *testing.T, g *Graph) {
	t.Helper()
	total := g.tree.Weight(g.Zoomed())
	var above []bar
	for y, row := range g.rows() {
		right := int32(0)
		for _, b := range row {
			if b.x0 < right || b.x1 <= b.x0 || int(b.x1) > g.w*g.paint.steps {
				t.Fatalf("row %d: bar %+v after %d", y, b, right)
			}
			right = b.x1
			if b.node < 0 {
				continue
			}
			if i := slices.IndexFunc(above, func(p bar) bool { return p.node == b.parent }); y+g.offset >= len(g.path) && y > 0 && (i < 0 || b.x0 < above[i].x0 || b.x1 > above[i].x1) {
				t.Fatalf("row %d: bar %+v is not inside its parent", y, b)
			}
			if y+g.offset >= len(g.path) {
				exact := float64(g.tree.Weight(int(b.node))) / float64(total) * float64(g.w*g.paint.steps)
				if math.Abs(float64(b.x1-b.x0)-exact) > 1.001 {
					t.Fatalf("row %d: bar %+v should be %f steps wide", y, b, exact)
				}
			}
		}
		above = row
	}
}

// TestASCII keeps to ASCII where names do.
func TestASCII(t *testing.T) {
	tr := newTree()
	tr.leaf(0, "a.quite/long.name", 50)
	for range 200 {
		tr.leaf(0, "x", 1)
	}
	for _, styles := range []Styles{{ASCII: true}, func() Styles { s := coloured(); s.ASCII = true; return s }()} {
		g := New(tr.sorted(), Options{Diff: true})
		g.SetStyles(styles)
		g.SetSize(24, 3)
		for _, line := range g.Lines() {
			for _, r := range line {
				if r > 126 {
					t.Errorf("%q in %q", r, line)
				}
			}
		}
	}
}

// TestHugeWeights draws what overflows if multiplied carelessly.
func TestHugeWeights(t *testing.T) {
	tr := newTree()
	a := tr.leaf(0, "a", math.MaxInt64/2)
	tr.leaf(a, "b", math.MaxInt64/4)
	g := New(tr, Options{})
	g.SetStyles(coloured())
	g.SetSize(300, 3)
	checkDrawn(t, g, 300, 3)
	checkNested(t, g)
}

// bushy is a tree as profiles have: 50,000 nodes, up to 60 levels, a few heavy
// ways and many light ones.
func bushy() *tree {
	r := rand.New(rand.NewPCG(1, 2))
	t := newTree()
	for len(t.names) < 50_000 {
		at := 0
		for range 10 + r.IntN(50) {
			if kids := t.kids[at]; len(kids) > 0 && r.IntN(20) > 0 {
				at = int(kids[r.IntN(1+r.IntN(len(kids)))])
				continue
			}
			at = t.leaf(at, fmt.Sprintf("example.com/some/where.(*Type).Method%d", r.IntN(100)), 0)
		}
		t.leaf(at, "runtime.mallocgc", 1+r.Int64N(1000))
	}
	return t.sorted()
}

// BenchmarkFrame is a frame after the cursor moved.
func BenchmarkFrame(b *testing.B) {
	g := New(bushy(), Options{})
	g.SetStyles(coloured())
	g.SetSize(160, 50)
	for b.Loop() {
		if !g.Down() {
			g.SetCursor(0)
		}
		g.Lines()
	}
}

// BenchmarkAnew is the frame after a zoom, for which nothing is kept.
func BenchmarkAnew(b *testing.B) {
	g := New(bushy(), Options{})
	g.SetStyles(coloured())
	g.SetSize(160, 50)
	for b.Loop() {
		g.Zoom(0)
		g.Lines()
	}
}
