package kinds

import (
	"cmp"
	"slices"
	"strings"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// line is a row of the fields: a field, or one of the kinds of a field whose values
// are of several.
type line struct {
	of   *fields.Field
	kind int // of what kindsOf says of it; -1: the field itself
}

// linesOf are the rows of a field: itself, and below it its kinds where those differ.
func linesOf(f *fields.Field) []*line {
	out := []*line{{f, -1}}
	if n := len(f.Kinds); n > 1 {
		for k := range n {
			out = append(out, &line{f, k})
		}
	}
	return out
}

// kindCount is the kind that the row is of; ok is false for a whole field.
func (l *line) kindCount() (k fields.KindCount, ok bool) {
	if l == nil || l.of == nil || l.kind < 0 || l.kind >= len(l.of.Kinds) {
		return k, false
	}
	return kindsOf(l.of)[l.kind], true
}

// same reports whether two rows are of the same field and kind.
func (l *line) same(o *line) bool {
	k, ofKind := l.kindCount()
	n, too := o.kindCount()
	return l.of.Name() == o.of.Name() && ofKind == too && k.Kind == n.Kind
}

// kindsOf are a field's kinds, the most frequent first.
func kindsOf(f *fields.Field) []fields.KindCount {
	list := slices.Clone(f.Kinds)
	slices.SortStableFunc(list, func(a, b fields.KindCount) int { return -cmp.Compare(a.Count, b.Count) })
	return list
}

// kindWords names a field's kinds, the most frequent first.
func kindWords(f *fields.Field) string {
	var names []string
	for _, k := range kindsOf(f) {
		names = append(names, k.Kind.String())
	}
	return strings.Join(names, ", ")
}

// kindCounts says how many values are of which kind.
func kindCounts(f *fields.Field) string {
	parts := make([]string, 0, len(f.Kinds)+1)
	for _, k := range f.Kinds {
		parts = append(parts, k.Kind.String()+" "+text.Count(k.Count))
	}
	if f.Repeated > 0 {
		parts = append(parts, text.Count(f.Repeated)+" under a name that stands twice")
	}
	return strings.Join(parts, ", ")
}

// example is a value that the field has, of a kind if one is named; "" where none is kept.
func example(f *fields.Field, of ...fields.Kind) string {
	for _, e := range f.Examples {
		if len(of) == 0 || e.Kind() == of[0] {
			return e.Value
		}
	}
	return ""
}

// examples are some of the field's values, with how many there are of each
// where that is known.
func examples(f *fields.Field) string {
	parts := make([]string, 0, len(f.Examples))
	for _, e := range f.Examples {
		s := e.Value
		if e.Count > 0 {
			s += " (" + text.Count(e.Count) + ")"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "  ")
}

// lineColumns are those of the fields.
func lineColumns() []kit.Column[*line] {
	path := func(t *page.Theme, l *line) grid.Cell {
		if l.of.Part == fields.Metadata {
			return grid.Cell{Text: l.of.Name(), Pen: t.Muted}
		}
		return grid.Cell{Text: l.of.Name()}
	}
	distinct := func(t *page.Theme, l *line) grid.Cell {
		if l.of.Distinct > 0 {
			return grid.Cell{Text: text.About(l.of.Distinct, l.of.About)}
		}
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Faint}
	}
	return []kit.Column[*line]{
		{Title: "path", Min: 20, Flex: 2, Max: 44, Name: true, Cell: path, Order: kit.By(func(l *line) string { return l.of.Name() })},
		{Title: "kinds", Min: 8, Flex: 1, Max: 24, Text: func(l *line) string { return kindWords(l.of) }, Muted: true},
		{
			Title: "present", Min: 7, Right: true, Order: kit.By(func(l *line) int64 { return l.of.Present }),
			Text: func(l *line) string { return text.Share(float64(l.of.Present) / float64(max(l.of.Of, 1))) },
		},
		{Title: "distinct", Min: 8, Right: true, Cell: distinct, Order: kit.By(func(l *line) int64 { return l.of.Distinct })},
		{Title: "least", Min: 10, Flex: 1, Max: 30, Priority: 2, Text: func(l *line) string { return l.of.Least }, Muted: true},
		{Title: "greatest", Min: 10, Flex: 1, Max: 30, Priority: 1, Text: func(l *line) string { return l.of.Greatest }, Muted: true},
		{Title: "example", Min: 12, Flex: 2, Max: 60, Priority: 3, Text: func(l *line) string { return example(l.of) }, Muted: true},
	}
}

// kindRow draws a kind of a field, below that, in the place of the field's own cells.
func kindRow(t *page.Theme, l *line, cells []grid.Cell) {
	k, ok := l.kindCount()
	if !ok {
		return
	}
	rail, last := "├ ", l.kind == len(l.of.Kinds)-1
	switch {
	case t.Sym.ASCII && last:
		rail = "` "
	case t.Sym.ASCII:
		rail = "+ "
	case last:
		rail = "└ "
	}
	pen := t.Muted
	if l.kind > 0 {
		pen = t.Warn
	}
	clear(cells)
	cells[0] = grid.Cell{Text: "  " + rail + k.Kind.String(), Pen: pen}
	cells[1] = grid.Cell{Text: text.Count(k.Count), Pen: pen}
	cells[len(cells)-1] = grid.Cell{Text: example(l.of, k.Kind), Pen: t.Muted}
}
