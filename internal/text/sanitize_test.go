package text

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

func TestSanitize(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"ascii", "order-17 placed", "order-17 placed"},
		{"empty", "", ""},
		{"latin", "Köln é", "Köln é"},
		{"decomposed", "e\u0301t", "e\u0301t"},
		{"cjk", "日本語", "日本語"},
		{"escape", "\x1b[31mred\x1b]0;title\x07", "␛[31mred␛]0;title␇"},
		{"whitespace", "a\tb\nc\r\x00\x7f", "a␉b␊c␍␀␡"},
		{"c1", "\u009b31m\u0085", "‹U+009B›31m‹U+0085›"},
		{"bidi override", "user\u202egnp.exe", "user‹U+202E›gnp.exe"},
		{"bidi isolate", "\u2066a\u2069\u200f\u061c", "‹U+2066›a‹U+2069›‹U+200F›‹U+061C›"},
		{"zero width", "ac\u200bco\u200dunt\ufeff\u00ad\u2060", "ac‹U+200B›co‹U+200D›unt‹U+FEFF›‹U+00AD›‹U+2060›"},
		{"fillers", "\u3164\u115f", "‹U+3164›‹U+115F›"},
		{"tags", "a\U000e0041", "a‹U+E0041›"},
		{"line separator", "a\u2028b", "a‹U+2028›b"},
		{"invalid", "a\xffb\xc3", `a\xffb\xc3`},
		{"surrogate", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"replacement is itself", "\ufffd", "\ufffd"},
		{"family", "👨\u200d👩\u200d👧", "👨👩👧"},
		{"skin tone", "👍🏽!", "👍!"},
		{"heart", "❤\ufe0f", "❤"},
		{"flag", "🇩🇪", "🇩🇪"},
		{"selector smuggling", "a\ufe01\ufe02\U000e0100", "a‹U+FE01›‹U+FE02›‹U+E0100›"},
		{"mark alone", "\u0301x", "◌\u0301x"},
		{"stacked marks", "a" + strings.Repeat("\u0301", 100), "a" + strings.Repeat("\u0301", 8) + "‹+92 marks›"},
		{"persian", "می\u200cخواهم", "می\u200cخواهم"},
		{"thai", "นี้", "นี้"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Sanitize(c.in); got != c.want {
				t.Errorf("Sanitize(%q) = %q, want %q", c.in, got, c.want)
			}
			if got := SanitizeBytes([]byte(c.in)); got != c.want {
				t.Errorf("SanitizeBytes(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// pieces are the material of random text: what breaks terminals, and what
// stands beside it.
var pieces = []string{
	"a", "Z", " ", "é", "e\u0301", "日", "한", "ᄒ", "ᅡ", "👨", "\u200d", "👩", "❤", "\ufe0f", "👍", "🏽",
	"🇩", "🇪", "\x1b[2J", "\x1b", "\x07", "\x9b", "\xff", "\xe6\x97", "\u202e", "\u2066", "\u200b", "\u200c", "\ufeff",
	"क", "\u094d", "ष", "ि", "நி", "\u0301", "\u20e3", "#", "\u00ad", "ي", "\u3164", "\U000e0041", "\U0001fae8", "\u0e33", "\u0600",
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

func TestSanitizeIsHarmlessAndOneWidth(t *testing.T) {
	r := seeded(t)
	for range 6000 {
		in := randomText(r)
		out := Sanitize(in)
		if !utf8.ValidString(out) {
			t.Fatalf("Sanitize(%q) = %q is not UTF-8", in, out)
		}
		if g, wc := ansi.StringWidth(out), ansi.StringWidthWc(out); g != wc {
			t.Fatalf("Sanitize(%q) = %q is %d cells by cluster, %d by code point", in, out, g, wc)
		}
		for _, c := range out {
			if unicode.Is(unicode.Cc, c) || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
				t.Fatalf("Sanitize(%q) = %q holds %U", in, out, c)
			}
		}
	}
}

// TestSanitizedIsDrawnAsMeasured draws between two marks and looks where the
// second one lands, with both ways that a renderer counts cells.
func TestSanitizedIsDrawnAsMeasured(t *testing.T) {
	r := seeded(t)
	for range 3000 {
		in := randomText(r)
		w := r.IntN(14)
		line := "[" + Fit(Sanitize(in), w) + "]"
		for _, method := range []ansi.Method{ansi.GraphemeWidth, ansi.WcWidth} {
			buf := uv.NewScreenBuffer(w+4, 1)
			buf.Method = method
			uv.NewStyledString(line).Draw(buf, buf.Bounds())
			if cell := buf.CellAt(w+1, 0); cell == nil || cell.Content != "]" {
				t.Fatalf("Fit(Sanitize(%q), %d) = %q: cell %d is %v (method %d)", in, w, line, w+1, cell, method)
			}
		}
	}
}

func BenchmarkSanitizeASCII(b *testing.B) {
	s := strings.Repeat("order-17 placed ", 8)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Sanitize(s)
	}
}
