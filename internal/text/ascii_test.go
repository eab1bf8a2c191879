package text

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestASCII(t *testing.T) {
	for in, want := range map[string]string{
		"order-17":             "order-17",
		"":                     "",
		"Köln":                 `K\u00f6ln`,
		"日本":                   `\u65e5\u672c`,
		"👍":                    `\ud83d\udc4d`,
		"12.4 µs … – 3 · ‹x›":  "12.4 us ~ - 3 . <x>",
		Sanitize("a\x1b[2J\n"): "a^[[2J^J",
		Sanitize("\x7f\u009d"): "^?<U+009D>",
		"▁▂▃▄▅▆▇█":             "_.:-=+*#",
		"│─╭╯":                 "|-++",
		"\x1b[1mö\x1b[m":       "\x1b[1m\\u00f6\x1b[m",
		"ĝ2;TITLEĜ":            `\u011d2;TITLE\u011c`, // its UTF-8 ends in the bytes of OSC and ST
	} {
		if got := ASCII(in); got != want {
			t.Errorf("ASCII(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestASCIILine(t *testing.T) {
	bold := func(s string) string { return "\x1b[1m" + s + "\x1b[m" }
	for _, c := range []struct{ name, in, want string }{
		{"plain", "account-1   3", "account-1   3"},
		{"the blanks behind pay", "Köln           3", `K\u00f6ln      3`},
		{"too few blanks", "Köln     3", `K\u00f6~ 3`},
		{"two columns", "Köln       Ö  3 ", `K\u00f6ln  ~  3 `},
		{"a box", "│Köln     │ö│", `|K\u00f6~ |~|`},
		{"padded behind the pen", bold("Köln") + "         3", bold(`K\u00f6ln`) + "    3"},
		{"padded under the pen", bold("Köln         ") + "3", bold(`K\u00f6ln    `) + "3"},
		{"a title in an edge", "+- Köln -------- 1 of 1 -+", `+- K\u00f6ln --- 1 of 1 -+`},
		{"a drawn edge", "╭─ Köln ────────╮", `+- K\u00f6ln ---+`},
		{"wide", "日本       x", `\u65e5~    x`},
		{"at the end", "ab Köln", `ab K~  `},
	} {
		if got := ASCIILine(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestASCIILineOfAnything: whatever is drawn, only ASCII reaches the terminal,
// in the cells that were there.
func TestASCIILineOfAnything(t *testing.T) {
	r := seeded(t)
	for range 4000 {
		var line strings.Builder
		for range r.IntN(4) {
			cell := Fit(Sanitize(randomText(r)), r.IntN(20))
			if r.IntN(2) == 0 {
				cell = "\x1b[1m" + cell + "\x1b[m"
			}
			line.WriteString(cell + []string{" ", "  ", "│", ""}[r.IntN(4)])
		}
		in := line.String()
		got := ASCIILine(in)
		if ascii(got) != len(got) || Width(got) != Width(in) {
			t.Fatalf("ASCIILine(%q) = %q: %d cells, not %d", in, got, Width(got), Width(in))
		}
		if strings.Count(got, "\x1b[m") != strings.Count(in, "\x1b[m") || ascii(ansi.Strip(ASCII(in))) != len(ansi.Strip(ASCII(in))) {
			t.Fatalf("ASCIILine(%q) = %q lost a pen", in, got)
		}
	}
}
