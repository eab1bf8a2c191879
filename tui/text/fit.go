package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Ellipsis ends what Truncate has cut.
const Ellipsis = "…"

// Width returns how many cells s takes; escape sequences take none. It counts
// by cluster, which for sanitized text is the same as counting by code point.
func Width(s string) int {
	if printable(s) == len(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Truncate returns s cut to at most w cells, the last of them … when anything
// was cut. Escape sequences in s are kept.
func Truncate(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if n := printable(s); n == len(s) {
		if n <= w {
			return s
		}
		return s[:w-1] + Ellipsis
	}
	if ansi.StringWidth(s) <= w {
		return s
	}
	return ansi.Truncate(s, w, Ellipsis)
}

// TruncateLeft is [Truncate] from the other end: the end of s is kept.
func TruncateLeft(s string, w int) string {
	n := Width(s)
	if n <= w {
		return s
	}
	if w <= 0 {
		return ""
	}
	return ansi.TruncateLeft(s, n-w+1, Ellipsis)
}

// Fit returns s in exactly w cells, truncated or followed by spaces.
func Fit(s string, w int) string { return PadRight(Truncate(s, w), w) }

// FitLeft returns s in exactly w cells, truncated or led by spaces, as figures
// stand in a column.
func FitLeft(s string, w int) string { return PadLeft(Truncate(s, w), w) }

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
// character that stands across an edge is replaced by spaces.
func Cut(s string, left, w int) string {
	if w <= 0 {
		return ""
	}
	if n := printable(s); n == len(s) {
		return PadRight(s[min(left, n):min(left+w, n)], w)
	}
	cut := ansi.Cut(s, left, left+w)
	if missing := w - Width(cut); missing > 0 && left > 0 && Width(s) > left+Width(cut) {
		// ansi.Cut leaves out a character that begins before left.
		if Width(ansi.Truncate(s, left, "")) < left {
			return Fit(" "+cut, w)
		}
	}
	return Fit(cut, w)
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
