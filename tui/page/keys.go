package page

import "sync"

// Action names something that the user can do. The same name stands in the
// help, in the palette and in the configuration.
type Action string

// The actions. Each has its keys in the catalogue below, the same on every page.
const (
	ActUp          Action = "up"
	ActDown        Action = "down"
	ActLeft        Action = "left"
	ActRight       Action = "right"
	ActHalfUp      Action = "half-up"
	ActHalfDown    Action = "half-down"
	ActPageUp      Action = "page-up"
	ActPageDown    Action = "page-down"
	ActTop         Action = "top"
	ActBottom      Action = "bottom"
	ActOpen        Action = "open"
	ActOut         Action = "out"
	ActNextPane    Action = "next-pane"
	ActPrevPane    Action = "previous-pane"
	ActNextTab     Action = "next-tab"
	ActPrevTab     Action = "previous-tab"
	ActSearch      Action = "search"
	ActNextMatch   Action = "next-match"
	ActPrevMatch   Action = "previous-match"
	ActFilter      Action = "filter"
	ActMark        Action = "mark"
	ActPause       Action = "pause"
	ActFollow      Action = "follow"
	ActRefresh     Action = "refresh"
	ActRetry       Action = "retry"
	ActOrder       Action = "order"
	ActSort        Action = "sort"
	ActZoomPane    Action = "zoom-pane"
	ActAbsolute    Action = "absolute-times"
	ActEdit        Action = "edit"
	ActAppend      Action = "append"
	ActAppendCopy  Action = "append-copy"
	ActOpenURL     Action = "open-url"
	ActMore        Action = "more"
	ActLess        Action = "less"
	ActNow         Action = "now"
	ActZoomIn      Action = "zoom-in"
	ActZoomOut     Action = "zoom-out"
	ActRaw         Action = "raw"
	ActWrap        Action = "wrap"
	ActNext        Action = "next"
	ActPrevious    Action = "previous"
	ActFold        Action = "fold"
	ActFoldAll     Action = "fold-all"
	ActTail        Action = "tail"
	ActMessages    Action = "messages"
	ActCategory    Action = "choose-category"
	ActCapture     Action = "capture"
	ActKind        Action = "type"
	ActBaseline    Action = "baseline"
	ActDifference  Action = "difference"
	ActExport      Action = "export"
	ActGoPosition  Action = "go-position"
	ActGoTime      Action = "go-time"
	ActGoStream    Action = "go-stream"
	ActGoCategory  Action = "go-category"
	ActGoProcess   Action = "go-correlation"
	ActGoCauses    Action = "go-causes"
	ActLanes       Action = "lanes"
	ActPercentiles Action = "percentiles"
	ActCompare     Action = "compare"
	ActColumns     Action = "choose-columns"
	ActCopyValue   Action = "copy-value"
	ActCopyID      Action = "copy-id"
	ActCopyStream  Action = "copy-stream"
	ActCopyPath    Action = "copy-path"
	ActCopyCurl    Action = "copy-curl"
	ActCopyView    Action = "copy-command"
	ActUntil       Action = "first-at-which"

	ActPalette  Action = "palette"
	ActHelp     Action = "help"
	ActExplain  Action = "explain"
	ActLast     Action = "last-view"
	ActFaster   Action = "faster"
	ActSlower   Action = "slower"
	ActRedraw   Action = "redraw"
	ActSuspend  Action = "suspend"
	ActQuit     Action = "quit"
	ActCancelUI Action = "cancel"
)

// Binding ties an action to its keys. A key of two strokes is written with a
// space between them: "g t".
type Binding struct {
	Action Action
	Keys   []string // as Bubble Tea names them
	Help   string   // a sentence's worth, for the help
	Hint   string   // a word for the footer; "" keeps it out of there
	Local  bool     // it needs the user's own machine: its files, its programs, its shell
}

// Bind returns the action's binding out of the catalogue, with the page's own
// words for it. An empty help keeps the catalogue's. The keys are shared: they
// are not to be changed.
func Bind(a Action, help, hint string) Binding {
	b := catalogueIndex()[a]
	b.Action, b.Hint = a, hint
	if help != "" {
		b.Help = help
	}
	return b
}

// catalogueIndex is the catalogue by action. It is made once and never changes:
// the footer asks for its bindings with each frame.
var catalogueIndex = sync.OnceValue(func() map[Action]Binding {
	index := map[Action]Binding{}
	for _, b := range Catalogue() {
		index[b.Action] = b
	}
	return index
})

// Movement is the bindings of a list that scrolls.
func Movement() []Binding {
	actions := []Action{ActUp, ActDown, ActHalfUp, ActHalfDown, ActPageUp, ActPageDown, ActTop, ActBottom}
	out := make([]Binding, 0, len(actions))
	for _, a := range actions {
		out = append(out, Bind(a, "", ""))
	}
	return out
}

// KeyReader puts strokes together to keys: "g" waits for the "t" of "g t".
type KeyReader struct{ Pending string }

// Read returns the action of the stroke, or waits for the next one. bound says
// that the stroke means something, if only together with the next.
func (k *KeyReader) Read(stroke string, bindings []Binding) (action Action, bound bool) {
	seq := stroke
	if k.Pending != "" {
		seq = k.Pending + " " + stroke
	}
	k.Pending = ""
	for _, b := range bindings {
		for _, key := range b.Keys {
			if key == seq {
				return b.Action, true
			}
		}
	}
	if len(Continuations(seq, bindings)) > 0 {
		k.Pending = seq
		return "", true
	}
	return "", false
}

// Continuations returns the bindings whose keys go on from the strokes so far.
func Continuations(pending string, bindings []Binding) []Binding {
	var out []Binding
	for _, b := range bindings {
		for _, key := range b.Keys {
			if rest := len(pending) + 1; len(key) > rest && key[:rest] == pending+" " {
				out = append(out, b)
				break
			}
		}
	}
	return out
}
