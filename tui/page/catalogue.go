package page

// Catalogue lists every action with its keys, apart from those that open the
// pages: one meaning a key, on all pages.
// Where two actions share a key, no pane binds both (a test holds this).
func Catalogue() []Binding { return append(PaneCatalogue(), ShellCatalogue()...) }

// PaneCatalogue lists what panes can be asked to do.
func PaneCatalogue() []Binding { return append(moveCatalogue(), workCatalogue()...) }

// moveCatalogue lists what moves through rows and panes, and looks for some.
func moveCatalogue() []Binding {
	return []Binding{
		{Action: ActUp, Keys: []string{"k", "up"}, Help: "up"},
		{Action: ActDown, Keys: []string{"j", "down"}, Help: "down"},
		{Action: ActLeft, Keys: []string{"h", "left"}, Help: "left"},
		{Action: ActRight, Keys: []string{"l", "right"}, Help: "right"},
		{Action: ActHalfUp, Keys: []string{"ctrl+u"}, Help: "half a page up"},
		{Action: ActHalfDown, Keys: []string{"ctrl+d"}, Help: "half a page down"},
		{Action: ActPageUp, Keys: []string{"pgup", "ctrl+b"}, Help: "a page up"},
		{Action: ActPageDown, Keys: []string{"pgdown", "ctrl+f"}, Help: "a page down"},
		{Action: ActTop, Keys: []string{"g g", "home"}, Help: "to the first"},
		{Action: ActBottom, Keys: []string{"G", "end"}, Help: "to the last"},
		{Action: ActOpen, Keys: []string{"enter"}, Help: "open"},
		{Action: ActOut, Keys: []string{"esc"}, Help: "back, or cancel"},
		{Action: ActNextPane, Keys: []string{"tab"}, Help: "next pane"},
		{Action: ActPrevPane, Keys: []string{"shift+tab"}, Help: "previous pane"},
		{Action: ActNextTab, Keys: []string{"]"}, Help: "next tab of the page"},
		{Action: ActPrevTab, Keys: []string{"["}, Help: "previous tab of the page"},
		{Action: ActSearch, Keys: []string{"/"}, Help: "search among all rows"},
		{Action: ActNextMatch, Keys: []string{"n"}, Help: "next match"},
		{Action: ActPrevMatch, Keys: []string{"N"}, Help: "previous match"},
		{Action: ActFilter, Keys: []string{"\\"}, Help: "filter, hide other rows"},
	}
}

