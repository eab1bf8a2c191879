package streams

import (
	"slices"
	"strconv"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// front is what has the keys: the innermost list, or what was opened before it, which is
// columns that are chosen, a difference, a message, or lanes.
type front struct {
	way   *way         // shared with the page: the lists
	open  *kit.Message // the message that is open; nil while the innermost list has the keys
	cover kit.Cover
	lanes *lanes // open, with the keys unless a message is
}

// clear leaves the list, and the first message of a comparison, which may wait for one
// that is elsewhere.
func (f *front) clear() {
	f.open, f.cover.Picker, f.lanes = nil, nil, nil
	if f.cover.On() {
		f.cover.Compare.Close()
	}
}

// covers reports whether nothing of the lists, nor of their message, is seen.
func (f *front) covers() bool {
	return f.cover.On() || f.lanes != nil && f.open == nil
}

// view draws what covers the lists in exactly h lines of w cells, which may be drawn over.
func (f *front) view(env page.Env, w, h int) []string {
	if f.cover.On() {
		return f.cover.Lines(env, w, h)
	}
	return slices.Clone(f.lanes.view(env, w, h))
}

// scroll moves what is seen by n lines.
func (f *front) scroll(n int) {
	switch {
	case f.cover.On():
		f.cover.Scroll(n)
	case f.open != nil:
		f.open.Active().Scroll(n)
	case f.lanes != nil:
		f.lanes.grid.Scroll(n)
	default:
		f.way.top().grid.Scroll(n)
	}
}

// act does what the columns, the difference or the message can, and reports whether
// they did.
func (f *front) act(t *page.Turn, a page.Action) bool {
	return f.cover.Act(t, a, f.way.show) || f.open != nil && f.open.Act(t, a)
}

// out closes the innermost of what is open, and reports whether something was.
func (f *front) out(t *page.Turn) bool {
	switch {
	case f.open != nil:
		f.open = nil
	case f.lanes != nil && f.lanes.came != nil:
		t.Return(f.lanes.came)
	case f.lanes != nil:
		f.lanes = nil
	case f.cover.Compare.Left != nil:
		f.cover.Compare.Close()
	default:
		return false
	}
	return true
}

// restart begins again with lanes that were not read to the end.
func (f *front) restart(t *page.Turn) {
	if f.lanes != nil && !f.lanes.done {
		came := f.lanes.came
		f.lanes = newLanes(t, f.way.next(), f.lanes.opened)
		f.lanes.came = came
	}
}

// bindings are the keys of what is in front, else of the list.
func (f *front) bindings() []page.Binding {
	switch {
	case f.cover.On():
		return f.cover.Bindings()
	case f.open != nil:
		return append(messageBindings(), page.Movement()...)
	case f.lanes != nil:
		return f.lanes.bindings()
	case len(f.way.stack) == 0:
		return source{}.bindings() // of the namespaces, before there are lists
	}
	return f.way.top().of.bindings()
}

// crumbs are the way, with what is in front at its end.
func (f *front) crumbs() []string {
	out := f.way.crumbs()
	if f.lanes != nil {
		out = append(out, "lanes of "+f.lanes.process)
	}
	switch {
	case f.cover.On():
		crumb, _ := f.cover.Status()
		out = append(out, crumb)
	case f.open != nil:
		out = append(out, f.open.Crumb())
	}
	return out
}

// chips are of the lanes, else of the list.
func (f *front) chips() (out []string) {
	if chip := f.cover.Compare.Chip(); chip != "" {
		out = append(out, chip)
	}
	if f.lanes != nil {
		return append(out, f.lanes.chips()...)
	}
	return append(out, f.way.top().chips()...)
}

// count says how much there is of what is in front.
func (f *front) count() string {
	l, estimated := f.way.top(), f.way.estimates()
	switch {
	case f.cover.On():
		_, count := f.cover.Status()
		return count
	case f.lanes != nil:
		return f.lanes.count()
	case f.open != nil:
		return text.Count(int64(l.grid.Cursor()+1)) + " of " + l.rowCount(estimated)
	}
	return l.count(estimated)
}

// message is the one that is open or under the cursor, nil when there is none,
// or when it is not at hand whole.
func (f *front) message() *store.Message {
	switch {
	case f.open != nil:
		return f.open.M
	case f.lanes != nil:
		return f.lanes.current()
	}
	if b := f.way.brief(); b != nil {
		return f.way.whole.message(b)
	}
	return nil
}

// step shows the next message of the list, or of the lanes, or the one before.
func (f *front) step(t *page.Turn, back bool) {
	n := 1
	if back {
		n = -1
	}
	if f.lanes != nil {
		f.lanes.grid.Move(n)
		f.open.Show(f.lanes.current())
		return
	}
	f.way.top().grid.Move(n)
	show := func(*page.Turn) {
		if b := f.way.brief(); b != nil && f.open != nil && f.lanes == nil {
			f.open.Show(f.way.whole.message(b))
		}
	}
	if !f.way.needs(t, show) {
		show(t)
	}
}

// reopen opens a message again, which never changes, and is read where it was
// let go of. Without one it does nothing.
func (f *front) reopen(t *page.Turn, b *kit.Brief) {
	if b == nil {
		return
	}
	if m := f.way.whole.message(b); m != nil {
		f.open = kit.NewMessage(m)
		return
	}
	top := f.way.top()
	f.way.readWhole(t, b, func(*page.Turn) {
		if f.way.top() == top {
			f.open = kit.NewMessage(f.way.whole.m)
		}
	})
}

// stream is the one that we are in or on; "" for none.
func (f *front) stream() string {
	if m := f.message(); m != nil {
		return m.Stream
	}
	if b := f.way.brief(); b != nil {
		return b.Stream
	}
	if s, ok := f.way.top().current().(*store.Stream); ok {
		return s.Name
	}
	return f.way.top().of.stream
}

// category is the one that we are in or on; "" for the whole namespace.
func (f *front) category() string {
	top := f.way.top()
	if f.open != nil {
		return store.Category(f.open.M.Stream)
	}
	switch r := top.current().(type) {
	case *store.CategoryCount:
		return r.Category
	case *store.Stream:
		return store.Category(r.Name)
	}
	if top.of.stream != "" {
		return store.Category(top.of.stream)
	}
	return top.of.category
}

// goNear goes to the stream or the category of the message that is open or under
// the cursor.
func (f *front) goNear(t *page.Turn, a page.Action) {
	if m := f.message(); m != nil {
		kit.OnMessage(t, a, m, true)
	} else if b := f.way.brief(); b != nil && f.lanes == nil {
		kit.OnMessage(t, a, b.Head(), false)
	}
}

// copyValue puts what the cursor is on into the clipboard, in the form asked for.
func (f *front) copyValue(t *page.Turn, a page.Action) {
	m, b := f.message(), f.way.brief()
	switch {
	case a == page.ActCopyView:
		t.Copy("this view as a command", f.command(t.Env))
	case m != nil:
		kit.OnMessage(t, a, m, true)
	case b != nil && f.lanes == nil:
		kit.OnMessage(t, a, b.Head(), false)
	case a == page.ActCopyCurl:
		t.Copy("a curl call for the list", f.way.top().of.curl(t.Env))
	default:
		copyName(t, f.way.top().current())
	}
}

// command is the list, or the message, as a command that shows the same.
func (f *front) command(env page.Env) string {
	top := f.way.top()
	switch {
	case f.open != nil:
		m := f.open.M
		return kit.Command(env, "messages", m.Stream, "--from", strconv.FormatInt(m.Position, 10), "--limit", "1", "-o", "json")
	case f.lanes != nil:
		s := source{kind: listMessages, process: f.lanes.process, oldest: true}
		return s.command(env, f.way.paths)
	}
	return top.of.command(env, top.table.chosen)
}

// exported is what is to be written, and what its file is called: what is open, else
// what is marked, else the list as it is filtered.
func (f *front) exported() (of kit.MessagesOf, name string) {
	top := f.way.top()
	switch {
	case f.open != nil:
		m := f.open.M
		return kit.Given([]*store.Message{m}), m.Stream + kit.CrumbOf(m)
	case f.lanes != nil:
		return kit.Given(f.lanes.messages()), "lanes-" + f.lanes.process
	case len(top.marks) > 0:
		return top.marks.messages(top.of.namespace), "marked"
	}
	listed := top.of
	name = listed.name()
	if r, ok := top.current().(*namespaceRow); ok {
		listed.namespace, name = r.ID, r.ID
	}
	return listed.each, name
}

func messageBindings() []page.Binding {
	return []page.Binding{
		page.Bind(page.ActOut, "back to the messages", "out"), page.Bind(page.ActPrevious, "", "previous"), page.Bind(page.ActNext, "", "next"),
		page.Bind(page.ActOpen, "fold or unfold", "fold"), page.Bind(page.ActFold, "", ""), page.Bind(page.ActFoldAll, "", ""),
		page.Bind(page.ActRaw, "", "raw"), page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActNextPane, "to the metadata, or back", "metadata"),
		page.Bind(page.ActPrevPane, "to the metadata, or back", ""), page.Bind(page.ActWrap, "", ""), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""),
		page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""),
		page.Bind(page.ActEdit, "", "edit"), page.Bind(page.ActAppend, "", ""), page.Bind(page.ActAppendCopy, "", ""),
		page.Bind(page.ActCompare, "", "compare"), page.Bind(page.ActLanes, "", "lanes"), page.Bind(page.ActGoCauses, "", ""), page.Bind(page.ActGoProcess, "", ""),
		page.Bind(page.ActGoStream, "", ""), page.Bind(page.ActGoCategory, "", ""), page.Bind(page.ActTail, "tail its category", ""), page.Bind(page.ActExport, "export the message", ""),
		page.Bind(page.ActCopyValue, "", "copy"), page.Bind(page.ActCopyID, "", ""), page.Bind(page.ActCopyStream, "", ""),
		page.Bind(page.ActCopyPath, "", ""), page.Bind(page.ActCopyCurl, "", ""), page.Bind(page.ActCopyView, "", ""),
	}
}
