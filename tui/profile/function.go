package profile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// noFunction stands in the tables of a function until one is chosen.
const noFunction = "choose a function in top or flame"

// callNames is the column of names in the table of callers.
const callNames = 3

// callTable is the table of a function, who calls it and what it calls.
type callTable struct {
	*sheet
	grid *grid.Grid
	rows []callRow
}

func newCallTable(s *sheet) *callTable {
	c := &callTable{sheet: s}
	c.grid = grid.New(grid.Options{Row: c.row, Empty: noFunction, Columns: []grid.Column{
		{Title: "cum", Min: 10, Right: true},
		{Title: "share", Min: 7, Right: true},
		{Title: "", Min: 8},
		{Title: "function", Min: 20, Flex: 1, Wide: 200},
	}})
	return c
}

// take takes what [readCalls] read; the cursor goes to the function itself.
func (c *callTable) take(_ *page.Turn, msg page.Reply) {
	c.rows, _ = msg.Value.([]callRow)
	self := slices.IndexFunc(c.rows, func(r callRow) bool { return r.role == isSelf })
	showRows(c.grid, msg.Err, len(c.rows), max(self, 0))
}

// current is the function under the cursor; "" when there is none.
func (c *callTable) current() string {
	if row := c.grid.Cursor(); row >= 0 && row < len(c.rows) {
		return c.rows[row].name
	}
	return ""
}

func (c *callTable) row(row int, cells []grid.Cell) {
	r := c.rows[row]
	if c.shown == nil {
		return
	}
	cells[0] = c.figure(r.weight)
	cells[1] = grid.Cell{Text: r.share, Pen: c.theme.Muted}
	name, pen := r.name, c.matchPen(r.name)
	if r.inline {
		name += " (inline)"
	}
	switch r.role {
	case isCaller:
		cells[2] = grid.Cell{Text: "caller", Pen: c.theme.Faint}
	case isSelf:
		cells[2] = grid.Cell{Text: "", Pen: c.theme.Faint}
		pen = c.theme.Accent
		name += "  (itself " + c.shown.table.Format(r.flat) + ")"
	case isCallee:
		cells[2] = grid.Cell{Text: "calls", Pen: c.theme.Faint}
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

// sourceTable is the table of a function's source, with what its lines cost.
type sourceTable struct {
	*sheet
	grid *grid.Grid
	rows []sourceRow
}

func newSourceTable(s *sheet) *sourceTable {
	source := &sourceTable{sheet: s}
	source.grid = grid.New(grid.Options{Row: source.row, Empty: noFunction, Columns: []grid.Column{
		{Title: "flat", Min: 9, Right: true},
		{Title: "cum", Min: 9, Right: true},
		{Title: "line", Min: 5, Right: true},
		{Title: "source", Min: 20, Flex: 1, Wide: 200},
	}})
	return source
}

// take takes what [readSource] read; the cursor goes to the line that costs most.
func (s *sourceTable) take(_ *page.Turn, msg page.Reply) {
	s.rows, _ = msg.Value.([]sourceRow)
	showRows(s.grid, msg.Err, len(s.rows), heaviestLine(s.rows))
}

func (s *sourceTable) row(row int, cells []grid.Cell) {
	r := s.rows[row]
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

// showRows has a table of a function show n rows, with the cursor on one of them.
func showRows(g *grid.Grid, err error, n, cursor int) {
	g.SetEmpty(replyNote(err, noFunction))
	g.SetLen(n, false)
	g.Changed()
	g.SetCursor(cursor)
}
