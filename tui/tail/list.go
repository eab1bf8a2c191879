package tail

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// How many cells types take of a row: as many as the widest that was seen.
const (
	minTypeWidth = 12
	maxTypeWidth = 32
)

// list is the rows on the screen and the cursor among them, which stays on the
// newest one while it is followed.
type list struct {
	buffer    tailBuffer
	grid      *grid.Grid
	paths     []filter.Column // chosen by the user, between the type and the data
	typeWidth int             // of the widest type seen, in cells
	theme     page.Theme
	now       time.Time
	follow    bool
	query     string
	loading   int64  // the fold being loaded begins here; 0: none
	loadGen   uint64 // of that question
}

func newList() *list {
	l := &list{follow: true}
	l.grid = grid.New(grid.Options{Columns: l.columns(), Row: l.cells})
	return l
}

// reset forgets everything but the columns that the user chose.
func (l *list) reset() {
	*l = list{grid: l.grid, theme: l.theme, paths: l.paths, follow: true}
	l.renew()
}

// renew forgets the rows.
func (l *list) renew() {
	l.buffer, l.follow = tailBuffer{}, true
	l.grid.SetColumns(l.columns())
	l.sync()
}

// add appends what came, and a fold of what came before it.
func (l *list) add(before fold, rows []tailRow, hidden, from int64) {
	l.buffer.add(before, rows, hidden, from)
	l.sync()
}

// unfold puts what a fold held in its place, below the cursor, and reports
// whether it is there still.
func (l *list) unfold(v tailLoaded) bool {
	row := l.buffer.find(v.from)
	if row < 0 {
		return false
	}
	cursor := l.grid.Cursor()
	grown := l.buffer.unfold(row, v.rows, v.rest, v.hidden, v.trail)
	l.grid.SetLen(len(l.buffer.rows), false)
	if cursor > row {
		l.grid.SetCursor(cursor + grown)
	}
	l.sync()
	return true
}

// sync fits the buffer to its bound and the grid to the buffer. The line being
// read stays where it is: what goes, goes at the far end.
func (l *list) sync() {
	limit := tailRows
	if !l.follow {
		limit = 2 * tailRows
	}
	at, n := l.grid.Cursor(), len(l.buffer.rows)
	if l.follow || at > n/2 {
		limit = l.buffer.room(limit, true)
		if !l.follow {
			limit = max(limit, n-at+1)
		}
		if over := n - limit; over > 0 {
			l.buffer.fold(0, over+1) // the fold takes a row itself
			l.grid.Shift(-over)
		}
	} else if limit = max(l.buffer.room(limit, false), at+2); n > limit {
		l.buffer.fold(limit-1, n)
	}
	l.grid.SetLen(len(l.buffer.rows), false)
	l.grid.Changed()
	l.fitTypes()
	if l.follow {
		l.grid.End()
	}
}

// fitTypes gives the types of the newest rows the room that they need, before the
// data: the type is what tells rows apart. The column never shrinks, so that rows
// do not jump about.
func (l *list) fitTypes() {
	before := l.typeWidth
	for _, r := range l.buffer.rows[max(len(l.buffer.rows)-tailFirst, 0):] {
		if r.m != nil && len(r.m.Type) > l.typeWidth {
			l.typeWidth = min(max(l.typeWidth, text.Width(text.Sanitize(r.m.Type))), maxTypeWidth)
		}
	}
	if l.typeWidth != before {
		l.grid.SetColumns(l.columns())
	}
}

// show makes columns of paths.
func (l *list) show(paths []filter.Column) {
	l.paths = paths
	l.grid.SetColumns(l.columns())
}

// to moves the cursor to a row.
func (l *list) to(row int) {
	l.grid.SetCursor(row)
	l.moved()
}

// moved leaves follow mode when the cursor leaves the newest row, and takes it
// up again on it.
func (l *list) moved() {
	n, _ := l.grid.Len()
	l.follow = l.grid.Cursor() >= n-1
}

func (l *list) scroll(n int) {
	l.grid.Scroll(n)
	_, last := l.grid.Visible()
	rows, _ := l.grid.Len()
	l.follow = n > 0 && last >= rows
}

// row is the one under the cursor; an empty one where there is none.
func (l *list) row() tailRow {
	if i := l.grid.Cursor(); i >= 0 && i < len(l.buffer.rows) {
		return l.buffer.rows[i]
	}
	return tailRow{}
}

