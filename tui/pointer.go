package tui

import (
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// pointer is where the mouse was clicked last; what it is on, F1 explains
// first. Any key but F1 takes it away.
type pointer struct {
	x, y int
	on   bool
}

// Update takes a click, and any action but the one that explains.
func (p *pointer) Update(msg any) {
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		*p = pointer{x: msg.X, y: msg.Y, on: true}
	case page.ActionMsg:
		p.on = p.on && msg.Action == page.ActExplain
	}
}

// meaning is what there is to say of the figure under the pointer, else of the
// one that the pane has under its cursor. The screen is w cells wide, and rules
// part what is in the pane's box.
func (p *pointer) meaning(pane page.Pane, live *page.Live, screen string, rules []int, w int) (page.Meaning, bool) {
	list := headMeanings(live)
	if !p.on || p.y > 0 { // in the header the same words may mean another thing
		list = pageMeanings(pane)
	}
	name := ""
	if pointed, points := pane.(page.Pointed); p.on {
		name = figureAt(p.lines(screen, rules, w), p.x, p.y, namesOf(list))
	} else if points {
		name = pointed.CursorFigure()
	}
	i := slices.IndexFunc(list, func(m page.Meaning) bool { return slices.Contains(m.Names(), name) })
	if name == "" || i < 0 {
		return page.Meaning{}, false
	}
	return list[i], true
}

// lines are the screen's lines, less what lies beyond a rule beside the
// pointer.
func (p *pointer) lines(screen string, rules []int, w int) []string {
	lines := strings.Split(ansi.Strip(screen), "\n")
	left, right := 0, w
	for _, x := range rules {
		if x++; x <= p.x { // the box's own edge
			left = max(left, x)
		} else {
			right = min(right, x)
		}
	}
	for y := range lines {
		if y > bodyRow {
			lines[y] = text.Spaces(left) + text.Cut(lines[y], left, right-left)
		}
	}
	return lines
}

// pageMeanings are of what stands below the header.
func pageMeanings(pane page.Pane) []page.Meaning {
	if figured, ok := pane.(page.Figured); ok {
		return append(figured.Meanings(), frameMeanings()...)
	}
	return frameMeanings()
}

func namesOf(list []page.Meaning) []string {
	var names []string
	for _, m := range list {
		names = append(names, m.Names()...)
	}
	return names
}

// figureAt names the figure at a cell: one that is called by name in the run of
// words there, else the nearest head of a column or title of a chart above; ""
// for none.
func figureAt(lines []string, x, y int, names []string) string {
	if y < 0 || y >= len(lines) {
		return ""
	}
	first, run := wordsAt(lines[y], x)
	if name := nearestName(run, x-first, names); name != "" {
		return name
	}
	for up := y - 1; up > bodyRow-1; up-- {
		if name := nearestName(lines[up], x, names); name != "" {
			return name
		}
	}
	return ""
}

// wordsAt returns the words around a cell that two spaces or a dot between spaces
// set apart from others, and where they begin.
func wordsAt(line string, x int) (first int, run string) {
	cells := cellsOf(line)
	if x < 0 || x >= len(cells) {
		return 0, ""
	}
	apart := func(i int) bool { // between i and the cell after it
		return i < 0 || i+1 >= len(cells) ||
			cells[i] == ' ' && cells[i+1] == ' ' || strings.ContainsRune("·│|", cells[i]) || strings.ContainsRune("·│|", cells[i+1])
	}
	first, last := x, x
	for first > 0 && !apart(first-1) {
		first--
	}
	for last < len(cells)-1 && !apart(last) {
		last++
	}
	return first, string(cells[first : last+1])
}

// cellsOf is a line with a rune for each cell: a wide character's second cell
// is a blank.
func cellsOf(line string) []rune {
	var cells []rune
	for _, r := range line {
		cells = append(cells, r)
		for range text.Width(string(r)) - 1 {
			cells = append(cells, ' ')
		}
	}
	return cells
}

// nearestName is the name in the line that is nearest to a column, the longer
// one of two that are as near; "" when there is none.
func nearestName(line string, x int, names []string) (name string) {
	cells, far := cellsOf(line), 0
	for _, n := range names {
		want := []rune(n)
		for at := 0; at+len(want) <= len(cells); at++ {
			if !sameFold(cells[at:at+len(want)], want) || within(cells, at, at+len(want)) {
				continue
			}
			d := max(at-x, x-(at+len(want)-1), 0)
			if name == "" || d < far || d == far && len(n) > len(name) {
				name, far = n, d
			}
		}
	}
	return name
}

func sameFold(a, b []rune) bool {
	return slices.EqualFunc(a, b, func(x, y rune) bool { return unicode.ToLower(x) == unicode.ToLower(y) })
}

// within reports whether what stands from first to end is a part of a word.
func within(cells []rune, first, end int) bool {
	letter := func(i int) bool {
		return i >= 0 && i < len(cells) && (unicode.IsLetter(cells[i]) || unicode.IsDigit(cells[i]) || strings.ContainsRune("-_/", cells[i]))
	}
	return letter(first-1) || letter(end)
}
