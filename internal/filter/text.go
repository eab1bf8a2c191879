package filter

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// needle is text that is looked for in any case.
type needle struct {
	lower string
	ascii bool
	first byte // lower case
	upper byte // first in upper case; the same where it is no letter
}

func newNeedle(s string) needle {
	n := needle{lower: strings.ToLower(s), ascii: true}
	for i := range len(n.lower) {
		n.ascii = n.ascii && n.lower[i] < utf8.RuneSelf
	}
	if n.lower != "" {
		n.first, n.upper = n.lower[0], n.lower[0]
		if n.first >= 'a' && n.first <= 'z' {
			n.upper -= 'a' - 'A'
		}
	}
	return n
}

func (n needle) inBytes(b []byte) bool { return n.in(view(b)) }

// view is b as a string without a copy, for as long as nothing writes to b.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// in reports whether s holds the text. ASCII is folded in place; other text
// costs a copy of s.
func (n needle) in(s string) bool {
	switch {
	case n.lower == "":
		return true
	case !n.ascii:
		return strings.Contains(strings.ToLower(s), n.lower)
	}
	low, up := indexFrom(s, n.first, 0), -1
	if n.upper != n.first {
		up = indexFrom(s, n.upper, 0)
	}
	for low >= 0 || up >= 0 {
		i := low
		if low < 0 || up >= 0 && up < low {
			i = up
		}
		if i+len(n.lower) > len(s) {
			return false
		}
		if foldedPrefix(s[i:], n.lower) {
			return true
		}
		if i == low {
			low = indexFrom(s, n.first, i+1)
		} else {
			up = indexFrom(s, n.upper, i+1)
		}
	}
	return false
}

// indexFrom returns the first c at or after from, -1 when there is none.
func indexFrom(s string, c byte, from int) int {
	if i := strings.IndexByte(s[from:], c); i >= 0 {
		return from + i
	}
	return -1
}

// foldedPrefix reports whether s begins with a lower-case ASCII text in any case.
func foldedPrefix(s, lower string) bool {
	for i := range len(lower) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// Quote returns text as a filter reads it for just that text.
func Quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// glob matches whole names; a pattern without any of its signs is a beginning,
// so that a filter bites while it is being typed.
type glob struct {
	pattern string
	prefix  bool // pattern is a beginning
}

func newGlob(pattern string) (glob, error) {
	if plain, star := strings.CutSuffix(pattern, "*"); !strings.ContainsAny(plain, `*?[\`) {
		if !star && plain == "" {
			return glob{}, errors.New("expected a pattern, such as Dep*")
		}
		return glob{pattern: plain, prefix: true}, nil
	}
	// path.Match stops * at slashes, which mean nothing in these names.
	g := glob{pattern: strings.ReplaceAll(pattern, "/", "\x00")}
	if _, err := path.Match(g.pattern, ""); err != nil {
		return glob{}, fmt.Errorf("pattern %q: a [ without its ]", pattern)
	}
	return g, nil
}

func (g glob) match(name string) bool {
	if g.prefix {
		return strings.HasPrefix(name, g.pattern)
	}
	ok, err := path.Match(g.pattern, strings.ReplaceAll(name, "/", "\x00"))
	return err == nil && ok
}
