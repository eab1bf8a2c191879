package streams

import (
	"slices"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// table is how a list's rows are shown: in which columns, what these order by,
// and what they are drawn with.
type table struct {
	kind     listKind
	ofStream bool            // messages: of one stream
	chosen   []filter.Column // messages: columns that the user chose
	columns  []grid.Column   // all of them
	theme    page.Theme
	now      time.Time
	absolute bool        // times are given in full
	sample   wire.Sample // the header's: rates are of the same second; zero: there is none
}

func newTable(of source) table {
	t := table{kind: of.kind, ofStream: of.stream != ""}
	t.choose(of.columns)
	return t
}

// choose makes columns of the list's own, and of messages of those that the user chose.
func (t *table) choose(chosen []filter.Column) {
	t.columns = t.own()
	if t.kind == listMessages {
		t.chosen = chosen
		t.columns = append(t.columns, kit.ChosenColumns(chosen)...)
		t.columns = append(t.columns, grid.Column{Title: "data", Min: 10, Flex: 6, Priority: 2, Wide: kit.DataBytes})
	}
}

// fixed is the number of the columns before those that the user chose.
func (t *table) fixed() int {
	n := len(t.columns) - len(t.chosen)
	if t.kind == listMessages {
		n-- // the data
	}
	return n
}

// placeOf is where a column stands that stood at a place of the table as it was when
// other columns were chosen; -1: nowhere.
func (t *table) placeOf(column int, was *table) int {
	switch i := column - was.fixed(); {
	case i < 0:
		return column
	case i == len(was.chosen):
		return len(t.columns) - 1
	default:
		is := func(c filter.Column) bool { return c.String() == was.chosen[i].String() }
		if at := slices.IndexFunc(t.chosen, is); at >= 0 {
			return t.fixed() + at
		}
	}
	return -1
}

// lacks reports whether some of the rows do not have what the columns show.
func (t *table) lacks(rows []any) bool {
	return slices.ContainsFunc(rows, func(row any) bool {
		b, ok := row.(*kit.Brief)
		return ok && !b.Shows(t.chosen)
	})
}

// restyle takes the theme to a grid; it is cheap when nothing changed.
func (t *table) restyle(env page.Env, g *grid.Grid) {
	if t.now = env.Now; t.absolute != env.Absolute {
		t.absolute = env.Absolute
		t.choose(t.chosen)
		g.SetColumns(t.columns)
	}
	if s := &env.Live.Sample; t.kind == listNamespaces && env.Live.HasSample && !s.Time.Equal(t.sample.Time) {
		t.sample = *s
		g.Changed()
	}
	if t.theme.Serial != env.Theme.Serial {
		t.theme = env.Theme
		kit.RestyleGrid(g, env.Theme)
	}
}

// own is the columns that a list has whatever the user chooses, without the data
// of messages.
func (t *table) own() []grid.Column {
	switch t.kind {
	case listNamespaces:
		return []grid.Column{
			{Title: "namespace", Name: true, Min: 12, Flex: 3},
			{Title: "messages", Min: 11, Right: true},
			{Title: "streams", Min: 9, Right: true, Priority: 3},
			{Title: "categories", Min: 10, Right: true, Priority: 6},
			{Title: "disk", Min: 8, Right: true, Priority: 4},
			{Title: "rate", Min: 9, Right: true, Priority: 2},
			{Title: "engine", Min: 9, Priority: 1},
			{Title: "active", Min: kit.SinceWidth(t.absolute), Right: true, Priority: 5},
			{Title: "description", Min: 12, Flex: 2, Priority: 7},
		}
	case listCategories:
		return []grid.Column{
			{Title: "category", Name: true, Min: 12, Flex: 1},
			{Title: "streams", Min: 9, Right: true, Priority: 1},
			{Title: "messages", Min: 11, Right: true},
		}
	case listStreams:
		return []grid.Column{
			{Title: "stream", Name: true, Min: 16, Flex: 1},
			{Title: "messages", Min: 9, Right: true},
			{Title: "active", Min: kit.SinceWidth(t.absolute), Right: true, Priority: 1},
		}
	}
	if t.ofStream {
		return []grid.Column{
			{Title: "pos", Min: 7, Right: true},
			{Title: "type", Name: true, Min: 16, Max: 26, Flex: 1},
			{Title: "time", Min: kit.MomentWidth(t.absolute), Priority: 1},
			{Title: "global", Min: 10, Right: true, Priority: 3},
		}
	}
	return []grid.Column{
		{Title: "global", Min: 10, Right: true},
		{Title: "stream", Name: true, Min: 14, Max: 40, Flex: 2},
		{Title: "type", Name: true, Min: 16, Max: 26, Flex: 1},
		{Title: "time", Min: kit.MomentWidth(t.absolute), Priority: 1},
		{Title: "pos", Min: 6, Right: true, Priority: 3},
	}
}

// cells fills a row; one that is not read yet shows that it is missing.
func (t *table) cells(row any, cells []grid.Cell) {
	switch r := row.(type) {
	case nil:
		cells[0] = grid.Cell{Text: t.theme.Sym.Dots, Pen: t.theme.Faint}
	case *namespaceRow:
		fill(cells, t.theme, r.texts(t)...)
	case *everything, *store.CategoryCount:
		c := countOf(r)
		fill(cells, t.theme, rowTitle(r), text.About(c.StreamCount, c.Estimated), text.About(c.MessageCount, c.Estimated))
		if isEverything(r) {
			cells[0].Pen = t.theme.Title
		}
	case *store.Stream:
		fill(cells, t.theme, r.Name, text.Count(r.Version+1), kit.Since(r.LastActivity, t.now, t.absolute))
	case *kit.Brief:
		t.messageCells(r, cells)
	}
}

func (t *table) messageCells(m *kit.Brief, cells []grid.Cell) {
	data := string(m.Data[:min(len(m.Data), kit.DataBytes)])
	pos, global := strconv.FormatInt(m.Position, 10), strconv.FormatInt(m.GlobalPosition, 10)
	m.ChosenCells(t.theme, t.chosen, cells[len(cells)-1-len(t.chosen):])
	cells[len(cells)-1] = grid.Cell{Text: data, Pen: t.theme.Muted}
	if t.ofStream {
		fill(cells, t.theme, pos, m.Type, kit.Moment(m.Time, t.now, t.absolute), global)
		cells[1].Pen = t.theme.Name
		return
	}
	fill(cells, t.theme, global, m.Stream, m.Type, kit.Moment(m.Time, t.now, t.absolute), pos)
	cells[1].Pen, cells[2].Pen = t.theme.Text, t.theme.Name
}

// fill writes the texts of a row: the first one plain, the others muted.
func fill(cells []grid.Cell, t page.Theme, texts ...string) {
	for i, s := range texts {
		pen := t.Muted
		if i == 0 {
			pen = t.Text
		}
		cells[i] = grid.Cell{Text: s, Pen: pen}
	}
}
