package tui

// catalogue lists every action with its keys: one meaning a key, on all pages.
// Where two actions share a key, no pane binds both (a test holds this).
func catalogue() []Binding { return append(paneCatalogue(), shellCatalogue()...) }

func paneCatalogue() []Binding {
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
		{Action: ActOut, Keys: []string{"esc"}, Help: "out, or cancel what runs"},
		{Action: ActNextPane, Keys: []string{"tab"}, Help: "next pane"},
		{Action: ActPrevPane, Keys: []string{"shift+tab"}, Help: "previous pane"},
		{Action: ActNextTab, Keys: []string{"]"}, Help: "next tab inside the page"},
		{Action: ActPrevTab, Keys: []string{"["}, Help: "previous tab inside the page"},
		{Action: ActSearch, Keys: []string{"/"}, Help: "search, keeps the context"},
		{Action: ActNextMatch, Keys: []string{"n"}, Help: "next match"},
		{Action: ActPrevMatch, Keys: []string{"N"}, Help: "previous match"},
		{Action: ActFilter, Keys: []string{"\\"}, Help: "filter, hides the rest"},
		{Action: ActMark, Keys: []string{"space"}, Help: "mark"},
		{Action: ActPause, Keys: []string{"space"}, Help: "pause, or go on"},
		{Action: ActFollow, Keys: []string{"f"}, Help: "follow what is new"},
		{Action: ActRefresh, Keys: []string{"r"}, Help: "read again"},
		{Action: ActOrder, Keys: []string{"o"}, Help: "turn the order: newest or oldest first"},
		{Action: ActMore, Keys: []string{"+", "="}, Help: "more"},
		{Action: ActLess, Keys: []string{"_", "-"}, Help: "less"},
		{Action: ActNow, Keys: []string{"0"}, Help: "live again"},
		{Action: ActRaw, Keys: []string{"J"}, Help: "raw or pretty"},
		{Action: ActWrap, Keys: []string{"w"}, Help: "wrap long lines"},
		{Action: ActNext, Keys: []string{"."}, Help: "next message"},
		{Action: ActPrevious, Keys: []string{","}, Help: "previous message"},
		{Action: ActFold, Keys: []string{"z"}, Help: "fold or unfold"},
		{Action: ActFoldAll, Keys: []string{"Z"}, Help: "fold or unfold all"},
		{Action: ActTail, Keys: []string{"t"}, Help: "tail it live"},
		{Action: ActCategory, Keys: []string{"c"}, Help: "choose the category"},
		{Action: ActGoPosition, Keys: []string{"g p"}, Help: "go to a position"},
		{Action: ActGoTime, Keys: []string{"g t"}, Help: "go to a time"},
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

func shellCatalogue() []Binding {
	return []Binding{
		{Action: ActPage1, Keys: []string{"1"}, Help: "Overview"},
		{Action: ActPage2, Keys: []string{"2"}, Help: "Streams"},
		{Action: ActPage3, Keys: []string{"3"}, Help: "Tail"},
		{Action: ActPage4, Keys: []string{"4"}, Help: "Groups"},
		{Action: ActPage5, Keys: []string{"5"}, Help: "Engine"},
		{Action: ActPage6, Keys: []string{"6"}, Help: "Profile"},
		{Action: ActPage7, Keys: []string{"7"}, Help: "Log"},
		{Action: ActLast, Keys: []string{"-"}, Help: "last view"},
		{Action: ActPalette, Keys: []string{":"}, Help: "palette: go anywhere, run anything"},
		{Action: ActHelp, Keys: []string{"?", "f1"}, Help: "keys of this page"},
		{Action: ActSlower, Keys: []string{"<"}, Help: "slower refresh"},
		{Action: ActFaster, Keys: []string{">"}, Help: "faster refresh"},
		{Action: ActRedraw, Keys: []string{"ctrl+l"}, Help: "draw the screen anew"},
		{Action: ActSuspend, Keys: []string{"ctrl+z"}, Help: "suspend to the shell"},
		{Action: ActQuit, Keys: []string{"q"}, Help: "quit; asks once while a load runs"},
		{Action: ActCancelUI, Keys: []string{"ctrl+c"}, Help: "cancel what runs; twice to quit"},
	}
}
