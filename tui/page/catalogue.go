package page

// Action names something that the user can do. The same name stands in the
// help, in the palette and in the configuration.
type Action string

// The catalogue: one meaning a key, on all pages. Where two actions share a key, no
// pane binds both (a test holds this). It is complete once the package is
// initialized, and never changes.
var (
	paneActions, shellActions []Action // in the order of their declaration
	catalogue                 = map[Action]Binding{}
)

// What panes can be asked to do: an action's name, what it does, and its keys, the
// same on every page. First what moves through rows and panes, and looks for some;
// then what is done to what is shown.
var (
	ActUp          = ofPane("up", "up", "k", "up")
	ActDown        = ofPane("down", "down", "j", "down")
	ActLeft        = ofPane("left", "left", "h", "left")
	ActRight       = ofPane("right", "right", "l", "right")
	ActHalfUp      = ofPane("half-up", "half a page up", "ctrl+u")
	ActHalfDown    = ofPane("half-down", "half a page down", "ctrl+d")
	ActPageUp      = ofPane("page-up", "a page up", "pgup", "ctrl+b")
	ActPageDown    = ofPane("page-down", "a page down", "pgdown", "ctrl+f")
	ActTop         = ofPane("top", "to the first", "g g", "home")
	ActBottom      = ofPane("bottom", "to the last", "G", "end")
	ActOpen        = ofPane("open", "open", "enter")
	ActOut         = ofPane("out", "back, or cancel", "esc")
	ActNextPane    = ofPane("next-pane", "next pane", "tab")
	ActPrevPane    = ofPane("previous-pane", "previous pane", "shift+tab")
	ActNextTab     = ofPane("next-tab", "next tab of the page", "]")
	ActPrevTab     = ofPane("previous-tab", "previous tab of the page", "[")
	ActSearch      = ofPane("search", "search among all rows", "/")
	ActNextMatch   = ofPane("next-match", "next match", "n")
	ActPrevMatch   = ofPane("previous-match", "previous match", "N")
	ActFilter      = ofPane("filter", "filter, hide other rows", "\\")
	ActMark        = ofPane("mark", "mark", "space")
	ActPause       = ofPane("pause", "pause or resume", "space")
	ActFollow      = ofPane("follow", "follow new rows", "f")
	ActRefresh     = ofPane("refresh", "refresh", "r")
	ActRetry       = ofPane("retry", "retry the parked messages that are marked; asks first", "R")
	ActOrder       = ofPane("order", "reverse the order: newest or oldest first", "o")
	ActSort        = ofPane("sort", "sort by a column: its letter follows", "s")
	ActMore        = ofPane("more", "more", "+", "=")
	ActLess        = ofPane("less", "less", "_")
	ActZoomIn      = ofPane("zoom-in", "zoom in: a shorter time axis", "+", "=")
	ActZoomOut     = ofPane("zoom-out", "zoom out: a longer time axis", "_")
	ActRaw         = ofPane("raw", "raw or pretty", "J")
	ActWrap        = ofPane("wrap", "wrap long lines", "w")
	ActNext        = ofPane("next", "next message", ".")
	ActPrevious    = ofPane("previous", "previous message", ",")
	ActFold        = ofPane("fold", "fold or unfold", "z")
	ActFoldAll     = ofPane("fold-all", "fold or unfold all", "Z")
	ActTail        = ofPane("tail", "tail it live", "t")
	ActMessages    = ofPane("messages", "all messages, in their global order", "m")
	ActCategory    = ofPane("choose-category", "choose the category", "c")
	ActCapture     = ofPane("capture", "capture a profile", "c")
	ActKind        = ofPane("type", "type of profile", "t")
	ActBaseline    = ofPane("baseline", "use as the baseline", "b")
	ActDifference  = ofPane("difference", "toggle the difference to the baseline", "d")
	ActColumns     = ofPane("choose-columns", "choose columns by JSON path", "C")
	ActCompare     = ofPane("compare", "compare: mark a message, then a second one", "v")
	ActLanes       = ofPane("lanes", "lanes: streams of a process side by side", "L")
	ActUntil       = ofPane("first-at-which", "the first version at which a condition holds", "B")
	ActPercentiles = ofPane("percentiles", "percentiles of each hop from cause to effect, over many messages", "p")
	ActExport      = local(ofPane("export", "export to a file", "x"))
	ActEdit        = local(ofPane("edit", "open in $EDITOR, or read-only in $PAGER", "e"))
	ActAppend      = ofPane("append", "append an event", "a")
	ActAppendCopy  = ofPane("append-copy", "append an event that begins with a copy of this one", "A")
	ActGoPosition  = ofPane("go-position", "go to a position", "g p")
	ActGoTime      = ofPane("go-time", "go to a time", "g t")
	ActGoProcess   = ofPane("go-correlation", "go to the correlation", "g c")
	ActGoCauses    = ofPane("go-causes", "go to causes and effects", "g e")
	ActGoStream    = ofPane("go-stream", "go to the stream", "g s")
	ActGoCategory  = ofPane("go-category", "go to the category", "g k")
	ActCopyValue   = ofPane("copy-value", "copy the value", "y y")
	ActCopyID      = ofPane("copy-id", "copy the id", "y i")
	ActCopyStream  = ofPane("copy-stream", "copy the stream's name", "y s")
	ActCopyPath    = ofPane("copy-path", "copy the JSON path", "y j")
	ActCopyCurl    = ofPane("copy-curl", "copy as a curl call", "y c")
	ActCopyView    = ofPane("copy-command", "copy this view as a command", "y v")
)

