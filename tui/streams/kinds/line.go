package kinds

import (
	"cmp"
	"slices"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
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

// currentKind is the kind under the cursor; ok is false where a whole field is.
func (o *learned) currentKind() (k fields.KindCount, ok bool) {
	l, _ := o.rows.Chosen()
	return l.kindCount()
}

// ofKind asks for the messages that are of the kind under the cursor, or that show the
// change under it, if that is one of kinds; "" for all messages of the type.
func (o *learned) ofKind() string {
	if o.on {
		if c := o.change(); c != nil {
			return c.OfKind()
		}
		return ""
	}
	if k, ok := o.currentKind(); ok {
		return o.current().OfKind(k.Kind)
	}
	return ""
}

// kindRow draws a kind of a field, below that, in the place of the field's own cells.
func (p drawing) kindRow(t *page.Theme, l *line, cells []grid.Cell) {
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
	cells[len(cells)-1] = grid.Cell{Text: exampleOfKind(l.of, k.Kind), Pen: t.Muted}
}

// exampleOfKind is a value of the kind that the field has, "" where none is kept.
func exampleOfKind(f *fields.Field, k fields.Kind) string {
	for _, e := range f.Examples {
		if e.Kind() == k {
			return e.Value
		}
	}
	return ""
}

// kindDetail is what is known of the kind under the cursor.
func (p drawing) kindDetail(f *fields.Field, k fields.KindCount, say func(label, s string)) {
	say("field", f.Name()+" as "+k.Kind.String())
	say("in", text.Count(k.Count)+" of "+text.Count(f.Values)+" values")
	say("such as", exampleOfKind(f, k.Kind))
	say("seen", "from #"+text.Count(k.First.Global)+" ("+p.clock(k.First.Time)+") to #"+text.Count(k.Last.Global)+" ("+p.clock(k.Last.Time)+"), of those read")
	say("filter", f.OfKind(k.Kind))
}
