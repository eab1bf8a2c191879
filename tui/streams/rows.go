package streams

import (
	"strconv"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (l *list) columns() []grid.Column {
	switch l.of.kind {
	case listNamespaces:
		return []grid.Column{
			{Title: "namespace", Name: true, Min: 12, Flex: 3},
			{Title: "messages", Min: 11, Right: true},
			{Title: "streams", Min: 9, Right: true, Priority: 3},
			{Title: "categories", Min: 10, Right: true, Priority: 6},
			{Title: "disk", Min: 8, Right: true, Priority: 4},
			{Title: "rate", Min: 9, Right: true, Priority: 2},
			{Title: "engine", Min: 9, Priority: 1},
			{Title: "active", Min: kit.SinceWidth(l.absolute), Right: true, Priority: 5},
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
			{Title: "active", Min: kit.SinceWidth(l.absolute), Right: true, Priority: 1},
		}
	}
	return l.messageColumns()
}

func (l *list) messageColumns() []grid.Column {
	columns := []grid.Column{
		{Title: "global", Min: 10, Right: true},
		{Title: "stream", Name: true, Min: 14, Max: 40, Flex: 2},
		{Title: "type", Name: true, Min: 16, Max: 26, Flex: 1},
		{Title: "time", Min: kit.MomentWidth(l.absolute), Priority: 1},
		{Title: "pos", Min: 6, Right: true, Priority: 3},
	}
	if l.of.stream != "" {
		columns = []grid.Column{
			{Title: "pos", Min: 7, Right: true},
			{Title: "type", Name: true, Min: 16, Max: 26, Flex: 1},
			{Title: "time", Min: kit.MomentWidth(l.absolute), Priority: 1},
			{Title: "global", Min: 10, Right: true, Priority: 3},
		}
	}
	columns = append(columns, kit.ChosenColumns(l.paths)...)
	return append(columns, grid.Column{Title: "data", Min: 10, Flex: 6, Priority: 2, Wide: kit.DataBytes})
}

// cells fills a row; one that is not read yet shows that it is missing.
func (l *list) cells(i int, cells []grid.Cell) {
	t := l.theme
	switch r := l.row(i).(type) {
	case nil:
		cells[0] = grid.Cell{Text: t.Sym.Dots, Pen: t.Faint}
	case *namespaceRow:
		fill(cells, t, r.texts(l)...)
	case *everything, *store.CategoryCount:
		c := countOf(r)
		fill(cells, t, rowTitle(r), text.About(c.StreamCount, c.Estimated), text.About(c.MessageCount, c.Estimated))
		if isEverything(r) {
			cells[0].Pen = t.Title
		}
	case *store.Stream:
		fill(cells, t, r.Name, text.Count(r.Version+1), kit.Since(r.LastActivity, l.now, l.absolute))
	case *kit.Brief:
		l.messageCells(r, cells)
	}
}

func (l *list) messageCells(m *kit.Brief, cells []grid.Cell) {
	t := l.theme
	data := string(m.Data[:min(len(m.Data), kit.DataBytes)])
	pos, global := strconv.FormatInt(m.Position, 10), strconv.FormatInt(m.GlobalPosition, 10)
	m.ChosenCells(t, l.paths, cells[len(cells)-1-len(l.paths):])
	cells[len(cells)-1] = grid.Cell{Text: data, Pen: t.Muted}
	if l.of.stream != "" {
		fill(cells, t, pos, m.Type, kit.Moment(m.Time, l.now, l.absolute), global)
		cells[1].Pen = t.Name
		return
	}
	fill(cells, t, global, m.Stream, m.Type, kit.Moment(m.Time, l.now, l.absolute), pos)
	cells[1].Pen, cells[2].Pen = t.Text, t.Name
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

// rowKey names a row, for finding it again.
func rowKey(row any) string {
	switch r := row.(type) {
	case *namespaceRow:
		return r.ID
	case *everything:
		return "\x00all" // no category can be named so
	case *store.CategoryCount:
		return r.Category
	case *store.Stream:
		return r.Name
	case *kit.Brief:
		return r.ID.String()
	}
	return ""
}

// rowText is what a search looks at, as far as the row has it.
func rowText(row any) string {
	if m, ok := row.(*kit.Brief); ok {
		return m.Text()
	}
	return rowKey(row)
}
