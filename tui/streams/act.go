package streams

import (
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (p *streams) act(t *page.Turn, a page.Action) {
	switch {
	case p.front.act(t, a):
	case p.front.open != nil:
		p.actInMessage(t, a)
	case p.front.lanes != nil:
		p.actInLanes(t, a)
	default:
		p.actInList(t, a)
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
		p.front.cover.Picker = kit.NewPicker(p.way.paths, at)
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
		p.front.step(t, a == page.ActPrevious)
	case page.ActNextMatch, page.ActPrevMatch:
		p.front.open.NextMatch(a == page.ActPrevMatch)
	default:
		p.common(t, a)
	}
}

func (p *streams) actInLanes(t *page.Turn, a page.Action) {
	switch a {
	case page.ActOut:
		p.out(t)
	case page.ActOpen:
		if m := p.front.lanes.current(); m != nil {
			p.front.open = kit.NewMessage(m)
		}
	case page.ActExport, page.ActCompare, page.ActGoStream, page.ActGoCategory, page.ActGoProcess, page.ActGoCauses, page.ActLanes,
		page.ActCopyValue, page.ActCopyID, page.ActCopyStream, page.ActCopyCurl, page.ActCopyView:
		p.common(t, a)
	default:
		p.front.lanes.act(t, a)
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
		category := p.front.category()
		t.Go(page.Location{Page: page.Tail, Category: category, All: category == ""})
	case page.ActExport:
		p.exportTo(t)
	case page.ActEdit:
		p.writing.edit(t, p.front.message(), p.way.top().current())
	case page.ActAppend:
		p.writing.draft.Begin(t, p.front.stream(), nil)
	case page.ActAppendCopy:
		if m := p.front.message(); m != nil {
			p.writing.draft.Begin(t, m.Stream, m)
		}
	case page.ActGoStream, page.ActGoCategory:
		p.front.goNear(t, a)
	case page.ActCompare:
		if m := p.front.message(); m != nil {
			p.front.cover.Compare.Mark(t, m)
		}
	case page.ActGoProcess, page.ActLanes, page.ActGoCauses:
		if m := p.front.message(); m != nil {
			kit.OnMessage(t, a, m, true)
		}
	case page.ActCopyID, page.ActCopyValue, page.ActCopyStream, page.ActCopyCurl, page.ActCopyView:
		p.front.copyValue(t, a)
	}
}

// Message implements [page.Messaged].
func (p *streams) Message() *store.Message {
	if p.tabs.open != nil {
		return p.tabs.open.message()
	}
	return p.front.message()
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

// Bindings implements [page.Pane].
func (p *streams) Bindings() []page.Binding {
	if p.tabs.open != nil {
		return p.tabs.open.bindings()
	}
	return p.front.bindings()
}

// bindings are the keys of a list.
func (s source) bindings() []page.Binding {
	b := []page.Binding{page.Bind(page.ActOpen, "open the row under the cursor", "open"), page.Bind(page.ActOut, "", "out")}
	if len(s.tabs()) > 0 {
		b = append(b, tabBindings()...)
	}
	switch s.kind {
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
	if s.kind != listMessages {
		b = append(b, page.Bind(page.ActGoPosition, "go to a global position", ""))
	}
	b = append(b, page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActSort, "", "sort"), page.Bind(page.ActWrap, "show the name under the cursor whole, or not", ""), page.Bind(page.ActTail, "", "tail"), page.Bind(page.ActMark, "", "mark"),
		page.Bind(page.ActExport, "export the marked messages, else the filtered list", "export"), page.Bind(page.ActGoTime, "", ""), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""),
		page.Bind(page.ActRefresh, "", ""), page.Bind(page.ActNextPane, "into the preview", ""), page.Bind(page.ActPrevPane, "back to the outer list", ""),
		page.Bind(page.ActLeft, "back, or scroll left", ""), page.Bind(page.ActRight, "open, or scroll right", ""),
		page.Bind(page.ActEdit, "", ""), page.Bind(page.ActAppend, "", ""),
		page.Bind(page.ActCopyStream, "copy the name", ""), page.Bind(page.ActCopyCurl, "", ""), page.Bind(page.ActCopyView, "", ""))
	if s.kind == listMessages {
		b = append(b, page.Bind(page.ActAppendCopy, "", ""), page.Bind(page.ActGoStream, "", ""), page.Bind(page.ActGoCategory, "", ""))
		return append(append(b, page.Movement()...), page.Bind(page.ActGoProcess, "", ""))
	}
	return append(b, page.Movement()...)
}
