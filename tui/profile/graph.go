package profile

import (
	"fmt"
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/flame"
	"github.com/evtui/evtui/tui/page"
)

// flameGraph is the flame graph of what is shown, with what the search finds in it marked.
type flameGraph struct {
	*sheet
	*flame.Graph                 // nil without shown
	tree         *profiler.Flame // that it draws
}

// show draws what is shown; the cursor and the zoom stay where they were, by name.
func (g *flameGraph) show() {
	var at, zoomed []string
	if g.Graph != nil {
		at, zoomed = g.tree.Path(g.Cursor()), g.tree.Path(g.Zoomed())
	}
	if g.shown == nil {
		g.Graph, g.tree = nil, nil
		return
	}
	g.tree = g.shown.flame
	g.Graph = flame.New(g.tree, flame.Options{Short: profiler.ShortNames, Group: profiler.PackageOf, Diff: g.tree.Signed()})
	g.restyle()
	g.Zoom(g.tree.Find(zoomed))
	g.SetCursor(g.tree.Find(at))
	g.mark()
}

func (g *flameGraph) restyle() {
	if g.Graph != nil {
		g.SetStyles(flameStyles(g.theme))
	}
}

// mark colours what the search finds.
func (g *flameGraph) mark() *profiler.Matches {
	if g.Graph == nil {
		return nil
	}
	if g.search == nil {
		g.SetMatches(nil)
		return nil
	}
	matches, err := g.tree.Search(g.search.String(), g.Zoomed())
	if err != nil {
		return nil
	}
	g.SetMatches(matches.Nodes)
	return matches
}

// next goes to the next match, or to the one before, and reports whether there is one.
func (g *flameGraph) next(back bool) bool {
	g.mark()
	return g.Graph != nil && g.NextMatch(back)
}

// name is the function under the cursor; "" for none.
func (g *flameGraph) name() string {
	if g.Graph == nil || g.Cursor() <= 0 {
		return ""
	}
	return g.tree.Name(g.Cursor())
}

func (g *flameGraph) move(a page.Action) {
	if g.Graph == nil {
		return
	}
	switch a {
	case page.ActDown:
		g.Down()
	case page.ActUp:
		g.Up()
	case page.ActLeft:
		g.Sideways(-1)
	case page.ActRight:
		g.Sideways(1)
	case page.ActTop:
		g.SetCursor(g.Zoomed())
	case page.ActHalfDown, page.ActPageDown:
		g.Scroll(10)
	case page.ActHalfUp, page.ActPageUp:
		g.Scroll(-10)
	case page.ActBottom:
		for g.Down() {
		}
	case page.ActOpen:
		g.Zoom(g.Cursor())
	}
}

// click puts the cursor on a bar; one that is there already is zoomed to.
func (g *flameGraph) click(x, y int) {
	if g.Graph == nil {
		return
	}
	if node, ok := g.Hit(x, y); ok {
		if node == g.Cursor() {
			g.Zoom(node)
		}
		g.SetCursor(node)
	}
}

// lines are the bars and, under them where there is room, the one under the cursor in words.
func (g *flameGraph) lines(w, h int) []string {
	if h < 3 {
		g.SetSize(w, h)
		return g.Lines()
	}
	g.SetSize(w, h-1)
	return append(g.Lines(), g.detail(w))
}

func (g *flameGraph) detail(w int) string {
	f, node := g.tree, g.Cursor()
	line := fmt.Sprintf(" %s  %s of all", f.Format(f.Weight(node)), strings.TrimSpace(profiler.Percent(f.Weight(node), f.Total())))
	if zoomed := g.Zoomed(); zoomed != 0 {
		line += fmt.Sprintf(", %s of what is shown", strings.TrimSpace(profiler.Percent(f.Weight(node), f.Weight(zoomed))))
	}
	if self := f.Self(node); self > 0 {
		line += fmt.Sprintf(", %s itself", f.Change(f.SelfValue(node)))
	}
	if f.Signed() {
		line += ", " + profileSigned(f.Value(node), f.Format)
	}
	if f.Inlined(node) {
		line += ", inlined"
	}
	name := text.Sanitize(f.Name(node))
	return text.Fit(" "+g.theme.Title.Paint(name)+g.theme.Muted.Paint(line), w)
}

