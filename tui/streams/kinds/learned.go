package kinds

import (
	"cmp"
	"strings"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/story/fields/look"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// fieldsAllowed is what is read for fields without being told to go on.
func fieldsAllowed() look.Allowance { return look.Allowance{Messages: 2_000, Looked: 100_000} }

// learned is what was learned of one type's messages.
type learned struct {
	sheet
	key    kindOf
	fields []fields.Field
	merged bool

	changes []fields.Change
	more    int
	heard   []heard // what the engine told of, newest first

	rows []line     // in the order that is shown
	told *grid.Grid // the changes
	on   bool       // the changes have the keys
}

// learn opens the fields of a type.
func (p *kinds) learn(t *page.Turn, key kindOf) {
	o := &learned{key: key, sheet: sheet{allowed: fieldsAllowed()}, heard: p.heard[key]}
	var count store.TypeCount // of what was counted so far there may be more before it
	for i := range p.counts.Types {
		if kindOfCount(&p.counts.Types[i]) == key && p.refused == "" && p.counts.Counted >= p.counts.Messages {
			count = p.counts.Types[i]
		}
	}
	o.look = look.Fields(p.at.Namespace, cmp.Or(p.at.Category, key.category), key.name, t.At, count)
	o.read = o.look.Progress()
	d := p.drawing()
	o.grid = grid.New(grid.Options{Row: d.fieldRow, Columns: fieldColumns()})
	o.told = grid.New(grid.Options{Row: d.changeRow, NoHeader: true, Columns: []grid.Column{{Title: "change", Min: 20, Flex: 1}}})
	for _, g := range []*grid.Grid{o.grid, o.told} {
		if p.theme.Serial != 0 {
			kit.RestyleGrid(g, p.theme)
		}
	}
	p.open = o
	o.lay()
	o.ask(t, &p.gen)
}

// busy reports whether older messages are being read.
func (o *learned) busy() bool { return o.older() && o.fault == "" }

// ask has the messages read on, and what is new once in a while.
func (o *learned) ask(t *page.Turn, gen *uint64) {
	if !o.due(t) {
		return
	}
	before := o.read
	o.turn(t, gen, func(l *look.Look, r *lookReply) {
		if r.same = r.shown.Read == before.Read && before.Read > 0; !r.same {
			r.fields, r.merged = l.Set().Fields(), l.Set().Merged()
			r.changes, r.more = l.Set().Changes()
		}
	})
}

func (o *learned) replied(t *page.Turn, msg page.Reply) {
	r, ok := o.answered(msg, "this server cannot look up times")
	if !ok {
		return
	}
	if r.same && r.shown == o.read {
		t.Same()
		return
	}
	o.read = r.shown
	if r.same {
		return
	}
	stay := kit.Stay(o.grid, o.nameAt)
	o.fields, o.merged, o.changes, o.more = r.fields, r.merged, r.changes, r.more
	o.lay()
	stay()
}

// lay picks the fields that the filter keeps, and orders them.
func (o *learned) lay() {
	var shown []int
	needle := []byte(strings.ToLower(o.find))
	for i := range o.fields {
		if kit.ContainsFold([]byte(o.fields[i].Name()), needle) {
			shown = append(shown, i)
		}
	}
	kit.Sorted(o.by, shown, o.compare)
	o.rows = o.lines(shown)
	o.grid.SetLen(len(o.rows), false)
	o.grid.Changed()
	n := len(o.changes) + len(o.heard)
	if o.more > 0 {
		n++
	}
	o.told.SetLen(n, false)
	o.told.Changed()
	o.on = o.on && n > 0
}

func (o *learned) nameAt(row int) string {
	if row < 0 || row >= len(o.rows) || o.rows[row].field >= len(o.fields) {
		return ""
	}
	f, name := &o.fields[o.rows[row].field], ""
	if k := o.rows[row].kind; k >= 0 && k < len(f.Kinds) {
		name = kindsOf(f)[k].Kind.String() + " "
	}
	return name + f.Name()
}

// current is the field under the cursor, or whose kind is; nil when there is none.
func (o *learned) current() *fields.Field {
	if row := o.grid.Cursor(); row >= 0 && row < len(o.rows) {
		return &o.fields[o.rows[row].field]
	}
	return nil
}

// change is the change under the cursor, nil when there is none.
func (o *learned) change() *fields.Change {
	if row := o.told.Cursor(); row >= 0 && row < len(o.changes) {
		return &o.changes[row]
	}
	return nil
}

// compare orders two fields by a column of theirs.
func (o *learned) compare(a, b, column int) int {
	x, y := &o.fields[a], &o.fields[b]
	switch column {
	case colKinds:
		return strings.Compare(kindWords(x), kindWords(y))
	case colPresent:
		return cmp.Compare(x.Present, y.Present)
	case colDistinct:
		return cmp.Compare(x.Distinct, y.Distinct)
	case colLeast:
		return strings.Compare(x.Least, y.Least)
	case colGreatest:
		return strings.Compare(x.Greatest, y.Greatest)
	case colExample:
		return strings.Compare(exampleOf(x), exampleOf(y))
	}
	return strings.Compare(x.Name(), y.Name())
}

// kindWords names a field's kinds, the most frequent first.
func kindWords(f *fields.Field) string {
	list := kindsOf(f)
	names := make([]string, len(list))
	for i, k := range list {
		names[i] = k.Kind.String()
	}
	return strings.Join(names, ", ")
}

// exampleOf is a value that the field has, "" where it has none.
func exampleOf(f *fields.Field) string {
	if len(f.Examples) == 0 {
		return ""
	}
	return f.Examples[0].Value
}
