package text

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// ASCII spells s for a terminal or file that takes ASCII alone. The signs that
// evtui itself writes have a spelling; anything else beyond ASCII stands as
// JSON escapes it: "Köln" is K\u00f6ln. It adds no control character and leaves
// those that s has, so that sequences that paint go on to work.
func ASCII(s string) string {
	i := ascii(s)
	if i == len(s) {
		return s
	}
	dst := append(make([]byte, 0, len(s)+32), s[:i]...)
	for _, r := range s[i:] {
		dst = appendASCII(dst, r)
	}
	return string(dst)
}

// ascii returns how many bytes at the start of s are ASCII.
func ascii(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}

func appendASCII(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		return append(dst, byte(r))
	}
	if own := ownSign(r); own != 0 {
		return append(dst, own)
	}
	switch {
	case r >= 0x2400 && r < 0x2420: // a control character, as Sanitize shows it
		return append(dst, '^', byte(r-0x2400)|0x40)
	case r == '␡':
		return append(dst, "^?"...)
	}
	return AppendEscape(dst, r)
}

// AppendEscape appends a code point as JSON escapes it: \u00f6, and beyond the
// first 65,536 the two halves of a surrogate pair.
func AppendEscape(dst []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}

// ownSign is how a sign of one cell that evtui itself writes is spelled; 0 of
// any other.
func ownSign(r rune) byte {
	switch {
	case r == '─' || r == '╌' || r == '═':
		return '-'
	case r == '│' || r == '╎' || r == '║':
		return '|'
	case r >= 0x2500 && r < 0x2580:
		return '+'
	case r >= 0x2581 && r < 0x2588: // lower eighths
		return "_.:-=+*"[r-0x2581]
	case r >= 0x2580 && r < 0x25a0:
		return '#'
	case r >= 0x2801 && r < 0x2900:
		return '.'
	}
	const signs, spelled = "…–—µ·‹›●○✓✗▸▾▲▼◌→←↑↓↳↔×⋯’“”≈", "~--u.<>*!+x>v^vo><^v`-x~'\"\"~"
	if at := strings.IndexRune(signs, r); at >= 0 {
		return spelled[utf8.RuneCountInString(signs[:at])]
	}
	return 0
}

// ASCIILine is [ASCII] of a line that is drawn: it takes exactly the cells that
// it took before. What an escape takes more than the character it stands for is
// taken from the blanks behind it in its column, or from the edge of the box that
// it stands in, and where there are none left the column ends with the sign of
// what was cut.
func ASCIILine(line string) string {
	at := ascii(line)
	if at == len(line) {
		return line
	}
	var b strings.Builder
	b.Grow(len(line) + 32)
	for line != "" {
		part := column(line)
		line = line[len(part):]
		if ascii(part) == len(part) {
			b.WriteString(part)
			continue
		}
		respell(&b, part)
	}
	return b.String()
}

// column returns what line begins with up to the end of its column: the filling
// that stands behind it, or the edge of a box.
func column(line string) string {
	filling := 0 // how many cells of it stand together
	var last rune
	for at := 0; at < len(line); {
		if n := sequence(line[at:]); n > 0 {
			at += n
			continue
		}
		r, size := utf8.DecodeRuneInString(line[at:])
		switch {
		case (r == ' ' || r == '-' || r == '─') && r == last:
			filling++
		case filling >= 2:
			return line[:at]
		case (r == '│' || r == '║') && at > 0:
			return line[:at]
		case r == '│' || r == '║':
			return line[:at+size]
		default:
			filling = 1
		}
		at += size
		last = r
	}
	return line
}

// respell writes a column in ASCII and in as many cells as before, its pens
// where they were.
func respell(b *strings.Builder, column string) {
	all, room := ansi.Strip(column), Width(column)
	filler, fillers := " ", " "
	if strings.HasSuffix(all, "--") || strings.HasSuffix(all, "──") {
		filler, fillers = "-", "-─" // the edge of a box
	}
	words := strings.TrimRight(all, fillers)
	gap := min(len(all)-len(words), 1) // one cell of it stays between two columns
	spelled := asciiWithin(words, room-gap)
	spelled += strings.Repeat(filler, room-len(spelled))
	behind := len(words) // bytes until the filling behind the words
	for column != "" {
		if n := sequence(column); n > 0 {
			b.WriteString(column[:n])
			column = column[n:]
			continue
		}
		cluster, _ := ansi.FirstGraphemeCluster(column, ansi.GraphemeWidth)
		column = column[len(cluster):]
		n := len(ASCII(cluster))
		if behind <= 0 {
			n = len(spelled) // the filling takes what is left
		}
		n = min(n, len(spelled))
		b.WriteString(spelled[:n])
		spelled = spelled[n:]
		behind -= len(cluster)
	}
	b.WriteString(spelled)
}

// asciiWithin spells words in at most w cells: where that takes more, as many
// whole characters as there is room for, and the sign of what was cut.
func asciiWithin(words string, w int) string {
	if whole := ASCII(words); len(whole) <= w {
		return whole
	}
	if w < 1 {
		return ""
	}
	var dst []byte
	for words != "" {
		cluster, _ := ansi.FirstGraphemeCluster(words, ansi.GraphemeWidth)
		words = words[len(cluster):]
		spelled := ASCII(cluster)
		if len(dst)+len(spelled) >= w {
			break
		}
		dst = append(dst, spelled...)
	}
	return string(append(dst, ASCIIEllipsis...))
}