// flameStyles are the colours of bars. Meaning hangs on none of them alone:
// differences have signs, the cursor has its line below.
func flameStyles(t page.Theme) flame.Styles {
	s := flame.Styles{
		TextPen: t.Text, MatchPen: t.Match, CursorPen: t.Selected, FaintPen: t.Faint, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks,
	}
	switch {
	case t.Look == page.LookFull && t.Dark:
		s.Colours = shades("#b5651d #a35a18", "#a8741a #966716", "#98812b #877225", "#a14e3a #8f4433", "#7e8a3a #6f7a33", "#8d6b4a #7d5f41")
		s.Grown = shades("#6d4a4c #624244", "#8a4a4e #7d4246", "#a9474f #9a4047", "#c9434f #b83c47")
		s.Shrunk = shades("#465a70 #3f5165", "#426489 #3b5a7c", "#3b70a5 #356595", "#337cc4 #2d70b2")
		s.Same, s.Rest, s.Match = shade("#565c66 #4d535c"), shade("#3a3f48 #343941"), shade("#8f56b8 #824da8")
		s.Cursor, s.Ink, s.InkOn = lipgloss.Color("#e6e9ef"), lipgloss.Color("#f2ede4"), lipgloss.Color("#10151c")
	case t.Look == page.LookFull:
		s.Colours = shades("#f2b880 #eba968", "#f0cc85 #e8be6d", "#e6dc8f #dccf78", "#f0a690 #e8957c", "#cfd98c #c2cd78", "#dfc3a3 #d5b590")
		s.Grown = shades("#eed6d6 #e6caca", "#f0b9b9 #e8abab", "#ee9a9a #e58b8b", "#ea7777 #e06868")
		s.Shrunk = shades("#d3dfec #c6d5e6", "#b3cdec #a4c1e4", "#8fb8e8 #80abde", "#69a1e2 #5c94d6")
		s.Same, s.Rest, s.Match = shade("#dcdfe3 #d0d4d9"), shade("#e9ebee #e0e3e7"), shade("#d3a6ee #c796e6")
		s.Cursor, s.Ink, s.InkOn = lipgloss.Color("#10151c"), lipgloss.Color("#2b2014"), lipgloss.Color("#ffffff")
	case t.Look == page.LookBasic:
		two := func(a, b color.Color) [2]color.Color { return [2]color.Color{a, b} }
		s.Colours = [][2]color.Color{two(lipgloss.Yellow, lipgloss.BrightYellow), two(lipgloss.Cyan, lipgloss.BrightCyan), two(lipgloss.Green, lipgloss.BrightGreen)}
		s.Grown, s.Shrunk = [][2]color.Color{two(lipgloss.Red, lipgloss.BrightRed)}, [][2]color.Color{two(lipgloss.Blue, lipgloss.BrightBlue)}
		s.Same, s.Rest, s.Match = two(lipgloss.White, lipgloss.White), two(lipgloss.BrightBlack, lipgloss.BrightBlack), two(lipgloss.Magenta, lipgloss.BrightMagenta)
		s.Cursor, s.Ink, s.InkOn = lipgloss.BrightWhite, lipgloss.Black, lipgloss.Black
	}
	return s
}

// shades reads pairs of colours: a fill and the one beside it.
func shades(pairs ...string) [][2]color.Color {
	list := make([][2]color.Color, len(pairs))
	for i, pair := range pairs {
		list[i] = shade(pair)
	}
	return list
}

func shade(pair string) [2]color.Color {
	a, b, _ := strings.Cut(pair, " ")
	return [2]color.Color{lipgloss.Color(a), lipgloss.Color(b)}
}
