package profile

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Columns of top by which it can be sorted, and those of names.
const (
	topFlat   = 0 // and two that follow from it
	topCum    = 3 // and one
	topNames  = 5
	callNames = 3
)

func (p *profilePage) makeGrids() {
	p.topGrid = grid.New(grid.Options{Row: p.drawing().topRow, Empty: "nothing to show", Columns: topColumns([topNames]int{})})
	p.callGrid = grid.New(grid.Options{Row: p.drawing().callRow, Empty: "choose a function in top or flame", Columns: []grid.Column{
		{Title: "cum", Min: 10, Right: true},
		{Title: "share", Min: 7, Right: true},
		{Title: "", Min: 8},
		{Title: "function", Min: 20, Flex: 1, Wide: 200},
	}})
	p.sourceGrid = grid.New(grid.Options{Row: p.drawing().sourceRow, Empty: "choose a function in top or flame", Columns: []grid.Column{
		{Title: "flat", Min: 9, Right: true},
		{Title: "cum", Min: 9, Right: true},
		{Title: "line", Min: 5, Right: true},
		{Title: "source", Min: 20, Flex: 1, Wide: 200},
	}})
	p.kept = kit.NewList(kit.ListOptions[*profiler.Session]{
		Columns: p.drawing().keptColumns(), Same: func(a, b *profiler.Session) bool { return a.ID == b.ID },
	})
	p.kept.SetUnread("reading the saved profiles")
	p.markOrder()
}

// topColumns are the columns of top, with room for the figures' widths.
func topColumns(widths [topNames]int) []grid.Column {
	columns := []grid.Column{
		{Title: "flat", Min: 9, Right: true},
		{Title: "flat%", Min: 7, Right: true, Priority: 1},
		{Title: "sum%", Min: 7, Right: true, Priority: 3},
		{Title: "cum", Min: 9, Right: true},
		{Title: "cum%", Min: 7, Right: true, Priority: 2},
		{Title: "function", Min: 20, Flex: 1, Wide: 200},
	}
	for i, w := range widths {
		columns[i].Min = max(columns[i].Min, w)
	}
	return columns
}

// fitTop gives the figures of top the room that they need: a difference to
// next to nothing is thousands of percent.
func (p *profilePage) fitTop() {
	var (
		widths [topNames]int
		cells  [topNames + 1]grid.Cell
	)
	for row := range p.rows {
		p.drawing().topRow(row, cells[:])
		for i := range widths {
			widths[i] = max(widths[i], text.Width(cells[i].Text))
		}
	}
	p.topGrid.SetColumns(topColumns(widths))
}

func (p drawing) topRow(row int, cells []grid.Cell) {
	table := p.shown.table
	r := p.rows[row]
	cells[0] = p.figure(r.Flat)
	cells[1] = grid.Cell{Text: profiler.Percent(r.Flat, table.Total), Pen: p.theme.Muted}
	cells[2] = grid.Cell{Text: profiler.Percent(r.Sum, table.Total), Pen: p.theme.Faint}
	if p.by.On {
		cells[2].Text = "–" // it adds up in the profile's own order
	}
	cells[3] = p.figure(r.Cum)
	cells[4] = grid.Cell{Text: profiler.Percent(r.Cum, table.Total), Pen: p.theme.Muted}
	name := r.Name
	if r.Inline != "" {
		name += " " + r.Inline
	}
	cells[5] = grid.Cell{Text: name, Pen: p.matchPen(r.Name), Middle: true}
}

// figure is a figure of what is shown. In a difference its sign says without colour
// which way it went; red is what grew, and blue what shrank.
func (p drawing) figure(v int64) grid.Cell {
	words := p.shown.table.Format(v)
	up, down := "▲", "▼"
	if p.theme.Sym.ASCII {
		up, down = "+", "" // the figure has its minus
	}
	switch {
	case v == 0 || !p.shown.flame.Signed():
		return grid.Cell{Text: words, Pen: p.theme.Text}
	case v > 0:
		return grid.Cell{Text: up + words, Pen: p.theme.Bad}
	default:
		return grid.Cell{Text: down + words, Pen: p.theme.Name}
	}
}

func (p drawing) matchPen(name string) text.Pen {
	if p.search != nil && p.search.MatchString(name) {
		return p.theme.Match
	}
	return p.theme.Text
}

func (p drawing) callRow(row int, cells []grid.Cell) {
	r := p.calls[row]
	if p.shown == nil {
		return
	}
	cells[0] = p.figure(r.weight)
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
	cells[3] = grid.Cell{Text: name, Pen: pen, Middle: true}
}

func (p drawing) sourceRow(row int, cells []grid.Cell) {
	r := p.source[row]
	figure := func(v int64) grid.Cell {
		if v == 0 || p.shown == nil {
			return grid.Cell{}
		}
		return grid.Cell{Text: p.shown.view.Format(v), Pen: p.figure(v).Pen}
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

func (p drawing) keptColumns() []kit.Column[*profiler.Session] {
	at := func(s *profiler.Session) string { return s.Time.In(p.zone).Format(time.DateTime) }
	kind := func(t *page.Theme, s *profiler.Session) grid.Cell {
		return grid.Cell{Text: cmp.Or(string(s.Kind), "?"), Pen: t.Accent}
	}
	took := func(s *profiler.Session) string {
		if !s.Kind.Timed() {
			return ""
		}
		return text.Duration(s.Duration)
	}
	size := func(s *profiler.Session) string { return text.Bytes(float64(s.Size)) }
	file := func(_ *page.Theme, s *profiler.Session) grid.Cell {
		return grid.Cell{Text: s.ID, Pen: p.matchPen(s.ID)}
	}
	return []kit.Column[*profiler.Session]{
		{Title: "time", Min: 19, Text: at, Order: func(a, b *profiler.Session) int { return a.Time.Compare(b.Time) }},
		{Title: "kind", Min: 9, Cell: kind, Order: kit.By(func(s *profiler.Session) profiler.Kind { return s.Kind })},
		{Title: "of", Min: 8, Right: true, Priority: 2, Text: took, Muted: true, Order: kit.By(func(s *profiler.Session) time.Duration { return s.Duration })},
		{Title: "size", Min: 8, Right: true, Priority: 3, Text: size, Muted: true, Order: kit.By(func(s *profiler.Session) int64 { return s.Size })},
		{Title: "file", Min: 27, Flex: 1, Max: 40, Cell: file, Order: kit.By(func(s *profiler.Session) string { return s.ID })},
		{Title: "note", Min: 16, Flex: 4, Priority: 1, Wide: 160, Text: func(s *profiler.Session) string { return s.Note }, Muted: true},
	}
}
