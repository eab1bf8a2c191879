package streams

import (
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// way is the lists that lead to where the user is, the innermost last, and what
// the cursor is on there: the list that enter would open, or a message.
type way struct {
	stack   []*list
	ahead   *list           // what enter would open; nil when that is a message, or nothing
	preview *kit.Message    // the message under the cursor
	whole   whole           // messages that rows keep in part
	on      string          // key of the row that the cursor is on
	rested  bool            // the cursor stood still for a frame
	gen     uint64          // the newest generation: every list has one, and every other question of the page
	seeking uint64          // generation of the newest search for a place
	paths   []filter.Column // columns of messages, chosen by the user
}

// next is a generation that nothing has yet.
func (w *way) next() uint64 {
	w.gen++
	return w.gen
}

// begin opens the lists that lead into a namespace.
func (w *way) begin(namespace string) {
	w.moved()
	w.whole = whole{}
	namespaces := w.newList(source{kind: listNamespaces, namespace: namespace}, -1)
	namespaces.key = namespace
	w.stack = []*list{namespaces, w.newList(source{kind: listCategories, namespace: namespace}, -1)}
}

// moved forgets what the cursor was on: it is elsewhere.
func (w *way) moved() { w.ahead, w.preview, w.on = nil, nil, "" }

// top is the innermost list.
func (w *way) top() *list { return w.stack[len(w.stack)-1] }

func (w *way) newList(of source, total int64) *list {
	return newList(of, w.next(), total, w.paths)
}

// lists returns what is alive: the way and the preview.
func (w *way) lists() []*list {
	all := append([]*list(nil), w.stack...)
	if w.ahead != nil {
		all = append(all, w.ahead)
	}
	return all
}

// show makes columns of paths in all of them. A list that was read whole to be sorted by
// a column that has gone is read in the store's order again.
func (w *way) show(paths []filter.Column) {
	w.paths = paths
	for _, l := range w.lists() {
		l.show(paths)
	}
	for i, l := range w.stack {
		if l.before != nil {
			l.before.show(paths)
		}
		if l.of.gather && !l.sort.On {
			plain := w.newList(l.of.plain(), l.total)
			plain.came, plain.brought, plain.until = l.came, l.brought, l.face()
			if l.grid.Cursor() > 0 { // else nothing was chosen: the first row is what is wanted
				plain.key = rowKey(l.current())
			}
			w.stack[i] = plain
		}
	}
}

// reread opens the lists again at the places they show, since what was read is void.
func (w *way) reread() {
	w.whole.of, w.whole.then, w.whole.vain = nil, nil, ""
	for i, old := range w.stack {
		if old.of.whole() && old.read {
			old.askAgain(w.next())
			continue
		}
		fresh := w.newList(old.of, old.total)
		fresh.key, fresh.find, fresh.sort = rowKey(old.current()), old.find, old.sort
		fresh.came, fresh.brought = old.came, old.brought
		fresh.sort.Show(fresh.grid)
		if m, ok := old.current().(*kit.Brief); ok && !old.of.whole() {
			at := old.of.placeOf(m.Position, m.GlobalPosition)
			fresh.seek, fresh.key = &at, ""
		}
		fresh.until = old.face()
		w.stack[i] = fresh
	}
	w.ahead, w.on = nil, ""
}

// into opens a list below the categories, whose cursor goes to the list's own.
func (w *way) into(of source, key string) {
	categories := w.newList(source{kind: listCategories, namespace: of.namespace}, -1)
	categories.key = of.category
	l := w.newList(of, -1)
	l.key = key
	w.stack = append(w.stack[:1], categories, l)
	w.moved()
}

// push goes into what the cursor is on.
func (w *way) push(t *page.Turn) {
	if w.ahead == nil {
		w.ahead = w.inner(w.top().current())
	}
	if w.ahead == nil {
		return
	}
	w.stack = append(w.stack, w.ahead)
	w.moved()
	w.top().pull(t)
}

// pop goes back to the list before.
func (w *way) pop() {
	w.ahead, w.preview = w.top(), nil
	w.stack = w.stack[:len(w.stack)-1]
	w.on, w.rested = rowKey(w.top().current()), true
}

// inner is the list that a row leads to; nil for messages and for no row.
func (w *way) inner(row any) *list {
	of := w.top().of
	switch r := row.(type) {
	case *namespaceRow:
		return w.newList(source{kind: listCategories, namespace: r.ID}, -1)
	case *everything, *store.CategoryCount:
		c := countOf(r)
		return w.newList(source{kind: listStreams, namespace: of.namespace, category: c.Category}, c.StreamCount)
	case *store.Stream:
		return w.newList(source{kind: listMessages, namespace: of.namespace, category: of.category, stream: r.Name}, r.Version+1)
	}
	return nil
}

// replace shows something else in the place of the innermost list.
func (w *way) replace(t *page.Turn, of source) *list {
	l := w.newList(of, w.top().total)
	l.came, l.brought = w.top().came, w.top().brought
	w.stack[len(w.stack)-1] = l
	w.moved()
	l.pull(t)
	return l
}

// allMessages shows the messages of a category, or of all streams, in their
// global order.
func (w *way) allMessages(t *page.Turn) {
	top := w.top()
	of := source{kind: listMessages, namespace: top.of.namespace, category: top.of.category}
	total := int64(-1)
	if r := countOf(top.current()); r != nil {
		of.category, total = r.Category, r.MessageCount
	}
	switch top.of.kind {
	case listNamespaces:
		w.into(source{kind: listMessages, namespace: t.Namespace}, "")
		return
	case listMessages:
		return
	case listStreams:
		total = w.countOf(of.category)
	}
	w.ahead = w.newList(of, total)
	w.push(t)
}

// countOf is how many messages a category has, or with "" the namespace, as the
// list of categories says; -1 when it does not.
func (w *way) countOf(category string) int64 {
	for _, l := range w.stack {
		for _, row := range l.all {
			if r := countOf(row); r != nil && r.Category == category {
				return r.MessageCount
			}
		}
	}
	return -1
}

// estimates reports whether the counts that the list of categories has are estimates.
func (w *way) estimates() bool {
	for _, l := range w.stack {
		if len(l.all) > 0 && isEverything(l.all[0]) && countOf(l.all[0]).Estimated {
			return true
		}
	}
	return false
}

// turn turns the order of messages.
func (w *way) turn(t *page.Turn) {
	of := w.top().of.plain()
	if of.kind != listMessages {
		return
	}
	of.oldest = !of.oldest
	w.replace(t, of)
}

// home goes to the first row; there already, to the real start of a list that
// was opened in the middle.
func (w *way) home(t *page.Turn) {
	top := w.top()
	top.toEnd = false
	if top.news.rows > 0 && top.of.newestFirst() {
		top.news.mode, top.next = freshFirst, time.Time{}
		top.pull(t)
	}
	if top.of.from > 0 && top.grid.Cursor() <= 0 {
		of := top.of
		of.from, of.since = 0, time.Time{}
		w.replace(t, of)
		return
	}
	top.grid.Home()
}

// walkRows is how many rows more are read to come to the last one. Of a list
// of messages that may have more the order is turned instead.
const walkRows = 2000

// end goes to the last row, and reports whether that is further than reading goes
// on by itself: toOtherEnd has it at once.
func (w *way) end() (far bool) {
	top := w.top()
	top.grid.End()
	top.toEnd = !top.of.whole() && !top.pager.done
	rows, _ := top.grid.Len()
	near := top.total >= int64(rows) && !top.of.sifts() && top.of.from == 0 && top.total-int64(rows) <= walkRows
	return top.toEnd && !near && top.of.kind == listMessages
}

// toOtherEnd turns the order: the last of a long list of messages is the first in
// the other one.
func (w *way) toOtherEnd(t *page.Turn) {
	of := w.top().of
	of.oldest, of.from, of.since = !of.oldest, 0, time.Time{}
	w.replace(t, of).turned = true
	order := "newest"
	if of.oldest {
		order = "oldest"
	}
	t.Toast(page.LevelInfo, "the order is turned: %s first; o turns it back", order)
}

// follow makes the preview that of the row under the cursor, and asks at once
// for what a move has brought into view. Of an open message the preview is the
// same; what is held does not move.
func (w *way) follow(t *page.Turn, open *kit.Message, held bool) {
	top := w.top()
	top.held = held
	row := top.current()
	if b, ok := row.(*kit.Brief); ok {
		w.followMessage(b, open)
	} else if on := rowKey(row); on != w.on || row == nil {
		w.preview = nil
		w.rested, w.on, w.ahead = false, on, w.inner(row)
	}
	top.pullOn(t)
}

// followMessage makes the preview the message of a row, as soon as that is at
// hand.
func (w *way) followMessage(b *kit.Brief, open *kit.Message) {
	m := w.whole.message(b)
	w.ahead = nil
	switch {
	case m == nil:
		w.preview = nil
	case open != nil && open.M == m:
		w.preview = open
	case w.preview == nil, w.preview == open:
		w.preview = kit.NewMessage(m)
	case w.preview.M != m:
		w.preview.Show(m)
	}
	if on := rowKey(b); on != w.on {
		w.rested, w.on = false, on
	}
}

// brief is the row under the cursor, nil when it is not a message's.
func (w *way) brief() *kit.Brief {
	b, _ := w.top().current().(*kit.Brief)
	return b
}

// place is what the innermost list is of, with the message under its cursor.
func (w *way) place() page.Location {
	of := w.top().of
	l := page.Location{Page: page.Streams, Namespace: of.namespace, Category: of.category, Stream: of.stream}
	if b := w.brief(); b != nil && of.stream != "" {
		l.Position, l.HasPosition, l.GlobalPosition = b.Position, true, b.GlobalPosition
	}
	return l
}

// crumbs name the lists.
func (w *way) crumbs() []string {
	out := []string{"namespaces"}
	for _, l := range w.stack[1:] {
		switch of := l.of; {
		case of.kind == listCategories:
			out = append(out, of.namespace)
		case of.stream != "":
			out = append(out, of.stream)
		case of.process != "":
			out = append(out, "correlation "+of.process)
		case of.kind == listMessages:
			out = append(out, named(of.category)+" messages")
		default:
			out = append(out, named(of.category))
		}
	}
	return out
}

func named(category string) string {
	if category == "" {
		return "all streams"
	}
	return category
}
