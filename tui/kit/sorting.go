package kit

import (
	"slices"
	"strings"
	"unicode"

	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// SortPrompt names the prompt for a column's letter.
const SortPrompt = "sort"

// Sorting is the order that the user asks for, by a click on a column's head or
// by its letter: figures with the greatest first, words in their own order; then
// the other way round, then the page's own order again. It outlives a refresh:
// pages call [Sorted] whenever they have new rows.
type Sorting struct {
	Column int
	On     bool
	up     bool // the least first
}

// Click takes a click on a grid's head.
func (s *Sorting) Click(g *grid.Grid, column int) {
	s.Turn(g.Columns(), column)
	s.Show(g)
}

// Turn is a click on the head of one of the columns of a table that is no grid.
func (s *Sorting) Turn(columns []grid.Column, column int) {
	up := !columns[column].Right
	switch {
	case !s.On || s.Column != column:
		*s = Sorting{Column: column, On: true, up: up}
	case s.up == up:
		s.up = !up
	default:
		*s = Sorting{}
	}
}

// Head is a column's title, with the mark that a grid's head would have.
func (s *Sorting) Head(title string, column int, ascii bool) string {
	switch {
	case !s.On || s.Column != column:
		return title
	case ascii && s.up:
		return title + "^"
	case ascii:
		return title + "v"
	case s.up:
		return title + "▲"
	}
	return title + "▼"
}

// Descending reports whether the greatest comes first.
func (s *Sorting) Descending() bool { return !s.up }

// Show marks the column and the direction at a grid's head.
func (s *Sorting) Show(g *grid.Grid) {
	if s.On {
		g.SetSort(s.Column, !s.up)
	} else {
		g.SetSort(-1, false)
	}
}

// Ask opens the choice of a column of the grid by its letter.
func (s *Sorting) Ask(t *page.Turn, g *grid.Grid) { s.AskOf(t, g.Columns()) }

// AskOf is Ask for a table that is no grid.
func (s *Sorting) AskOf(t *page.Turn, columns []grid.Column) {
	words := make([]string, 0, len(columns))
	for i, letter := range sortLetters(columns) {
		if letter != 0 {
			words = append(words, string(letter)+" "+columns[i].Title)
		}
	}
	t.Prompt(page.Prompt{ID: SortPrompt, Label: "sort by", Hint: strings.Join(words, " · "), One: true})
}

// Prompted takes the letter of a column, and reports whether the order is
// another one now. Letters of no column are told of.
func (s *Sorting) Prompted(t *page.Turn, msg page.PromptMsg, g *grid.Grid) bool {
	changed := s.PromptedOf(t, msg, g.Columns())
	if changed {
		s.Show(g)
	}
	return changed
}

// PromptedOf is Prompted for a table that is no grid.
func (s *Sorting) PromptedOf(t *page.Turn, msg page.PromptMsg, columns []grid.Column) bool {
	if msg.ID != SortPrompt || msg.State != page.PromptDone || msg.Text == "" {
		return false
	}
	letter := []rune(msg.Text)[0]
	column := slices.Index(sortLetters(columns), letter)
	if column < 0 {
		t.Toast(page.LevelWarn, "no column has the letter %q: s lists them", string(letter))
		return false
	}
	s.Turn(columns, column)
	return true
}

// sortLetters gives each column with a title a letter of it that no column
// before has, else a digit; 0: none is left.
func sortLetters(columns []grid.Column) []rune {
	letters := make([]rune, len(columns))
	for i, c := range columns {
		if strings.TrimSpace(c.Title) == "" {
			continue
		}
		for _, r := range strings.ToLower(c.Title) + "123456789" {
			if (unicode.IsLetter(r) || unicode.IsDigit(r)) && !slices.Contains(letters, r) {
				letters[i] = r
				break
			}
		}
	}
	return letters
}

// Sorted orders rows by the column, compared by the page; equal ones, and all
// when no order is asked for, stay as they are.
func Sorted[R any](s Sorting, rows []R, compare func(a, b R, column int) int) {
	if !s.On {
		return
	}
	slices.SortStableFunc(rows, func(a, b R) int {
		if s.up {
			return compare(a, b, s.Column)
		}
		return compare(b, a, s.Column)
	})
}
