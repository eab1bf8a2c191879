package tui

// Bindings implements [Pane].
func (p *streams) Bindings() []Binding {
	switch {
	case p.picker != nil:
		return p.picker.bindings()
	case p.compare.on():
		return p.compare.bindings()
	case p.open != nil:
		return append(p.messageBindings(), Movement()...)
	case p.lanes != nil:
		return p.lanes.bindings()
	}
	b := []Binding{Bind(ActOpen, "open what the cursor is on", "open"), Bind(ActOut, "", "out")}
	kind := listNamespaces
	if len(p.stack) > 0 {
		kind = p.top().of.kind
	}
	switch kind {
	case listStreams:
		b = append(b, Bind(ActFilter, "keep the streams that begin with a prefix", "prefix"),
			Bind(ActMessages, "", "all messages"))
	case listMessages:
		b = append(b, Bind(ActFilter, filterHelp, "filter"),
			Bind(ActOrder, "", "order"), Bind(ActGoPosition, "", "go to"), Bind(ActCompare, "", "compare"),
			Bind(ActLanes, "", "lanes"), Bind(ActColumns, "", "columns"),
			Bind(ActCopyID, "", "copy"), Bind(ActCopyValue, "copy the data", ""))
	case listCategories:
		b = append(b, Bind(ActFilter, "", "filter"), Bind(ActMessages, "", "all messages"))
	default:
		b = append(b, Bind(ActFilter, "", "filter"), Bind(ActMessages, "", ""))
	}
	if kind != listMessages {
		b = append(b, Bind(ActGoPosition, "go to a global position", ""))
	}
	b = append(b, Bind(ActSearch, "", "search"), Bind(ActTail, "", "tail"), Bind(ActMark, "", "mark"),
		Bind(ActExport, "export what is marked, else the list as it is filtered", "export"), Bind(ActGoTime, "", ""), Bind(ActNextMatch, "", ""), Bind(ActPrevMatch, "", ""),
		Bind(ActRefresh, "", ""), Bind(ActNextPane, "into the preview", ""), Bind(ActPrevPane, "back to the outer list", ""),
		Bind(ActLeft, "out, or scroll left", ""), Bind(ActRight, "in, or scroll right", ""),
		Bind(ActCopyStream, "copy the name", ""), Bind(ActCopyCurl, "", ""), Bind(ActCopyView, "", ""))
	if kind == listMessages {
		b = append(b, Bind(ActGoStream, "", ""), Bind(ActGoCategory, "", ""))
		return append(append(b, Movement()...), Bind(ActGoProcess, "", ""))
	}
	return append(b, Movement()...)
}

func (p *streams) messageBindings() []Binding {
	return []Binding{
		Bind(ActOut, "back to the messages", "out"), Bind(ActPrevious, "", "previous"), Bind(ActNext, "", "next"),
		Bind(ActOpen, "fold or unfold", "fold"), Bind(ActFold, "", ""), Bind(ActFoldAll, "", ""),
		Bind(ActRaw, "", "raw"), Bind(ActSearch, "", "search"), Bind(ActNextPane, "to the metadata, or back", "metadata"),
		Bind(ActPrevPane, "to the metadata, or back", ""), Bind(ActWrap, "", ""), Bind(ActNextMatch, "", ""), Bind(ActPrevMatch, "", ""),
		Bind(ActLeft, "scroll left", ""), Bind(ActRight, "scroll right", ""),
		Bind(ActCompare, "", "compare"), Bind(ActLanes, "", "lanes"), Bind(ActGoProcess, "", ""),
		Bind(ActGoStream, "", ""), Bind(ActGoCategory, "", ""), Bind(ActTail, "tail its category", ""), Bind(ActExport, "export the message", ""),
		Bind(ActCopyValue, "", "copy"), Bind(ActCopyID, "", ""), Bind(ActCopyStream, "", ""),
		Bind(ActCopyPath, "", ""), Bind(ActCopyCurl, "", ""), Bind(ActCopyView, "", ""),
	}
}
