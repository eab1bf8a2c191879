package grid

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
)

var nasty = []string{"plain", "日本語テキスト", "e\u0301a\u0301", "👨\u200d👩\u200d👧 family", "\x1b[31mred\nline", "\u202eevil", "ab\xff", "क्षि", "", strings.Repeat("long ", 200)}

func columns() []Column {
	return []Column{
		{Title: "Stream", Min: 10, Flex: 3, Wide: 40},
		{Title: "Messages", Min: 8, Right: true, Priority: 2},
		{Title: "Type", Min: 6, Max: 20, Flex: 1, Priority: 1},
		{Title: "Last", Min: 7, Right: true, Priority: 3},
	}
}

func nastyGrid(rows int) *Grid {
	g := New(Options{Columns: columns(), Row: func(row int, cells []Cell) {
		for i := range cells {
			cells[i].Text = nasty[(row+i)%len(nasty)]
		}
	}, Styles: pens(), Empty: "nothing here \x1b yet"})
	g.SetLen(rows, false)
	return g
}

func pens() Styles {
	pen := func(fg, bg string) text.Pen {
		s := lipgloss.NewStyle().Foreground(lipgloss.Color(fg))
		if bg != "" {
			s = s.Background(lipgloss.Color(bg))
		}
		return text.NewPen(s)
	}
	return Styles{Header: pen("5", ""), Text: pen("7", ""), Selected: pen("15", "4"), Blurred: pen("7", "8"), Marked: pen("3", ""), Gutter: pen("2", ""), Muted: pen("8", "")}
}

// screen draws lines and returns the text of each, trailing spaces kept.
func screen(t *testing.T, lines []string, w int) *uv.ScreenBuffer {
	t.Helper()
	buf := uv.NewScreenBuffer(w, len(lines))
	uv.NewStyledString(strings.Join(lines, "\n")).Draw(buf, buf.Bounds())
	return &buf
}

func checkExact(t *testing.T, g *Grid, w, h int) {
	t.Helper()
	lines := g.Lines()
	if len(lines) != h {
		t.Fatalf("%dx%d: %d lines", w, h, len(lines))
	}
	for i, line := range lines {
		if n := ansi.StringWidth(line); n != w {
			t.Fatalf("%dx%d: line %d is %d cells: %q", w, h, i, n, line)
		}
		if n := ansi.StringWidthWc(line); n != w {
			t.Fatalf("%dx%d: line %d is %d cells by code point: %q", w, h, i, n, line)
		}
	}
}

func TestExactAtEverySize(t *testing.T) {
	for _, rows := range []int{0, 1, 3, 1000} {
		g := nastyGrid(rows)
		g.o.Marked = func(row int) bool { return row == 1 }
		for w := range 131 {
			for _, h := range []int{0, 1, 2, 3, 9} {
				g.SetSize(w, h)
				checkExact(t, g, w, h)
			}
		}
	}
}

func TestLayout(t *testing.T) {
	cases := []struct {
		w             int
		shown, widths []int
	}{
		{100, []int{0, 1, 2, 3}, []int{56, 8, 20, 7}},
		{38, []int{0, 1, 2, 3}, []int{10, 8, 7, 7}},
		{33, []int{0, 1, 2}, []int{13, 8, 7}},
		{20, []int{0, 2}, []int{10, 7}},
		{12, []int{0}, []int{10}},
		{6, []int{0}, []int{6}},
		{1, []int{0}, []int{1}},
	}
	for _, c := range cases {
		l := fit(columns(), c.w)
		if !slices.Equal(l.shown, c.shown) || !slices.Equal(l.widths, c.widths) {
			t.Errorf("width %d: columns %v of %v, want %v of %v", c.w, l.shown, l.widths, c.shown, c.widths)
		}
	}
}

// TestMillionRowsTouchesOnlyVisible walks a big grid and looks at which rows
// it asked for.
func TestMillionRowsTouchesOnlyVisible(t *testing.T) {
	asked := map[int]int{}
	g := New(Options{Columns: columns(), Row: func(row int, cells []Cell) {
		asked[row]++
		cells[0].Text = fmt.Sprintf("row %d", row)
	}})
	g.SetLen(1_000_000, false)
	g.SetSize(80, 11)
	g.Lines()
	g.End()
	lines := g.Lines()
	if got := strings.TrimSpace(ansi.Strip(lines[10])); got != "▌ row 999999" {
		t.Errorf("last line %q", got)
	}
	g.Move(-1)
	g.Lines()
	if len(asked) != 20 {
		t.Errorf("asked for %d rows, want 20: the first and the last ten", len(asked))
	}
	if asked[999_990] != 1 {
		t.Errorf("row 999990 was asked for %d times over two frames, want 1", asked[999_990])
	}
	if g.Status() != "999,991–1,000,000 of 1,000,000" {
		t.Errorf("status %q", g.Status())
	}
}

