package page

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
)

// Meaning says in two sentences what a figure is and what to make of it. The
// figure's name is followed, after a bar, by others that it has on the screen.
type Meaning struct{ Figure, Words string }

// title is what the figure is called.
func (m Meaning) title() string {
	title, _, _ := strings.Cut(m.Figure, "|")
	return title
}

// Names are all that the figure is called on the screen.
func (m Meaning) Names() []string {
	return strings.Split(strings.ReplaceAll(m.Figure, "|", ", "), ", ")
}

// Explained writes meanings in lines of at most w cells.
func Explained(list []Meaning, w int) []string {
	var lines []string
	for _, m := range list {
		for i, line := range text.Wrap(m.title()+": "+m.Words, w-2) {
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

// Explainer is a pane that says what its figures mean in lines of at most w
// cells, all in one.
type Explainer interface{ Explain(w int) []string }

// Pointed is a pane that knows which of its figures the cursor is on, when the
// mouse points at none.
type Pointed interface {
	// CursorFigure names the figure as its [Meaning] does; "" for none.
	CursorFigure() string
}
