package kinds

import (
	"cmp"
	"strings"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/story/fields/look"
	"github.com/evtui/evtui/store"
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

	rows *kit.List[*line]
	told *kit.List[*told] // the changes, then what the engine told of
	on   bool             // the changes have the keys
}

// told is a row of what changed in a type: a change of the fields that were read, what the
// engine told of, or, with neither, that there are more changes.
type told struct {
	place  int // in the list
	change *fields.Change
	heard  *heard
}

func (r *told) same(o *told) bool { return r.place == o.place }

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
	o.rows = kit.NewList(kit.ListOptions[*line]{Columns: d.fieldColumns(), Over: d.kindRow, Finder: &p.finder, Same: (*line).same})
	o.told = kit.NewList(kit.ListOptions[*told]{
		NoHeader: true, Finder: &p.finder, Same: (*told).same,
		Columns: []kit.Column[*told]{{Title: "change", Min: 20, Flex: 1, Cell: d.changeCell}},
	})
	o.list = &o.rows.Table
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
	o.fields, o.merged, o.changes, o.more = r.fields, r.merged, r.changes, r.more
	o.lay()
}

// lay picks the fields that the filter keeps. The cursor stays on its row.
func (o *learned) lay() {
	var rows []*line
	needle := []byte(strings.ToLower(o.find))
	for i := range o.fields {
		if f := &o.fields[i]; kit.ContainsFold([]byte(f.Name()), needle) {
			rows = append(rows, linesOf(f)...)
		}
	}
	o.rows.SetRows(rows)
	var list []*told
	for i := range o.changes {
		list = append(list, &told{place: len(list), change: &o.changes[i]})
	}
	for i := range o.heard {
		list = append(list, &told{place: len(list), heard: &o.heard[i]})
	}
	if o.more > 0 {
		list = append(list, &told{place: len(list)})
	}
	o.told.SetRows(list)
	o.on = o.on && len(list) > 0
}

// current is the field under the cursor, or whose kind is; nil when there is none.
func (o *learned) current() *fields.Field {
	if l, ok := o.rows.Chosen(); ok {
		return l.of
	}
	return nil
}

// change is the change under the cursor, nil when there is none.
func (o *learned) change() *fields.Change {
	if row, ok := o.told.Chosen(); ok {
		return row.change
	}
	return nil
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
