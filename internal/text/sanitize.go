package text

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxMarks is how many code points one cluster may stack before the rest is
// counted instead of drawn over the lines above.
const maxMarks = 8

// Sanitize returns s as it can be shown on one line: control characters as
// their pictures (␛, ␊), bidi marks and invisible characters as ‹U+202E›,
// bytes that are not UTF-8 as \xff. Printable ASCII is returned as it came,
// without a copy.
func Sanitize(s string) string {
	i := printable(s)
	if i == len(s) {
		return s
	}
	return agree(string(appendSanitized(append(make([]byte, 0, len(s)+32), s[:i]...), s[i:])))
}

// SanitizeBytes is [Sanitize] of bytes. The result does not share their memory.
func SanitizeBytes(b []byte) string {
	return Sanitize(string(b))
}

// printable returns how many bytes at the start of s are printable ASCII that
// no mark may follow.
func printable(s string) int {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			if c >= utf8.RuneSelf && i > 0 {
				return i - 1 // the character before may carry a mark
			}
			return i
		}
	}
	return len(s)
}

func appendSanitized(dst []byte, s string) []byte {
	for s != "" {
		c := s[0]
		switch {
		case c < 0x20:
			dst = utf8.AppendRune(dst, rune(0x2400)+rune(c))
			s = s[1:]
		case c == 0x7f:
			dst = utf8.AppendRune(dst, '␡')
			s = s[1:]
		case c < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf):
			dst = append(dst, c)
			s = s[1:]
		default:
			cluster, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
			dst = appendCluster(dst, cluster)
			s = s[len(cluster):]
		}
	}
	return dst
}

// appendCluster appends one cluster beyond ASCII in a form that is visible and
// equally wide to every renderer.
func appendCluster(dst []byte, cluster string) []byte {
	start := len(dst)
	marks, dropped := 0, 0
	var base rune
	for i, r := range cluster {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(cluster[i:]); size == 1 {
				dst = fmt.Appendf(dst, `\x%02x`, cluster[i])
				continue
			}
		}
		if len(dst) > start && joins(base, r) {
			continue
		}
		if !visible(r) && !shapes(base, r) {
			dst = appendCode(dst, r)
			continue
		}
		if unicode.Is(unicode.M, r) {
			if marks++; marks > maxMarks {
				dropped++
				continue
			}
			if base == 0 {
				dst = utf8.AppendRune(dst, '◌')
			}
		}
		base = r
		dst = utf8.AppendRune(dst, r)
	}
	if dropped > 0 {
		dst = append(dst, "‹+"...)
		dst = strconv.AppendInt(dst, int64(dropped), 10)
		dst = append(dst, " marks›"...)
	}
	return dst
}

// joins reports whether r only changes how the pictograph base is drawn:
// joiners, one variation selector, skin tones. Terminals disagree on the width
// of what they make, so that the parts are shown instead.
func joins(base, r rune) bool {
	switch {
	case r == 0xfe0e || r == 0xfe0f || r == 0x20e3:
		return true
	case r >= 0x1f3fb && r <= 0x1f3ff:
		return base >= 0x2190
	case r == 0x200d:
		return base >= 0x2190 && !unicode.IsLetter(base)
	}
	return false
}

// shapes reports whether r is a joiner or non-joiner at work: behind a letter of
// the scripts, from Arabic to Mongolian, that are spelled with them.
func shapes(base, r rune) bool {
	return (r == 0x200c || r == 0x200d) && base >= 0x600 && base < 0x1900
}

// visible reports whether a code point shows itself when it is printed.
func visible(r rune) bool {
	switch {
	case r == 0x34f || r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || r == 0x2800:
		return false // fillers: letters and symbols by name, blank by nature
	case r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef || r >= 0x180b && r <= 0x180f:
		return false // variation selectors
	}
	if r >= 0x1f3fb && r <= 0x1f3ff {
		return false // skin tones, where there is no skin
	}
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r)
}

func appendCode(dst []byte, r rune) []byte {
	return fmt.Appendf(dst, "‹U+%04X›", r)
}

// agree returns s with those clusters split into single code points on whose
// width the two ways to count differ, as they do on conjuncts of Indic scripts.
// A zero-width space ends a cluster for both; such spaces also keep s from
// joining the character that it is written behind, and the one behind it.
func agree(s string) string {
	if simple(s) {
		return s
	}
	dst := split(make([]byte, 0, len(s)+16), s)
	_, size := utf8.DecodeLastRune(dst)
	last := string(dst[len(dst)-size:])
	if behind, _ := ansi.FirstGraphemeCluster(last+"x", ansi.GraphemeWidth); len(behind) > len(last) {
		dst = append(dst, "\u200b"...)
	}
	return string(dst)
}

// split does agree's work, but for the end.
func split(dst []byte, s string) []byte {
	if first, _ := ansi.FirstGraphemeCluster("x"+s[:min(len(s), utf8.UTFMax)], ansi.GraphemeWidth); len(first) > 1 {
		dst = append(dst, "\u200b"...)
	}
	if clustersAgree(s) {
		return append(dst, s...)
	}
	for s != "" {
		cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		if w == ansi.StringWidthWc(cluster) {
			dst = append(dst, cluster...)
			continue
		}
		for _, r := range cluster {
			switch one := string(r); {
			case ansi.StringWidth(one) != ansi.StringWidthWc(one):
				dst = appendCode(dst, r)
			case ansi.StringWidth(one) > 0:
				dst = append(append(dst, "\u200b"...), one...)
			default:
				dst = append(dst, one...)
			}
		}
	}
	return dst
}

// simple reports whether each code point of s is a cluster of its own for
// sure: Latin, punctuation and symbols, kana, han, hangul.
func simple(s string) bool {
	for _, r := range s {
		switch {
		case r < 0x300, r >= 0x2010 && r < 0x20d0, r >= 0x2100 && r < 0x2600:
		case r >= 0x3041 && r <= 0x3096, r >= 0x30a1 && r <= 0x30fa, r >= 0x3400 && r < 0xa000, r >= 0xac00 && r <= 0xd7a3:
		default:
			return false
		}
	}
	return true
}

func clustersAgree(s string) bool {
	for s != "" {
		cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		if w != ansi.StringWidthWc(cluster) {
			return false
		}
		s = s[len(cluster):]
	}
	return true
}
