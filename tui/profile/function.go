package profile

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// noFunction stands in the tables of a function until one is chosen.
const noFunction = "choose a function in top or flame"

// callNames is the column of names in the table of callers.
const callNames = 3

// function is the one whose callers and source are shown, and the tables of both.
type function struct {
	*sheet
	name    string // "": none was chosen yet
	callers *kit.List[*callRow]
	source  *kit.List[*sourceRow]
}

func newFunction(s *sheet) *function {
	f := &function{sheet: s}
	f.callers = kit.NewList(kit.ListOptions[*callRow]{Over: f.callCells, Fixed: true, Empty: noFunction, Columns: callColumns()})
	f.source = kit.NewList(kit.ListOptions[*sourceRow]{Over: f.sourceCells, Fixed: true, Empty: noFunction, Columns: sourceColumns()})
	return f
}

// callColumns are the columns of callers, as wide as figures mostly are.
func callColumns() []kit.Column[*callRow] {
	return []kit.Column[*callRow]{
		{Title: "cum", Min: 10, Right: true},
		{Title: "share", Min: 7, Right: true},
		{Title: "", Min: 8},
		{Title: "function", Min: 20, Flex: 1, Wide: 200},
	}
}

// sourceColumns are those of source.
func sourceColumns() []kit.Column[*sourceRow] {
	return []kit.Column[*sourceRow]{
		{Title: "flat", Min: 9, Right: true},
		{Title: "cum", Min: 9, Right: true},
		{Title: "line", Min: 5, Right: true},
		{Title: "source", Min: 20, Flex: 1, Wide: 200},
	}
}

// pattern is a regular expression of its name alone.
func (f *function) pattern() string { return "^" + regexp.QuoteMeta(f.name) + "$" }

// ask asks for what a tab shows of it.
func (f *function) ask(t *page.Turn, tab profileTab, asks *profileAsks) {
	if f.shown == nil || f.name == "" {
		return
	}
	view, name := f.shown.view, f.pattern()
	switch tab {
	case profileCallers:
		t.AskElsewhere(asks.await(&asks.calls, f.tookCalls), func(context.Context, *client.Client) (any, error) {
			return readCalls(view, name)
		})
	case profileSource:
		t.AskElsewhere(asks.await(&asks.source, f.tookSource), func(context.Context, *client.Client) (any, error) {
			return readSource(view, name)
		})
	}
}

func (f *function) tookCalls(_ *page.Turn, msg page.Reply) {
	rows, _ := msg.Value.([]callRow)
	self := slices.IndexFunc(rows, func(r callRow) bool { return r.role == isSelf })
	f.callers.SetColumns(fit(callColumns(), 2, &f.theme, kit.Pointers(rows), f.callCells))
	showRows(f.callers, rows, msg.Err, max(self, 0))
}

func (f *function) tookSource(_ *page.Turn, msg page.Reply) {
	rows, _ := msg.Value.([]sourceRow)
	f.source.SetColumns(fit(sourceColumns(), 3, &f.theme, kit.Pointers(rows), f.sourceCells))
	showRows(f.source, rows, msg.Err, heaviestLine(rows))
}

func (f *function) callCells(_ *page.Theme, r *callRow, cells []grid.Cell) {
	if f.shown == nil {
		return
	}
	cells[0] = f.figure(r.weight)
	cells[1] = grid.Cell{Text: r.share, Pen: f.theme.Muted}
	name, pen := r.name, f.matchPen(r.name)
	if r.inline {
		name += " (inline)"
	}
	switch r.role {
	case isCaller:
		cells[2] = grid.Cell{Text: "caller", Pen: f.theme.Faint}
	case isSelf:
		cells[2] = grid.Cell{Text: "", Pen: f.theme.Faint}
		pen = f.theme.Accent
		name += "  (itself " + f.figure(r.flat).Text + ")"
	case isCallee:
		cells[2] = grid.Cell{Text: "calls", Pen: f.theme.Faint}
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

func (f *function) sourceCells(_ *page.Theme, r *sourceRow, cells []grid.Cell) {
	figure := func(v int64) grid.Cell {
		if v == 0 || f.shown == nil {
			return grid.Cell{}
		}
		return f.signed(v, f.shown.view.Format(v))
	}
	cells[0], cells[1] = figure(r.flat), figure(r.cum)
	if r.head != "" {
		cells[3] = grid.Cell{Text: r.head, Pen: f.theme.Title}
		return
	}
	cells[2] = grid.Cell{Text: strconv.Itoa(r.no), Pen: f.theme.Faint}
	pen := f.theme.Muted
	if r.cum != 0 {
		pen = f.matchPen(r.text)
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
