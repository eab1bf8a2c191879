package page

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
)

// Meaning says what a figure is, what to make of it, and where it comes from. A
// test walks all pages and holds that each figure with a label has one, and that
// none of its fields is empty.
type Meaning struct {
	Figure  string // its name, and after a bar others that it has on the screen
	Words   string // in two sentences: what it is, and what to make of it
	Source  string // the call or the part of the UI that it comes from
	Unit    string // what is counted, or "words" for what is no number
	Window  string // the time that it is of
	Unknown string // what stands there when it is not known, old, or of an engine without it
}

// Figure is what a figure of that name means, as the fields of [Meaning] have it.
// [Meaning.From] adds the rest. Neither is put in line: pages say two hundred meanings, and
// the copies were 60 kB of the program.
//
//go:noinline
func Figure(name, words string) Meaning { return Meaning{Figure: name, Words: words} }

// From returns the meaning with where its figure comes from.
//
//go:noinline
func (m Meaning) From(source, unit, window, unknown string) Meaning {
	m.Source, m.Unit, m.Window, m.Unknown = source, unit, window, unknown
	return m
}

// Origin says in a line where the figure comes from; "" where that is not told.
func (m Meaning) Origin() string {
	if m.Source == "" {
		return ""
	}
	return "from " + m.Source + "; " + m.Unit + "; " + m.Window + "; unknown: " + m.Unknown
}

func (m Meaning) title() string {
	title, _, _ := strings.Cut(m.Figure, "|")
	return title
}

// Names are all that the figure is called on the screen.
func (m Meaning) Names() []string {
	return strings.Split(strings.ReplaceAll(m.Figure, "|", ", "), ", ")
}

// Explained writes what meanings say in lines of at most w cells.
func Explained(list []Meaning, w int) []string {
	return entries(list, w, func(m Meaning) string { return m.Words })
}

// Origins writes where the figures of meanings come from, likewise.
func Origins(list []Meaning, w int) []string { return entries(list, w, Meaning.Origin) }

// entries writes an entry for each meaning of which there is something to say.
func entries(list []Meaning, w int, words func(Meaning) string) []string {
	var lines []string
	for _, m := range list {
		said := words(m)
		if said == "" {
			continue
		}
		for i, line := range text.Wrap(m.title()+": "+said, w-2) {
			if i > 0 {
				line = "  " + line
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// Figured is a pane that says what each of its figures means. What it says
// first is about what the cursor is on.
type Figured interface{ Meanings() []Meaning }

// Pointed is a pane that knows which of its figures the cursor is on, when the
// mouse points at none.
type Pointed interface {
	// CursorFigure names the figure as its [Meaning] does; "" for none.
	CursorFigure() string
}
