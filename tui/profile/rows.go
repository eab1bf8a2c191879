package profile

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/grid"
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
	p.keptGrid = grid.New(grid.Options{Row: p.drawing().keptRow, Columns: []grid.Column{
		{Title: "time", Min: 19},
		{Title: "kind", Min: 9},
		{Title: "of", Min: 8, Right: true, Priority: 2},
		{Title: "size", Min: 8, Right: true, Priority: 3},
		{Title: "file", Min: 27, Flex: 1, Max: 40},
		{Title: "note", Min: 16, Flex: 4, Priority: 1, Wide: 160},
	}})
	p.keptGrid.SetUnread("reading the saved profiles")
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
	sign, _ := p.change(r.Flat)
	cells[0] = grid.Cell{Text: sign + table.Format(r.Flat), Pen: p.changePen(r.Flat)}
	cells[1] = grid.Cell{Text: profiler.Percent(r.Flat, table.Total), Pen: p.theme.Muted}
	cells[2] = grid.Cell{Text: profiler.Percent(r.Sum, table.Total), Pen: p.theme.Faint}
	if p.by.On {
		cells[2].Text = "–" // it adds up in the profile's own order
	}
	sign, _ = p.change(r.Cum)
	cells[3] = grid.Cell{Text: sign + table.Format(r.Cum), Pen: p.changePen(r.Cum)}
	cells[4] = grid.Cell{Text: profiler.Percent(r.Cum, table.Total), Pen: p.theme.Muted}
	name := r.Name
	if r.Inline != "" {
		name += " " + r.Inline
	}
	cells[5] = grid.Cell{Text: name, Pen: p.matchPen(r.Name), Middle: true}
}

// change is the sign before a figure of a difference: it says without colour
// which way it went.
func (p drawing) change(v int64) (sign string, differs bool) {
	if p.shown == nil || !p.shown.flame.Signed() || v == 0 {
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
func (p drawing) changePen(v int64) text.Pen {
	switch _, differs := p.change(v); {
	case !differs:
		return p.theme.Text
	case v > 0:
		return p.theme.Bad
	default:
		return p.theme.Name
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
	cells[3] = grid.Cell{Text: name, Pen: pen, Middle: true}
}

func (p drawing) sourceRow(row int, cells []grid.Cell) {
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

func (p drawing) keptRow(row int, cells []grid.Cell) {
	s := p.sessions[row]
	cells[0] = grid.Cell{Text: s.Time.In(p.zone).Format("2006-01-02 15:04:05"), Pen: p.theme.Text}
	cells[1] = grid.Cell{Text: cmp.Or(string(s.Kind), "?"), Pen: p.theme.Accent}
	if s.Kind.Timed() {
		cells[2] = grid.Cell{Text: text.Duration(s.Duration), Pen: p.theme.Muted}
	}
	cells[3] = grid.Cell{Text: text.Bytes(float64(s.Size)), Pen: p.theme.Muted}
	cells[4] = grid.Cell{Text: s.ID, Pen: p.matchPen(s.ID)}
	cells[5] = grid.Cell{Text: s.Note, Pen: p.theme.Muted}
}
