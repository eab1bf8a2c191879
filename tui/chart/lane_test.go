package chart

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// TestLaneStandsUnderItsSlots draws a chart with one lonely value a slot and
// looks whether the lane's mark stands in the column of its dot.
func TestLaneStandsUnderItsSlots(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		for slot := range 60 {
			values := make([]float64, 60)
			for i := range values {
				values[i] = math.NaN()
			}
			values[59-slot] = 1
			c := LineChart{
				Series: []Series{{Values: values}}, Slots: 60, Cursor: -1, ASCII: ascii, YWidth: 6,
				End: time.Unix(1_700_000_003, 0), Step: time.Second,
			}
			for _, w := range []int{20, 41, 66, 120} {
				at := -1
				for _, line := range c.Lines(w, 3)[:2] {
					for x, r := range []rune(ansi.Strip(line)) {
						if x >= 6 && (r == '*' || r > 0x2800 && r <= 0x28ff) {
							at = x
						}
					}
				}
				lane := c.Lane("", []Mark{{Before: slot, Sign: 'X'}}, w, 3)
				if n := ansi.StringWidth(lane); n != w {
					t.Fatalf("the lane has %d cells, want %d", n, w)
				}
				if got := strings.IndexRune(lane, 'X'); got != at {
					t.Fatalf("ascii %v, slot %d, width %d: the mark is in column %d, the dot in %d", ascii, slot, w, got, at)
				}
			}
		}
	}
}

func TestLane(t *testing.T) {
	c := LineChart{Slots: 10, Cursor: 2, ASCII: true, YWidth: 8}
	marks := []Mark{{Before: 9, Sign: 'a'}, {Before: 0, Sign: 'b'}, {Before: 0, Sign: 'c'}, {Before: 10, Sign: 'd'}, {Before: -1, Sign: 'e'}}
	if got, want := c.Lane("events", marks, 18, 4), "events  a      | c"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	c.Cursor = 0
	if got, want := c.Lane("a long label", marks, 18, 4), "a lon~  a        c"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !c.Shares(0, 0, 18, 4) || c.Shares(0, 9, 18, 4) || c.Shares(0, 99, 18, 4) || !c.Shares(0, 1, 5, 4) {
		t.Error("which slots share a cell is wrong")
	}
	for w := range 20 {
		if n := ansi.StringWidth(c.Lane("events", marks, w, 4)); n != w {
			t.Errorf("%d cells, want %d", n, w)
		}
	}
}
