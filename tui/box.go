package tui

import (
	"slices"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// box draws the frame around a pane's lines of w cells: breadcrumbs and chips
// in the upper edge, the count in the lower one, rules joined to both.
func box(t page.Theme, c page.Chrome, lines []string, w int) string {
	s := t.Sym
	side := t.Border.Paint(s.Vertical)
	size := 8 * w // the edges
	for _, line := range lines {
		size += len(line) + 2*len(side) + 1
	}
	var b strings.Builder
	b.Grow(size)
	b.WriteString(t.Border.Paint(s.TopLeft))
	b.WriteString(topEdge(t, c, w))
	b.WriteString(t.Border.Paint(s.TopRight))
	left, right := t.Border.Paint(s.TeeRight), t.Border.Paint(s.TeeLeft)
	for y, line := range lines {
		b.WriteString("\n")
		if slices.Contains(c.Bars, y) {
			b.WriteString(left + line + right)
			continue
		}
		b.WriteString(side)
		b.WriteString(line)
		b.WriteString(side)
	}
	b.WriteString("\n")
	b.WriteString(t.Border.Paint(s.BotLeft))
	b.WriteString(bottomEdge(t, c, w))
	b.WriteString(t.Border.Paint(s.BotRight))
	return b.String()
}

func topEdge(t page.Theme, c page.Chrome, w int) string {
	reserved := 0 // for the chips: what holds is seen whatever the title's length
	least := minChip
	if len(c.Tabs) > 1 {
		reserved, least = 2, w // the outer names give way before what holds is cut
	}
	for _, chip := range c.Chips {
		reserved += min(text.Width(chip)+2, least) + 1
	}
	room := max(w-2-min(reserved, w/2), min(w-2, 8))
	if len(c.Tabs) > 1 { // what can be looked at here goes before what holds
		room = max(room, min(w-2-min(reserved, minChip), tabsWidth(c)+crumbBeside))
	}
	tabs, tabsWidth := tabLine(t, c, room-crumbLeast)
	title, titleWidth := crumbs(t, c.Crumbs, room-tabsWidth)
	title, titleWidth = title+tabs, titleWidth+tabsWidth
	chips, chipsWidth := chipLine(t, c.Chips, w-titleWidth-4)
	edge := runes(t.Sym.Horizontal, w, c.Rules, t.Sym.TeeDown)
	left := min(1, w)
	right := min(1, max(0, w-left-titleWidth-chipsWidth))
	middle := max(0, w-left-titleWidth-chipsWidth-right)
	return t.Border.Paint(string(edge[:left])) + title +
		t.Border.Paint(string(edge[left+titleWidth:left+titleWidth+middle])) + chips +
		t.Border.Paint(string(edge[w-right:]))
}

// tabLine names what can be looked at here, in at most w cells, or not at all.
func tabLine(t page.Theme, c page.Chrome, w int) (line string, width int) {
	if len(c.Tabs) < 2 {
		return "", 0
	}
	if width = tabsWidth(c); width > w {
		return "", 0
	}
	var b strings.Builder
	for i, name := range c.Tabs {
		pen := t.Tab
		if i == c.Tab {
			pen = t.TabOn
		}
		b.WriteString(pen.Paint(" " + name + " "))
	}
	return b.String() + " ", width
}

// tabsWidth is how many cells the names of all tabs take, with a blank behind them.
func tabsWidth(c page.Chrome) int {
	width := 1
	for _, name := range c.Tabs {
		width += len(name) + 2
	}
	return width
}

func bottomEdge(t page.Theme, c page.Chrome, w int) string {
	edge := runes(t.Sym.Horizontal, w, c.Rules, t.Sym.TeeUp)
	if c.Count == "" || w < 8 {
		return t.Border.Paint(string(edge))
	}
	count := " " + text.Truncate(c.Count, w-4) + " "
	n := text.Width(count)
	return t.Border.Paint(string(edge[:w-n-1])) + t.Muted.Paint(count) + t.Border.Paint(string(edge[w-1:]))
}

// runes is an edge of w cells with joints where rules meet it.
func runes(line string, w int, joints []int, joint string) []rune {
	edge := []rune(strings.Repeat(line, max(w, 0)))
	for _, x := range joints {
		if x >= 0 && x < len(edge) {
			edge[x] = []rune(joint)[0]
		}
	}
	return edge
}

// crumbs draws the breadcrumbs in at most w cells; the outer ones give way
// first, since the innermost says what is on the screen.
func crumbs(t page.Theme, parts []string, w int) (line string, width int) {
	if len(parts) == 0 || w < 3 {
		return "", 0
	}
	clean := make([]string, len(parts))
	total := 2
	for i, p := range parts {
		clean[i] = text.Name(p)
		total += text.Width(clean[i])
		if i > 0 {
			total += 3
		}
	}
	total -= shorten(clean, total-w, max(crumbLeast, w/2))
	first := 0
	for total > w && first < len(clean)-1 {
		total -= text.Width(clean[first]) + 3
		first++
	}
	var b strings.Builder
	b.WriteString(" ")
	for i := first; i < len(clean); i++ {
		if i > first {
			b.WriteString(t.Faint.Paint(" " + t.Sym.Sep + " "))
		}
		if i == len(clean)-1 {
			last := text.Truncate(clean[i], max(1, w-2))
			total += text.Width(last) - text.Width(clean[i])
			b.WriteString(t.Accent.Paint(last))
		} else {
			b.WriteString(t.Title.Paint(clean[i]))
		}
	}
	b.WriteString(" ")
	return b.String(), total
}

// crumbLeast is how short a long part of the breadcrumbs gets before the outer
// ones go.
const crumbLeast = 14

// crumbBeside is what the breadcrumbs have beside the names of tabs before chips get
// any room: a stream and a position.
const crumbBeside = 20

// shorten takes so many cells off the longest parts, in their middles, and
// returns how many it could. The innermost keeps innermost cells.
func shorten(parts []string, over, innermost int) (cut int) {
	for over-cut > 0 {
		longest, spare := 0, 0
		for i := range parts {
			keeps := crumbLeast
			if i == len(parts)-1 {
				keeps = innermost
			}
			if more := text.Width(parts[i]) - keeps; more > spare {
				longest, spare = i, more
			}
		}
		if spare == 0 {
			break
		}
		width := text.Width(parts[longest])
		parts[longest] = text.Shorten(parts[longest], width-min(spare, over-cut))
		cut += width - text.Width(parts[longest])
	}
	return cut
}

// minChip is what a chip that is shortened keeps, in cells: its first word, and
// the beginning of what it says.
const minChip = 14

// chipWidths are the cells of the chips, without the blanks between them: as
// they come where all fit into w, else the longest give way first.
func chipWidths(chips []string, w int) []int {
	widths := make([]int, len(chips))
	over := len(chips) - 1 - w
	for i, c := range chips {
		widths[i] = text.Width(c)
		over += widths[i]
	}
	for over > 0 && len(chips) > 0 {
		longest := 0
		for i := range widths {
			if widths[i] > widths[longest] {
				longest = i
			}
		}
		if widths[longest] <= minChip {
			break
		}
		cut := min(over, widths[longest]-minChip)
		widths[longest] -= cut
		over -= cut
	}
	return widths
}

// chipLine draws the chips, shortened where that brings all of them in, else as
// many as fit, the first ones first.
func chipLine(t page.Theme, chips []string, w int) (line string, width int) {
	clean := make([]string, len(chips))
	for i, c := range chips {
		clean[i] = " " + text.Sanitize(c) + " "
	}
	for i, n := range chipWidths(clean, w) {
		gap := min(width, 1)
		if width+gap+n > w {
			break
		}
		c := clean[i]
		if n < text.Width(c) {
			c = text.Fit(c, n-1) + " " // a wide character that does not fit leaves a cell
		}
		line += text.Spaces(gap) + t.Chip.Paint(c)
		width += gap + n
	}
	return line, width
}
