package kinds

import (
	"cmp"
	"slices"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
)

// line is a row of the fields: a field, or one of the kinds of a field whose values
// are of several.
type line struct {
	field int // of learned.fields
	kind  int // of what kindsOf says of it; -1: the field itself
}

// lines are the rows of fields: each, and below it its kinds where those differ.
func (o *learned) lines(shown []int) []line {
	out := o.rows[:0]
	for _, i := range shown {
		out = append(out, line{field: i, kind: -1})
		if n := len(o.fields[i].Kinds); n > 1 {
			for k := range n {
				out = append(out, line{field: i, kind: k})
			}
		}
	}
	return out
}

// kindsOf are a field's kinds, the most frequent first.
func kindsOf(f *fields.Field) []fields.KindCount {
	list := slices.Clone(f.Kinds)
	slices.SortStableFunc(list, func(a, b fields.KindCount) int { return -cmp.Compare(a.Count, b.Count) })
	return list
}

// currentKind is the kind under the cursor; ok is false where a whole field is.
func (o *learned) currentKind() (k fields.KindCount, ok bool) {
	row := o.grid.Cursor()
	if row < 0 || row >= len(o.rows) || o.rows[row].kind < 0 {
		return k, false
	}
	return kindsOf(&o.fields[o.rows[row].field])[o.rows[row].kind], true
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

// kindRow draws a kind of a field, below that.
func (p drawing) kindRow(f *fields.Field, k fields.KindCount, last bool, cells []grid.Cell) {
	t := p.theme
	rail := "├ "
	switch {
	case t.Sym.ASCII && last:
		rail = "` "
	case t.Sym.ASCII:
		rail = "+ "
	case last:
		rail = "└ "
	}
	pen := t.Muted
	if k.Kind != kindsOf(f)[0].Kind {
		pen = t.Warn
	}
	cells[colPath] = grid.Cell{Text: "  " + rail + k.Kind.String(), Pen: pen}
	cells[colKinds] = grid.Cell{Text: text.Count(k.Count), Pen: pen}
	cells[colExample] = grid.Cell{Text: exampleOfKind(f, k.Kind), Pen: t.Muted}
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