// step moves the cursor to the neighbour, past folds, and returns it; nil where
// there is none.
func (l *list) step(back bool) *store.Message {
	step := 1
	if back {
		step = -1
	}
	for i := l.grid.Cursor() + step; i >= 0 && i < len(l.buffer.rows); i += step {
		if m := l.buffer.rows[i].m; m != nil {
			l.grid.SetCursor(i)
			return m
		}
	}
	return nil
}

// search goes to the next row with the text, newest first.
func (l *list) search(t *page.Turn, step int) {
	needle := []byte(strings.ToLower(l.query))
	n := len(l.buffer.rows)
	if len(needle) == 0 || n == 0 {
		return
	}
	at := l.grid.Cursor()
	for i := 1; i <= n; i++ {
		row := ((at+i*step)%n + n) % n
		if m := l.buffer.rows[row].m; m != nil && kit.ContainsFold([]byte(kit.MessageText(m)), needle) {
			l.to(row)
			return
		}
	}
	t.Toast(page.LevelWarn, "no match for %q in the rows loaded here", l.query)
}

// recent is the messages on hand, newest first.
func (l *list) recent() []*store.Message {
	var out []*store.Message
	for i := len(l.buffer.rows) - 1; i >= 0 && len(out) < kit.PickerLooks; i-- {
		if m := l.buffer.rows[i].m; m != nil {
			out = append(out, m)
		}
	}
	return out
}

// restyle has the rows drawn in the theme.
func (l *list) restyle(t page.Theme) {
	if l.theme.Serial != t.Serial {
		l.theme = t
		kit.RestyleGrid(l.grid, t)
	}
}

// lines draws the rows; note says why there are none, as far as that is known.
func (l *list) lines(w, h int, note string, known bool) []string {
	if l.grid.SetEmpty(note); !known {
		l.grid.SetUnread(note)
	}
	l.grid.SetFocus(true)
	l.grid.SetSize(w, max(h, 1))
	return append([]string(nil), l.grid.Lines()...)
}

func (l *list) columns() []grid.Column {
	columns := []grid.Column{
		{Title: "time", Min: kit.MomentWidth(false), Priority: 2},
		{Title: "stream", Min: 14, Max: 40, Flex: 2},
		{Title: "pos", Min: 6, Right: true, Priority: 4},
		{Title: "type", Min: max(l.typeWidth, minTypeWidth), Max: max(l.typeWidth, minTypeWidth), Priority: 1},
	}
	columns = append(columns, kit.ChosenColumns(l.paths)...)
	return append(columns, grid.Column{Title: "data", Min: 16, Flex: 4, Priority: 3, Wide: kit.DataBytes})
}

func (l *list) cells(i int, cells []grid.Cell) {
	if i >= len(l.buffer.rows) {
		return
	}
	t, r := l.theme, l.buffer.rows[i]
	if r.m == nil {
		l.foldCells(r.fold, cells)
		return
	}
	m := r.m
	cells[0] = grid.Cell{Text: text.PreciseClock(m.Time, l.now), Pen: t.Muted}
	cells[1] = grid.Cell{Text: m.Stream, Pen: t.Text}
	cells[2] = grid.Cell{Text: strconv.FormatInt(m.Position, 10), Pen: t.Muted}
	cells[3] = grid.Cell{Text: m.Type, Pen: t.Name}
	kit.ChosenCells(t, l.paths, m, cells[4:])
	cells[4+len(l.paths)] = grid.Cell{Text: string(m.Data[:min(len(m.Data), kit.DataBytes)]), Pen: t.Muted}
}

// foldCells spreads a fold's words over the columns.
func (l *list) foldCells(f fold, cells []grid.Cell) {
	t := l.theme
	words := text.Count(f.folded()) + " messages"
	if f.unread() > 0 {
		words += " unread"
	}
	enter := "enter loads them"
	if l.loading == f.from {
		enter = "loading" + t.Sym.Ellipsis
	}
	cells[0] = grid.Cell{Text: t.Sym.Dots, Pen: t.Warn}
	cells[1] = grid.Cell{Text: words, Pen: t.Warn}
	cells[3] = grid.Cell{Text: strconv.FormatInt(f.from, 10) + "–" + strconv.FormatInt(f.to, 10), Pen: t.Muted}
	cells[len(cells)-1] = grid.Cell{Text: enter, Pen: t.Faint}
}
