package tui

import (
	"image/color"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/flame"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/text"
)

func (p *profilePage) makeGrids() {
	figures := func(columns ...grid.Column) []grid.Column { return columns }
	p.topGrid = grid.New(grid.Options{Row: p.topRow, Empty: "nothing to show", Columns: figures(
		grid.Column{Title: "flat", Min: 9, Right: true},
		grid.Column{Title: "flat%", Min: 7, Right: true, Priority: 1},
		grid.Column{Title: "sum%", Min: 7, Right: true, Priority: 3},
		grid.Column{Title: "cum", Min: 9, Right: true},
		grid.Column{Title: "cum%", Min: 7, Right: true, Priority: 2},
		grid.Column{Title: "function", Min: 20, Flex: 1, Wide: 200},
	)})
	p.callGrid = grid.New(grid.Options{Row: p.callRow, Empty: "choose a function in top or flame", Columns: figures(
		grid.Column{Title: "cum", Min: 10, Right: true},
		grid.Column{Title: "share", Min: 7, Right: true},
		grid.Column{Title: "", Min: 8},
		grid.Column{Title: "function", Min: 20, Flex: 1, Wide: 200},
	)})
	p.sourceGrid = grid.New(grid.Options{Row: p.sourceRow, Empty: "choose a function in top or flame", Columns: figures(
		grid.Column{Title: "flat", Min: 9, Right: true},
		grid.Column{Title: "cum", Min: 9, Right: true},
		grid.Column{Title: "line", Min: 5, Right: true},
		grid.Column{Title: "source", Min: 20, Flex: 1, Wide: 200},
	)})
	p.keptGrid = grid.New(grid.Options{Row: p.keptRow, Empty: "nothing is kept yet: x keeps the profile that is shown", Columns: figures(
		grid.Column{Title: "time", Min: 19},
		grid.Column{Title: "kind", Min: 9},
		grid.Column{Title: "of", Min: 8, Right: true, Priority: 2},
		grid.Column{Title: "size", Min: 8, Right: true, Priority: 3},
		grid.Column{Title: "file", Min: 20, Flex: 2},
		grid.Column{Title: "note", Min: 10, Flex: 1, Priority: 1},
	)})
}

func (p *profilePage) topRow(row int, cells []grid.Cell) {
	table := p.shown.table
	r := table.Rows[row]
	flat, cum := p.change(r.Flat)
	_ = cum
	cells[0] = grid.Cell{Text: flat + table.Format(r.Flat), Pen: p.changePen(r.Flat)}
	cells[1] = grid.Cell{Text: profiler.Percent(r.Flat, table.Total), Pen: p.theme.Muted}
	cells[2] = grid.Cell{Text: profiler.Percent(r.Sum, table.Total), Pen: p.theme.Faint}
	sign, _ := p.change(r.Cum)
	cells[3] = grid.Cell{Text: sign + table.Format(r.Cum), Pen: p.changePen(r.Cum)}
	cells[4] = grid.Cell{Text: profiler.Percent(r.Cum, table.Total), Pen: p.theme.Muted}
	name := r.Name
	if r.Inline != "" {
		name += " " + r.Inline
	}
	cells[5] = grid.Cell{Text: name, Pen: p.matchPen(r.Name)}
}

// change is the sign before a figure of a difference: it says without colour
// which way it went.
func (p *profilePage) change(v int64) (sign string, differs bool) {
	if p.shown == nil || p.shown.base == nil || v == 0 {
		return "", false
	}
	up, down := "▲", "▼"
	if p.theme.Sym.ASCII {
		up, down = "+", "" // the figure has its minus
	}
	if v > 0 {
		return up, true
	}
	return down, true
}

// changePen is red for what grew and blue for what shrank.
func (p *profilePage) changePen(v int64) text.Pen {
	switch _, differs := p.change(v); {
	case !differs:
		return p.theme.Text
	case v > 0:
		return p.theme.Bad
	default:
		return p.theme.Name
	}
}

func (p *profilePage) matchPen(name string) text.Pen {
	if p.search != nil && p.search.MatchString(name) {
		return p.theme.Match
	}
	return p.theme.Text
}

