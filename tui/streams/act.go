package streams

import (
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (p *streams) act(t *page.Turn, a page.Action) {
	switch {
	case p.picker != nil:
		p.choose(t, a)
	case p.compare.On() && p.compare.Act(a):
	case p.open != nil:
		if !p.open.Act(t, a) {
			p.actInMessage(t, a)
		}
	case p.lanes != nil:
		p.actInLanes(t, a)
	default:
		p.actInList(t, a)
	}
}

// choose hands an action to the columns being chosen.
func (p *streams) choose(t *page.Turn, a page.Action) {
	done, taken := p.picker.Act(t, a)
	if taken {
		p.way.show(p.picker.Chosen)
	}
	if done {
		p.picker = nil
	}
}

func (p *streams) actInList(t *page.Turn, a page.Action) {
	top := p.way.top()
	if top.hunt != nil {
		top.hunt = nil // whoever goes on by hand does not want to be taken away
		if a == page.ActOut {
			return
		}
	}
	if needsWhole(a) && p.way.needs(t, func(t *page.Turn) { p.act(t, a) }) {
		return
	}
	if top.read {
		top.key = "" // the row that the cursor was to go to: the user went on
	}
	switch a {
	case page.ActOpen, page.ActNextPane:
		p.enter(t)
	case page.ActOut, page.ActPrevPane:
		p.out(t)
	case page.ActCancelUI:
		top.toEnd = false
		top.halt()
		p.export.Cancel()
	case page.ActLeft, page.ActRight:
		p.sideways(t, a)
	case page.ActBottom:
		if p.way.end() {
			t.Leave(p.Spot())
			p.way.toOtherEnd(t)
		}
	case page.ActTop:
		p.way.home(t)
	case page.ActOrder:
		p.way.turn(t)
	case page.ActMessages:
		p.way.allMessages(t)
	case page.ActWrap:
		p.panes.fullName = !p.panes.fullName
	case page.ActSort:
		p.way.top().sort.Ask(t, p.way.top().grid)
	case page.ActMark:
		top.mark()
	case page.ActColumns:
		at, _ := p.way.wholes()
		p.picker = kit.NewPicker(p.way.paths, at)
	case page.ActNextTab, page.ActPrevTab:
		p.tabs.turn(t, a)
	case page.ActRefresh:
		top.again()
		top.pull(t)
	default:
		if !kit.MoveGrid(top.grid, a) {
			p.common(t, a)
		}
	}
}

// actInMessage does what concerns the message and its neighbours.
func (p *streams) actInMessage(t *page.Turn, a page.Action) {
	switch a {
	case page.ActOut:
		p.out(t)
	case page.ActNext, page.ActPrevious:
		p.step(t, a == page.ActPrevious)
	case page.ActNextMatch, page.ActPrevMatch:
		p.open.NextMatch(a == page.ActPrevMatch)
	default:
		p.common(t, a)
	}
}

// common is what works in lists and messages alike.
func (p *streams) common(t *page.Turn, a page.Action) {
	switch a {
	case page.ActSearch:
		t.Prompt(page.Prompt{ID: "search", Label: "search", Hint: "search the whole list; rows not read yet are read", Text: "", Live: true})
	case page.ActFilter:
		p.askFilter(t)
	case page.ActNextMatch:
		p.way.top().search(t, p.query, 1, false)
	case page.ActPrevMatch:
		p.way.top().search(t, p.query, -1, false)
	case page.ActGoPosition:
		t.Prompt(page.Prompt{ID: "position", Label: "position", Hint: "88120"})
	case page.ActGoTime:
		t.Prompt(page.Prompt{ID: "time", Label: "time", Hint: "14:02:07, -5m, 2026-01-15 10:30"})
	case page.ActTail:
		p.drawing().tail(t)
	case page.ActExport:
		p.exportTo(t)
	case page.ActEdit:
		p.writing.edit(t, p.drawing().message(), p.way.top().current())
	case page.ActAppend:
		p.writing.draft.Begin(t, p.drawing().stream(), nil)
	case page.ActAppendCopy:
		if m := p.drawing().message(); m != nil {
			p.writing.draft.Begin(t, m.Stream, m)
		}
	case page.ActGoStream, page.ActGoCategory:
		p.drawing().goNear(t, a)
	case page.ActCompare:
		if m := p.drawing().message(); m != nil {
			p.compare.Mark(t, m)
		}
	case page.ActGoProcess, page.ActLanes, page.ActGoCauses:
		if m := p.drawing().message(); m != nil {
			kit.OnMessage(t, a, m, true)
		}
	case page.ActCopyID, page.ActCopyValue, page.ActCopyStream, page.ActCopyCurl, page.ActCopyView:
		p.drawing().copyValue(t, a)
	}
}

// Message implements [page.Messaged].
func (p *streams) Message() *store.Message {
	if p.tabs.open != nil {
		return p.tabs.open.message()
	}
	return p.drawing().message()
}

// message is the one that is open or under the cursor, nil when there is none,
// or when it is not at hand whole.
func (p drawing) message() *store.Message {
	switch {
	case p.open != nil:
		return p.open.M
	case p.lanes != nil:
		return p.lanes.current()
	}
	if b := p.way.brief(); b != nil {
		return p.way.whole.message(b)
	}
	return nil
}

// goNear goes to the stream or the category of the message that is open or under
// the cursor.
func (p drawing) goNear(t *page.Turn, a page.Action) {
	if m := p.message(); m != nil {
		kit.OnMessage(t, a, m, true)
	} else if b := p.way.brief(); b != nil {
		kit.OnMessage(t, a, b.Head(), false)
	}
}

// step shows the next message of the list, or of the lanes, or the one before.
func (p *streams) step(t *page.Turn, back bool) {
	n := 1
	if back {
		n = -1
	}
	if p.lanes != nil {
		p.lanes.grid.Move(n)
		p.open.Show(p.lanes.current())
		return
	}
	p.way.top().grid.Move(n)
	show := func(*page.Turn) {
		if b := p.way.brief(); b != nil && p.open != nil && p.lanes == nil {
			p.open.Show(p.way.whole.message(b))
		}
	}
	if !p.way.needs(t, show) {
		show(t)
	}
}

// sideways goes in and out where rows are names, and scrolls where they are
// longer than the screen.
func (p *streams) sideways(t *page.Turn, a page.Action) {
	switch {
	case p.way.top().of.kind == listMessages:
		kit.MoveGrid(p.way.top().grid, a)
	case a == page.ActRight:
		p.enter(t)
	default:
		p.out(t)
	}
}

func (p drawing) tail(t *page.Turn) {
	l := page.Location{Page: page.Tail, Category: p.drawing().category()}
	l.All = l.Category == ""
	t.Go(l)
}

// category is the one that we are in or on; "" for the whole namespace.
func (p drawing) category() string {
	top := p.way.top()
	if p.open != nil {
		return store.Category(p.open.M.Stream)
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

// Bindings implements [page.Pane].
func (p *streams) Bindings() []page.Binding {
	switch {
	case p.tabs.open != nil:
		return p.tabs.open.bindings()
	case p.picker != nil:
		return p.picker.Bindings()
	case p.compare.On():
		return p.compare.Bindings()
	case p.open != nil:
		return append(p.drawing().messageBindings(), page.Movement()...)
	case p.lanes != nil:
		return p.lanes.bindings()
	}
	b := []page.Binding{page.Bind(page.ActOpen, "open the row under the cursor", "open"), page.Bind(page.ActOut, "", "out")}
	var of source // of the namespaces, before there are lists
	if len(p.way.stack) > 0 {
		of = p.way.top().of
	}
	if len(of.tabs()) > 0 {
		b = append(b, tabBindings()...)
	}
	kind := of.kind
	switch kind {
	case listStreams:
		b = append(b, page.Bind(page.ActFilter, "filter the streams by prefix", "prefix"),
			page.Bind(page.ActMessages, "", "all messages"))
	case listMessages:
		b = append(b, page.Bind(page.ActFilter, kit.FilterHelp, "filter"),
			page.Bind(page.ActOrder, "", "order"), page.Bind(page.ActGoPosition, "", "go to"), page.Bind(page.ActCompare, "", "compare"),
			page.Bind(page.ActLanes, "", "lanes"), page.Bind(page.ActGoCauses, "", ""), page.Bind(page.ActColumns, "", "columns"),
			page.Bind(page.ActCopyID, "", "copy"), page.Bind(page.ActCopyValue, "copy the data", ""))
	case listCategories:
		b = append(b, page.Bind(page.ActFilter, "", "filter"), page.Bind(page.ActMessages, "", "all messages"))
	default:
		b = append(b, page.Bind(page.ActFilter, "", "filter"), page.Bind(page.ActMessages, "", ""))
	}
	if kind != listMessages {
		b = append(b, page.Bind(page.ActGoPosition, "go to a global position", ""))
	}
	b = append(b, page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActSort, "", "sort"), page.Bind(page.ActWrap, "show the name under the cursor whole, or not", ""), page.Bind(page.ActTail, "", "tail"), page.Bind(page.ActMark, "", "mark"),
		page.Bind(page.ActExport, "export the marked messages, else the filtered list", "export"), page.Bind(page.ActGoTime, "", ""), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""),
		page.Bind(page.ActRefresh, "", ""), page.Bind(page.ActNextPane, "into the preview", ""), page.Bind(page.ActPrevPane, "back to the outer list", ""),
		page.Bind(page.ActLeft, "back, or scroll left", ""), page.Bind(page.ActRight, "open, or scroll right", ""),
		page.Bind(page.ActEdit, "", ""), page.Bind(page.ActAppend, "", ""),
		page.Bind(page.ActCopyStream, "copy the name", ""), page.Bind(page.ActCopyCurl, "", ""), page.Bind(page.ActCopyView, "", ""))
	if kind == listMessages {
		b = append(b, page.Bind(page.ActAppendCopy, "", ""), page.Bind(page.ActGoStream, "", ""), page.Bind(page.ActGoCategory, "", ""))
		return append(append(b, page.Movement()...), page.Bind(page.ActGoProcess, "", ""))
	}
	return append(b, page.Movement()...)
}

func (p drawing) messageBindings() []page.Binding {
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
