package kinds

import (
	"strings"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/story/fields/look"
	"github.com/evtui/evtui/internal/text"
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
	clock  *clock // the tab's
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

func newLearned(key kindOf, of *look.Look, now *clock, finder *kit.Finder) *learned {
	o := &learned{key: key, clock: now}
	o.rows = kit.NewList(kit.ListOptions[*line]{Columns: lineColumns(), Over: kindRow, Finder: finder, Same: (*line).same})
	o.told = kit.NewList(kit.ListOptions[*told]{
		NoHeader: true, Finder: finder, Same: (*told).same,
		Columns: []kit.Column[*told]{{Title: "change", Min: 20, Flex: 1, Cell: o.changeCell}},
	})
	o.sheet = sheet{list: &o.rows.Table, allowed: fieldsAllowed(), look: of, read: of.Progress()}
	return o
}

// hear takes what the engine told of.
func (o *learned) hear(list []heard) {
	o.heard = list
	o.lay()
}

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
	}
	if o.read = r.shown; !r.same {
		o.fields, o.merged, o.changes, o.more = r.fields, r.merged, r.changes, r.more
		o.lay()
	}
}

// lay picks the fields that the filter keeps, and lists the changes.
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

// currentKind is the kind under the cursor; ok is false where a whole field is.
func (o *learned) currentKind() (k fields.KindCount, ok bool) {
	l, _ := o.rows.Chosen()
	return l.kindCount()
}

// ofKind asks for the messages that are of the kind under the cursor, or that show the
// change under it, if that is one of kinds; "" for all messages of the type.
func (o *learned) ofKind() string {
	switch k, ok := o.currentKind(); {
	case o.on && o.change() != nil:
		return o.change().OfKind()
	case !o.on && ok:
		return o.current().OfKind(k.Kind)
	}
	return ""
}

// detailHeight is how many lines the field under the cursor has below the list.
const detailHeight = 6

// beside is how many lines of a tab of h the changes have, and what is known of the field
// under the cursor.
func (o *learned) beside(h int) (told, detail int) {
	if h >= 20 {
		detail = detailHeight
	}
	if h >= 8 {
		rows, _ := o.told.Len()
		told = min(rows, max((h-detail)/3, 2))
	}
	return told, detail
}

// copied is what a key copies of the row under the cursor, and what that is called;
// "" where it has no such thing.
func (o *learned) copied(a page.Action) (what, value string) {
	if o.on {
		return o.copiedChange(a)
	}
	f := o.current()
	if f == nil {
		return "", ""
	}
	if a == page.ActCopyPath {
		return "path", f.Name()
	}
	if k, ok := o.currentKind(); ok {
		return "example", example(f, k.Kind)
	}
	return "example", example(f)
}

// copiedChange is what a key copies where the changes have the keys: the path, of
// what is known to be of a field, or else the words.
func (o *learned) copiedChange(a page.Action) (what, value string) {
	row, ok := o.told.Chosen()
	switch {
	case !ok:
	case a != page.ActCopyPath:
		return "change", o.changeWords(row)
	case row.change != nil:
		return "path", row.change.Name()
	}
	return "", ""
}

// say has the list tell why it is empty.
func (o *learned) say(env *page.Env) {
	switch {
	case o.fault != "":
		o.list.SetUnread(o.fault)
	case o.find != "" && len(o.fields) > 0:
		o.list.SetEmpty("none of " + text.Count(int64(len(o.fields))) + " fields match; esc clears the filter")
	case o.busy() || o.read == look.Progress{}:
		o.list.SetUnread(env.Pending("reading"))
	case o.read.Read == 0:
		o.list.SetEmpty("no message of this type was found in those that were read")
	default:
		o.list.SetEmpty("the messages of this type have no fields: neither data nor metadata")
	}
}

// words say what was read, and what changed in it.
func (o *learned) words(t *page.Theme, w, h int) string {
	pen, said := t.Muted, o.progress(t, o.busy())
	switch {
	case o.fault != "" && o.read.Read > 0:
		pen, said = t.Warn, o.fault
	case len(o.changes) == 0 && o.read.Read > 0 && !o.busy():
		said += "; no changes in these"
	case len(o.changes)+len(o.heard) > 0:
		said = o.changesWords(h) + ": " + said
	}
	if o.merged {
		said += "; more fields than can be told apart: some are under *"
	}
	return pen.Paint(text.Fit(" "+text.Sanitize(said), w))
}

// changesWords count the changes that are listed, and say where a tab of h lines has no
// room for all of them.
func (o *learned) changesWords(h int) string {
	var parts []string
	if n := int64(len(o.changes) + o.more); n > 0 {
		parts = append(parts, text.Count(n)+" "+text.Plural(n, "change")+" in these")
	}
	if n := int64(len(o.heard)); n > 0 {
		parts = append(parts, text.Count(n)+" as the engine saw them")
	}
	said := strings.Join(parts, ", ")
	rows, _ := o.told.Len()
	if told, _ := o.beside(h); told > 0 && told < rows {
		said += " (" + o.told.Status() + ", tab leads there)"
	}
	return said
}

func (o *learned) changeCell(t *page.Theme, r *told) grid.Cell {
	pen := t.Muted
	if r.change != nil && r.change.What != fields.Rare {
		pen = t.Warn
	}
	return grid.Cell{Text: o.changeWords(r), Pen: pen}
}

func (o *learned) changeWords(r *told) string {
	switch {
	case r.change != nil:
		return r.change.Words(text.Count, o.clock.at)
	case r.heard != nil:
		return "the engine, " + o.clock.at(r.heard.at) + ": " + r.heard.words
	}
	return "and " + text.Count(int64(o.more)) + " more, which are not listed"
}

// detail is what is known of the field under the cursor, in h lines.
func (o *learned) detail(t *page.Theme, w, h int) []string {
	f := o.current()
	lines := []string{t.Border.Paint(strings.Repeat(t.Sym.Horizontal, w))}
	say := func(label, s string) {
		if s != "" && len(lines) < h {
			lines = append(lines, text.Fit(" "+t.Muted.Paint(text.Fit(label, 10))+t.Text.Paint(text.Truncate(text.Sanitize(s), max(w-12, 0))), w))
		}
	}
	if k, ok := o.currentKind(); ok {
		o.kindDetail(f, k, say)
	} else if f != nil {
		say("field", f.Name())
		say("in", text.Count(f.Present)+" of "+text.Count(f.Of)+" messages; "+kindCounts(f))
		if f.Least != "" {
			say("from, to", f.Least+"  "+t.Sym.Dots+"  "+f.Greatest)
		}
		say("such as", examples(f))
		say("seen", o.clock.seen(f.First, f.Last))
	}
	return append(lines, kit.BlankLines(w, h-len(lines))...)
}

// kindDetail is what is known of the kind under the cursor.
func (o *learned) kindDetail(f *fields.Field, k fields.KindCount, say func(label, s string)) {
	say("field", f.Name()+" as "+k.Kind.String())
	say("in", text.Count(k.Count)+" of "+text.Count(f.Values)+" values")
	say("such as", example(f, k.Kind))
	say("seen", o.clock.seen(k.First, k.Last))
	say("filter", f.OfKind(k.Kind))
}
