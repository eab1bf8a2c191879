package text

import (
	"strings"
	"unicode/utf8"
)

// Name returns a name as it can be shown on one line, like [Sanitize], but so
// that two names never look alike: what only changes how the character before
// it is drawn (variation selectors, the enclosing keycap, joiners, skin tones)
// is marked as ‹U+20E3›. In payloads it is left out, since there it tells
// nothing apart.
func Name(s string) string {
	if strings.IndexFunc(s, modifies) < 0 {
		return Sanitize(s)
	}
	dst := make([]byte, 0, len(s)+32)
	var base rune
	for _, r := range s {
		if modifies(r) && !shapes(base, r) {
			dst = appendCode(dst, r)
		} else {
			dst = utf8.AppendRune(dst, r)
		}
		base = r
	}
	return Sanitize(string(dst))
}

// modifies reports whether a code point may be drawn into the one before it,
// without a sign of its own.
func modifies(r rune) bool {
	return r == 0x200d || r == 0xfe0e || r == 0xfe0f || r == 0x20e3 || r >= 0x1f3fb && r <= 0x1f3ff
}

// shortestMiddle is the least width from which the middle gives way.
const shortestMiddle = 8

// Shorten returns a text of one line, without escape sequences, in at most w
// cells: its middle gives way for an ellipsis, since the ends of names tell them
// apart.
func Shorten(s string, w int) string { return ShortenWith(s, w, Ellipsis) }

// ShortenWith is [Shorten] with another sign, of one cell.
func ShortenWith(s string, w int, sign string) string {
	n := Width(s)
	switch {
	case n <= w:
		return s
	case w < shortestMiddle:
		return TruncateWith(s, w, sign)
	}
	tail := (w - 1) / 2
	return strings.TrimRight(Cut(s, 0, w-1-tail), " ") + sign + strings.TrimLeft(Cut(s, n-tail, tail), " ")
}
