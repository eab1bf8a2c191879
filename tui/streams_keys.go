package tui

import (
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Bindings implements [page.Pane].
func (p *streams) Bindings() []page.Binding {
	switch {
	case p.picker != nil:
		return p.picker.Bindings()
	case p.compare.On():
		return p.compare.Bindings()
	case p.open != nil:
		return append(p.messageBindings(), page.Movement()...)
	case p.lanes != nil:
		return p.lanes.bindings()
	}
	b := []page.Binding{page.Bind(page.ActOpen, "open what the cursor is on", "open"), page.Bind(page.ActOut, "", "out")}
	kind := listNamespaces
	if len(p.stack) > 0 {
		kind = p.top().of.kind
	}
	switch kind {
	case listStreams:
		b = append(b, page.Bind(page.ActFilter, "keep the streams that begin with a prefix", "prefix"),
			page.Bind(page.ActMessages, "", "all messages"))
	case listMessages:
		b = append(b, page.Bind(page.ActFilter, kit.FilterHelp, "filter"),
			page.Bind(page.ActOrder, "", "order"), page.Bind(page.ActGoPosition, "", "go to"), page.Bind(page.ActCompare, "", "compare"),
			page.Bind(page.ActLanes, "", "lanes"), page.Bind(page.ActColumns, "", "columns"),
			page.Bind(page.ActCopyID, "", "copy"), page.Bind(page.ActCopyValue, "copy the data", ""))
	case listCategories:
		b = append(b, page.Bind(page.ActFilter, "", "filter"), page.Bind(page.ActMessages, "", "all messages"))
	default:
		b = append(b, page.Bind(page.ActFilter, "", "filter"), page.Bind(page.ActMessages, "", ""))
	}
	if kind != listMessages {
		b = append(b, page.Bind(page.ActGoPosition, "go to a global position", ""))
	}
	b = append(b, page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActTail, "", "tail"), page.Bind(page.ActMark, "", "mark"),
		page.Bind(page.ActExport, "export what is marked, else the list as it is filtered", "export"), page.Bind(page.ActGoTime, "", ""), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""),
		page.Bind(page.ActRefresh, "", ""), page.Bind(page.ActNextPane, "into the preview", ""), page.Bind(page.ActPrevPane, "back to the outer list", ""),
		page.Bind(page.ActLeft, "out, or scroll left", ""), page.Bind(page.ActRight, "in, or scroll right", ""),
		page.Bind(page.ActCopyStream, "copy the name", ""), page.Bind(page.ActCopyCurl, "", ""), page.Bind(page.ActCopyView, "", ""))
	if kind == listMessages {
		b = append(b, page.Bind(page.ActGoStream, "", ""), page.Bind(page.ActGoCategory, "", ""))
		return append(append(b, page.Movement()...), page.Bind(page.ActGoProcess, "", ""))
	}
	return append(b, page.Movement()...)
}

func (p *streams) messageBindings() []page.Binding {
	return []page.Binding{
		page.Bind(page.ActOut, "back to the messages", "out"), page.Bind(page.ActPrevious, "", "previous"), page.Bind(page.ActNext, "", "next"),
		page.Bind(page.ActOpen, "fold or unfold", "fold"), page.Bind(page.ActFold, "", ""), page.Bind(page.ActFoldAll, "", ""),
		page.Bind(page.ActRaw, "", "raw"), page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActNextPane, "to the metadata, or back", "metadata"),
		page.Bind(page.ActPrevPane, "to the metadata, or back", ""), page.Bind(page.ActWrap, "", ""), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""),
		page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""),
		page.Bind(page.ActCompare, "", "compare"), page.Bind(page.ActLanes, "", "lanes"), page.Bind(page.ActGoProcess, "", ""),
		page.Bind(page.ActGoStream, "", ""), page.Bind(page.ActGoCategory, "", ""), page.Bind(page.ActTail, "tail its category", ""), page.Bind(page.ActExport, "export the message", ""),
		page.Bind(page.ActCopyValue, "", "copy"), page.Bind(page.ActCopyID, "", ""), page.Bind(page.ActCopyStream, "", ""),
		page.Bind(page.ActCopyPath, "", ""), page.Bind(page.ActCopyCurl, "", ""), page.Bind(page.ActCopyView, "", ""),
	}
}
