package page

import (
	"slices"
	"strings"
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
//
// It is not put in line: pages call it two hundred times.
//
//go:noinline
func Bind(a Action, help, hint string) Binding {
	b := catalogue[a]
	b.Action, b.Hint = a, hint
	if help != "" {
		b.Help = help
	}
	return b
}

// Bound returns the bindings of actions in the catalogue's own words, none of them
// for the footer.
func Bound(actions ...Action) []Binding {
	out := make([]Binding, len(actions))
	for i, a := range actions {
		out[i] = Bind(a, "", "")
	}
	return out
}

// Movement is the bindings of a list that scrolls.
func Movement() []Binding {
	return Bound(ActUp, ActDown, ActHalfUp, ActHalfDown, ActPageUp, ActPageDown, ActTop, ActBottom)
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
		if slices.Contains(b.Keys, seq) {
			return b.Action, true
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
	goesOn := func(key string) bool { return len(key) > len(pending)+1 && strings.HasPrefix(key, pending+" ") }
	for _, b := range bindings {
		if slices.ContainsFunc(b.Keys, goesOn) {
			out = append(out, b)
		}
	}
	return out
}
