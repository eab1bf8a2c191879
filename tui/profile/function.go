package profile

import (
	"strconv"
	"strings"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// noFunction stands in the tables of a function until one is chosen.
const noFunction = "choose a function in top or flame"

// callNames is the column of names in the table of callers.
const callNames = 3

// newCallers returns the table of a function, who calls it and what it calls.
func newCallers(s *sheet) *kit.List[*callRow] {
	return kit.NewList(kit.ListOptions[*callRow]{Over: s.callCells, Fixed: true, Empty: noFunction, Columns: []kit.Column[*callRow]{
		{Title: "cum", Min: 10, Right: true},
		{Title: "share", Min: 7, Right: true},
		{Title: "", Min: 8},
		{Title: "function", Min: 20, Flex: 1, Wide: 200},
	}})
}

func (s *sheet) callCells(_ *page.Theme, r *callRow, cells []grid.Cell) {
	if s.shown == nil {
		return
	}
	cells[0] = s.figure(r.weight)
	cells[1] = grid.Cell{Text: r.share, Pen: s.theme.Muted}
	name, pen := r.name, s.matchPen(r.name)
	if r.inline {
		name += " (inline)"
	}
	switch r.role {
	case isCaller:
		cells[2] = grid.Cell{Text: "caller", Pen: s.theme.Faint}
	case isSelf:
		cells[2] = grid.Cell{Text: "", Pen: s.theme.Faint}
		pen = s.theme.Accent
		name += "  (itself " + s.shown.table.Format(r.flat) + ")"
	case isCallee:
		cells[2] = grid.Cell{Text: "calls", Pen: s.theme.Faint}
		name = "  " + name
	}
	cells[3] = grid.Cell{Text: name, Pen: pen, Middle: true}
}

// callRow is a line of the callers view.
type callRow struct {
	name   string
	role   callRole
	inline bool
	weight int64
	share  string // of the function's cum
	flat   int64  // of the function itself
}

type callRole int

const (
	isCaller callRole = iota
	isSelf
	isCallee
)

func readCalls(view *profiler.View, name string) ([]callRow, error) {
	s, err := view.Callers(name)
	if err != nil {
		return nil, err
	}
	var rows []callRow
	for _, f := range s.Functions {
		row := func(c profiler.Call, role callRole) {
			rows = append(rows, callRow{name: c.Name, role: role, inline: c.Inline, weight: c.Weight, share: profiler.Percent(c.Weight, f.Cum)})
		}
		for _, c := range f.Callers {
			row(c, isCaller)
		}
		rows = append(rows, callRow{name: f.Name, role: isSelf, weight: f.Cum, share: profiler.Percent(f.Cum, view.Total()), flat: f.Flat})
		for _, c := range f.Callees {
			row(c, isCallee)
		}
	}
	return rows, nil
}

// newSource returns the table of a function's source, with what its lines cost.
func newSource(s *sheet) *kit.List[*sourceRow] {
	return kit.NewList(kit.ListOptions[*sourceRow]{Over: s.sourceCells, Fixed: true, Empty: noFunction, Columns: []kit.Column[*sourceRow]{
		{Title: "flat", Min: 9, Right: true},
		{Title: "cum", Min: 9, Right: true},
		{Title: "line", Min: 5, Right: true},
		{Title: "source", Min: 20, Flex: 1, Wide: 200},
	}})
}

func (s *sheet) sourceCells(_ *page.Theme, r *sourceRow, cells []grid.Cell) {
	figure := func(v int64) grid.Cell {
		if v == 0 || s.shown == nil {
			return grid.Cell{}
		}
		return grid.Cell{Text: s.shown.view.Format(v), Pen: s.figure(v).Pen}
	}
	cells[0], cells[1] = figure(r.flat), figure(r.cum)
	if r.head != "" {
		cells[3] = grid.Cell{Text: r.head, Pen: s.theme.Title}
		return
	}
	cells[2] = grid.Cell{Text: strconv.Itoa(r.no), Pen: s.theme.Faint}
	pen := s.theme.Muted
	if r.cum != 0 {
		pen = s.matchPen(r.text)
	}
	cells[3] = grid.Cell{Text: strings.ReplaceAll(r.text, "\t", "    "), Pen: pen}
}

// sourceRow is a line of the source view: of code, or the head of a file.
type sourceRow struct {
	head      string // file, or why there is no text; "" for code
	no        int
	text      string
	flat, cum int64
}

func readSource(view *profiler.View, name string) ([]sourceRow, error) {
	list, err := view.Lines(name, profiler.SourceFiles("."))
	if err != nil {
		return nil, err
	}
	var rows []sourceRow
	for _, l := range list {
		rows = append(rows, sourceRow{head: l.File, flat: l.Flat, cum: l.Cum})
		if l.Err != nil {
			rows = append(rows, sourceRow{head: l.Err.Error()})
		}
		for _, line := range l.Lines {
			rows = append(rows, sourceRow{no: line.No, text: line.Text, flat: line.Flat, cum: line.Cum})
		}
	}
	return rows, nil
}

func heaviestLine(rows []sourceRow) int {
	best := 0
	for i, r := range rows {
		if r.head == "" && (rows[best].head != "" || r.cum > rows[best].cum) {
			best = i
		}
	}
	return best
}

// showRows has a table of a function show rows, with the cursor on one of them.
func showRows[R any](l *kit.List[*R], rows []R, err error, cursor int) {
	l.SetEmpty(replyNote(err, noFunction))
	l.Replace(kit.Pointers(rows))
	l.SetCursor(cursor)
}
