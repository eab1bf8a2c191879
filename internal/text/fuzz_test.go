package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// FuzzSanitize: whatever is in a name or a payload, what is shown of it is
// UTF-8 without anything that a terminal obeys, as wide as it is measured, and
// fits where it is put.
func FuzzSanitize(f *testing.F) {
	for _, in := range []string{
		"order-17 placed", "日本語", "\x1b[31mred\x1b]0;title\x07", "\u009b31m", "user\u202egnp.exe", "\xff\xc3", "👨\u200d👩\u200d👧", "👍🏽", "🇩🇪🇫", "a" + strings.Repeat("\u0301", 100), "\u0301x", "क्षि", "ก็", "\u1100\u1161",
		"\u200b", "a\ufe0f", "\x1bP$q\x1b\\", "\x9d", "\r\n", "\u2028", "\u3164", "\U000e0041",
	} {
		f.Add(in, 8)
	}
	f.Fuzz(func(t *testing.T, in string, w int) {
		out := Sanitize(in)
		if !utf8.ValidString(out) {
			t.Fatalf("%q is not UTF-8", out)
		}
		for _, c := range out {
			if unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029' {
				t.Fatalf("%q holds %U", out, c)
			}
		}
		wide := ansi.StringWidth(out)
		if wc := ansi.StringWidthWc(out); wide != wc {
			t.Fatalf("%q is %d cells by cluster, %d by code point", out, wide, wc)
		}
		if ansi.Strip(out) != out {
			t.Fatalf("%q holds a sequence", out)
		}
		if SanitizeBytes([]byte(in)) != out {
			t.Fatal("bytes are shown otherwise than text")
		}
		w = w & 0xff
		if got := Width(Fit(out, w)); got != w {
			t.Fatalf("%q fitted to %d cells is %d wide", out, w, got)
		}
	})
}