// TestSelectedRowHasNoHoles looks at the background of each of its cells, also
// behind text that resets its own style.
func TestSelectedRowHasNoHoles(t *testing.T) {
	red := text.NewPen(lipgloss.NewStyle().Foreground(lipgloss.Color("1")))
	g := New(Options{Columns: columns(), Styles: pens(), Row: func(_ int, cells []Cell) {
		cells[0] = Cell{Text: "a" + red.Paint("b") + "c", Styled: true}
		cells[1] = Cell{Text: "12", Pen: red}
	}})
	g.SetLen(3, false)
	g.o.Marked = func(row int) bool { return row == 1 }
	g.SetCursor(1)
	for _, w := range []int{1, 9, 24, 60, 120} {
		for _, left := range []int{0, 5} {
			g.SetSize(w, 4)
			g.Sideways(left - g.left)
			buf := screen(t, g.Lines(), w)
			for x := range w {
				if c := buf.CellAt(x, 2); c == nil || c.Style.Bg != ansi.Blue {
					t.Fatalf("width %d, left %d: cell %d of the selected row is %+v", w, left, x, c)
				}
				if c := buf.CellAt(x, 1); c.Style.Bg != nil {
					t.Fatalf("width %d, left %d: cell %d of another row has a background", w, left, x)
				}
			}
		}
	}
}

func TestHeaderAndHits(t *testing.T) {
	g := nastyGrid(50)
	g.SetSize(60, 10)
	g.SetSort(1, true)
	head := g.Lines()[0]
	if plain := ansi.Strip(head); !strings.Contains(plain, "Message…") && !strings.Contains(plain, "Messages▼") {
		t.Errorf("no sort mark in %q", plain)
	}
	g.SetCursor(20)
	first, last := g.Visible()
	if first != 12 || last != 21 {
		t.Fatalf("visible [%d,%d), want [12,21)", first, last)
	}
	for y, want := range map[int]int{-1: -1, 0: -1, 1: 12, 9: 20, 10: -1} {
		if got := g.HitRow(5, y); got != want {
			t.Errorf("row at line %d: %d, want %d", y, got, want)
		}
	}
	plain := ansi.Strip(head)
	for i, name := range []string{"Stream", "Messag", "Type", "Last"} {
		x := strings.Index(plain, name)
		if got := g.HitHeader(x, 0); got != i {
			t.Errorf("head at %d: column %d, want %d (%s)", x, got, i, name)
		}
	}
	if got := g.HitHeader(3, 1); got != -1 {
		t.Errorf("head hit in the body: %d", got)
	}
}

func TestMoveAndStatus(t *testing.T) {
	g := nastyGrid(100)
	g.SetSize(40, 11)
	steps := []struct {
		do           func()
		cursor, top  int
		status, name string
	}{
		{func() {}, 0, 0, "1–10 of 100", "start"},
		{func() { g.Page(1) }, 10, 10, "11–20 of 100", "page"},
		{func() { g.HalfPage(-1) }, 5, 5, "6–15 of 100", "half page up"},
		{func() { g.End() }, 99, 90, "91–100 of 100", "end"},
		{func() { g.Move(9) }, 99, 90, "91–100 of 100", "beyond"},
		{func() { g.Scroll(-3) }, 96, 87, "88–97 of 100", "wheel"},
		{func() { g.SetLen(300, true) }, 96, 87, "88–97 of at least 300", "more"},
		{func() { g.Shift(50) }, 146, 137, "138–147 of at least 350", "insert above"},
		{func() { g.Shift(-50) }, 96, 87, "88–97 of at least 300", "remove above"},
		{func() { g.SetLen(4, false) }, 3, 0, "1–4 of 4", "shrink"},
		{func() { g.SetLen(0, false) }, -1, 0, "no rows", "empty"},
		{func() { g.SetLen(0, true) }, -1, 0, "…", "unknown"},
	}
	for _, s := range steps {
		s.do()
		if g.Cursor() != s.cursor || g.top != s.top || g.Status() != s.status {
			t.Fatalf("%s: cursor %d, top %d, %q; want %d, %d, %q", s.name, g.Cursor(), g.top, g.Status(), s.cursor, s.top, s.status)
		}
	}
}

func TestMarks(t *testing.T) {
	g := nastyGrid(20)
	g.SetSize(40, 11)
	g.o.Marked = func(row int) bool { return row == 7 }
	if line := ansi.Strip(g.Lines()[7]); strings.Contains(line, "●") {
		t.Errorf("row that is not marked is %q", line)
	}
	if line := ansi.Strip(g.Lines()[8]); !strings.HasPrefix(line, " ●") {
		t.Errorf("marked row is %q", line)
	}
	g.SetASCII(true)
	if line := ansi.Strip(g.Lines()[8]); !strings.HasPrefix(line, " *") {
		t.Errorf("marked row in ASCII is %q", line)
	}
	g.SetSize(14, 11)
	for _, line := range g.Lines() {
		if strings.Contains(line, text.Ellipsis) {
			t.Errorf("cut in ASCII: %q", ansi.Strip(line))
		}
	}
}

