package e2e

import (
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
)

// Screen is what stood on a terminal at one moment. It shares nothing with
// the terminal.
type Screen struct {
	Width, Height int
	AltScreen     bool
	cells         []uv.Cell // row by row; a wide character's second cell has width 0
}

func snapshot(emulator *vt.Emulator) Screen {
	s := Screen{Width: emulator.Width(), Height: emulator.Height(), AltScreen: emulator.IsAltScreen()}
	s.cells = make([]uv.Cell, s.Width*s.Height)
	for y := range s.Height {
		for x := range s.Width {
			if cell := emulator.CellAt(x, y); cell != nil {
				s.cells[y*s.Width+x] = *cell
			}
		}
	}
	return s
}

func (s Screen) cell(x, y int) uv.Cell { return s.cells[y*s.Width+x] }

// row returns row y, from 0, as a screen of its own, which shares its cells.
func (s Screen) row(y int) Screen {
	return Screen{Width: s.Width, Height: 1, AltScreen: s.AltScreen, cells: s.cells[y*s.Width : (y+1)*s.Width]}
}

// Line returns the text of row y, from 0, without the blanks at its end.
func (s Screen) Line(y int) string {
	var line strings.Builder
	for x := 0; x < s.Width; x++ {
		cell := s.cell(x, y)
		if cell.Content == "" {
			line.WriteByte(' ')
		} else {
			line.WriteString(cell.Content)
		}
		x += max(cell.Width-1, 0)
	}
	return strings.TrimRight(line.String(), " ")
}

// Text returns the whole screen, a line a row.
func (s Screen) Text() string {
	lines := make([]string, s.Height)
	for y := range lines {
		lines[y] = s.Line(y)
	}
	return strings.Join(lines, "\n")
}

// Has reports whether all the texts stand on the screen, each within a row.
func (s Screen) Has(texts ...string) bool {
	all := s.Text()
	for _, text := range texts {
		if !strings.Contains(all, text) {
			return false
		}
	}
	return true
}
