package rawjson

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote returns what a valid string with its quotes stands for.
func unquote(raw []byte) ([]byte, error) {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner, nil
	}
	text := make([]byte, 0, len(inner))
	for len(inner) > 0 {
		next := bytes.IndexByte(inner, '\\')
		if next < 0 {
			return append(text, inner...), nil
		}
		text = append(text, inner[:next]...)
		r, n := unescape(inner[next:])
		if n == 0 {
			return nil, ErrNotText
		}
		text = utf8.AppendRune(text, r)
		inner = inner[next+n:]
	}
	return text, nil
}

// unescape returns what the valid escape at the start of data stands for and
// how long it is; 0 for half a surrogate pair.
func unescape(data []byte) (rune, int) {
	switch data[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, _ := hex4(data)
		if !utf16.IsSurrogate(r) {
			return r, 6
		}
		low, ok := hex4(data[6:])
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return 0, 0
		}
		return r, 12
	}
	return rune(data[1]), 2
}

// hex4 reads an escape such as \u00e9 at the start of data.
func hex4(data []byte) (rune, bool) {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range data[2:6] {
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// parseInt reads a valid number.
func parseInt(raw []byte) (int64, error) {
	// A conversion inside the call does not allocate; ParseInt copies the
	// text only into an error.
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, &RangeError{string(raw)}
	}
	if err != nil {
		return 0, ErrNotInteger
	}
	return n, nil
}

// AppendString appends s as a JSON string to dst. Only what must be is
// escaped; s must be valid UTF-8.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	done := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[done:i]...)
		done = i + 1
		if c >= ' ' {
			dst = append(dst, '\\', c)
			continue
		}
		const digits = "0123456789abcdef"
		dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
	}
	dst = append(dst, s[done:]...)
	return append(dst, '"')
}
