package text

import (
	"math"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

func TestFit(t *testing.T) {
	cases := []struct {
		name      string
		got, want string
	}{
		{"fits", Fit("abc", 5), "abc  "},
		{"exact", Fit("abcde", 5), "abcde"},
		{"cut", Fit("abcdef", 5), "abcd…"},
		{"one cell", Fit("abc", 1), "…"},
		{"no cell", Fit("abc", 0), ""},
		{"negative", Fit("abc", -3), ""},
		{"wide cut on its middle", Fit("日本語", 4), "日… "},
		{"cut plainly", TruncateWith("abcdef", 4, ASCIIEllipsis), "abc~"},
		{"wide cut plainly", TruncateWith("日本語", 4, ASCIIEllipsis), "日~"},
		{"plain", Plain("1–4 of … in 3 µs, größe"), "1-4 of ~ in 3 us, größe"},
		{"left", FitLeft("17", 5), "   17"},
		{"left cut", FitLeft("123456", 4), "123…"},
		{"center", Center("ab", 6), "  ab  "},
		{"cut middle", Cut("abcdef", 2, 3), "cde"},
		{"cut past", Cut("abc", 2, 3), "c  "},
		{"cut beyond", Cut("abc", 9, 3), "   "},
		{"cut across wide", Cut("日本語", 1, 4), " 本 "},
		{"cut wide", Cut("日本語", 2, 4), "本語"},
		{"styled", Fit("\x1b[1mabc\x1b[m", 2), "\x1b[1ma…\x1b[m"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestFitIsExact(t *testing.T) {
	r := seeded(t)
	for range 4000 {
		s := Sanitize(randomText(r))
		w, left := r.IntN(12), r.IntN(8)
		for name, got := range map[string]string{
			"Fit": Fit(s, w), "FitLeft": FitLeft(s, w), "Center": Center(s, w), "Cut": Cut(s, left, w),
			"Cut styled": Cut("\x1b[1m"+s+"\x1b[m", left, w),
		} {
			if n := ansi.StringWidth(got); n != w {
				t.Fatalf("%s(%q, left %d, w %d) = %q: %d cells", name, s, left, w, got, n)
			}
		}
	}
}

func TestHuman(t *testing.T) {
	cases := []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(12431), "12,431"}, {Count(-1234567), "-1,234,567"},
		{Count(math.MinInt64), "-9,223,372,036,854,775,808"},
		{Short(0), "0"}, {Short(940), "940"}, {Short(999.6), "1k"}, {Short(12400), "12.4k"}, {Short(3.14e6), "3.14M"}, {Short(0.25), "0.25"}, {Short(math.NaN()), "–"},
		{Bytes(0), "0 B"}, {Bytes(999), "999 B"}, {Bytes(12400), "12.4 kB"}, {Bytes(999999), "1 MB"}, {Bytes(1 << 30), "1.07 GB"},
		{Rate(0), "0/s"}, {Rate(0.42), "0.4/s"}, {Rate(12431.4), "12,431/s"}, {Rate(math.Inf(1)), "–"},
		{Percent(1, 3), "33.3%"}, {Percent(0, 0), "–"},
		{Share(0), "0.0%"}, {Share(0.0004), "<0.1%"}, {Share(0.0005), "0.1%"}, {Share(0.9994), "99.9%"}, {Share(0.9996), ">99.9%"}, {Share(1), "100.0%"},
		{Duration(0), "0 ns"}, {Duration(840), "840 ns"}, {Duration(12400), "12.4 µs"}, {Duration(999700), "1 ms"},
		{Duration(1800 * time.Microsecond), "1.8 ms"}, {Duration(2310 * time.Millisecond), "2.31 s"}, {Duration(245 * time.Second), "4m 05s"},
		{Duration(192 * time.Minute), "3h 12m"}, {Duration(124 * time.Hour), "5d 04h"}, {Duration(-time.Second), "-1 s"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 2, 7, 0, time.UTC)
	cases := []struct {
		before time.Duration
		want   string
	}{
		{0, "now"}, {-time.Second, "now"}, {3 * time.Second, "3s ago"}, {59 * time.Second, "59s ago"}, {5 * time.Minute, "5m ago"},
		{2 * time.Hour, "2h ago"}, {96 * time.Hour, "4d ago"}, {1000 * time.Hour, "2026-10-12"},
	}
	for _, c := range cases {
		if got := Ago(now.Add(-c.before), now); got != c.want {
			t.Errorf("%v before: %q, want %q", c.before, got, c.want)
		}
	}
	if got := Ago(time.Time{}, now); got != "never" {
		t.Errorf("zero time: %q", got)
	}
}

func TestPen(t *testing.T) {
	red := NewPen(lipgloss.NewStyle().Foreground(lipgloss.Color("1")).Width(20).Padding(2).Border(lipgloss.NormalBorder()))
	back := NewPen(lipgloss.NewStyle().Background(lipgloss.Color("4")))
	cases := []struct{ name, got, want string }{
		{"paint", red.Paint("x y"), "\x1b[31mx y\x1b[m"},
		{"paint nothing", red.Paint(""), ""},
		{"zero", Pen{}.Paint("x"), "x"},
		{"append", string(red.Append([]byte("a"), "b")), "a\x1b[31mb\x1b[m"},
		{"over", red.Over(back).Paint("x"), "\x1b[44m\x1b[31mx\x1b[m"},
		{"wrap plain", back.Wrap("x"), "\x1b[44mx\x1b[m"},
		{"wrap styled", back.Wrap("a" + red.Paint("b") + "c"), "\x1b[44ma\x1b[31mb\x1b[m\x1b[44mc\x1b[m"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
	if !NewPen(lipgloss.NewStyle()).IsZero() {
		t.Error("a style without anything is not the zero pen")
	}
}