// What can be done on every page, beside turning to another.
var (
	ActNow      = ofShell("now", "return to live: clear the time cursor", "0")
	ActLast     = ofShell("last-view", "go back one place; repeat to go further", "-")
	ActZoomPane = ofShell("zoom-pane", "zoom the pane: full, and back", "F")
	ActAbsolute = ofShell("absolute-times", "times in lists: absolute, or how long ago", "T")
	ActOpenURL  = local(ofShell("open-url", "open the URL configured for this message", "O"))
	ActPalette  = ofShell("palette", "palette: go anywhere, run anything", ":")
	ActHelp     = ofShell("help", "keys of this page: search and run them", "?")
	ActExplain  = ofShell("explain", "explain the numbers on this page", "f1")
	ActSlower   = ofShell("slower", "slower refresh", "<")
	ActFaster   = ofShell("faster", "faster refresh", ">")
	ActRedraw   = ofShell("redraw", "redraw the screen", "ctrl+l")
	ActSuspend  = local(ofShell("suspend", "suspend to the shell", "ctrl+z"))
	ActQuit     = ofShell("quit", "quit; asks first if that stops more than the UI", "q")
	ActCancelUI = ofShell("cancel", "cancel; twice to quit", "ctrl+c")
)

// Neither this nor ofShell is put in line: eighty copies are 30 kB of the program.
//
//go:noinline
func ofPane(name Action, help string, keys ...string) Action {
	paneActions = append(paneActions, name)
	return declared(name, help, keys)
}

//go:noinline
func ofShell(name Action, help string, keys ...string) Action {
	shellActions = append(shellActions, name)
	return declared(name, help, keys)
}

func declared(name Action, help string, keys []string) Action {
	catalogue[name] = Binding{Action: name, Keys: keys, Help: help}
	return name
}

// local says of an action that it needs the user's own machine.
func local(name Action) Action {
	b := catalogue[name]
	b.Local = true
	catalogue[name] = b
	return name
}

// PaneCatalogue lists what panes can be asked to do, with the keys of each.
func PaneCatalogue() []Binding { return Bound(paneActions...) }

// ShellCatalogue lists what can be done on every page, beside turning to
// another.
func ShellCatalogue() []Binding { return Bound(shellActions...) }
