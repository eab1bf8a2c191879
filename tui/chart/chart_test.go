package chart

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
)

func pen(color string) text.Pen {
	return text.NewPen(lipgloss.NewStyle().Foreground(lipgloss.Color(color)))
}

func plainLines(lines []string) string { return ansi.Strip(strings.Join(lines, "\n")) }

func ramp(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

func TestLineDrawing(t *testing.T) {
	nan := math.NaN()
	end := time.Date(2026, 11, 23, 14, 2, 30, 0, time.UTC)
	cases := []struct {
		name string
		c    LineChart
		w, h int
		want string
	}{
		{"ramp", LineChart{Series: []Series{{Values: ramp(16)}}, Top: 15, Cursor: -1}, 13, 4, `
15 ┤ ·   ·⢀⡴⠋
   │    ⢀⡴⠋  
   │  ⣠⠞⠉    
 0 ┤⢠⠞⠁  ·   `[1:]},
		{"ascii", LineChart{Series: []Series{{Values: ramp(8)}}, ASCII: true, Cursor: -1}, 12, 4, `
8 |       **
  |     *** 
  |  ****   
0 | **      `[1:]},
		{"gap", LineChart{Series: []Series{{Values: []float64{1, 1, nan, nan, 1, 1}}}, ASCII: true, Cursor: -1, YWidth: 1}, 6, 1, `**  **`},
		{"times", LineChart{Slots: 60, End: end, Step: time.Second, Cursor: 15, ASCII: true, YWidth: 3}, 33, 3, `
1 |                     |        
0 |                     |        
             14:02:00    14:02:30`[1:]},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := plainLines(c.c.Lines(c.w, c.h)); got != c.want {
				t.Errorf("drawn\n%s\nwant\n%s", strings.ReplaceAll(got, " ", "␣"), strings.ReplaceAll(c.want, " ", "␣"))
			}
		})
	}
}

func randomChart(r *rand.Rand) LineChart {
	values := func(n int) []float64 {
		out := make([]float64, n)
		for i := range out {
			switch r.IntN(8) {
			case 0:
				out[i] = math.NaN()
			case 1:
				out[i] = math.Inf(1 - 2*r.IntN(2))
			default:
				out[i] = (r.Float64() - 0.1) * math.Pow(10, float64(r.IntN(14)-3))
			}
		}
		return out
	}
	c := LineChart{
		Series: []Series{{Values: values(r.IntN(400)), Pen: pen("1"), Fill: r.IntN(2) == 0}, {Values: values(r.IntN(40)), Pen: pen("2")}},
		Slots:  r.IntN(400), Cursor: r.IntN(40) - 20, ASCII: r.IntN(3) == 0, Blocks: r.IntN(3) == 0, HideX: r.IntN(2) == 0, YWidth: r.IntN(12),
		Top: r.Float64(), AxisPen: pen("8"), CursorPen: pen("3"),
	}
	if r.IntN(2) == 0 {
		c.Step = time.Duration(1+r.IntN(60)) * time.Second
		c.End = time.Unix(int64(r.IntN(2e9)), 0).In(time.FixedZone("x", 5*3600+1800))
	}
	return c
}

func TestExactAtEverySize(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 4))
	for range 800 {
		c, w, h := randomChart(r), r.IntN(90), r.IntN(14)
		lines := c.Lines(w, h)
		if len(lines) != h {
			t.Fatalf("%+v at %dx%d: %d lines", c, w, h, len(lines))
		}
		for i, l := range lines {
			if n := ansi.StringWidth(l); n != w {
				t.Fatalf("%+v at %dx%d: line %d is %d cells: %q", c, w, h, i, n, l)
			}
			if c.Blocks && !c.ASCII && strings.ContainsFunc(ansi.Strip(l), func(r rune) bool { return r > 0x2800 && r < 0x2900 }) {
				t.Fatalf("%+v at %dx%d: line %d has braille: %q", c, w, h, i, l)
			}
			if c.ASCII && strings.ContainsFunc(ansi.Strip(l), func(r rune) bool { return r >= 0x7f }) {
				t.Fatalf("%+v at %dx%d: line %d is not ASCII: %q", c, w, h, i, l)
			}
		}
	}
}