// TestRandomWalk does random things and checks that what is drawn is what the
// state says, so that no rendered row outlives its content.
func TestRandomWalk(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	base := 0 // the name of row 0, moved by Shift
	g := New(Options{Columns: columns(), Styles: pens(), Row: func(row int, cells []Cell) { cells[0].Text = fmt.Sprint("#", base+row) }})
	w, h := 50, 8
	g.SetSize(w, h)
	moves := []func(){
		func() { g.Move(r.IntN(21) - 10) }, func() { g.Page(r.IntN(3) - 1) }, func() { g.HalfPage(r.IntN(3) - 1) },
		func() { g.Home() }, func() { g.End() }, func() { g.Scroll(r.IntN(11) - 5) }, func() { g.SetCursor(r.IntN(100) - 10) },
		func() { g.SetLen(r.IntN(60), r.IntN(2) == 0) }, func() { g.Sideways(r.IntN(41) - 20) }, func() { g.SetFocus(r.IntN(2) == 0) },
		func() { w, h = 1+r.IntN(90), 1+r.IntN(12); g.SetSize(w, h) },
		func() { n := r.IntN(9) - 4; n = max(n, -g.n); base -= n; g.Shift(n) },
		func() { row := r.IntN(60); g.o.Marked = func(at int) bool { return at == row }; g.Changed() },
	}
	for step := range 2000 {
		moves[r.IntN(len(moves))]()
		checkExact(t, g, w, h)
		first, last := g.Visible()
		if c := g.Cursor(); g.n > 0 && (c < first || c >= last) {
			t.Fatalf("step %d: cursor %d outside [%d,%d)", step, c, first, last)
		}
		if g.left > 0 || w < 12 {
			continue
		}
		for i, line := range g.Lines()[h-g.body() : h-g.body()+last-first] {
			if want := fmt.Sprint("#", base+first+i); strings.Fields(strings.Trim(ansi.Strip(line), "▌● ") + " ")[0] != want {
				t.Fatalf("step %d: line %d is %q, want %s", step, i, ansi.Strip(line), want)
			}
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	g := nastyGrid(1_000_000)
	g.SetSize(160, 50)
	b.Run("scroll", func(b *testing.B) { // every row new
		b.ReportAllocs()
		for b.Loop() {
			g.Page(1)
			if c := g.Cursor(); c > 999_000 {
				g.Home()
			}
			g.Lines()
		}
	})
	b.Run("move", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			g.Move(1 - 2*(i%2))
			g.Lines()
		}
	})
	b.Run("ascii", func(b *testing.B) {
		a := New(Options{Columns: columns(), Styles: pens(), Row: func(_ int, cells []Cell) {
			for i := range cells {
				cells[i].Text = "account-1234567"
			}
		}})
		a.SetLen(1_000_000, false)
		a.SetSize(160, 50)
		b.ReportAllocs()
		for b.Loop() {
			a.Changed()
			a.Lines()
		}
	})
}

// TestFind goes round all rows, both ways, and leaves drawings out.
func TestFind(t *testing.T) {
	names := []string{"alpha", "Beta", "gamma", "alphabet"}
	g := New(Options{Columns: []Column{{Min: 10}, {Min: 10}}, Row: func(row int, cells []Cell) {
		cells[0].Text = names[row]
		cells[1] = Cell{Text: "\x1b[1mzeta\x1b[m", Styled: true}
	}})
	if g.Find("a", 1) {
		t.Error("something is found where there are no rows")
	}
	g.SetLen(len(names), false)
	for _, step := range []struct {
		needle string
		step   int
		row    int
		found  bool
	}{
		{"ALPHA", 1, 3, true}, {"alpha", 1, 0, true}, {"alpha", -1, 3, true}, {"beta", 1, 1, true},
		{"zeta", 1, 1, false}, {"", 1, 1, false}, {"beta", 1, 1, true}, {"gone", -1, 1, false},
	} {
		if found := g.Find(step.needle, step.step); found != step.found || g.Cursor() != step.row {
			t.Errorf("%q by %d: %v on row %d, want %v on %d", step.needle, step.step, found, g.Cursor(), step.found, step.row)
		}
	}
}

// TestSolidRow has the cursor's row in one pen, whatever its cells say.
func TestSolidRow(t *testing.T) {
	red, white := text.NewPen(lipgloss.NewStyle().Foreground(lipgloss.Red)), text.NewPen(lipgloss.NewStyle().Foreground(lipgloss.White))
	g := New(Options{
		Columns: []Column{{Min: 10}}, NoHeader: true, Styles: Styles{Selected: white, Solid: true},
		Row: func(_ int, cells []Cell) { cells[0] = Cell{Text: "x", Pen: red} },
	})
	g.SetLen(2, false)
	g.SetSize(12, 2)
	if lines, on := g.Lines(), red.Paint("x"); strings.Contains(lines[0], on[:len(on)-len("x\x1b[m")]) || !strings.Contains(lines[1], on[:4]) {
		t.Errorf("the rows are %q", lines)
	}
}
