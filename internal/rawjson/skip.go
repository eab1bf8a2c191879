package rawjson

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Scalar returns the end of the string, number, true, false or null that begins
// at i; unlike [Scanner.Value], it takes a string that is no valid UTF-8. It
// returns a *SyntaxError.
func Scalar(data []byte, i int) (int, error) {
	if i < len(data) && data[i] == '"' {
		return skipString(data, i+1, false)
	}
	if i < len(data) && (data[i] == '{' || data[i] == '[') {
		return 0, beginsNothing(i)
	}
	return skipValue(data, i, 0)
}

// skipValue returns the end of the value that begins at i.
func skipValue(data []byte, i, depth int) (int, error) {
	if i == len(data) {
		return 0, unexpectedEnd(i)
	}
	switch c := data[i]; {
	case c == '"':
		return skipString(data, i+1, true)
	case c == '{':
		return skipObject(data, i, depth)
	case c == '[':
		return skipArray(data, i, depth)
	case c == '-' || isDigit(c):
		return skipNumber(data, i)
	case c == 't':
		return skipWord(data, i, "true")
	case c == 'f':
		return skipWord(data, i, "false")
	case c == 'n':
		return skipWord(data, i, "null")
	}
	return 0, beginsNothing(i)
}

func skipObject(data []byte, i, depth int) (int, error) {
	if depth == MaxDepth {
		return 0, tooDeep(i)
	}
	i = skipSpace(data, i+1)
	if i < len(data) && data[i] == '}' {
		return i + 1, nil
	}
	for {
		if i == len(data) || data[i] != '"' {
			return 0, &SyntaxError{i, "a member's name must be a string"}
		}
		end, err := skipString(data, i+1, true)
		if err != nil {
			return 0, err
		}
		i = skipSpace(data, end)
		if i == len(data) || data[i] != ':' {
			return 0, &SyntaxError{i, "a colon must follow a member's name"}
		}
		if end, err = skipValue(data, skipSpace(data, i+1), depth+1); err != nil {
			return 0, err
		}
		i = skipSpace(data, end)
		switch {
		case i == len(data):
			return 0, unexpectedEnd(i)
		case data[i] == '}':
			return i + 1, nil
		case data[i] != ',':
			return 0, &SyntaxError{i, "a comma or a closing brace must follow a member"}
		}
		i = skipSpace(data, i+1)
	}
}

func skipArray(data []byte, i, depth int) (int, error) {
	if depth == MaxDepth {
		return 0, tooDeep(i)
	}
	i = skipSpace(data, i+1)
	if i < len(data) && data[i] == ']' {
		return i + 1, nil
	}
	for {
		end, err := skipValue(data, i, depth+1)
		if err != nil {
			return 0, err
		}
		i = skipSpace(data, end)
		switch {
		case i == len(data):
			return 0, unexpectedEnd(i)
		case data[i] == ']':
			return i + 1, nil
		case data[i] != ',':
			return 0, &SyntaxError{i, "a comma or a closing bracket must follow a value"}
		}
		i = skipSpace(data, i+1)
	}
}

// Eight bytes at once: every byte of a word compared with a constant.
const (
	ones   = 0x0101010101010101
	highs  = 0x80 * ones
	quotes = '"' * ones
	slants = '\\' * ones
	spaces = ' ' * ones
)

// skipString returns the end of the string whose opening quote stands before
// i, and checks that it is valid UTF-8 when told to. It takes eight bytes at a
// time until one of them is special: a quote, a backslash, a control character
// or the beginning of something beyond ASCII.
func skipString(data []byte, i int, unicode bool) (int, error) {
	for {
		for i+8 <= len(data) {
			word := binary.LittleEndian.Uint64(data[i:])
			// In each byte the high bit is set if the byte is special. A borrow
			// can set it wrongly, but only above one that is set rightly.
			special := (((word ^ quotes) - ones) | ((word ^ slants) - ones) | (word - spaces) | word) & highs
			if special != 0 {
				i += bits.TrailingZeros64(special) / 8
				break
			}
			i += 8
		}
		if i >= len(data) {
			return 0, &SyntaxError{len(data), "the string is not closed"}
		}
		switch c := data[i]; {
		case c == '"':
			return i + 1, nil
		case c == '\\':
			n := Escape(data[i:])
			if n == 0 {
				return 0, &SyntaxError{i, "no such escape"}
			}
			i += n
		case c < ' ':
			return 0, &SyntaxError{i, "a string must not hold a bare control character"}
		case c < utf8.RuneSelf:
			i++
		default:
			_, n := utf8.DecodeRune(data[i:])
			if n == 1 && unicode {
				return 0, &SyntaxError{i, "a string must be valid UTF-8"}
			}
			i += n
		}
	}
}

// Escape returns how long the escape at the start of data is, 0 if it is none.
func Escape(data []byte) int {
	if len(data) < 2 || data[0] != '\\' {
		return 0
	}
	switch data[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(data); ok {
			return 6
		}
	}
	return 0
}

func skipNumber(data []byte, i int) (int, error) {
	if data[i] == '-' {
		i++
	}
	switch {
	case i < len(data) && data[i] == '0':
		i++
	case i < len(data) && isDigit(data[i]):
		i = skipDigits(data, i)
	default:
		return 0, &SyntaxError{i, "a digit must follow"}
	}
	if i < len(data) && data[i] == '.' {
		end := skipDigits(data, i+1)
		if end == i+1 {
			return 0, &SyntaxError{end, "a digit must follow"}
		}
		i = end
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		end := skipDigits(data, i)
		if end == i {
			return 0, &SyntaxError{end, "a digit must follow"}
		}
		i = end
	}
	return i, nil
}

func skipDigits(data []byte, i int) int {
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i
}

func skipWord(data []byte, i int, word string) (int, error) {
	if len(data)-i < len(word) || string(data[i:i+len(word)]) != word {
		return 0, beginsNothing(i)
	}
	return i + len(word), nil
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\t' || data[i] == '\r') {
		i++
	}
	return i
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func beginsNothing(i int) error { return &SyntaxError{i, "a value must begin here"} }

func unexpectedEnd(i int) error { return &SyntaxError{i, "the text ends too early"} }

func tooDeep(i int) error { return &SyntaxError{i, "nested too deep"} }