// TestPeaksStay packs an hour into few columns: the one second that was high
// must be seen at its height.
func TestPeaksStay(t *testing.T) {
	values := make([]float64, 3600)
	values[1800] = 100
	lines := LineChart{Series: []Series{{Values: values}}, Cursor: -1}.Lines(45, 10)
	if !strings.ContainsFunc(lines[0][strings.IndexAny(lines[0], "┤│"):], func(r rune) bool { return r > 0x2800 && r <= 0x28ff }) {
		t.Errorf("the peak is not in the top line:\n%s", strings.Join(lines, "\n"))
	}
}

// TestShapeIsStable lets time go on and looks whether what was drawn only
// moves to the left.
func TestShapeIsStable(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	all := make([]float64, 400)
	for i := range all {
		all[i] = r.Float64() * 90
	}
	start := time.Unix(1_700_000_000, 0)
	at := func(n int) []int32 {
		c := &LineChart{Series: []Series{{Values: all[:n]}}, Slots: 200, End: start.Add(time.Duration(n) * time.Second), Step: time.Second, Cursor: -1, Top: 100}
		p := c.plot(60, 8)
		p.trace(&c.Series[0], 0)
		return p.high
	}
	before := at(300)
	for n := 301; n < 320; n++ {
		after := at(n)
		same := false
		for shift := range 2 {
			match := true
			for x := 4; x < len(after)-4; x++ {
				match = match && after[x] == before[x+shift]
			}
			same = same || match
		}
		if !same {
			t.Fatalf("one second later (%d) the shape is another:\n%v\n%v", n, before, after)
		}
		before = after
	}
}

func TestSeriesColours(t *testing.T) {
	c := LineChart{Series: []Series{{Values: []float64{0, 0}, Pen: pen("1")}, {Values: []float64{9, 9}, Pen: pen("2")}}, Cursor: -1}
	buf := uv.NewScreenBuffer(20, 4)
	uv.NewStyledString(strings.Join(c.Lines(20, 4), "\n")).Draw(buf, buf.Bounds())
	if low, high := buf.CellAt(19, 3), buf.CellAt(19, 0); low.Style.Fg != ansi.Red || high.Style.Fg != ansi.Green {
		t.Errorf("colours %v and %v", low.Style.Fg, high.Style.Fg)
	}
}

func TestBarAndSpark(t *testing.T) {
	nan := math.NaN()
	cases := []struct{ name, got, want string }{
		{"half", Bar{Value: 1, Max: 2}.Line(4), "██  "},
		{"eighths", Bar{Value: 13, Max: 32}.Line(4), "█▋  "},
		{"full", Bar{Value: 9, Max: 2}.Line(3), "███"},
		{"little", Bar{Value: 1e-9, Max: 1}.Line(3), "▏  "},
		{"none", Bar{Value: 0, Max: 1, Track: true}.Line(3), "···"},
		{"nan", Bar{Value: nan, Max: 1}.Line(3), "   "},
		{"no max", Bar{Value: 1}.Line(3), "   "},
		{"ascii", Bar{Value: 1, Max: 2, Track: true, ASCII: true}.Line(4), "##.."},
		{"no width", Bar{Value: 1, Max: 2}.Line(0), ""},
		{"spark", Spark{Values: []float64{0, 1, 2, 4, 7}}.Line(5), "▁▂▃▅█"},
		{"spark padded", Spark{Values: []float64{7, nan, 7}}.Line(5), "  █ █"},
		{"spark cut", Spark{Values: ramp(8)}.Line(2), "▇█"},
		{"spark flat", Spark{Values: []float64{0, 0}}.Line(2), "▁▁"},
		{"blocks", Bar{Value: 5, Max: 8, Blocks: true}.Line(4), "██▌ "},
		{"spark blocks", Spark{Values: ramp(8), Blocks: true}.Line(8), "_▄▄▄▄▄██"},
		{"spark ascii", Spark{Values: ramp(8), ASCII: true}.Line(8), "_.:-=+*#"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func BenchmarkLine(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for name, n := range map[string]int{"5m": 300, "60m": 3600} {
		values := make([]float64, n)
		for i := range values {
			values[i] = r.Float64() * 12000
		}
		c := LineChart{Series: []Series{{Values: values, Pen: pen("1")}, {Values: values[:n/2], Pen: pen("2")}}, Slots: n, End: time.Unix(1_700_000_000, 0), Step: time.Second, Cursor: -1, AxisPen: pen("8")}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Lines(120, 20)
			}
		})
	}
}
