package kit

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// Tabs is a line of tabs, from the cell at Left on.
type Tabs struct {
	Left   int
	Labels []string // as they are written, with the blanks around them
	On     int      // the one that is open
}

// Line draws them, with a blank behind each.
func (s Tabs) Line(t *page.Theme) string {
	var b strings.Builder
	b.WriteString(text.Spaces(s.Left))
	for i, label := range s.Labels {
		pen := t.Tab
		if i == s.On {
			pen = t.TabOn
		}
		b.WriteString(pen.Paint(label) + " ")
	}
	return b.String()
}

// At returns the tab at a column of the line, -1 for none.
func (s Tabs) At(x int) int {
	left := s.Left
	for i, label := range s.Labels {
		if x >= left && x < left+text.Width(label) {
			return i
		}
		left += text.Width(label) + 1
	}
	return -1
}