func (p *profilePage) callRow(row int, cells []grid.Cell) {
	r := p.calls[row]
	if p.shown == nil {
		return
	}
	sign, _ := p.change(r.weight)
	cells[0] = grid.Cell{Text: sign + p.shown.table.Format(r.weight), Pen: p.changePen(r.weight)}
	cells[1] = grid.Cell{Text: r.share, Pen: p.theme.Muted}
	name, pen := r.name, p.matchPen(r.name)
	if r.inline {
		name += " (inline)"
	}
	switch r.role {
	case isCaller:
		cells[2] = grid.Cell{Text: "caller", Pen: p.theme.Faint}
	case isSelf:
		cells[2] = grid.Cell{Text: "", Pen: p.theme.Faint}
		pen = p.theme.Accent
		name += "  (itself " + p.shown.table.Format(r.flat) + ")"
	case isCallee:
		cells[2] = grid.Cell{Text: "calls", Pen: p.theme.Faint}
		name = "  " + name
	}
	cells[3] = grid.Cell{Text: name, Pen: pen}
}

func (p *profilePage) sourceRow(row int, cells []grid.Cell) {
	r := p.source[row]
	figure := func(v int64) grid.Cell {
		if v == 0 || p.shown == nil {
			return grid.Cell{}
		}
		return grid.Cell{Text: p.shown.view.Format(v), Pen: p.changePen(v)}
	}
	cells[0], cells[1] = figure(r.flat), figure(r.cum)
	if r.head != "" {
		cells[3] = grid.Cell{Text: r.head, Pen: p.theme.Title}
		return
	}
	cells[2] = grid.Cell{Text: strconv.Itoa(r.no), Pen: p.theme.Faint}
	pen := p.theme.Muted
	if r.cum != 0 {
		pen = p.matchPen(r.text)
	}
	cells[3] = grid.Cell{Text: strings.ReplaceAll(r.text, "\t", "    "), Pen: pen}
}

func (p *profilePage) keptRow(row int, cells []grid.Cell) {
	s := p.sessions[row]
	cells[0] = grid.Cell{Text: s.Time.In(p.zone).Format("2006-01-02 15:04:05"), Pen: p.theme.Text}
	cells[1] = grid.Cell{Text: kindName(s.Kind), Pen: p.theme.Accent}
	if s.Kind.Timed() {
		cells[2] = grid.Cell{Text: text.Duration(s.Duration), Pen: p.theme.Muted}
	}
	cells[3] = grid.Cell{Text: text.Bytes(float64(s.Size)), Pen: p.theme.Muted}
	cells[4] = grid.Cell{Text: s.ID + ".pb.gz", Pen: p.matchPen(s.ID)}
	cells[5] = grid.Cell{Text: s.Note, Pen: p.theme.Muted}
}

// flameStyles are the colours of bars. Meaning hangs on none of them alone:
// differences have signs, the cursor has its line below.
func flameStyles(t Theme) flame.Styles {
	s := flame.Styles{
		TextPen: t.Text, MatchPen: t.Match, CursorPen: t.Selected, FaintPen: t.Faint, ASCII: t.Sym.ASCII,
	}
	switch {
	case t.Look == LookFull && t.Dark:
		s.Colours = shades("#b5651d #a35a18", "#a8741a #966716", "#98812b #877225", "#a14e3a #8f4433", "#7e8a3a #6f7a33", "#8d6b4a #7d5f41")
		s.Grown = shades("#6d4a4c #624244", "#8a4a4e #7d4246", "#a9474f #9a4047", "#c9434f #b83c47")
		s.Shrunk = shades("#465a70 #3f5165", "#426489 #3b5a7c", "#3b70a5 #356595", "#337cc4 #2d70b2")
		s.Same, s.Rest, s.Match = shade("#565c66 #4d535c"), shade("#3a3f48 #343941"), shade("#8f56b8 #824da8")
		s.Cursor, s.Ink, s.InkOn = lipgloss.Color("#e6e9ef"), lipgloss.Color("#f2ede4"), lipgloss.Color("#10151c")
	case t.Look == LookFull:
		s.Colours = shades("#f2b880 #eba968", "#f0cc85 #e8be6d", "#e6dc8f #dccf78", "#f0a690 #e8957c", "#cfd98c #c2cd78", "#dfc3a3 #d5b590")
		s.Grown = shades("#eed6d6 #e6caca", "#f0b9b9 #e8abab", "#ee9a9a #e58b8b", "#ea7777 #e06868")
		s.Shrunk = shades("#d3dfec #c6d5e6", "#b3cdec #a4c1e4", "#8fb8e8 #80abde", "#69a1e2 #5c94d6")
		s.Same, s.Rest, s.Match = shade("#dcdfe3 #d0d4d9"), shade("#e9ebee #e0e3e7"), shade("#d3a6ee #c796e6")
		s.Cursor, s.Ink, s.InkOn = lipgloss.Color("#10151c"), lipgloss.Color("#2b2014"), lipgloss.Color("#ffffff")
	case t.Look == LookBasic:
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