// workCatalogue lists what is done to what is shown.
func workCatalogue() []Binding {
	return []Binding{
		{Action: ActMark, Keys: []string{"space"}, Help: "mark"},
		{Action: ActPause, Keys: []string{"space"}, Help: "pause or resume"},
		{Action: ActFollow, Keys: []string{"f"}, Help: "follow new rows"},
		{Action: ActRefresh, Keys: []string{"r"}, Help: "refresh"},
		{Action: ActRetry, Keys: []string{"R"}, Help: "retry the parked messages that are marked; asks first"},
		{Action: ActOrder, Keys: []string{"o"}, Help: "reverse the order: newest or oldest first"},
		{Action: ActSort, Keys: []string{"s"}, Help: "sort by a column: its letter follows"},
		{Action: ActMore, Keys: []string{"+", "="}, Help: "more"},
		{Action: ActLess, Keys: []string{"_"}, Help: "less"},
		{Action: ActZoomIn, Keys: []string{"+", "="}, Help: "zoom in: a shorter time axis"},
		{Action: ActZoomOut, Keys: []string{"_"}, Help: "zoom out: a longer time axis"},
		{Action: ActRaw, Keys: []string{"J"}, Help: "raw or pretty"},
		{Action: ActWrap, Keys: []string{"w"}, Help: "wrap long lines"},
		{Action: ActNext, Keys: []string{"."}, Help: "next message"},
		{Action: ActPrevious, Keys: []string{","}, Help: "previous message"},
		{Action: ActFold, Keys: []string{"z"}, Help: "fold or unfold"},
		{Action: ActFoldAll, Keys: []string{"Z"}, Help: "fold or unfold all"},
		{Action: ActTail, Keys: []string{"t"}, Help: "tail it live"},
		{Action: ActMessages, Keys: []string{"m"}, Help: "all messages, in their global order"},
		{Action: ActCategory, Keys: []string{"c"}, Help: "choose the category"},
		{Action: ActCapture, Keys: []string{"c"}, Help: "capture a profile"},
		{Action: ActKind, Keys: []string{"t"}, Help: "type of profile"},
		{Action: ActBaseline, Keys: []string{"b"}, Help: "use as the baseline"},
		{Action: ActDifference, Keys: []string{"d"}, Help: "toggle the difference to the baseline"},
		{Action: ActColumns, Keys: []string{"C"}, Help: "choose columns by JSON path"},
		{Action: ActCompare, Keys: []string{"v"}, Help: "compare: mark a message, then a second one"},
		{Action: ActLanes, Keys: []string{"L"}, Help: "lanes: streams of a process side by side"},
		{Action: ActUntil, Keys: []string{"B"}, Help: "the first version at which a condition holds"},
		{Action: ActPercentiles, Keys: []string{"p"}, Help: "percentiles of each hop from cause to effect, over many messages"},
		{Action: ActExport, Keys: []string{"x"}, Help: "export to a file", Local: true},
		{Action: ActEdit, Keys: []string{"e"}, Help: "open in $EDITOR, or read-only in $PAGER", Local: true},
		{Action: ActAppend, Keys: []string{"a"}, Help: "append an event"},
		{Action: ActAppendCopy, Keys: []string{"A"}, Help: "append an event that begins with a copy of this one"},
		{Action: ActGoPosition, Keys: []string{"g p"}, Help: "go to a position"},
		{Action: ActGoTime, Keys: []string{"g t"}, Help: "go to a time"},
		{Action: ActGoProcess, Keys: []string{"g c"}, Help: "go to the correlation"},
		{Action: ActGoCauses, Keys: []string{"g e"}, Help: "go to causes and effects"},
		{Action: ActGoStream, Keys: []string{"g s"}, Help: "go to the stream"},
		{Action: ActGoCategory, Keys: []string{"g k"}, Help: "go to the category"},
		{Action: ActCopyValue, Keys: []string{"y y"}, Help: "copy the value"},
		{Action: ActCopyID, Keys: []string{"y i"}, Help: "copy the id"},
		{Action: ActCopyStream, Keys: []string{"y s"}, Help: "copy the stream's name"},
		{Action: ActCopyPath, Keys: []string{"y j"}, Help: "copy the JSON path"},
		{Action: ActCopyCurl, Keys: []string{"y c"}, Help: "copy as a curl call"},
		{Action: ActCopyView, Keys: []string{"y v"}, Help: "copy this view as a command"},
	}
}

// ShellCatalogue lists what can be done on every page, beside turning to
// another.
func ShellCatalogue() []Binding {
	return []Binding{
		{Action: ActNow, Keys: []string{"0"}, Help: "return to live: clear the time cursor"},
		{Action: ActLast, Keys: []string{"-"}, Help: "back to the place before, through all of them"},
		{Action: ActZoomPane, Keys: []string{"F"}, Help: "zoom the pane: full, and back"},
		{Action: ActAbsolute, Keys: []string{"T"}, Help: "times in lists: absolute, or how long ago"},
		{Action: ActOpenURL, Keys: []string{"O"}, Help: "open the URL that the configuration makes of the message", Local: true},
		{Action: ActPalette, Keys: []string{":"}, Help: "palette: go anywhere, run anything"},
		{Action: ActHelp, Keys: []string{"?"}, Help: "keys of this page: search and run them"},
		{Action: ActExplain, Keys: []string{"f1"}, Help: "explain the numbers on this page"},
		{Action: ActSlower, Keys: []string{"<"}, Help: "slower refresh"},
		{Action: ActFaster, Keys: []string{">"}, Help: "faster refresh"},
		{Action: ActRedraw, Keys: []string{"ctrl+l"}, Help: "redraw the screen"},
		{Action: ActSuspend, Keys: []string{"ctrl+z"}, Help: "suspend to the shell", Local: true},
		{Action: ActQuit, Keys: []string{"q"}, Help: "quit; asks once where more than the view would end"},
		{Action: ActCancelUI, Keys: []string{"ctrl+c"}, Help: "cancel; twice to quit"},
	}
}
