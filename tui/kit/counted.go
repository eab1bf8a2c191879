package kit

import (
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// CountedLine is a line of figures, as many as fit.
func CountedLine(t page.Theme, parts []Counted, w int) string {
	line, used := " ", 1
	for i, part := range parts {
		n := text.Width(part.Figure) + 1 + text.Width(part.Label)
		if i > 0 {
			n += 3
		}
		if used+n > w {
			break
		}
		if i > 0 {
			line += "   "
		}
		line += t.Title.Paint(part.Figure) + " " + t.Muted.Paint(part.Label)
		used += n
	}
	return text.Fit(line, w)
}

// Counted is a figure and what it counts.
type Counted struct{ Figure, Label string }
