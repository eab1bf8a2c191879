package pagetest

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/tui/page"
)

// Colourless draws a screen in both looks and fails unless the one without
// colours shows the same text and paints nothing. It returns the one with colours.
func Colourless(t testing.TB, draw func(look page.Look) string) string {
	t.Helper()
	full, mono := draw(page.LookFull), draw(page.LookMono)
	if got, want := ansi.Strip(mono), ansi.Strip(full); got != want {
		t.Errorf("without colours the screen shows\n%s\nand with them\n%s", got, want)
	}
	if painted := Painted(mono); painted != "" {
		t.Errorf("without colours the screen is painted with %q", painted)
	}
	return full
}

// Painted returns the first escape sequence of a screen that sets a colour, ""
// when there is none.
func Painted(screen string) string {
	for {
		_, rest, found := strings.Cut(screen, "\x1b[")
		if !found {
			return ""
		}
		seq, after, _ := strings.Cut(rest, "m")
		for _, n := range strings.FieldsFunc(seq, func(r rune) bool { return r == ';' || r == ':' }) {
			if n != "38" && n != "48" && (len(n) != 2 || !strings.Contains("349", n[:1])) && (len(n) != 3 || n[:2] != "10") {
				continue
			}
			return "\x1b[" + seq + "m"
		}
		screen = after
	}
}

// Says fails unless a screen shows all of the texts, however wide the gaps
// between their words are.
func Says(t testing.TB, screen string, texts ...string) {
	t.Helper()
	plain := ansi.Strip(screen)
	squeezed := strings.Join(strings.Fields(plain), " ")
	for _, want := range texts {
		if !strings.Contains(squeezed, want) {
			t.Errorf("the screen does not show %q:\n%s", want, plain)
		}
	}
}
