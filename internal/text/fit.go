package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// What ends a text that was cut: Ellipsis where [Truncate] did it, ASCIIEllipsis
// where there are plain signs only.
const (
	Ellipsis      = "…"
	ASCIIEllipsis = "~"
)

// Width returns how many cells s takes; escape sequences take none. It counts
// by cluster, which for sanitized text is the same as counting by code point.
func Width(s string) int {
	n := printable(s)
	if n == len(s) {
		return n
	}
	return n + ansi.StringWidth(s[n:])
}

// Truncate returns s cut to at most w cells, the last of them … when anything
// was cut. Escape sequences in s are kept.
func Truncate(s string, w int) string { return TruncateWith(s, w, Ellipsis) }

// TruncateWith is [Truncate] with another end, of one cell.
func TruncateWith(s string, w int, end string) string {
	if w <= 0 {
		return ""
	}
	if n := printable(s); n == len(s) {
		if n <= w {
			return s
		}
		return s[:w-1] + end
	}
	if Width(s) <= w {
		return s
	}
	return ansi.Truncate(s, w, end)
}

// Plain spells in ASCII, cell for cell, what this package's own functions write
// beyond it: the ellipsis, the dash of what is not known, the µ of a unit.
// Those of other origin are spelled so as well.
func Plain(s string) string { return plainer.Replace(s) }

var plainer = strings.NewReplacer(Ellipsis, ASCIIEllipsis, "–", "-", "µ", "u")

// Fit returns s in exactly w cells, truncated or followed by spaces.
func Fit(s string, w int) string {
	if n := Width(s); n <= w {
		return s + Spaces(w-n)
	}
	return PadRight(Truncate(s, w), w)
}

// FitLeft returns s in exactly w cells, truncated or led by spaces, as figures
// stand in a column.
func FitLeft(s string, w int) string {
	if n := Width(s); n <= w {
		return Spaces(w-n) + s
	}
	return PadLeft(Truncate(s, w), w)
}

// PadRight returns s followed by spaces up to w cells; a longer s is unchanged.
func PadRight(s string, w int) string {
	if n := w - Width(s); n > 0 {
		return s + Spaces(n)
	}
	return s
}

// PadLeft returns s led by spaces up to w cells; a longer s is unchanged.
func PadLeft(s string, w int) string {
	if n := w - Width(s); n > 0 {
		return Spaces(n) + s
	}
	return s
}

// Center returns s in exactly w cells, with spaces on both sides.
func Center(s string, w int) string {
	s = Truncate(s, w)
	return PadRight(PadLeft(s, (w+Width(s))/2), w)
}

// Cut returns the cells [left, left+w) of s in exactly w cells. A wide
// character that stands across an edge is replaced by spaces. Escape sequences
// are kept, those outside the cut as well, so that styles go on.
func Cut(s string, left, w int) string {
	if w <= 0 {
		return ""
	}
	if n := printable(s); n == len(s) {
		return PadRight(s[min(left, n):min(left+w, n)], w)
	}
	dst := make([]byte, 0, len(s))
	at, filled := 0, 0 // cells of s passed, cells of dst made
	for s != "" {
		if n := sequence(s); n > 0 {
			dst = append(dst, s[:n]...)
			s = s[n:]
			continue
		}
		cluster, cells := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		from, to := max(at, left), min(at+cells, left+w)
		switch {
		case from == at && to == at+cells && (cells > 0 || at > left && at < left+w):
			dst = append(dst, cluster...)
			filled += cells
		case from < to:
			dst = append(dst, Spaces(to-from)...)
			filled += to - from
		}
		at += cells
	}
	return string(append(dst, Spaces(w-filled)...))
}

// sequence returns the length of the control sequence that s begins with, 0
// when it begins with none.
func sequence(s string) int {
	if len(s) < 2 || s[0] != 0x1b || s[1] != '[' {
		return 0
	}
	for i := 2; i < len(s); i++ {
		if s[i] >= 0x40 && s[i] <= 0x7e {
			return i + 1
		}
	}
	return len(s)
}

const blank = "                                                                                                                                "

// Spaces returns n spaces; none when n is negative.
func Spaces(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// Wrap breaks a text into lines of at most w cells; a longer word stays whole.
func Wrap(s string, w int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && Width(line)+1+Width(word) > w {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
